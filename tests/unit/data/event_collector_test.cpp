// SPDX-License-Identifier: BSD-3-Clause
// Events that come in by many calls: order, types, chunks, and that a call is all or nothing.
#include "data/event_collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "unit/core/core_testing.h"

namespace sagips {
namespace {

/// Event number k is (k, k + 0.5) with the weight 1 + k/1024.
template <typename T>
struct Events {
  std::vector<T> values, weights;
  std::vector<int64_t> numbers;
  explicit Events(const std::vector<int64_t>& of) : numbers(of) {
    for (const int64_t k : of) {
      values.push_back(static_cast<T>(k));
      values.push_back(static_cast<T>(static_cast<double>(k) + 0.5));
      weights.push_back(static_cast<T>(1 + static_cast<double>(k) / 1024));
    }
  }
  typename EventTable::Handover<T> handover(bool has_weights = true) const {
    return {values.data(),
            has_weights ? weights.data() : nullptr,
            static_cast<int64_t>(numbers.size()),
            2,
            2,
            false};
  }
};

std::vector<int64_t> shuffled(int64_t n, unsigned seed) {
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < n; ++i) numbers.push_back(i);
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937(seed));
  return numbers;
}

void expect_events(const EventTable& table, int64_t n) {
  ASSERT_EQ(table.size(), n);
  for (int64_t i = 0; i < n; ++i) {
    double event[2];
    table.read(i, event);
    const auto k = static_cast<double>(i);
    ASSERT_EQ(event[0], k);
    ASSERT_EQ(event[1], k + 0.5);
    ASSERT_EQ(table.weight(i), 1 + k / 1024);
    ASSERT_EQ(table.numbers()[static_cast<size_t>(i)], i);
  }
}

TEST(EventCollector, NumbersOrderTheEventsHoweverTheyCome) {
  constexpr int64_t kSize = 70000;  // a chunk and a bit
  uint64_t hash = 0;
  for (const int64_t calls : {1, 7, 1000}) {
    EventCollector collector("toy");
    const std::vector<int64_t> numbers = shuffled(kSize, static_cast<unsigned>(calls));
    for (int64_t c = 0; c < calls; ++c) {
      const Events<double> some(
          {numbers.begin() + c * kSize / calls, numbers.begin() + (c + 1) * kSize / calls});
      collector.add(some.handover(), some.numbers.data());
      if (c % 300 == 1) {
        EXPECT_EQ(collector.table()->size(), (c + 1) * kSize / calls);
      }
    }
    EXPECT_EQ(collector.size(), kSize);
    const auto table = collector.table();
    expect_events(*table, kSize);
    if (hash == 0) hash = table->hash();
    EXPECT_EQ(table->hash(), hash);
  }
}

TEST(EventCollector, TypesAndWeightsMayBeMixed) {
  EventCollector collector("toy");
  const Events<float> single({4, 1}), bare({0});  // event 0 has the weight 1 anyhow
  const Events<double> both({3, 2});
  collector.add(single.handover(), single.numbers.data());
  EXPECT_TRUE(collector.table()->is_float());
  collector.add(both.handover(), both.numbers.data());
  collector.add(bare.handover(false), bare.numbers.data());
  EXPECT_FALSE(collector.table()->is_float());
  expect_events(*collector.table(), 5);
}

TEST(EventCollector, WithoutNumbersTheOrderIsThatOfArrival) {
  EventCollector collector("toy");
  EXPECT_EQ(collector.table(), nullptr);
  const Events<double> first({5, 3}), second({9});
  collector.add(first.handover(), nullptr);
  const auto early = collector.table();
  collector.add(second.handover(false), nullptr);
  EXPECT_EQ(early->size(), 2);  // it is another's by now
  const auto table = collector.table();
  double event[2];
  for (int64_t i = 0; i < 3; ++i) {
    table->read(i, event);
    EXPECT_EQ(event[0], (std::vector<double>{5, 3, 9}[static_cast<size_t>(i)]));
  }
  EXPECT_EQ(table->weight(2), 1);
  EXPECT_TRUE(table->numbers().empty());
}

TEST(EventCollector, TheSameTableIsSharedUntilMoreIsAdded) {
  EventCollector collector("toy");
  const Events<double> first({1}), second({0}), none({});
  collector.add(first.handover(), first.numbers.data());
  const auto table = collector.table();
  EXPECT_EQ(collector.table(), table);
  collector.add(none.handover(), none.numbers.data());
  EXPECT_EQ(collector.table(), table);
  collector.add(second.handover(), second.numbers.data());
  EXPECT_NE(collector.table(), table);
}

TEST(EventCollector, ACallIsAllOrNothing) {
  EventCollector collector("toy");
  const Events<double> first({7, 0, -3});
  collector.add(first.handover(), first.numbers.data());
  const auto refused = [&](const Events<double>& events, const int64_t* numbers,
                           sagips_status status, const std::string& text) {
    const Error error = error_of([&] { collector.add(events.handover(), numbers); });
    EXPECT_EQ(error.status(), status) << error.text();
    EXPECT_NE(error.text().find(text), std::string::npos) << error.text();
    EXPECT_EQ(collector.size(), 3);
  };
  const Events<double> again({8, 7}), twin({8, 9, 8}), zero({8, 0}), below({-3});
  refused(again, again.numbers.data(), SAGIPS_ERROR_DATA, "event 1 of this call");
  refused(twin, twin.numbers.data(), SAGIPS_ERROR_DATA, "event 2 of this call");
  refused(zero, zero.numbers.data(), SAGIPS_ERROR_DATA, "number 0,");
  refused(below, below.numbers.data(), SAGIPS_ERROR_DATA, "number -3");
  refused(again, nullptr, SAGIPS_ERROR_STATE, "without numbers");
  Events<double> bad({10, 11});
  bad.values[3] = std::numeric_limits<double>::quiet_NaN();
  refused(bad, bad.numbers.data(), SAGIPS_ERROR_DATA, "observable 1 of event 1 of this call");
  const Events<double> good({8, 9});  // as if nothing had happened
  collector.add(good.handover(), good.numbers.data());
  EXPECT_EQ(collector.table()->numbers(), (std::vector<int64_t>{-3, 0, 7, 8, 9}));
}

TEST(EventCollector, WeightsThatSumToNothingAreToldWhenTheTableIsMadeAndMayBeMended) {
  EventCollector collector("toy");
  Events<double> events({1, 2});
  events.weights = {-1, -1};
  collector.add(events.handover(), nullptr);
  EXPECT_EQ(error_of([&] { collector.table(); }).status(), SAGIPS_ERROR_DATA);
  events.weights = {3, 3};
  collector.add(events.handover(), nullptr);
  EXPECT_EQ(collector.table()->total_weight(), 4);
}

TEST(EventCollector, WhatIsHandedOverAsAWholeReplacesAndDoesNotGrow) {
  EventCollector collector("toy");
  const Events<double> events({1, 2});
  collector.add(events.handover(), events.numbers.data());
  const auto whole = EventTable::make<double>(events.handover(), "toy");
  collector.replace(whole);
  EXPECT_EQ(collector.table(), whole);
  EXPECT_EQ(collector.size(), 2);
  EXPECT_EQ(error_of([&] { collector.add(events.handover(), nullptr); }).status(),
            SAGIPS_ERROR_STATE);
}

}  // namespace
}  // namespace sagips
