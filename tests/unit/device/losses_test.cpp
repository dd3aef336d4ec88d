// SPDX-License-Identifier: BSD-3-Clause
// Losses of a single event: values, derivatives, and logits far out, where exp() overflows.
#include <gtest/gtest.h>

#include <limits>

#include "unit/device/network_testing.h"

namespace sagips {
namespace {

const Loss kLosses[] = {Loss::kBinaryCrossEntropy, Loss::kLeastSquares};

TEST(Losses, AreTheFormulasAndTheirDerivatives) {
  for (const Loss loss : kLosses)
    for (const bool is_real : {false, true})
      for (double z = -8; z <= 8; z += 0.37) {
        double derivative = 0;
        EXPECT_NEAR(discriminator_loss(loss, is_real, z, &derivative), naive_loss(loss, is_real, z),
                    1e-12);
        double moved = z;
        EXPECT_NEAR(derivative,
                    difference(&moved, [&] { return naive_loss(loss, is_real, moved); }),
                    1e-9);  // one event: eps/h = 2e-10 times a value below 8
      }
}

TEST(Losses, AnUndecidedDiscriminatorLosesLogTwoOrAQuarter) {
  double derivative = 0;
  for (const bool is_real : {false, true}) {
    const double sign = is_real ? -1 : 1;
    EXPECT_DOUBLE_EQ(discriminator_loss(Loss::kBinaryCrossEntropy, is_real, 0, &derivative),
                     std::log(2.0));
    EXPECT_DOUBLE_EQ(derivative, sign / 2);
    EXPECT_DOUBLE_EQ(discriminator_loss(Loss::kLeastSquares, is_real, 0, &derivative), 0.25);
    EXPECT_DOUBLE_EQ(derivative, sign / 4);
  }
}

TEST(Losses, StayFiniteForHugeLogits) {
  for (const Loss loss : kLosses)
    for (const bool is_real : {false, true})
      for (const double z : {-1e300, -1e4, -750.0, 750.0, 1e4, 1e300}) {
        double derivative = std::numeric_limits<double>::quiet_NaN();
        const double value = discriminator_loss(loss, is_real, z, &derivative);
        const bool is_wrong = is_real == (z < 0);
        EXPECT_TRUE(std::isfinite(value));
        ASSERT_TRUE(std::isfinite(derivative));
        if (loss == Loss::kBinaryCrossEntropy) {
          EXPECT_DOUBLE_EQ(value, is_wrong ? std::abs(z) : 0);
          EXPECT_DOUBLE_EQ(derivative, is_wrong ? (z < 0 ? -1 : 1) : 0);
        } else {
          EXPECT_DOUBLE_EQ(value, is_wrong ? 1 : 0);
          EXPECT_DOUBLE_EQ(derivative, 0);
        }
      }
}

TEST(Losses, TheGeneratorWantsItsEventsTakenForReal) {
  for (const Loss loss : kLosses)
    for (const double z : {-3.0, 0.0, 0.1, 5.0}) {
      double ours = 0, theirs = 1;
      EXPECT_EQ(generator_loss(loss, z, &ours), discriminator_loss(loss, true, z, &theirs));
      EXPECT_EQ(ours, theirs);
      EXPECT_LT(ours, 0);
    }
}

}  // namespace
}  // namespace sagips
