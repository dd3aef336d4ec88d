// SPDX-License-Identifier: BSD-3-Clause
// Weighted events in memory, as tests and benchmarks of devices make them.
#ifndef SAGIPS_TESTS_DEVICE_CASES_SAMPLE_H_
#define SAGIPS_TESTS_DEVICE_CASES_SAMPLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/philox.h"
#include "device/event_source.h"

namespace sagips {

inline size_t at(int64_t i) { return static_cast<size_t>(i); }

inline std::vector<double> normals(int64_t n, uint64_t seed) {
  std::vector<double> out(at(n));
  fill_normal({seed, Stream::kCheck, 0, 0, 0}, out);
  return out;
}

/// Weights of the events of a batch.
enum class Weighting {
  kOne,           // 1 each
  kSomeLost,      // every third is lost: 0; the others around 1
  kSomeNegative,  // every third is -1/4; the others around 1
  kNone,          // no array of weights at all
  kRandom,        // between 0 and 2
};

struct Sample {
  std::vector<double> events, weights;  // (B, Y), (B)
  int32_t n_observables = 1;
  bool has_weights = true;  // or else they are all 1, and no device sees them

  int64_t size() const { return static_cast<int64_t>(weights.size()); }
  BufferSource source() const {
    return BufferSource(events.data(), has_weights ? weights.data() : nullptr, size(),
                        n_observables);
  }
};

inline Sample make_sample(int64_t n, int32_t n_observables, Weighting weighting, uint64_t seed) {
  Sample sample{normals(n * n_observables, seed), std::vector<double>(at(n), 1), n_observables};
  sample.has_weights = weighting != Weighting::kNone;
  if (weighting == Weighting::kOne || weighting == Weighting::kNone) return sample;
  if (weighting == Weighting::kRandom) {
    fill_uniform({seed, Stream::kCheck, 0, 1, 0}, sample.weights);
    for (double& w : sample.weights) w *= 2;
    return sample;
  }
  for (int64_t e = 0; e < n; ++e) {
    sample.weights[at(e)] = 0.5 + 0.25 * static_cast<double>(e % 5);
    if (e % 3 == 1) sample.weights[at(e)] = weighting == Weighting::kSomeLost ? 0 : -0.25;
  }
  return sample;
}

}  // namespace sagips

#endif  // SAGIPS_TESTS_DEVICE_CASES_SAMPLE_H_
