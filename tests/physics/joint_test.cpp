// SPDX-License-Identifier: BSD-3-Clause
// Several data sets of one generator: the joint estimate is better than each alone, at the limit of
// the joint likelihood, and says so.
#include <gtest/gtest.h>

#include <cmath>

#include "two_detectors.h"

namespace {

using two::Sample;

const Sample kNear{two::kNear, 20000}, kFar{two::kFar, 60000};

double limit_of(const std::vector<Sample>& samples, size_t i) {
  return std::sqrt(two::limit(samples)[i * two::kP + i]);
}

TEST(Joint, LimitsOfThisProblemAreFarApart) {       // or none of the tests below says anything
  const double kAlone[two::kP] = {0.0185, 0.0075};  // of the better one
  for (size_t i = 0; i < two::kP; ++i) {
    EXPECT_NEAR(std::min(limit_of({kNear}, i), limit_of({kFar}, i)), kAlone[i], 2e-4);
    EXPECT_LT(2 * limit_of({kNear, kFar}, i), kAlone[i]);
  }
}

TEST(Joint, StatesTheUncertaintyOfTheJointLikelihood) {
  const std::vector<std::vector<Sample>> cases = {{kNear}, {kFar}, {kNear, kFar}};
  for (const auto& samples : cases) {
    const two::Outcome outcome = two::train(samples, 1);
    for (size_t i = 0; i < two::kP; ++i) {
      EXPECT_GT(outcome.sigma[i],
                0.85 * limit_of(samples, i));  // that is at the truth, this is not
      EXPECT_LT(outcome.sigma[i], 1.25 * limit_of(samples, i));  // edges cost information
      EXPECT_LT(std::abs(outcome.estimate[i] - two::kTruth[i]), 4 * outcome.sigma[i]);
    }
  }
}

// chi2 over kSeeds data sets and both parameters with the covariance of the joint limit: 2 kSeeds
// on average at the limit, sd sqrt(4 kSeeds). Alone, it would be 13 (far) times as much.
TEST(Joint, ErrorsOverDataSetsAreThoseOfTheJointLikelihood) {
  constexpr int kSeeds = 6;
  const two::Matrix c = two::limit({kNear, kFar});
  const double det = c[0] * c[3] - c[1] * c[2];
  double chi2 = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const two::Outcome outcome = two::train({kNear, kFar}, seed);
    const double a = outcome.estimate[0] - two::kTruth[0];
    const double b = outcome.estimate[1] - two::kTruth[1];
    chi2 += (a * a * c[3] - 2 * a * b * c[1] + b * b * c[0]) / det;
  }
  EXPECT_LT(chi2, 1.3 * 2 * kSeeds + 4 * std::sqrt(4.0 * kSeeds));
}

// A weight of 10 makes 20,000 events pull like 200,000, which costs information: that must be said.
TEST(Joint, AWeightOfADataSetIsPartOfItsUncertainty) {
  Sample heavy = kNear;
  heavy.weight = 10;
  const two::Outcome plain = two::train({kNear, kFar}, 2), uneven = two::train({heavy, kFar}, 2);
  for (size_t i = 0; i < two::kP; ++i) EXPECT_GT(uneven.sigma[i], 1.1 * plain.sigma[i]);
}

}  // namespace
