// SPDX-License-Identifier: BSD-3-Clause
// Without a truth: a right model fits, and a model that leaves a smearing out does not, seed by
// seed.
#include <gtest/gtest.h>

#include "toy.h"

namespace {

constexpr int64_t kEvents = 200000;
constexpr int64_t kEpochs = 1000;
constexpr double kSmearing = 0.8;  // of each event, uniform within +-80 %

TEST(Verdict, TheRightModelFitsAndOneWithoutTheSmearingDoesNot) {
  toy::Model right;
  right.smearing = kSmearing;
  const toy::Model wrong;
  int fits = 0, rejected = 0;
  constexpr int kSeeds = 5;
  for (uint64_t seed = 11; seed < 11 + kSeeds; ++seed) {
    const auto events = toy::generate(right, kEvents, seed);
    const toy::Outcome good = toy::train(right, events, seed, kEpochs, true);
    const toy::Outcome bad = toy::train(wrong, events, seed, kEpochs, true);
    fits += good.assessment.fits;
    rejected += bad.assessment.fits == 0;
    EXPECT_LT(bad.assessment.p_value, good.assessment.p_value) << "seed " << seed;
    EXPECT_GT(bad.assessment.auc, 0.52) << "seed " << seed;
    EXPECT_EQ(good.assessment.n_held_out, 20000);
  }
  EXPECT_EQ(fits, kSeeds);  // each is wrong with probability assess.level = 0.01
  EXPECT_EQ(rejected, kSeeds);
}

}  // namespace
