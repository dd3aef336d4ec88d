// SPDX-License-Identifier: BSD-3-Clause
#include "tool/report/histogram.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tool/random.h"

namespace sagips_tool {
namespace {

// n rows of two columns: a normal number, and twice one.
std::vector<double> normal_rows(uint64_t seed, int n, double shift) {
  NormalNumbers normal(seed);
  std::vector<double> rows;
  for (int i = 0; i < n; ++i) {
    rows.push_back(normal.next() + shift);
    rows.push_back(2.0 * normal.next());
  }
  return rows;
}

TEST(Histogram, DensitiesIntegrateToOne) {
  const Comparison result = compare("y1", normal_rows(1, 5000, 0), normal_rows(2, 10000, 0), 1, 2);
  double data = 0.0, synthetic = 0.0;
  for (const Bin& bin : result.bins) {
    data += bin.data * (bin.high - bin.low);
    synthetic += bin.synthetic * (bin.high - bin.low);
  }
  EXPECT_NEAR(data, 1.0, 1e-12);
  EXPECT_NEAR(synthetic, 1.0, 1e-12);
  EXPECT_GT(result.bins.back().high, 6.0);  // the second column, not the first
}

TEST(Histogram, ChiSquareIsAsExpectedForEqualLawsOnly) {
  const auto data = normal_rows(1, 20000, 0);
  const Comparison same = compare("y0", data, normal_rows(2, 40000, 0), 0, 2);
  const double sigma = std::sqrt(2.0 * same.degrees_of_freedom);
  EXPECT_NEAR(same.chi2, same.degrees_of_freedom, 4 * sigma);
  EXPECT_TRUE(same.agrees());
  const Comparison other = compare("y0", data, normal_rows(2, 40000, 0.1), 0, 2);
  EXPECT_GT(other.chi2, other.degrees_of_freedom + 8 * sigma);
  EXPECT_FALSE(other.agrees());
}

TEST(Histogram, BinsAreJoinedUntilTheyHoldEnough) {
  const Comparison result = compare("y0", normal_rows(1, 1000, 0), normal_rows(2, 1000, 0), 0, 2);
  for (size_t i = 0; i < result.bins.size(); ++i) {
    const Bin& bin = result.bins[i];
    EXPECT_GE(0.5 * (bin.data + bin.synthetic) * (bin.high - bin.low) * 1000, 25.0 - 1e-9);
    EXPECT_EQ(bin.low, i > 0 ? result.bins[i - 1].high : bin.low);
  }
}

TEST(Histogram, DisjointSamplesHaveNoRatio) {
  const Comparison result = compare("y0", normal_rows(1, 1000, 0), normal_rows(2, 1000, 50), 0, 2);
  EXPECT_TRUE(std::isnan(result.bins.front().ratio));
  EXPECT_GT(result.chi2, 1000.0);
}

TEST(Histogram, AConstantObservableHasNoBins) {
  EXPECT_TRUE(compare("y", {1, 1, 1}, {1, 1}, 0, 1).bins.empty());
}

}  // namespace
}  // namespace sagips_tool
