// SPDX-License-Identifier: BSD-3-Clause
// An old simulation in Fortran 77 behind a thin adapter in C++: spectrometer.f is called event by
// event. It has no derivatives, digitises, rejects, and draws as many random numbers as it likes,
// from a generator of its own. Each event gets seeds made from row_key, so that equal keys mean
// equal events, and one event's numbers do not move those of the next. Usage: spectrometer [seed]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

#include "sagips.hpp"

// SPINIT, SPSEED and SPEVT as compilers of Fortran name them: small letters and an underscore.
// Every argument is an address, INTEGER is int, DOUBLE PRECISION is double.
extern "C" {
void spinit_();
void spseed_(const int* seed1, const int* seed2);
void spevt_(const double* slope, const double* asymmetry, double* momentum, double* cosine,
            int* is_accepted);
}

namespace {

/// From 64 bits of key and an event's number to the two seeds that the old generator wants: shifts
/// and exclusive or (Marsaglia, 2003).
void seed_event(uint64_t key, int64_t event) {
  uint64_t x = key ^ (static_cast<uint64_t>(event) + 1) * 1999999973;
  for (int i = 0; i < 4; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  const int seed1 = 1 + static_cast<int>((x >> 1) % 2147483562);
  const int seed2 = 1 + static_cast<int>((x >> 20) % 2147483398);
  spseed_(&seed1, &seed2);
}

/// COMMON and SAVE serve one thread at a time, and so does a stage that is not SAGIPS_CONCURRENT.
void simulate(const sgp::Batch& batch) {
  for (int64_t row = 0; row < batch.n_rows(); ++row) {
    const double* p = batch.parameters(row);
    for (int64_t event = 0; event < batch.n_events(); ++event) {
      double* y = batch.outputs(row, event);
      int is_accepted = 0;
      seed_event(batch.row_key(row), event);
      spevt_(&p[0], &p[1], &y[0], &y[1], &is_accepted);
      if (!is_accepted) batch.weight(row, event) = 0;
    }
  }
}

constexpr int64_t kEpochs = 1000;
const std::vector<const char*> kNames = {"slope", "asymmetry"};
const std::vector<double> kTruth = {0.8, 0.4};

}  // namespace

int main(int argc, char** argv) try {
  const int64_t seed = argc > 1 ? std::atoll(argv[1]) : 1;
  spinit_();
  sgp::Stage stage("spectrometer");
  stage.set_shape(0, 2, 0, 0).set_model(simulate);
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  const auto events = pipeline.generate(kTruth, 30000, static_cast<uint64_t>(seed));

  sgp::Problem problem;
  problem.add_parameter(kNames[0], 0.3, 1.5).add_parameter(kNames[1], -0.9, 0.9);
  problem.add_dataset("data", pipeline).set_events("data", events.values, 2, events.weights);
  sgp::Options options;
  options.set("seed", seed).set("epochs", kEpochs).set("events", 512);
  sgp::Solver solver(problem, options);
  solver.step(kEpochs);
  const auto [mean, covariance] = solver.estimate();

  bool is_right = true;
  for (size_t i = 0; i < kTruth.size(); ++i) {
    const double sigma = std::sqrt(covariance[3 * i]), pull = (mean[i] - kTruth[i]) / sigma;
    std::printf("%s: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", kNames[i], kTruth[i], mean[i],
                sigma, pull);
    is_right = is_right && std::abs(pull) < 5;
  }
  return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
