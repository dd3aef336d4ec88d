// SPDX-License-Identifier: BSD-3-Clause
// Detectors out of built-in stages: a theory behind smearing, a cut and a background, whose data
// were made with the hard cut, is found within the solver's own uncertainty; and what a cut with
// soft edges costs, and one whose derivative is that of survivors alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "naive_cut.h"
#include "sagips.hpp"

namespace {

constexpr int64_t kEvents = 100000;
constexpr int64_t kEpochs = 1500;

struct Parameter {
  std::string name;
  double truth, lower, upper;
};

std::vector<Parameter> kuma6() {
  return {{"s0", 1.5, 0.5, 3}, {"a0", 1.4, 0.5, 4}, {"b0", 3, 1, 6},
          {"s1", 2, 0.5, 3},   {"a1", 2.2, 0.5, 4}, {"b1", 4, 1, 6}};
}

struct Outcome {
  std::vector<double> sigma;  // as the solver states it
  std::vector<double> error;
};

/// Data of `pipeline` at the truth, survivors of its cuts only, which outside of training are hard;
/// then a training.
Outcome close_loop(const std::vector<Parameter>& parameters, const sgp::Pipeline& pipeline,
                   uint64_t seed) {
  std::vector<double> truth;
  for (const Parameter& p : parameters) truth.push_back(p.truth);
  const sgp::Pipeline::Events all = pipeline.generate(truth, kEvents, seed);
  const int32_t width = pipeline.shape().n_outputs;
  std::vector<double> data;
  for (size_t i = 0; i < all.weights.size(); ++i)
    if (all.weights[i] != 0)
      data.insert(data.end(), all.values.begin() + static_cast<int64_t>(i) * width,
                  all.values.begin() + static_cast<int64_t>(i + 1) * width);
  sgp::Problem problem;
  for (const Parameter& p : parameters) problem.add_parameter(p.name, p.lower, p.upper);
  problem.add_dataset("data", pipeline);
  problem.set_events("data", data, width);
  sgp::Options options;
  options.set("seed", static_cast<int64_t>(seed))
      .set("epochs", kEpochs)
      .set("events", int64_t{512});
  sgp::Solver solver(problem, options);
  solver.step(kEpochs);
  const auto found = solver.estimate();
  Outcome outcome;
  for (size_t i = 0; i < parameters.size(); ++i) {
    outcome.sigma.push_back(std::sqrt(found.covariance[i * parameters.size() + i]));
    outcome.error.push_back(found.mean[i] - parameters[i].truth);
  }
  return outcome;
}

/// The largest deviation from the truth, in units of `sigma`.
double worst(const Outcome& outcome, const std::vector<double>& sigma) {
  double largest = 0;
  for (size_t i = 0; i < sigma.size(); ++i)
    largest = std::max(largest, std::abs(outcome.error[i]) / sigma[i]);
  return largest;
}
double worst(const Outcome& outcome) { return worst(outcome, outcome.sigma); }

// The stated uncertainty holds the data's part in full and of the training's noise a part only.
constexpr double kCloses = 5;
constexpr double kOff = 15;  // that no luck explains

TEST(Stages, TheoryBehindSmearingAndAHardCutCloses) {
  sgp::Pipeline pipeline;
  pipeline.add_builtin("kuma6").add_builtin("smear", "sigma=0.05,0 relative=0,0.04");
  pipeline.add_builtin("cut", "observable=1 lower=0.5");
  EXPECT_LT(worst(close_loop(kuma6(), pipeline, 1)), kCloses);
}

TEST(Stages, FractionOfABackgroundIsFound) {
  std::vector<Parameter> parameters = kuma6();
  parameters.push_back({"fraction", 0.2, 0, 0.5});
  std::vector<double> sample;  // flat
  for (int i = 0; i < 20000; ++i) {
    sample.push_back(1.6 * std::fmod(i * 0.6180339887498949, 1.0));
    sample.push_back(2.1 * std::fmod(i * 0.4142135623730950, 1.0));
  }
  sgp::Pipeline pipeline;
  pipeline.add_builtin("kuma6").add_background("parameters=6", sample, 2);
  const Outcome outcome = close_loop(parameters, pipeline, 1);
  EXPECT_LT(worst(outcome), kCloses);
  EXPECT_LT(outcome.sigma.back(), 0.01);
}

/// y = mu + x, x with the density 4/x^5 above 1: a falling spectrum that is shifted.
struct ShiftedPowerLaw {
  void operator()(const sgp::Batch& batch) const {
    for (int64_t row = 0; row < batch.n_rows(); ++row)
      for (int64_t e = 0; e < batch.n_events(); ++e)
        if (batch.get().request == SAGIPS_FORWARD)
          batch.outputs(row, e)[0] =
              batch.parameters(row)[0] + std::pow(1 - batch.uniforms(row, e)[0], -0.25);
        else
          batch.grad_parameters(row)[0] += batch.grad_outputs(row, e)[0];
  }
};

sgp::Pipeline spectrum() {
  sgp::Stage stage("power law");
  stage.set_shape(0, 1, 0, 1).set_flag(SAGIPS_SMOOTH);
  stage.set_model(ShiftedPowerLaw{}, ShiftedPowerLaw{});
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  return pipeline;
}
const std::vector<Parameter> kShift = {{"mu", 0.4, 0, 0.7}};

Outcome close_behind_threshold(const std::string& edges, uint64_t seed) {
  sgp::Pipeline pipeline = spectrum();
  pipeline.add_builtin("cut", "lower=1.8 upper=6" + edges);
  return close_loop(kShift, pipeline, seed);
}

/// The same threshold with the derivative of survivors.
Outcome close_behind_naive_threshold(uint64_t seed) {
  NaiveCut cut;
  cut.lower = 1.8;
  cut.upper = 6;
  sgp::Stage stage("naive cut");
  stage.set_shape(1, 1, 0, 0).set_parameters({});
  stage.set_model([cut](const sgp::Batch& batch) { return cut.forward(&batch.get()); },
                  [cut](const sgp::Batch& batch) { return cut.backward(&batch.get()); });
  sgp::Pipeline pipeline = spectrum();
  pipeline.add(stage);
  return close_loop(kShift, pipeline, seed);
}

// The mean above a threshold c is (4c - mu)/3: it falls as mu grows, though every survivor moves
// up, since those that come in are below the mean. Without that term the training walks away.
TEST(Stages, ASpectrumBehindAThresholdNeedsTheTermOfItsEdge) {
  const Outcome right = close_behind_threshold("", 1);
  EXPECT_LT(worst(right), kCloses);
  // What the solver states for a model that hides its edge is no measure.
  EXPECT_GT(worst(close_behind_naive_threshold(1), right.sigma), kOff);
}

// With a width of 0.01 few events carry the term of the edge, and with large derivatives: over
// seeds 1 to 5 it ends 2 to 28 of the stated standard deviations away with independent draws, 4 to
// 13 with Latin hypercubes, where the hard cut above stays within 4.
TEST(Stages, ASoftCutIsLessBiasedWhereItsWidthIsSmaller) {
  EXPECT_LT(worst(close_behind_threshold(" width=0.01", 1)), kOff);
  EXPECT_GT(worst(close_behind_threshold(" width=0.05", 1)), kOff);
}

}  // namespace
