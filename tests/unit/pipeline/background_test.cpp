// SPDX-License-Identifier: BSD-3-Clause
// Background out of a sample, mixed with exponentials: how much there is, of which events, and the
// derivative of a mean, which for a mixture is  d/df = mean of background - mean of signal.
#include "pipeline/background.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/core/core_testing.h"
#include "unit/pipeline/transform_testing.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr double kMu = 1.5;
const std::vector<double> kSample = {-1, -2, -3, -4};  // negative: told from signal, mean -2.5

void add_background(const std::string& settings, Pipeline* pipeline,
                    const std::vector<double>& sample = kSample, const double* weights = nullptr) {
  pipeline->add(make_builtin_background(
      settings, {sample.data(), weights, static_cast<int64_t>(sample.size()), 1},
      pipeline->n_outputs()));
}

Pipeline mixture(const std::string& settings, const double* weights = nullptr) {
  Pipeline pipeline;
  pipeline.add(exponentials(1));
  add_background(settings, &pipeline, kSample, weights);
  return pipeline;
}

struct Shares {
  double total = 0, background = 0;
  double of[4] = {};
};

/// Of the events that survive.
Shares count(const Evaluation& e) {
  Shares s;
  for (size_t i = 0; i < e.events().size(); ++i) {
    if (e.weights()[i] == 0) continue;
    s.total += 1;
    for (size_t k = 0; k < 4; ++k) s.of[k] += e.events()[i] == kSample[k];
    s.background += e.events()[i] < 0;
  }
  return s;
}

void expect_share(double part, double total, double share) {
  EXPECT_NEAR(part / total, share, 4.5 * std::sqrt(share * (1 - share) / total));
}

TEST(Background, IsTheStatedFractionAndItsEventsAreEquallyLikely) {
  const Pipeline pipeline = mixture("fraction=0.2");
  EXPECT_TRUE(pipeline.stages().back().may_weight());
  Passage passage(pipeline);
  const Shares s = count(passage.forward(rows_at({kMu}, 4, 10000)));
  expect_share(s.background, s.total, 0.2);
  for (const double part : s.of) expect_share(part, s.background, 0.25);
}

TEST(Background, IsDrawnInProportionToItsWeights) {
  const double weights[] = {0, 3, 1, 0};
  const Pipeline pipeline = mixture("fraction=0.5", weights);
  Passage passage(pipeline);
  const Shares s = count(passage.forward(rows_at({kMu}, 4, 10000)));
  expect_share(s.background, s.total, 0.5);
  EXPECT_EQ(s.of[0] + s.of[3], 0);
  expect_share(s.of[1], s.background, 0.75);
}

TEST(Background, OfZeroLeavesTheSignalAlone) {
  Pipeline signal;
  signal.add(exponentials(1));
  Passage without(signal);
  const Pipeline pipeline = mixture("fraction=0");
  Passage passage(pipeline);
  EXPECT_EQ(passage.forward(rows_at({kMu}, 2, 300)).events(),
            without.forward(rows_at({kMu}, 2, 300)).events());
}

TEST(Background, ComesAmongTheEventsThatWereNotLostBefore) {
  Pipeline pipeline;
  pipeline.add(exponentials(1));
  add_builtin("cut", "lower=1", &pipeline);
  add_background("fraction=0.3", &pipeline);
  Passage passage(pipeline);
  const Evaluation& e = passage.forward(rows_at({kMu}, 4, 10000));
  const Shares s = count(e);
  EXPECT_LT(s.total, 22000);  // exp(-1/1.5) = 51 % survive
  expect_share(s.background, s.total, 0.3);
}

// ---------------------------------------------------------------------------------- derivatives

struct Mean {
  double value, error;
};

/// Mean over rows of the derivative by parameter p of `n` of the row's mean.
Mean slope_by(const Pipeline& pipeline, const std::vector<double>& point, size_t p) {
  constexpr int64_t kRows = 200;
  Passage passage(pipeline);
  const MeanAndSlope m = mean_of(0, rows_at(point, kRows, 1024), &passage);
  double sum = 0, sum2 = 0;
  for (size_t n = 0; n < at(kRows); ++n) {
    const double slope = m.slope[n * point.size() + p];
    sum += slope / kRows, sum2 += slope * slope / kRows;
  }
  return {sum, std::sqrt((sum2 - sum * sum) / kRows)};
}

TEST(Background, HasTheDerivativeOfTheMixtureByItsFraction) {
  for (const double f : {0.01, 0.2, 0.7}) {
    const Mean by_f = slope_by(mixture("parameters=1"), {kMu, f}, 1);
    EXPECT_NEAR(by_f.value, -2.5 - kMu, 4 * by_f.error) << f;
    EXPECT_LT(by_f.error, 0.1);
    const Mean by_mu = slope_by(mixture("parameters=1"), {kMu, f}, 0);
    EXPECT_NEAR(by_mu.value, 1 - f, 4 * by_mu.error) << f;
  }
}

TEST(Background, HasItsDerivativeAlsoWithCutsBeforeAndAfterIt) {
  // Survivors of y >= 1: mean 1 + mu. Then background, of which -1 and -2 pass the last cut; with
  // g = f/2 / (1 - f/2) of those that pass, m = g (-1.5) + (1 - g) (1 + mu).
  Pipeline pipeline;
  pipeline.add(exponentials(1));
  add_builtin("cut", "lower=1", &pipeline);
  add_background("parameters=1", &pipeline);
  add_builtin("cut", "lower=-2.5", &pipeline);
  const double f = 0.4, by_g = -1.5 - 1 - kMu;
  const double g = f / 2 / (1 - f / 2), g_by_f = 0.5 / ((1 - f / 2) * (1 - f / 2));
  const Mean by_f = slope_by(pipeline, {kMu, f}, 1), by_mu = slope_by(pipeline, {kMu, f}, 0);
  EXPECT_NEAR(by_f.value, by_g * g_by_f, 4 * by_f.error);
  EXPECT_LT(by_f.error, 0.05);
  EXPECT_NEAR(by_mu.value, 1 - g, 4 * by_mu.error);
  EXPECT_LT(by_mu.error, 0.05);
}

TEST(Background, FailsARowWhoseFractionIsNone) {
  const Pipeline pipeline = mixture("parameters=1");
  for (const double f : {-0.01, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    Passage passage(pipeline);
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "row 0,", passage.forward(rows_at({kMu, f}, 2, 3)));
  }
}

// ---------------------------------------------------------------------------------------- samples

TEST(Background, RefusesSamplesThatCannotBeDrawnFrom) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto make = [](std::vector<double> events, std::vector<double> weights, int32_t width = 1) {
    make_builtin_background("fraction=0.1",
                            {events.data(), weights.empty() ? nullptr : weights.data(),
                             static_cast<int64_t>(events.size()) / width, width},
                            1);
  };
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "background event 2 is nan", make({1, 2, nan}, {}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "event 1 is -1", make({1, 2, 3}, {1, -1, 1}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "sum to 0", make({1, 2}, {0, 0}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_SHAPE, "has 2 observables", make({1, 2}, {}, 2));
}

}  // namespace
}  // namespace sagips
