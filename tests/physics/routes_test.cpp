// SPDX-License-Identifier: BSD-3-Clause
// Every way to a gradient leads to the same place: with a vector-Jacobian product, with differences
// of smooth events, with differences of the objective; where events jump, their derivative leads
// nowhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "toy.h"

namespace {

constexpr int64_t kEvents = 100000;
constexpr int64_t kEpochs = 1500;

// For an exponential, mu is known to mu/sqrt(N). The estimate may add its own errors, about as
// large.
double worst_deviation(const toy::Outcome& outcome) {
  double worst = 0;
  for (int32_t i = 0; i < toy::kParameters; ++i) {
    const double sigma = toy::kTruth[i] / std::sqrt(static_cast<double>(kEvents));
    worst = std::max(worst, std::abs(outcome.estimate[i] - toy::kTruth[i]) / sigma);
  }
  return worst;
}

constexpr double kCloses = 5;  // sigma: 1.4 sigma rms of data and training together, two parameters

toy::Outcome close_with(const toy::Model& model, uint64_t seed) {
  return toy::train(model, toy::generate(model, kEvents, seed), seed, kEpochs, false);
}

TEST(Routes, VectorJacobianProductCloses) {
  toy::Model model;
  const toy::Outcome outcome = close_with(model, 1);
  EXPECT_STREQ(outcome.route, "vjp");
  EXPECT_LT(worst_deviation(outcome), kCloses);
}

TEST(Routes, DifferencesOfSmoothEventsAgreeWithTheVectorJacobianProduct) {
  toy::Model smooth;
  smooth.has_backward = false;
  smooth.is_smooth = true;
  const toy::Outcome by_differences = close_with(smooth, 1);
  const toy::Outcome by_vjp = close_with(toy::Model(), 1);
  EXPECT_STREQ(by_differences.route, "event differences");
  // Central differences of a model linear in mu are exact to rounding, which training amplifies
  // little.
  for (int32_t i = 0; i < toy::kParameters; ++i)
    EXPECT_NEAR(by_differences.estimate[i], by_vjp.estimate[i], 1e-4 * toy::kTruth[i]);
}

TEST(Routes, DifferencesOfTheObjectiveClose) {
  toy::Model model;
  model.has_backward = false;
  const toy::Outcome outcome = close_with(model, 2);
  EXPECT_STREQ(outcome.route, "objective differences");
  EXPECT_LT(worst_deviation(outcome), kCloses);
}

TEST(Routes, EventsThatJumpCloseByTheObjectiveAndNotByTheirOwnDerivative) {
  toy::Model jumps;
  jumps.grid = 0.05;
  jumps.has_backward = false;
  EXPECT_LT(worst_deviation(close_with(jumps, 3)), kCloses);
  jumps.has_backward = true;  // right for almost every event, and useless: it is 0
  const toy::Outcome stuck = close_with(jumps, 3);
  const double start = (toy::kLower + toy::kUpper) / 2;
  EXPECT_NEAR(stuck.estimate[0], start, 0.1);
  EXPECT_GT(worst_deviation(stuck), 4 * kCloses);
}

TEST(Routes, StatedUncertaintyIsThatOfTheExponential) {
  const toy::Outcome outcome = close_with(toy::Model(), 4);
  for (int32_t i = 0; i < toy::kParameters; ++i) {
    const double sigma = toy::kTruth[i] / std::sqrt(0.9 * static_cast<double>(kEvents));
    EXPECT_GT(outcome.sigma[i], 0.95 * sigma);  // never better than the limit, but for the
    EXPECT_LT(outcome.sigma[i], 1.60 * sigma);  // noise of differences; scatter adds to it
  }
}

}  // namespace
