// SPDX-License-Identifier: BSD-3-Clause
// Penalties: their values, their derivatives, the side on which limits are idle.
#include "objective/measurement.h"

#include <gtest/gtest.h>

#include <cmath>

#include "device/device.h"
#include "sagips.h"

namespace sagips {
namespace {

TEST(Penalty, IsHalfZSquaredWithItsDerivative) {
  for (const double sigma : {0.1, 1.0, 30.0})
    for (const double value : {-4.0, 1.9, 2.0, 2.1, 7.0}) {
      const Measurement m{0, 2, sigma, SAGIPS_GAUSSIAN};
      double derivative = 0, ignored = 0;
      const double z = (value - 2) / sigma;
      EXPECT_DOUBLE_EQ(penalty_of(m, value, &derivative), z * z / 2);
      // A parabola: central differences are exact, up to eps/h times the value.
      const double h = 1e-3 * sigma;
      const double slope =
          (penalty_of(m, value + h, &ignored) - penalty_of(m, value - h, &ignored)) / (2 * h);
      EXPECT_NEAR(derivative, slope, 1e-11 * (1 + z * z) / sigma);
    }
}

TEST(Penalty, LimitsAreIdleOnTheirFreeSide) {
  for (const int32_t penalty : {SAGIPS_UPPER_LIMIT, SAGIPS_LOWER_LIMIT}) {
    const Measurement m{0, 5, 2, penalty};
    const double sign = penalty == SAGIPS_UPPER_LIMIT ? 1 : -1;
    double derivative = 99;
    EXPECT_EQ(penalty_of(m, 5 - sign * 3, &derivative), 0);
    EXPECT_EQ(derivative, 0);
    EXPECT_DOUBLE_EQ(penalty_of(m, 5 + sign * 3, &derivative), 1.125);
    EXPECT_DOUBLE_EQ(derivative, sign * 0.75);
    EXPECT_EQ(penalty_of(m, 5, &derivative), 0);
    EXPECT_EQ(derivative, 0);
  }
}

TEST(LikelihoodShare, IsThePullOfTheGeneratorsLossAtTheSolution) {
  // Near the solution D = log(p_data/p_model) and the generator's loss pulls with c I dp. Check c
  // on two bins with the probabilities q(dp) = 1/2 +- dp: I = 4, and a discriminator at its best.
  for (const Loss loss : {Loss::kBinaryCrossEntropy, Loss::kLeastSquares}) {
    const double dp = 1e-4;
    double pull = 0;  // d/dp of sum_b q_b(dp) l(D_b), D held
    for (const double sign : {1.0, -1.0}) {
      const double logit = std::log(0.5 / (0.5 + sign * dp));
      double ignored = 0;
      pull += sign * generator_loss(loss, logit, &ignored);
    }
    EXPECT_NEAR(pull / (4 * dp), likelihood_share(loss), 1e-3);  // corrections of order dp
  }
}

}  // namespace
}  // namespace sagips
