// SPDX-License-Identifier: BSD-3-Clause
// Smearing: the law of the events, and the derivative by inputs and by resolutions against
// differences of the very same draws.
#include "pipeline/smear.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/core/core_testing.h"
#include "unit/pipeline/transform_testing.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Events (1, 2, 3, ...) without randomness, scaled by the parameter 0.
Stage constants(int32_t n) {
  Stage stage;
  stage.name = "constants";
  stage.n_outputs = n;
  stage.columns = {0};
  stage.forward = [](void*, sagips_batch* b) {
    for (int64_t i = 0; i < b->n_rows * b->n_events * b->n_outputs; ++i)
      b->outputs[i] = b->parameters[i / (b->n_events * b->n_outputs)] *
                      static_cast<double>(1 + i % b->n_outputs);
    return 0;
  };
  stage.backward = [](void*, sagips_batch* b) {
    for (int64_t i = 0; i < b->n_rows * b->n_events * b->n_outputs; ++i)
      b->grad_parameters[i / (b->n_events * b->n_outputs)] +=
          b->grad_outputs[i] * static_cast<double>(1 + i % b->n_outputs);
    return 0;
  };
  return stage;
}

Pipeline smeared(Stage source, const std::string& settings) {
  Pipeline pipeline;
  pipeline.add(std::move(source));
  add_builtin("smear", settings, &pipeline);
  return pipeline;
}

TEST(Smear, AddsANormalOfTheStatedSpreadToEachObservable) {
  constexpr int64_t kEvents = 50000;
  const Pipeline pipeline = smeared(constants(3), "sigma=0.3,0,0.5 relative=0.2,0.1,0");
  Passage passage(pipeline);
  const Evaluation& e = passage.forward(rows_at({2}, 1, kEvents));
  const double expected[3] = {std::hypot(0.3, 0.2 * 2), 0.1 * 4, 0.5};
  double moment[3][5] = {}, mixed[3] = {};
  for (int64_t i = 0; i < kEvents; ++i) {
    double z[3];
    for (int64_t y = 0; y < 3; ++y) {
      z[y] = (e.events()[at(3 * i + y)] - 2 * static_cast<double>(1 + y)) / expected[y];
      for (int k = 1; k < 5; ++k) moment[y][k] += std::pow(z[y], k) / kEvents;
    }
    for (int64_t y = 0; y < 3; ++y) mixed[y] += z[y] * z[(y + 1) % 3] / kEvents;
  }
  const double error = 4.5 / std::sqrt(double{kEvents});  // 4.5 sigma, nine and more numbers
  for (int64_t y = 0; y < 3; ++y) {
    EXPECT_NEAR(moment[y][1], 0, error);
    EXPECT_NEAR(moment[y][2], 1, error * std::sqrt(2.0));
    EXPECT_NEAR(moment[y][3], 0, error * std::sqrt(15.0));
    EXPECT_NEAR(moment[y][4], 3, error * std::sqrt(96.0));
    EXPECT_NEAR(mixed[y], 0, error);
  }
}

/// Sum over events of sum c_y y and its derivative, all draws held.
double value_at(const Pipeline& pipeline, const std::vector<double>& p, std::vector<double>* grad) {
  Passage passage(pipeline);
  const Evaluation& e = passage.forward(rows_at(p, 1, 101));
  std::vector<double> cotangent(e.events().size());
  double sum = 0;
  for (size_t i = 0; i < cotangent.size(); ++i) {
    cotangent[i] = std::sin(static_cast<double>(i));
    sum += cotangent[i] * e.events()[i];
  }
  if (grad != nullptr) *grad = passage.pull_back(cotangent, {});
  return sum;
}

void expect_derivative(const std::string& settings, int32_t n, const std::vector<double>& p) {
  const Pipeline pipeline = smeared(exponentials(n), settings);
  std::vector<double> grad;
  value_at(pipeline, p, &grad);
  for (size_t k = 0; k < p.size(); ++k) {
    std::vector<double> above = p, below = p;
    const double h = 1e-6;
    above[k] += h, below[k] -= h;
    const double quotient =
        (value_at(pipeline, above, nullptr) - value_at(pipeline, below, nullptr)) / (2 * h);
    EXPECT_NEAR(grad[k], quotient, 1e-6) << settings << ", parameter " << k;
  }
}

TEST(Smear, HasTheDerivativeOfItsEvents) {
  expect_derivative("sigma=0.2", 1, {1.5});
  expect_derivative("sigma=0.2 relative=0.3", 3, {1.5, 1, 0.4});
  expect_derivative("relative=0.3,0,0.1", 3, {1.5, 1, 0.4});
  expect_derivative("parameters=2,3 relative=0.1", 2, {1.5, 1, 0.2, 0.3});
  expect_derivative("parameters=3 relative_parameters=2", 2, {1.5, 1, 0.2, 0.3});
  expect_derivative("sigma=0.4,0 relative_parameters=4,2", 2, {1.5, 1, 0.2, 0.7, 0.3});
}

TEST(Smear, AtResolutionsOfZeroHasTheDerivativeFromAbove) {
  const Pipeline pipeline = smeared(constants(1), "parameters=1 relative_parameters=2");
  std::vector<double> grad;
  const double zero = value_at(pipeline, {2, 0, 0}, &grad);
  const double h = 1e-7;
  EXPECT_NEAR(grad[1], (value_at(pipeline, {2, h, 0}, nullptr) - zero) / h, 1e-6);
  EXPECT_NEAR(grad[2], (value_at(pipeline, {2, 0, h}, nullptr) - zero) / h, 1e-6);
  EXPECT_NE(grad[1], 0);
  value_at(pipeline, {0, 0, 0}, &grad);  // and x = 0
  for (const double g : grad) EXPECT_TRUE(std::isfinite(g));
}

TEST(Smear, FailsARowWhoseResolutionIsNegative) {
  const Pipeline pipeline = smeared(constants(1), "parameters=1");
  Passage passage(pipeline);
  Rows rows = rows_at({1, 0.1}, 5, 3);
  rows.parameters[2 * 3 + 1] = -0.1;
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "row 3,", passage.forward(rows));
}

}  // namespace
}  // namespace sagips
