// SPDX-License-Identifier: BSD-3-Clause
// A model that now and then fails: a particle flies past a centre of strength k through a gas that
// drags at it,   x'' = -k x/|x|^3 - g x',   by a Runge-Kutta method with steps of its own. Close
// by, these are so many that the budget of a training runs out, and the solver of equations throws:
// the row fails, and `failure.policy` says what becomes of it. Usage: ode_failures [seed]
#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "sagips.hpp"

namespace {

constexpr double kTolerance = 1e-3;
constexpr int kBudget = 380, kPatience = 100000;

struct NoConvergence {};              // what the solver of equations throws
using State = std::array<double, 4>;  // x, y, vx, vy

State slope(const double* p, const State& s) {
  const double q = s[0] * s[0] + s[1] * s[1] + 1e-10, f = -p[0] / (q * std::sqrt(q));
  return {s[2], s[3], f * s[0] - p[1] * s[2], f * s[1] - p[1] * s[3]};
}

/// Where a particle is at time 8 that starts at (-3, b) with velocity (1, 0), by the orders 3 and 2
/// of Bogacki and Shampine (1989). Throws where `budget` steps are not enough.
State fly(const double* p, double b, int budget) {
  State s{-3, b, 1, 0}, k1 = slope(p, s), t;
  double h = 0.2, left = 8;
  for (; left > 0; --budget) {
    if (budget == 0) throw NoConvergence();
    double error = 0;
    h = std::min(h, left);
    for (size_t i = 0; i < 4; ++i) t[i] = s[i] + h / 2 * k1[i];
    const State k2 = slope(p, t);
    for (size_t i = 0; i < 4; ++i) t[i] = s[i] + h * 3 / 4 * k2[i];
    const State k3 = slope(p, t);
    for (size_t i = 0; i < 4; ++i) t[i] = s[i] + h / 9 * (2 * k1[i] + 3 * k2[i] + 4 * k3[i]);
    const State k4 = slope(p, t);
    for (size_t i = 0; i < 4; ++i)
      error = std::max(error, h * std::abs(-5 * k1[i] / 72 + k2[i] / 12 + k3[i] / 9 - k4[i] / 8));
    if (error <= kTolerance) {
      s = t;
      k1 = k4;
      left -= h;
    }
    h *= std::clamp(0.9 * std::pow(kTolerance / std::max(error, 1e-12), 1.0 / 3), 0.2, 4.0);
  }
  return s;
}

/// A row fails with any of its particles. What is no training deserves the steps that it takes.
void gas(const sgp::Batch& batch) {
  const int budget = batch.get().training ? kBudget : kPatience;
  for (int64_t row = 0; row < batch.n_rows(); ++row) {
    try {
      for (int64_t event = 0; event < batch.n_events(); ++event) {
        const double *u = batch.uniforms(row, event), turn = 6.283185307179586 * u[1];
        const State s = fly(batch.parameters(row), u[0], budget);
        const double smear = 0.1 * std::sqrt(-2 * std::log(u[2]));
        batch.outputs(row, event)[0] = s[2] + smear * std::cos(turn);
        batch.outputs(row, event)[1] = s[3] + smear * std::sin(turn);
      }
    } catch (const NoConvergence&) {
      batch.row_status(row) = 1;  // the other rows go on
    }
  }
}

const std::vector<std::string> kNames = {"strength", "drag"};
const std::vector<double> kTruth = {0.2, 0.05};
constexpr int64_t kEpochs = 300;

/// Trains with a policy and tells what came out; returns whether that is right.
bool close_loop(const sgp::Problem& problem, const std::string& policy, int64_t seed) {
  sgp::Options options;  // many small rows: with one that fails, little goes
  options.set("seed", seed).set("epochs", kEpochs).set("rows", 8).set("events", 32);
  options.set("growth.factor", 1).set("uncertainty.events", 8192);
  options.set("failure.limit", 0.3).set("failure.policy", policy);
  sgp::Solver solver(problem, options);
  const sagips_progress progress = solver.step(kEpochs);
  const auto [mean, covariance] = solver.estimate();
  std::printf("%s: %" PRId64 " rows, %" PRId64 " failed, %" PRId64 " drawn again\n", policy.c_str(),
              progress.rows_run, progress.rows_failed, progress.rows_resampled);
  bool is_right = progress.rows_failed > 0;  // an example of failures must have some
  for (size_t i = 0; i < kTruth.size(); ++i) {
    const double sigma = std::sqrt(covariance[3 * i]), pull = (mean[i] - kTruth[i]) / sigma;
    std::printf("  %s: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", kNames[i].c_str(), kTruth[i],
                mean[i], sigma, pull);
    is_right = is_right && std::abs(pull) < 5;
  }
  return is_right;
}

}  // namespace

int main(int argc, char** argv) try {
  const int64_t seed = argc > 1 ? std::atoll(argv[1]) : 1;
  sgp::Stage stage("gas");
  stage.set_shape(0, 2, 0, 3).set_model(gas);
  // Not SAGIPS_SMOOTH: steps that adapt let results jump by the tolerance.
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  sgp::Problem problem;
  problem.add_parameter(kNames[0], 0.1, 0.4).add_parameter(kNames[1], 0.01, 0.1);
  const auto events = pipeline.generate(kTruth, 5000, static_cast<uint64_t>(seed));
  problem.add_dataset("velocities", pipeline).set_events("velocities", events.values, 2);
  const bool skip = close_loop(problem, "skip", seed);
  const bool resample = close_loop(problem, "resample", seed);
  return skip && resample ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
