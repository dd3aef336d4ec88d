// SPDX-License-Identifier: BSD-3-Clause
// Learning rates at the ends of the training, in its middle, and while they rise.
#include "nn/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sagips {
namespace {

using Form = Schedule::Form;

TEST(Schedule, StartsAtTheRateAndEndsAtTheFloor) {
  for (const int64_t epochs : {1, 7, 5000}) {
    const Schedule constant{Form::kConstant, 0.5, 0.01, 0, epochs};
    const Schedule cosine{Form::kCosine, 0.5, 0.01, 0, epochs};
    const Schedule exponential{Form::kExponential, 0.5, 0.01, 0, epochs};
    for (const Schedule& s : {constant, cosine, exponential}) EXPECT_DOUBLE_EQ(s.at(0), 0.5);
    EXPECT_DOUBLE_EQ(constant.at(epochs), 0.5);
    EXPECT_NEAR(cosine.at(epochs), 0.005, 1e-15);
    EXPECT_NEAR(exponential.at(epochs), 0.005, 1e-15);
  }
}

TEST(Schedule, IsItsFormulaInTheMiddle) {
  EXPECT_NEAR((Schedule{Form::kCosine, 2, 0.1, 0, 100}.at(50)), 2 * (0.1 + 0.9 * 0.5), 1e-14);
  EXPECT_NEAR((Schedule{Form::kCosine, 2, 0.1, 0, 100}.at(25)),
              2 * (0.1 + 0.9 * (1 + std::sqrt(0.5)) / 2), 1e-14);
  EXPECT_NEAR((Schedule{Form::kExponential, 2, 0.01, 0, 100}.at(50)), 0.2, 1e-14);
}

TEST(Schedule, FallsAllTheWay) {
  for (const Form form : {Form::kCosine, Form::kExponential}) {
    const Schedule s{form, 1, 0.01, 0, 33};
    for (int64_t epoch = 1; epoch <= 33; ++epoch) EXPECT_LT(s.at(epoch), s.at(epoch - 1));
  }
}

TEST(Schedule, WarmupRisesLinearlyFromOnePart) {
  const Schedule s{Form::kConstant, 3, 0.01, 4, 100};
  EXPECT_DOUBLE_EQ(s.at(0), 0.75);
  EXPECT_DOUBLE_EQ(s.at(1), 1.5);
  EXPECT_DOUBLE_EQ(s.at(3), 3);
  EXPECT_DOUBLE_EQ(s.at(4), 3);
  const Schedule one{Form::kConstant, 3, 0.01, 1, 100};
  EXPECT_DOUBLE_EQ(one.at(0), 3);
}

TEST(Schedule, AFloorOfOneIsConstant) {
  for (const Form form : {Form::kCosine, Form::kExponential})
    for (const int64_t epoch : {0, 3, 10})
      EXPECT_DOUBLE_EQ((Schedule{form, 0.7, 1, 0, 10}.at(epoch)), 0.7);
}

}  // namespace
}  // namespace sagips
