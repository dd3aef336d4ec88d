// SPDX-License-Identifier: BSD-3-Clause
// The cut on exponentials, y = -mu ln(1 - u), whose survivors have the means
//
//   y < c:  mu - c/(e^x - 1), x = c/mu,   derivative by mu  1 - x^2 e^x/(e^x - 1)^2
//   y >= c: mu + c,                       derivative by mu  1
//
// What each kind of edge estimates of that, and how far off it is: measured here, told in the docs.
// Survivors' own derivative, the mean of y/mu over them, is neither.
#include "pipeline/cut.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "unit/pipeline/transform_testing.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

Pipeline cut_exponentials(const std::string& settings, int32_t n = 1) {
  Pipeline pipeline;
  pipeline.add(exponentials(n));
  add_builtin("cut", settings, &pipeline);
  return pipeline;
}

TEST(Cut, OutsideOfTrainingIsHardAndKeepsTheLowerEdge) {
  for (const char* how : {"width=0.3", "width=0", ""}) {
    const Pipeline pipeline =
        cut_exponentials(std::string("observable=1 lower=0.5 upper=2 ") + how, 2);
    Passage passage(pipeline, false);
    const Evaluation& e = passage.forward(rows_at({1, 1}, 3, 700));
    EXPECT_FALSE(e.has_unit_weights());
    int64_t kept = 0;
    for (int64_t i = 0; i < e.n_events(); ++i) {
      const double y = e.events()[at(2 * i + 1)];
      ASSERT_EQ(e.weights()[at(i)], y >= 0.5 && y < 2 ? 1 : 0);
      kept += e.weights()[at(i)] != 0;
    }
    EXPECT_GT(kept, 800);
    EXPECT_LT(kept, 1200);  // 47 % of 2100
  }
}

TEST(Cut, InTrainingHasLogisticEdgesOfItsWidth) {
  const Pipeline pipeline = cut_exponentials("lower=0.5 upper=2 width=0.1");
  Passage passage(pipeline);
  const Evaluation& e = passage.forward(rows_at({1}, 1, 500));
  for (int64_t i = 0; i < e.n_events(); ++i) {
    const double y = e.events()[at(i)];
    const double w = 1 / (1 + std::exp((0.5 - y) / 0.1)) / (1 + std::exp((y - 2) / 0.1));
    ASSERT_NEAR(e.weights()[at(i)], w, 1e-15);
  }
}

TEST(Cut, FarOutsideASoftEdgeLosesEventsAndStaysFinite) {
  const Pipeline pipeline = cut_exponentials("lower=1 width=1e-3");
  Passage passage(pipeline);
  const MeanAndSlope m = mean_of(0, rows_at({1}, 4, 200), &passage);
  const std::vector<double> weights = passage.forward(rows_at({1}, 4, 200)).weights();
  EXPECT_GT(std::count(weights.begin(), weights.end(), 0.0), 0);
  for (const double slope : m.slope) EXPECT_TRUE(std::isfinite(slope));
}

TEST(Cut, SoftEdgesHaveTheDerivativeOfTheirOwnMean) {
  const Pipeline pipeline = cut_exponentials("lower=0.3 upper=1.5 width=0.1");
  Passage passage(pipeline);
  const double h = 1e-5;
  const MeanAndSlope m = mean_of(0, rows_at({1}, 5, 300), &passage);
  const MeanAndSlope above = mean_of(0, rows_at({1 + h}, 5, 300), &passage);
  const MeanAndSlope below = mean_of(0, rows_at({1 - h}, 5, 300), &passage);
  // Error of the quotient: h^2 times a third derivative of order 1/width^2, and 1e-16/h.
  for (size_t n = 0; n < 5; ++n)
    EXPECT_NEAR(m.slope[n], (above.mean[n] - below.mean[n]) / (2 * h), 1e-7);
}

// ------------------------------------------------------------------------ what the edges estimate

struct Estimate {
  double mean, slope, error;  // of `slope`
};

Estimate estimate(const Pipeline& pipeline, double mu) {
  constexpr int64_t kRows = 400, kEvents = 1024;
  Passage passage(pipeline);
  const MeanAndSlope m = mean_of(0, rows_at({mu}, kRows, kEvents), &passage);
  double mean = 0, sum = 0, sum2 = 0;
  for (size_t n = 0; n < at(kRows); ++n) {
    mean += m.mean[n] / kRows;
    sum += m.slope[n] / kRows;
    sum2 += m.slope[n] * m.slope[n] / kRows;
  }
  return {mean, sum, std::sqrt((sum2 - sum * sum) / kRows)};
}

Estimate estimate(const std::string& settings, double mu) {
  return estimate(cut_exponentials(settings), mu);
}

Estimate estimate_naive(const NaiveCut& cut, double mu) {
  Pipeline pipeline;
  pipeline.add(exponentials(1));
  add_naive_cut(cut, &pipeline);
  return estimate(pipeline, mu);
}

double slope_below(double c, double mu) {
  const double x = c / mu, e = std::exp(x);
  return 1 - x * x * e / ((e - 1) * (e - 1));
}

constexpr double kMu = 1, kEdge = 1;
constexpr double kSigmas = 4;  // of the mean over rows; draws are fixed, so this is decided once

TEST(Cut, WithoutAWidthIsDifferencedAndTheDerivativeRight) {
  const Estimate upper = estimate("upper=1", kMu), lower = estimate("lower=1", kMu);
  EXPECT_NEAR(upper.slope, slope_below(kEdge, kMu), kSigmas * upper.error);
  EXPECT_NEAR(lower.slope, 1, kSigmas * lower.error);
  EXPECT_LT(upper.error, 0.01);  // so that 0.418 and 2, below, would not pass
  EXPECT_LT(lower.error, 0.03);
}

TEST(Cut, TheDerivativeOfSurvivorsAloneIsFarFromTheTrueOne) {
  NaiveCut below, above;
  below.upper = above.lower = kEdge;
  const Estimate upper = estimate_naive(below, kMu), lower = estimate_naive(above, kMu);
  // y moves by y/mu, so that is the mean of y/mu: five times, and twice, the true one.
  EXPECT_EQ(upper.mean, estimate("upper=1", kMu).mean);
  EXPECT_NEAR(upper.slope, 0.418, kSigmas * upper.error);
  EXPECT_NEAR(lower.slope, 2, kSigmas * lower.error);
  EXPECT_GT(upper.slope, 5 * slope_below(kEdge, kMu));
}

TEST(Cut, SoftEdgesShiftTheMeanByTheSquareOfTheirWidth) {
  const double truth = 0.418023;  // 1 - 1/(e - 1)
  const double hard = estimate("upper=1", kMu).mean;
  EXPECT_NEAR(hard, truth, 2e-3);
  const double off[3] = {estimate("upper=1 width=0.05", kMu).mean - hard,
                         estimate("upper=1 width=0.1", kMu).mean - hard,
                         estimate("upper=1 width=0.2", kMu).mean - hard};
  EXPECT_NEAR(off[1] / off[0], 4, 1);
  EXPECT_NEAR(off[2] / off[1], 4, 1);
  EXPECT_GT(off[1], 0.003);  // mu would be wrong by 0.0043/0.079, 5 %
}

// -------------------------------------------------------------------------------- with other cuts

TEST(Cut, BehindAnotherCutIsOneCutOfBoth) {
  Pipeline two = cut_exponentials("lower=0.3");
  add_builtin("cut", "upper=1.5", &two);
  const Pipeline one = cut_exponentials("lower=0.3 upper=1.5");
  Passage by_two(two), by_one(one);
  const Rows rows = rows_at({1}, 7, 300);
  const MeanAndSlope a = mean_of(0, rows, &by_two), b = mean_of(0, rows, &by_one);
  EXPECT_EQ(a.mean, b.mean);
  for (size_t n = 0; n < 7; ++n) EXPECT_NEAR(a.slope[n], b.slope[n], 1e-12);
}

TEST(Cut, DoesNotReadEventsThatAreLost) {
  Stage losing = exponentials(1);
  losing.name = "losing";
  losing.n_inputs = 1;
  losing.n_uniforms = 0;
  losing.columns = {0};
  losing.forward = [](void*, sagips_batch* b) {
    for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
      b->outputs[i] = i % 3 == 0 ? std::numeric_limits<double>::quiet_NaN() : b->inputs[i];
      b->weight[i] = i % 3 == 0 ? 0 : 2;
    }
    return 0;
  };
  losing.backward = [](void*, sagips_batch* b) {
    for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) b->grad_inputs[i] += b->grad_outputs[i];
    return 0;
  };
  for (const char* how : {"width=0.1", ""}) {
    Pipeline pipeline;
    pipeline.add(exponentials(1));
    pipeline.add(losing);
    add_builtin("cut", std::string("lower=0.2 ") + how, &pipeline);
    add_builtin("smear", "relative_parameters=1", &pipeline);
    Passage passage(pipeline);
    const MeanAndSlope m = mean_of(0, rows_at({1, 0.1}, 3, 700), &passage);
    const std::vector<double> weights = passage.forward(rows_at({1, 0.1}, 3, 700)).weights();
    for (size_t i = 0; i < weights.size(); i += 3) ASSERT_EQ(weights[i], 0);
    for (const double v : m.slope) EXPECT_TRUE(std::isfinite(v));
    for (const double v : m.mean) EXPECT_TRUE(std::isfinite(v));
  }
}

}  // namespace
}  // namespace sagips
