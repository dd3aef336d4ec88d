// SPDX-License-Identifier: BSD-3-Clause
#include "tool/closure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sagips_tool {
namespace {

TEST(Closure, SpecsHaveTheirTruthInsideTheBounds) {
  for (const std::string& name : closure_names()) {
    const ClosureSpec& spec = closure_spec(name);
    EXPECT_EQ(spec.parameters.size(), 6u);
    EXPECT_NO_THROW(check_truth(spec, spec.truth));
  }
  EXPECT_THROW(closure_spec("other"), UsageError);
}

TEST(Closure, UnitParametersOfProxy1dAreThoseOfTheLineage) {
  const double unit[6] = {0.72916667, 0.25, 0.6, 0.36458333, 0.25, 0.8};
  const ClosureSpec& spec = closure_spec("proxy1d");
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR((spec.truth[i] - spec.lower[i]) / (spec.upper[i] - spec.lower[i]), unit[i], 1e-8);
  }
}

TEST(Closure, ResidualIsTruthMinusEstimateOverTruth) {
  EXPECT_EQ(residuals_percent({2.0, -0.5}, {1.0, -0.25}), (std::vector<double>{50.0, 50.0}));
  EXPECT_EQ(mean_abs({-1.0, 3.0}), 2.0);
}

TEST(Closure, NormsAreSmearedByTheirPoissonError) {
  const double norms[2] = {3.2785707, 1.8789538};  // at the truth
  constexpr int64_t kEvents = 10000;
  double chi2 = 0.0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const ClosureSpec& spec = closure_spec("proxy1d");
    const Closure closure = build_closure(spec, spec.truth, kEvents, seed);
    ASSERT_EQ(closure.norm_targets.size(), 2u);
    for (size_t k = 0; k < 2; ++k) {
      const double z = (closure.norm_targets[k] / norms[k] - 1.0) * std::sqrt(double{kEvents});
      chi2 += z * z;
    }
  }
  EXPECT_GT(chi2, 15.0);  // 40 degrees of freedom: 15 and 80 are beyond four sigma
  EXPECT_LT(chi2, 80.0);
}

TEST(Closure, DataFollowTheirSeed) {
  const ClosureSpec& spec = closure_spec("kuma6");
  const Closure first = build_closure(spec, spec.truth, 100, 3);
  EXPECT_EQ(first.events, build_closure(spec, spec.truth, 100, 3).events);
  EXPECT_NE(first.events, build_closure(spec, spec.truth, 100, 4).events);
  EXPECT_TRUE(first.norm_targets.empty());
}

}  // namespace
}  // namespace sagips_tool
