// SPDX-License-Identifier: BSD-3-Clause
#include "tool/random.h"

#include <gtest/gtest.h>

namespace sagips_tool {
namespace {

TEST(NormalNumbers, RepeatForASeedAndDifferForOthers) {
  NormalNumbers first(7), again(7), other(8);
  const double value = first.next();
  EXPECT_EQ(again.next(), value);
  EXPECT_NE(other.next(), value);
}

TEST(NormalNumbers, HaveTheMomentsOfAStandardNormal) {
  constexpr int kDraws = 200000;
  constexpr double kTolerance = 5.0 / 447.0;  // five standard errors of the mean
  NormalNumbers normal(1);
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = normal.next();
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, kTolerance);
  EXPECT_NEAR(squares / kDraws, 1.0, 2 * kTolerance);
}

}  // namespace
}  // namespace sagips_tool
