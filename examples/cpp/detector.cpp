// SPDX-License-Identifier: BSD-3-Clause
// A detector with state behind a built-in theory. The class owns its geometry and its calibration,
// checks them when it is made, and is shared by all copies of the stage. It has no parameters of
// the fit, so it asks to see none, and no derivative. Its calibration fails once, in the middle of
// the training: the exception ends the step, and the training goes on from the last committed
// epoch, to the same bits as if nothing had happened. Usage: detector [seed]
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sagips.hpp"

namespace {

/// A row of cells from 0 to `length`; between their centres, gain and efficiency are interpolated.
class Calorimeter {
 public:
  struct Calibration {
    std::vector<double> gain, efficiency;  // of each cell
  };

  Calorimeter(double length, Calibration calibration)
      : cells_per_length_(static_cast<double>(calibration.gain.size()) / length),
        calibration_(std::move(calibration)) {
    if (!(length > 0)) throw std::invalid_argument("a calorimeter needs a length");
    if (calibration_.gain.size() < 2 || calibration_.efficiency.size() != calibration_.gain.size())
      throw std::invalid_argument("a calibration needs gain and efficiency of two cells or more");
  }

  /// The stage: a value becomes gain times itself and noise, and is seen with an efficiency.
  void operator()(const sgp::Batch& batch) const {
    if (fails_at_epoch == batch.get().epoch && batch.get().training && fails_once.exchange(false))
      throw std::runtime_error("the calibration data base does not answer");
    for (int64_t row = 0; row < batch.n_rows(); ++row)
      for (int64_t event = 0; event < batch.n_events(); ++event) {
        if (batch.weight_in(row, event) == 0) continue;  // lost, with inputs that mean nothing
        for (int j = 0; j < 2; ++j) {
          const double x = batch.inputs(row, event)[j];
          const double* u = batch.uniforms(row, event) + 2 * j;
          const double z = std::sqrt(-2 * std::log(u[0])) * std::cos(6.283185307179586 * u[1]);
          batch.outputs(row, event)[j] = at(calibration_.gain, x) * x + 0.05 * z;
          batch.weight(row, event) *= at(calibration_.efficiency, x);
        }
      }
  }

  int64_t fails_at_epoch = -1;  // the accident of this example
  mutable std::atomic<bool> fails_once{true};

 private:
  double at(const std::vector<double>& table, double x) const {
    const double last = static_cast<double>(table.size() - 1);
    const double place = std::clamp(x * cells_per_length_ - 0.5, 0.0, last);
    const auto below = static_cast<size_t>(std::min(place, last - 1));
    const double part = place - static_cast<double>(below);
    return table[below] * (1 - part) + table[below + 1] * part;
  }

  double cells_per_length_;
  Calibration calibration_;
};

constexpr int64_t kEpochs = 1500;
const std::vector<const char*> kNames = {"s0", "a0", "b0", "s1", "a1", "b1"};
const std::vector<double> kTruth = {1.5, 1.4, 3.0, 2.0, 2.2, 4.0};
const std::vector<double> kLower = {0.5, 0.5, 1.0, 0.5, 0.5, 1.0};
const std::vector<double> kUpper = {3.0, 4.0, 6.0, 3.0, 4.0, 6.0};

sgp::Solver::Estimate fit(int64_t fails_at_epoch, int64_t seed) {
  auto detector = std::make_shared<Calorimeter>(
      2.0, Calorimeter::Calibration{{0.9, 0.95, 1.02, 1.0, 0.97}, {0.6, 0.8, 0.9, 0.95, 0.95}});
  detector->fails_at_epoch = fails_at_epoch;
  sgp::Stage stage("calorimeter");
  stage.set_shape(2, 2, 0, 4).set_parameters({}).set_flag(SAGIPS_SMOOTH);
  stage.set_model([detector](const sgp::Batch& batch) { (*detector)(batch); });
  sgp::Pipeline pipeline;
  pipeline.add_builtin("kuma6").add(stage);
  const auto events = pipeline.generate(kTruth, 50000, static_cast<uint64_t>(seed));

  sgp::Problem problem;
  for (size_t i = 0; i < kTruth.size(); ++i) problem.add_parameter(kNames[i], kLower[i], kUpper[i]);
  problem.add_dataset("data", pipeline).set_events("data", events.values, 2, events.weights);
  sgp::Options options;
  options.set("seed", seed).set("epochs", kEpochs).set("events", 256);
  sgp::Solver solver(problem, options);
  try {
    solver.step(kEpochs);
  } catch (const sgp::Error& error) {
    if (error.status() != SAGIPS_ERROR_EXCEPTION) throw;
    std::fprintf(stderr, "%s\n", error.what());
    solver.step(kEpochs - solver.progress().epoch);
  }
  return solver.estimate();
}

}  // namespace

int main(int argc, char** argv) try {
  const int64_t seed = argc > 1 ? std::atoll(argv[1]) : 1;
  const auto quiet = fit(-1, seed), eventful = fit(kEpochs / 2, seed);
  bool is_right = quiet.mean == eventful.mean;
  std::printf("with and without a failure: %s\n", is_right ? "the same bits" : "DIFFERENT");
  for (size_t i = 0; i < kTruth.size(); ++i) {
    const double sigma = std::sqrt(quiet.covariance[7 * i]);
    const double pull = (quiet.mean[i] - kTruth[i]) / sigma;
    std::printf("%s: truth %.2f, found %.4f +- %.4f, pull %+.2f\n", kNames[i], kTruth[i],
                quiet.mean[i], sigma, pull);
    is_right = is_right && std::abs(pull) < 5;
  }
  return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
