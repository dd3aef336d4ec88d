// SPDX-License-Identifier: BSD-3-Clause
#include "data/data_order.h"

#include <algorithm>
#include <cmath>

namespace sagips {
namespace {

int64_t part(int64_t whole, double fraction) {
  return static_cast<int64_t>(std::floor(static_cast<double>(whole) * fraction));
}

}  // namespace

DataOrder::DataOrder(uint64_t seed, int32_t member, int64_t dataset, int64_t n,
                     const Settings& settings)
    : seed_(seed),
      member_(member),
      dataset_(dataset),
      is_bootstrap_(settings.is_bootstrap),
      held_out_(std::min(part(n, settings.holdout), settings.holdout_limit)),
      training_(std::max<int64_t>(1, part(n - held_out_, settings.fraction))),
      is_subset_(training_ < n - held_out_),
      split_({seed, Stream::kHoldout, 0, dataset, 0}, n),
      subset_({seed, Stream::kSubset, 0, dataset, 0}, n - held_out_) {}

void DataOrder::training(int64_t first, View<int64_t> out) const {
  for (int64_t done = 0; done < out.size();) {
    const int64_t pass = (first + done) / training_, begin = (first + done) % training_;
    const int64_t n = std::min(out.size() - done, training_ - begin);
    training_of_pass(pass, begin, out.part(done, n));
    done += n;
  }
}

void DataOrder::training_of_pass(int64_t pass, int64_t begin, View<int64_t> out) const {
  const Permutation order({seed_, Stream::kDataOrder, member_, dataset_, pass}, training_);
  for (int64_t k = 0; k < out.size(); ++k) out[k] = begin + k;
  order.apply(out);
  if (is_bootstrap_) resample(out);
  if (is_subset_) subset_.apply(out);
  if (held_out_ == 0) return;
  for (int64_t& i : out) i += held_out_;
  split_.apply(out);
}

// Of the draw of place i, the epoch is i >> 20 and the index what is below.
void DataOrder::resample(View<int64_t> places) const {
  constexpr int64_t kTogether = 64;
  const Sequence draws{seed_, Stream::kBootstrap, member_, dataset_, 0};
  const auto n = static_cast<double>(training_);
  uint64_t indices[kTogether];
  double uniforms[kTogether];
  for (int64_t first = 0; first < places.size(); first += kTogether) {
    const View<int64_t> some = places.part(first, std::min(kTogether, places.size() - first));
    for (int64_t k = 0; k < some.size(); ++k)
      indices[k] = static_cast<uint64_t>(some[k] >> 20 << 24 | (some[k] & 0xfffff));
    pick_uniforms(draws, {indices, some.size()}, {uniforms, some.size()});
    for (int64_t k = 0; k < some.size(); ++k) some[k] = static_cast<int64_t>(uniforms[k] * n);
  }
}

}  // namespace sagips
