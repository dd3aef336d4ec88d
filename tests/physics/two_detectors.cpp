// SPDX-License-Identifier: BSD-3-Clause
#include "two_detectors.h"

#include <cmath>
#include <random>

#include "sagips.hpp"

namespace two {
namespace {

constexpr double kWidth = 0.1;

double acceptance(const Detector& d, double y) {
  return 1 / (1 + std::exp(-d.sign * (y - d.edge) / kWidth));
}

sgp::Pipeline make_pipeline(const Detector& detector) {
  sgp::Stage stage(detector.name);
  stage.set_shape(0, 1, 0, 1).set_flag(SAGIPS_SMOOTH);
  stage.set_model([detector](const sgp::Batch& b) {
    for (int64_t row = 0; row < b.n_rows(); ++row)
      for (int64_t event = 0; event < b.n_events(); ++event) {
        const double* p = b.parameters(row);
        const double y = p[0] * std::pow(-std::log(b.uniforms(row, event)[0]), 1 / p[1]);
        b.outputs(row, event)[0] = y;
        b.weight(row, event) = acceptance(detector, y);
      }
  });
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  return pipeline;
}

/// What the detector really sees: each event is there or not.
std::vector<double> measure(const sgp::Pipeline& pipeline, int64_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  std::vector<double> seen;
  const auto all = pipeline.generate({kTruth, kTruth + kP}, 6 * n, seed);
  for (size_t i = 0; i < all.values.size() && seen.size() < static_cast<size_t>(n); ++i)
    if (uniform(random) < all.weights[i]) seen.push_back(all.values[i]);
  return seen;
}

Matrix inverse(const Matrix& m) {
  const double det = m[0] * m[3] - m[1] * m[2];
  return {m[3] / det, -m[1] / det, -m[2] / det, m[0] / det};
}

}  // namespace

Matrix information(const Detector& detector) {
  const double tau = kTruth[0], k = kTruth[1], step = 1e-4;
  double norm = 0, mean[kP] = {};
  Matrix square{};
  for (double y = step; y < 12 * tau; y += step) {
    const double x = std::pow(y / tau, k), log = std::log(y / tau);
    const double density = x / y * std::exp(-x) * acceptance(detector, y);
    const double score[kP] = {k / tau * (x - 1), 1 / k + log - x * log};
    norm += density;
    for (size_t i = 0; i < kP; ++i) {
      mean[i] += density * score[i];
      for (size_t j = 0; j < kP; ++j) square[i * kP + j] += density * score[i] * score[j];
    }
  }
  for (size_t i = 0; i < kP; ++i)
    for (size_t j = 0; j < kP; ++j)
      square[i * kP + j] = square[i * kP + j] / norm - mean[i] / norm * mean[j] / norm;
  return square;
}

Matrix limit(const std::vector<Sample>& samples) {
  Matrix sum{};
  for (const Sample& sample : samples) {
    const Matrix one = information(sample.detector);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(sample.n) * one[i];
  }
  return inverse(sum);
}

Outcome train(const std::vector<Sample>& samples, int64_t seed) {
  sgp::Problem problem;
  problem.add_parameter("tau", kLower[0], kUpper[0]).add_parameter("k", kLower[1], kUpper[1]);
  uint64_t stream = static_cast<uint64_t>(seed) * 16;
  for (const Sample& sample : samples) {
    const sgp::Pipeline pipeline = make_pipeline(sample.detector);
    problem.add_dataset(sample.detector.name, pipeline);
    const auto offset = static_cast<uint64_t>(sample.detector.sign + 2);
    problem.set_events(sample.detector.name, measure(pipeline, sample.n, stream + offset), 1);
    problem.set_dataset_weight(sample.detector.name, sample.weight);
  }
  sgp::Options options;
  options.set("seed", seed).set("epochs", 2000L).set("events", 512L).set("data.holdout", 0.0);
  sgp::Solver solver(problem, options);
  solver.step(solver.progress().epochs);
  const auto found = solver.estimate();
  Outcome outcome;
  for (size_t i = 0; i < kP; ++i) {
    outcome.estimate[i] = found.mean[i];
    outcome.sigma[i] = std::sqrt(found.covariance[i * kP + i]);
  }
  return outcome;
}

}  // namespace two
