// SPDX-License-Identifier: BSD-3-Clause
// The map z -> p of linear, logarithmic and fixed parameters, and its slopes against differences.
#include "optimizer/parameter_space.h"

#include <gtest/gtest.h>

namespace sagips {
namespace {

Parameter make(double lower, double upper, int32_t scale = SAGIPS_LINEAR) {
  Parameter p;
  p.lower = lower;
  p.upper = upper;
  p.scale = scale;
  return p;
}

ParameterSpace space() {
  Parameter fixed = make(0, 10);
  fixed.is_fixed = true;
  fixed.fixed_value = 3.25;
  return ParameterSpace({make(-1, 1), make(2, 2.5), make(1e-3, 1e3, SAGIPS_LOGARITHMIC),
                         make(5, 6, SAGIPS_LOGARITHMIC), fixed});
}

// h = 1e-5 of a smooth map: h^2 = 1e-10 from curvature, eps/h = 2e-11 from rounding, relative to
// the range; in a logarithmic range of e^14, third derivatives are 14^3/60 of the first.
constexpr double kTolerance = 1e-8;

TEST(ParameterSpace, SlopesMultiplyToDpDz) {
  const ParameterSpace s = space();
  for (int32_t i = 0; i < s.size(); ++i)
    for (const double z : {-5.0, -0.3, 0.0, 0.1, 2.0, 6.0}) {
      const double h = 1e-5;
      const double slope = (s.physical(i, z + h) - s.physical(i, z - h)) / (2 * h);
      const Parameter& p = s.parameters()[static_cast<size_t>(i)];
      EXPECT_NEAR(s.unit_slope(i, z) * s.range_slope(i, s.physical(i, z)), slope,
                  kTolerance * (p.upper - p.lower))
          << "parameter " << i << " at " << z;
    }
}

TEST(ParameterSpace, AFixedParameterIsItsValueWhateverZ) {
  const ParameterSpace s = space();
  for (const double z : {-1e300, 0.0, 1e300}) {
    EXPECT_EQ(s.physical(4, z), 3.25);
    EXPECT_EQ(s.unit_slope(4, z), 0);
  }
}

TEST(ParameterSpace, NothingLeavesTheBounds) {
  const ParameterSpace s = space();
  for (int32_t i = 0; i < 4; ++i) {
    const Parameter& p = s.parameters()[static_cast<size_t>(i)];
    for (const double z : {-1e300, -800.0, -40.0, 40.0, 800.0, 1e300}) {
      EXPECT_GE(s.physical(i, z), p.lower);
      EXPECT_LE(s.physical(i, z), p.upper);
      EXPECT_TRUE(std::isfinite(s.unit_slope(i, z)));
    }
  }
}

TEST(ParameterSpace, StartIsWhereTheMapGivesIt) {
  std::vector<Parameter> parameters = space().parameters();
  const double starts[] = {0.9, 2.001, 30, 5.5};
  for (size_t i = 0; i < 4; ++i) parameters[i].start = starts[i];
  const ParameterSpace s(parameters);
  for (int32_t i = 0; i < 4; ++i)
    EXPECT_NEAR(s.physical(i, s.start(i)), starts[i], 1e-13 * starts[i]);
}

TEST(ParameterSpace, WithoutAStartItIsTheMiddleOfTheRange) {
  const ParameterSpace s = space();
  EXPECT_DOUBLE_EQ(s.physical(0, s.start(0)), 0);
  EXPECT_DOUBLE_EQ(s.physical(1, s.start(1)), 2.25);
  EXPECT_DOUBLE_EQ(s.physical(2, s.start(2)), 1);  // of the logarithms
}

}  // namespace
}  // namespace sagips
