// SPDX-License-Identifier: BSD-3-Clause
// Events at a point: any number of them, the first ones the same whatever the number.
#include "pipeline/generate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/builtin.h"

namespace sagips {
namespace {

const std::vector<double> kTruth = {2.1875, -0.5, 3, 1.09375, -0.5, 4};

struct Events {
  std::vector<double> values, weights, norms;
};

Events generate(int64_t n, uint64_t seed) {
  Pipeline pipeline;
  pipeline.add(make_builtin("proxy1d", ""));
  const auto size = static_cast<size_t>(n);
  Events e{std::vector<double>(2 * size, -1), std::vector<double>(size, -1),
           std::vector<double>(2, -1)};
  generate_events(pipeline, kTruth, n, seed, {e.values.data(), e.weights.data(), e.norms.data()});
  return e;
}

TEST(Generate, FillsEveryEventWhateverTheirNumber) {
  for (const int64_t n : {1, 7, 4095, 4096, 4097, 10000}) {
    const Events e = generate(n, 3);
    for (const double y : e.values) ASSERT_TRUE(y >= 0.1 && y < 1);
    for (const double w : e.weights) ASSERT_EQ(w, 1);
    EXPECT_NEAR(e.norms[0], 3.2785707, 1e-6);
    EXPECT_NEAR(e.norms[1], 1.8789538, 1e-6);
  }
}

TEST(Generate, WholeBlocksDoNotDependOnTheNumber) {
  const Events many = generate(12000, 3), fewer = generate(8192, 3);
  EXPECT_TRUE(std::equal(fewer.values.begin(), fewer.values.end(), many.values.begin()));
}

TEST(Generate, BlocksAndSeedsDiffer) {
  const Events e = generate(8192, 3), other = generate(8192, 4);
  EXPECT_FALSE(std::equal(e.values.begin(), e.values.begin() + 20, e.values.begin() + 8192));
  EXPECT_NE(e.values, other.values);
  EXPECT_EQ(e.values, generate(8192, 3).values);
}

TEST(Generate, WeightsAndAuxiliariesMayBeLeftOut) {
  Pipeline pipeline;
  pipeline.add(make_builtin("proxy1d", ""));
  std::vector<double> values(20, -1);
  generate_events(pipeline, kTruth, 10, 3, {values.data(), nullptr, nullptr});
  EXPECT_EQ(values, generate(10, 3).values);
}

TEST(Generate, NoneIsNone) {
  double untouched = -1;
  Pipeline pipeline;
  pipeline.add(make_builtin("proxy1d", ""));
  generate_events(pipeline, kTruth, 0, 3, {&untouched, nullptr, nullptr});
  EXPECT_EQ(untouched, -1);
}

}  // namespace
}  // namespace sagips
