// SPDX-License-Identifier: BSD-3-Clause
// Latin hypercubes: each stratum once in every dimension, for any number of events, in any parts;
// each number uniform, dimensions independent; and what that does to means.
#include "core/latin_hypercube.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

const int64_t kSizes[] = {1,    2,    3,    4,    5,    6,    7,     8,     13,    16,  31,
                          32,   33,   63,   64,   65,   100,  127,   128,   129,   511, 1000,
                          1023, 1024, 2047, 2048, 2049, 5000, 16384, 65535, 100003};

Simd best() { return supported_simd().front(); }

std::vector<double> independent(uint64_t seed, int64_t row, int64_t n) {
  std::vector<double> u(at(n));
  fill_uniform({seed, Stream::kUniforms, 0, row, 0}, u);
  return u;
}

LatinHypercube cube_of(uint64_t seed, int64_t row, int64_t n_events, int32_t n_uniforms) {
  return {{seed, Stream::kOrders, 0, row, 0}, n_events, n_uniforms};
}

/// (E, D)
std::vector<double> latin(uint64_t seed, int64_t row, int64_t n_events, int32_t n_uniforms,
                          Simd simd) {
  std::vector<double> u = independent(seed, row, n_events * n_uniforms);
  stratify(cube_of(seed, row, n_events, n_uniforms), 0, u, simd);
  return u;
}

int64_t stratum(double u, int64_t n) { return static_cast<int64_t>(u * static_cast<double>(n)); }

/// Sum of (n - expected)^2/expected of counts that should be equal, in standard deviations.
double deviation(const std::vector<int64_t>& counts) {
  double total = 0, chi2 = 0;
  for (const int64_t n : counts) total += static_cast<double>(n);
  const auto cells = static_cast<double>(counts.size());
  for (const int64_t n : counts) chi2 += std::pow(static_cast<double>(n) - total / cells, 2);
  return (chi2 * cells / total - (cells - 1)) / std::sqrt(2 * (cells - 1));
}

// ------------------------------------------------------------------------------------ the strata

TEST(LatinHypercube, HitsEachStratumOnceInEveryDimension) {
  for (const int64_t n : kSizes)
    for (const int32_t width : {1, 2, 3, 7}) {
      const std::vector<double> u = latin(5, n, n, width, best());
      for (int32_t d = 0; d < width; ++d) {
        std::vector<int64_t> hits(at(n));
        for (int64_t e = 0; e < n; ++e) ++hits[at(stratum(u[at(e * width + d)], n))];
        EXPECT_TRUE(std::all_of(hits.begin(), hits.end(), [](int64_t h) { return h == 1; }))
            << n << " events, dimension " << d << " of " << width;
      }
    }
}

TEST(LatinHypercube, KeepsThePlaceInsideTheStratum) {
  const int64_t n = 1000;
  const std::vector<double> v = independent(3, 0, 2 * n), u = latin(3, 0, n, 2, best());
  for (size_t i = 0; i < u.size(); ++i) {
    const double scaled = u[i] * static_cast<double>(n);
    ASSERT_NEAR(scaled - std::floor(scaled), v[i], 1e-12);
  }
}

TEST(LatinHypercube, LeavesASingleEventAlone) {
  EXPECT_EQ(latin(1, 2, 1, 5, best()), independent(1, 2, 5));
}

TEST(LatinHypercube, OfNoUniformsIsNone) {
  stratify(cube_of(1, 0, 7, 0), 0, View<double>(nullptr, 0), best());
}

TEST(LatinHypercube, StaysInsideTheOpenInterval) {
  for (const int64_t n : {int64_t{2}, int64_t{3}, int64_t{1000}, (int64_t{1} << 25) - 1}) {
    const int64_t some = std::min<int64_t>(n, 4096);
    for (int64_t first = 0; first < n; first += (n + 7) / 8)
      for (const double end : {0x1p-53, 1 - 0x1p-53}) {
        std::vector<double> u(at(std::min(some, n - first)), end);
        stratify(cube_of(2, 0, n, 1), first, u, best());
        EXPECT_GT(*std::min_element(u.begin(), u.end()), 0);
        EXPECT_LT(*std::max_element(u.begin(), u.end()), 1);
      }
  }
}

TEST(LatinHypercube, HasTheSameBitsOnEveryInstructionSetAndInAnyParts) {
  for (const Simd simd : supported_simd())
    for (const int64_t n : kSizes)
      for (const int32_t width : {1, 3}) {
        if (n > 5000) continue;
        const std::vector<double> whole = latin(7, 1, n, width, best());
        EXPECT_EQ(latin(7, 1, n, width, simd), whole) << simd_name(simd);
        for (const int64_t part : {int64_t{1}, int64_t{6}, int64_t{50}, int64_t{2048}}) {
          if (n / part > 200) continue;
          std::vector<double> u = independent(7, 1, n * width);
          for (int64_t first = 0; first < n; first += part)
            stratify(cube_of(7, 1, n, width), first,
                     {u.data() + first * width, std::min(part, n - first) * width}, simd);
          ASSERT_EQ(u, whole) << simd_name(simd) << ", " << n << " in parts of " << part;
        }
      }
}

/// The network of latin_hypercube.cpp, event by event.
int64_t plain_stratum(const Sequence& orders, int64_t d, int64_t event, uint64_t n) {
  const auto words = philox_block(orders, d);
  uint32_t bits = 0;
  while ((uint64_t{1} << bits) < n) ++bits;
  bits /= 2;
  const uint64_t right_size = uint64_t{1} << bits, left_size = (n + right_size - 1) / right_size;
  const auto hash = [](uint64_t x, uint32_t key) {
    auto h = (static_cast<uint32_t>(x) ^ key) * 0x9e3779b1U;
    h = (h ^ h >> 15) * 0x85ebca77U;
    return uint64_t{h >> 16};
  };
  auto x = static_cast<uint64_t>(event);
  do {
    uint64_t left = x / right_size, right = x % right_size;
    for (size_t k = 0; k < 3; ++k) {
      const uint32_t key = words[k], mixed = key * 0x9e3779b1U;
      left = (left + (hash(right, key) * left_size >> 16)) % left_size;
      right ^= hash(left, (mixed ^ mixed >> 16) * 0x85ebca77U) % right_size;
    }
    x = left * right_size + right;
  } while (x >= n);
  return static_cast<int64_t>((x + (words[3] * n >> 32)) % n);
}

TEST(LatinHypercube, IsItsFormula) {
  for (const int64_t n : kSizes) {
    if (n == 1) continue;
    const LatinHypercube cube = cube_of(11, n, n, 2);
    const std::vector<double> u = latin(11, n, n, 2, best());
    for (int64_t e = 0; e < n; ++e)
      for (int64_t d = 0; d < 2; ++d)
        ASSERT_EQ(stratum(u[at(2 * e + d)], n),
                  plain_stratum(cube.orders, d, e, static_cast<uint64_t>(n)))
            << n << " events, " << e;
  }
}

// ------------------------------------------------------------------------------------ randomness

TEST(LatinHypercube, GivesEveryEventAnyStratumEquallyOften) {
  for (const int64_t n : {2, 3, 7, 24, 100})
    for (const int64_t event : {int64_t{0}, n / 2, n - 1}) {
      std::vector<int64_t> counts(at(n));
      for (int64_t row = 0; row < 400 * n; ++row) {
        double u = 0.5;
        stratify(cube_of(1, row, n, 1), event, {&u, 1}, best());
        ++counts[at(stratum(u, n))];
      }
      EXPECT_LT(std::abs(deviation(counts)), 5) << event << " of " << n;
    }
}

TEST(LatinHypercube, GivesTwoEventsAnyTwoStrataEquallyOften) {
  for (const int64_t n : {3, 4, 5, 8, 17, 32}) {
    std::vector<int64_t> all(at(n * n)), counts;
    for (int64_t row = 0; row < 200 * n * n; ++row) {
      const std::vector<double> u = latin(9, row, n, 1, best());
      ++all[at(stratum(u[0], n) * n + stratum(u[1], n))];
    }
    for (int64_t i = 0; i < n * n; ++i)
      if (i / n != i % n) counts.push_back(all[at(i)]);
    EXPECT_LT(std::abs(deviation(counts)), 5) << n;
  }
}

TEST(LatinHypercube, HasIndependentDimensions) {
  const int64_t n = 10000, cells = 20;
  for (int64_t row = 0; row < 5; ++row) {
    const std::vector<double> u = latin(4, row, n, 3, best());
    for (const auto& [a, b] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
      std::vector<int64_t> counts(at(cells * cells));
      for (int64_t e = 0; e < n; ++e)
        ++counts[at(stratum(u[at(3 * e + a)], cells) * cells + stratum(u[at(3 * e + b)], cells))];
      // Rows and columns are right by themselves: (cells - 1)^2 degrees of freedom, not cells^2
      // - 1.
      const double freedom = std::pow(cells - 1, 2), all = static_cast<double>(cells * cells - 1);
      const double chi2 = deviation(counts) * std::sqrt(2 * all) + all;
      EXPECT_LT(std::abs(chi2 - freedom), 5 * std::sqrt(2 * freedom)) << row << a << b;
    }
  }
}

TEST(LatinHypercube, HasOtherOrdersInEveryRowEpochAndMember) {
  const Sequence one{3, Stream::kOrders, 0, 0, 0};
  const Sequence others[] = {{4, Stream::kOrders, 0, 0, 0},
                             {3, Stream::kShiftedOrders, 0, 0, 0},
                             {3, Stream::kOrders, 1, 0, 0},
                             {3, Stream::kOrders, 0, 1, 0},
                             {3, Stream::kOrders, 0, 0, 1}};
  const auto strata = [](const Sequence& orders) {
    std::vector<double> u(100, 0.5);
    stratify({orders, 100, 1}, 0, u, best());
    return u;
  };
  for (const Sequence& other : others) EXPECT_NE(strata(one), strata(other));
}

// ----------------------------------------------------------------------------------------- means

struct Mean {
  double value = 0, variance = 0, independent = 0;
};

/// Of means of f over hypercubes of E events with two uniforms, and their variance over independent
/// ones.
Mean mean_of(const std::function<double(double, double)>& f, int64_t n) {
  constexpr int64_t kCubes = 4000;
  const auto moments = [&](bool is_latin, double* variance) {
    double sum = 0, squares = 0;
    for (int64_t row = 0; row < kCubes; ++row) {
      const std::vector<double> u =
          is_latin ? latin(2, row, n, 2, best()) : independent(2, row, 2 * n);
      double mean = 0;
      for (int64_t e = 0; e < n; ++e)
        mean += f(u[at(2 * e)], u[at(2 * e + 1)]) / static_cast<double>(n);
      sum += mean / kCubes;
      squares += mean * mean / kCubes;
    }
    *variance = squares - sum * sum;
    return sum;
  };
  Mean result;
  moments(false, &result.independent);
  result.value = moments(true, &result.variance);
  return result;
}

TEST(LatinHypercube, TakesTheNoiseFromSumsOfFunctionsOfOneNumber) {
  for (const int64_t n : {5, 32, 100}) {
    const Mean m = mean_of([](double a, double b) { return a * a + std::sin(b); }, n);
    EXPECT_NEAR(m.value, 1.0 / 3 + 1 - std::cos(1.0), 5 * std::sqrt(m.variance / 4000));
    EXPECT_LT(m.variance / m.independent, 2 / static_cast<double>(n * n));
  }
}

TEST(LatinHypercube, LeavesTheNoiseOfProductsAsItIs) {
  for (const int64_t n : {5, 32, 100}) {
    const Mean m = mean_of([](double a, double b) { return (a - 0.5) * (b - 0.5); }, n);
    const double most = static_cast<double>(n) / static_cast<double>(n - 1);
    EXPECT_NEAR(m.value, 0, 5 * std::sqrt(m.variance / 4000));
    EXPECT_GT(m.variance / m.independent, 0.85);  // a variance over 4,000 is known to 2 %
    EXPECT_LT(m.variance / m.independent, 1.15 * most);
  }
}

TEST(LatinHypercube, KeepsMeansOfJumpsUnbiased) {
  const Mean m = mean_of([](double a, double b) { return a * b < 0.13 ? 1.0 : 0.0; }, 13);
  EXPECT_NEAR(m.value, 0.13 * (1 - std::log(0.13)), 5 * std::sqrt(m.variance / 4000));
  EXPECT_LT(m.variance, m.independent);
}

}  // namespace
}  // namespace sagips
