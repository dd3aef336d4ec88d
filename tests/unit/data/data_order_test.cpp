// SPDX-License-Identifier: BSD-3-Clause
// Which event comes when: every order is a bijection, nothing held out is ever trained on, a pass
// has every event once, and the bootstrap is one.
#include "data/data_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

namespace sagips {
namespace {

using Settings = DataOrder::Settings;

TEST(Permutation, IsABijectionForEverySize) {
  for (const int64_t n : {1, 2, 3, 4, 5, 7, 15, 16, 17, 63, 64, 65, 1000, 4095, 4096, 4097})
    for (const uint64_t seed : {1U, 2U}) {
      const Permutation p({seed, Stream::kDataOrder, 0, 0, 0}, n);
      std::vector<bool> seen(static_cast<size_t>(n));
      for (int64_t i = 0; i < n; ++i) {
        const int64_t j = p(i);
        ASSERT_TRUE(j >= 0 && j < n) << n;
        ASSERT_FALSE(seen[static_cast<size_t>(j)]) << n;
        seen[static_cast<size_t>(j)] = true;
      }
    }
}

TEST(Permutation, StaysInsideHugeRanges) {
  const int64_t n = (int64_t{1} << 40) + 12345;
  const Permutation p({1, Stream::kDataOrder, 0, 0, 0}, n);
  std::set<int64_t> seen;
  for (int64_t i = n - 1000; i < n; ++i) {
    const int64_t j = p(i);
    EXPECT_TRUE(j >= 0 && j < n);
    EXPECT_TRUE(seen.insert(j).second);
  }
}

TEST(Permutation, TakesManyPlacesAtOnceAsOneByOne) {
  for (const int64_t n : {int64_t{1}, int64_t{3}, int64_t{130}, int64_t{5000}, int64_t{1} << 31,
                          (int64_t{1} << 31) + 1, int64_t{1} << 50}) {
    const Permutation p({3, Stream::kDataOrder, 0, 0, 0}, n);
    for (const int64_t together : {0, 1, 7, 63, 64, 65, 1000}) {
      std::vector<int64_t> places;
      for (int64_t i = 0; i < together; ++i) places.push_back((i * 7919 + n / 2) % n);
      std::vector<int64_t> moved = places;
      p.apply(moved);
      for (size_t i = 0; i < places.size(); ++i) {
        ASSERT_EQ(moved[i], p(places[i])) << n;
        ASSERT_TRUE(moved[i] >= 0 && moved[i] < n) << n;
      }
    }
  }
}

// Every order of three is as likely as any other: chi-square of 6 bins over 6,000 sequences, 5
// degrees, mean 5, sd 3.2; five of them. The same for where the pairs of 7 go, in 42 bins.
TEST(Permutation, OrdersOfFewAreEquallyLikely) {
  std::map<std::vector<int64_t>, int64_t> orders, pairs;
  for (int64_t t = 0; t < 6000; ++t) {
    const Permutation few({5, Stream::kDataOrder, 0, 0, t}, 3);
    ++orders[{few(0), few(1), few(2)}];
    const Permutation some({5, Stream::kDataOrder, 0, 1, t}, 7);
    ++pairs[{some(2), some(5)}];
  }
  const auto chi2 = [](const auto& counts, double bins) {
    EXPECT_EQ(static_cast<double>(counts.size()), bins);
    double sum = 0;
    for (const auto& entry : counts)
      sum += std::pow(static_cast<double>(entry.second) - 6000 / bins, 2) / (6000 / bins);
    return sum;
  };
  EXPECT_LT(chi2(orders, 6), 5 + 5 * 3.2);
  EXPECT_LT(chi2(pairs, 42), 41 + 5 * 9.1);
}

TEST(Permutation, MixesWell) {
  // Where does the first of 1000 go, over 2,000 sequences? Uniform in 20 bins: chi-square with 19
  // degrees, mean 19, sd 6.2; five of them. The same for the distance between neighbours.
  constexpr int64_t kSize = 1000, kTrials = 2000, kBins = 20;
  std::vector<double> place(kBins), gap(kBins);
  for (int64_t t = 0; t < kTrials; ++t) {
    const Permutation p({7, Stream::kDataOrder, 0, 0, t}, kSize);
    place[static_cast<size_t>(p(0) * kBins / kSize)] += 1;
    gap[static_cast<size_t>((p(501) - p(500) + kSize) % kSize * kBins / kSize)] += 1;
  }
  for (const auto& bins : {place, gap}) {
    double chi2 = 0;
    for (const double n : bins) chi2 += std::pow(n - kTrials / kBins, 2) / (kTrials / kBins);
    EXPECT_LT(chi2, 19 + 5 * 6.2);
  }
}

std::map<int64_t, int64_t> counts_of_pass(const DataOrder& order, int64_t pass) {
  std::map<int64_t, int64_t> counts;
  for (int64_t i = 0; i < order.n_training(); ++i)
    ++counts[order.training(pass * order.n_training() + i)];
  return counts;
}

TEST(DataOrder, APassHasEveryEventThatIsNotHeldOutOnce) {
  for (const int64_t n : {1, 2, 3, 7, 64, 1000}) {
    for (const double holdout : {0.0, 0.02, 0.3, 0.5}) {
      const DataOrder order(1, 0, 0, n, {holdout, 100, 1, false});
      EXPECT_EQ(order.n_held_out(),
                std::min<int64_t>(100, static_cast<int64_t>(holdout * static_cast<double>(n))));
      EXPECT_EQ(order.n_training(), n - order.n_held_out());
      std::set<int64_t> held_out;
      for (int64_t i = 0; i < order.n_held_out(); ++i) held_out.insert(order.held_out(i));
      EXPECT_EQ(static_cast<int64_t>(held_out.size()), order.n_held_out());
      for (const int64_t pass : {0, 1, 5}) {
        const auto counts = counts_of_pass(order, pass);
        EXPECT_EQ(static_cast<int64_t>(counts.size()), order.n_training());
        for (const auto& [event, count] : counts) {
          EXPECT_TRUE(event >= 0 && event < n);
          EXPECT_EQ(count, 1);
          EXPECT_EQ(held_out.count(event), 0U) << "held out, and trained on";
        }
      }
    }
  }
}

TEST(DataOrder, PassesHaveOrdersOfTheirOwn) {
  const DataOrder order(1, 0, 0, 100, {0.1, 100, 1, false});
  int64_t equal = 0;
  for (int64_t i = 0; i < 90; ++i) equal += order.training(i) == order.training(90 + i) ? 1 : 0;
  EXPECT_LT(equal, 10);  // 1 is expected
}

TEST(DataOrder, MembersAgreeOnTheDataAndNotOnTheOrderOrTheDraw) {
  for (const bool is_bootstrap : {false, true}) {
    const Settings settings{0.2, 1000, 0.5, is_bootstrap};
    const DataOrder a(1, 0, 0, 500, settings), b(1, 1, 0, 500, settings),
        other(2, 0, 0, 500, settings);
    bool is_other = false, is_other_order = false;
    std::set<int64_t> held_out;
    for (int64_t i = 0; i < a.n_held_out(); ++i) {
      EXPECT_EQ(a.held_out(i), b.held_out(i));
      is_other = is_other || a.held_out(i) != other.held_out(i);
      is_other_order = is_other_order || a.training(i) != b.training(i);
      held_out.insert(a.held_out(i));
    }
    EXPECT_TRUE(is_other);
    EXPECT_TRUE(is_other_order);
    EXPECT_EQ(counts_of_pass(a, 0) == counts_of_pass(b, 0), !is_bootstrap);
    EXPECT_NE(counts_of_pass(a, 0), counts_of_pass(other, 0));
    for (const auto& counts : {counts_of_pass(a, 0), counts_of_pass(b, 0)})
      for (const auto& entry : counts) EXPECT_EQ(held_out.count(entry.first), 0U);
  }
}

// Nothing is held out and nothing left out: orders are those of passes and members alone.
TEST(DataOrder, MembersOfAllDataHaveOrdersOfTheirOwnOverTheSameEvents) {
  const DataOrder a(1, 0, 0, 500, {0, 0, 1, false}), b(1, 1, 0, 500, {0, 0, 1, false});
  EXPECT_EQ(counts_of_pass(a, 0), counts_of_pass(b, 2));
  int64_t equal = 0;
  for (int64_t i = 0; i < 500; ++i) equal += a.training(i) == b.training(i) ? 1 : 0;
  EXPECT_LT(equal, 8);  // Poisson(1)
}

TEST(DataOrder, FractionTakesItsPartAndTheSameInEveryPass) {
  const DataOrder order(1, 0, 0, 1000, {0.1, 1000, 0.25, false});
  EXPECT_EQ(order.n_training(), 225);
  EXPECT_EQ(counts_of_pass(order, 0), counts_of_pass(order, 3));
  EXPECT_EQ(counts_of_pass(order, 0).size(), 225U);
  EXPECT_EQ(DataOrder(1, 0, 0, 10, Settings{0, 0, 1e-6, false}).n_training(), 1);
}

TEST(DataOrder, BootstrapDrawsWithReplacementOnce) {
  constexpr int64_t kSize = 4000;
  const DataOrder order(1, 0, 0, kSize, {0, 0, 1, true});
  const auto counts = counts_of_pass(order, 0);
  EXPECT_EQ(counts_of_pass(order, 1), counts);  // the same draw in every pass
  EXPECT_EQ(counts_of_pass(order, 7), counts);
  // Counts are Poisson(1), nearly: 1 - 1/e of the events occur, with sd sqrt(n (1/e - 2/e^2))/n.
  double total = 0, squares = 0;
  for (const auto& entry : counts) {
    total += static_cast<double>(entry.second);
    squares += static_cast<double>(entry.second * entry.second);
  }
  const double n = kSize;
  EXPECT_EQ(total, n);
  EXPECT_NEAR(static_cast<double>(counts.size()) / n, 1 - std::exp(-1),
              5 * std::sqrt((std::exp(-1) - 2 * std::exp(-2)) / n));
  EXPECT_NEAR(squares / n, 2, 5 * std::sqrt(2 / n));  // var of sum of squares: 2n to leading order
  const DataOrder other(1, 1, 0, kSize, {0, 0, 1, true});
  EXPECT_NE(counts_of_pass(other, 0), counts);
}

TEST(DataOrder, BootstrapIsThatOfThePlaceInTheOrder) {
  constexpr int64_t kSize = 3000000;  // beyond one index of the stream
  const DataOrder order(1, 2, 3, kSize, {0, 0, 1, true});
  const Permutation permutation({1, Stream::kDataOrder, 2, 3, 0}, kSize);
  std::vector<int64_t> events(200);
  order.training(kSize / 2, events);
  for (size_t k = 0; k < events.size(); ++k) {
    const int64_t i = permutation(kSize / 2 + static_cast<int64_t>(k));
    const auto w = philox_block({1, Stream::kBootstrap, 2, 3, i >> 20}, i & 0xfffff);
    EXPECT_EQ(events[k], static_cast<int64_t>(to_uniform(w[0], w[1]) * static_cast<double>(kSize)));
  }
}

TEST(DataOrder, BootstrapNeverDrawsWhatIsHeldOut) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    const DataOrder order(seed, 0, 0, 300, {0.3, 1000, 0.5, true});
    std::set<int64_t> held_out;
    for (int64_t i = 0; i < order.n_held_out(); ++i) held_out.insert(order.held_out(i));
    for (const auto& entry : counts_of_pass(order, 0)) EXPECT_EQ(held_out.count(entry.first), 0U);
  }
}

TEST(DataOrder, OneEventComesAgainAndAgain) {
  for (const bool is_bootstrap : {false, true}) {
    const DataOrder order(1, 0, 0, 1, {0.5, 10, 0.5, is_bootstrap});
    EXPECT_EQ(order.n_held_out(), 0);
    for (const int64_t position : {int64_t{0}, int64_t{1}, int64_t{1} << 37})
      EXPECT_EQ(order.training(position), 0);
  }
}

}  // namespace
}  // namespace sagips
