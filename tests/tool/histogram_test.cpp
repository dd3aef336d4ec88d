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

// n events at each of the positions 0 and 50, and m more at 50.
std::vector<double> two_heaps(int n, int m) {
  std::vector<double> events(static_cast<size_t>(n), 0.0);
  events.insert(events.end(), static_cast<size_t>(n + m), 50.0);
  return events;
}

// By hand. Data: 100 events of weight 2 at 0; 100 of weight 1 and 20 of weight -1 at 50: contents
// 200 and 80 of 280, variances 400 and 120. Synthetic: 200 of weight 0.5 at 0; 200 of weight 1 and
// 50 of weight -0.2 at 50: contents 100 and 190 of 290, variances 50 and 202.
TEST(Histogram, HoldsSumsOfWeightsAndOfTheirSquares) {
  std::vector<double> data_weights(100, 2.0), synthetic_weights(200, 0.5);
  data_weights.resize(200, 1.0);
  data_weights.resize(220, -1.0);
  synthetic_weights.resize(400, 1.0);
  synthetic_weights.resize(450, -0.2);
  const Comparison result =
      compare("y", two_heaps(100, 20), two_heaps(200, 50), 0, 1, data_weights, synthetic_weights);

  ASSERT_EQ(result.bins.size(), 2u);
  const double d[2] = {200, 80}, var_d[2] = {400, 120};
  const double s[2] = {100, 190}, var_s[2] = {50, 202};
  const double k = 280.0 / 290.0;
  double chi2 = 0.0;
  for (size_t i = 0; i < 2; ++i) {
    const Bin& bin = result.bins[i];
    const double scale = 280.0 * (bin.high - bin.low);
    EXPECT_NEAR(bin.data * scale, d[i], 1e-9);
    EXPECT_NEAR(bin.data_error * scale, std::sqrt(var_d[i]), 1e-9);
    EXPECT_NEAR(bin.synthetic * scale, k * s[i], 1e-9);
    const double ratio = d[i] / (k * s[i]);
    EXPECT_NEAR(bin.ratio, ratio, 1e-12);
    EXPECT_NEAR(bin.ratio_error,
                ratio * std::sqrt(var_d[i] / (d[i] * d[i]) + var_s[i] / (s[i] * s[i])), 1e-12);
    chi2 += std::pow(d[i] - k * s[i], 2) / (var_d[i] + k * k * var_s[i]);
  }
  EXPECT_NEAR(result.chi2, chi2, 1e-9);
  EXPECT_EQ(result.degrees_of_freedom, 1);
}

TEST(Histogram, WeightsOfOneChangeNothing) {
  const auto data = normal_rows(1, 5000, 0), synthetic = normal_rows(2, 10000, 0);
  const Comparison plain = compare("y1", data, synthetic, 1, 2);
  const Comparison weighted = compare("y1", data, synthetic, 1, 2, std::vector<double>(5000, 1.0),
                                      std::vector<double>(10000, 1.0));
  EXPECT_EQ(weighted.chi2, plain.chi2);
  ASSERT_EQ(weighted.bins.size(), plain.bins.size());
  for (size_t i = 0; i < plain.bins.size(); ++i) {
    EXPECT_EQ(weighted.bins[i].data_error, plain.bins[i].data_error);
    EXPECT_EQ(weighted.bins[i].synthetic, plain.bins[i].synthetic);
  }
}

// What stands in a lost event means nothing: neither the contents nor the range may see it.
TEST(Histogram, LostEventsAreLeftOut) {
  const auto data = normal_rows(1, 5000, 0);
  auto synthetic = normal_rows(2, 10000, 0);
  const Comparison without = compare("y0", data, synthetic, 0, 2);
  std::vector<double> weights(10000, 1.0);
  for (double nonsense : {1e6, -1e6, std::nan("")}) {
    synthetic.insert(synthetic.end(), {nonsense, nonsense});
    weights.push_back(0.0);
  }
  const Comparison with = compare("y0", data, synthetic, 0, 2, {}, weights);
  EXPECT_EQ(with.chi2, without.chi2);
  EXPECT_EQ(with.bins.front().low, without.bins.front().low);
  EXPECT_EQ(with.bins.back().high, without.bins.back().high);
}

// A tenth of the events is subtracted again: the law stays, and its errors grow.
TEST(Histogram, NegativeWeightsKeepTheErrorsRight) {
  std::vector<double> weights(24000, 1.0);
  weights.resize(26000, -1.0);
  const auto data = normal_rows(1, 26000, 0);
  const Comparison same = compare("y0", data, normal_rows(2, 40000, 0), 0, 2, weights);
  EXPECT_NEAR(same.chi2, same.degrees_of_freedom, 4 * std::sqrt(2.0 * same.degrees_of_freedom));
  EXPECT_TRUE(same.agrees());
  EXPECT_FALSE(compare("y0", data, normal_rows(2, 40000, 0.1), 0, 2, weights).agrees());
}

TEST(Histogram, NothingAgreesWithASampleThatIsAllLost) {
  const Comparison result = compare("y", {1, 2, 3}, {1, 2, 3}, 0, 1, {}, {0, 0, 0});
  EXPECT_TRUE(result.bins.empty());
  EXPECT_FALSE(result.agrees());
}

TEST(Histogram, AConstantObservableHasNoBins) {
  EXPECT_TRUE(compare("y", {1, 1, 1}, {1, 1}, 0, 1).bins.empty());
}

}  // namespace
}  // namespace sagips_tool
