// SPDX-License-Identifier: BSD-3-Clause
// Data that grow: which events are old, where they lie, and that none changes sides.
#include "data/data_parts.h"

#include <gtest/gtest.h>

#include <set>

#include "data/data_order.h"
#include "unit/core/core_testing.h"

namespace sagips {
namespace {

using Runs = std::vector<DataParts::Run>;

std::shared_ptr<const EventTable> numbered(const std::vector<int64_t>& numbers) {
  std::vector<double> values(numbers.begin(), numbers.end());
  const auto n = static_cast<int64_t>(numbers.size());
  return EventTable::adopt<double>({values, false, n, 1, numbers}, "toy");
}

std::shared_ptr<const EventTable> plain(std::vector<double> values) {
  const auto n = static_cast<int64_t>(values.size());
  return EventTable::adopt<double>({std::move(values), false, n, 1, {}}, "toy");
}

std::vector<int64_t> places(const DataParts& parts, int64_t part) {
  std::vector<int64_t> out;
  for (int64_t i = 0; i < parts.size(part); ++i) out.push_back(parts.locate(part, i));
  return out;
}

TEST(DataParts, NewEventsLieWhereTheirNumbersPutThem) {
  const auto first = numbered({1, 4, 5}), second = numbered({0, 1, 2, 4, 5, 9}),
             third = numbered({-1, 0, 1, 2, 3, 4, 5, 9});
  const auto one = grow_parts(DataParts(3), *first, *second, 7, "toy");
  EXPECT_EQ(places(*one, 0), (std::vector<int64_t>{1, 3, 4}));
  EXPECT_EQ(places(*one, 1), (std::vector<int64_t>{0, 2, 5}));
  const auto two = grow_parts(*one, *second, *third, 8, "toy");
  EXPECT_EQ(places(*two, 0), (std::vector<int64_t>{2, 5, 6}));
  EXPECT_EQ(places(*two, 1), (std::vector<int64_t>{1, 3, 7}));
  EXPECT_EQ(places(*two, 2), (std::vector<int64_t>{0, 4}));
  EXPECT_EQ(two->epochs(), (std::vector<int64_t>{0, 7, 8}));
  const DataParts again(two->runs(), two->epochs());
  for (int64_t g = 0; g < 3; ++g) EXPECT_EQ(places(again, g), places(*two, g));
  EXPECT_EQ(grow_parts(*two, *third, *third, 9, "toy")->n_parts(), 3);  // nothing new
}

TEST(DataParts, WithoutNumbersNewEventsComeBehind) {
  const auto parts = grow_parts(DataParts(2), *plain({3, 1}), *plain({3, 1, 2}), 5, "toy");
  EXPECT_EQ(places(*parts, 0), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(places(*parts, 1), (std::vector<int64_t>{2}));
}

TEST(DataParts, OtherEventsAreNoUpdate) {
  const auto status = [](const auto& before, const auto& now) {
    return error_of([&] { grow_parts(DataParts(before->size()), *before, *now, 1, "toy"); })
        .status();
  };
  EXPECT_EQ(status(plain({3, 1}), plain({3})), SAGIPS_ERROR_DATA);        // lacks one
  EXPECT_EQ(status(plain({3, 1}), plain({1, 3, 4})), SAGIPS_ERROR_DATA);  // another order
  EXPECT_EQ(status(numbered({1, 3}), numbered({1, 2})), SAGIPS_ERROR_DATA);
  EXPECT_EQ(status(numbered({1, 3}), plain({1, 3})), SAGIPS_ERROR_DATA);
  EXPECT_EQ(status(plain({1, 3}), numbered({1, 3})), SAGIPS_ERROR_DATA);
}

TEST(DataParts, RunsThatAreNoneAreRefused) {
  const auto status = [](const Runs& runs, const std::vector<int64_t>& epochs) {
    return error_of([&] { DataParts(runs, epochs); }).status();
  };
  EXPECT_EQ(status({{1, 3}}, {0}), SAGIPS_ERROR_FORMAT);
  EXPECT_EQ(status({{-1, 3}}, {0}), SAGIPS_ERROR_FORMAT);
  EXPECT_EQ(status({{0, 0}}, {0}), SAGIPS_ERROR_FORMAT);
  EXPECT_EQ(status({{0, 3}}, {0, 4}), SAGIPS_ERROR_FORMAT);          // part 1 is empty
  EXPECT_EQ(status({{0, 3}, {1, 3}}, {5, 4}), SAGIPS_ERROR_FORMAT);  // backwards
  EXPECT_EQ(status({{0, INT64_MAX}, {0, 1}}, {0}), SAGIPS_ERROR_FORMAT);
}

/// Events held out, and those trained on in a pass.
struct Sides {
  std::set<int64_t> held_out, training;
  explicit Sides(const DataOrder& order) {
    for (int64_t i = 0; i < order.n_held_out(); ++i) held_out.insert(order.held_out(i));
    for (int64_t i = 0; i < order.n_training(); ++i) training.insert(order.training(i));
  }
};

TEST(DataParts, NoEventEverChangesSides) {
  constexpr int64_t kSize = 900;
  std::vector<int64_t> some, all;
  for (int64_t k = 0; k < kSize; ++k) all.push_back(k);
  for (int64_t k = 0; k < kSize; ++k)
    if (k % 3 != 1) some.push_back(k);
  const auto before = numbered(some), now = numbered(all);
  const auto parts = grow_parts(DataParts(before->size()), *before, *now, 4, "toy");
  for (const double fraction : {1.0, 0.5}) {
    const DataOrder::Settings settings{0.2, 1000, fraction, false};
    const Sides old(DataOrder(1, 0, 0, before->size(), settings));
    const DataOrder grown(1, 0, 0, parts, settings);
    const Sides fresh(grown);
    EXPECT_EQ(grown.n_held_out(), 180);  // a fifth of all
    EXPECT_EQ(grown.n_training(), fraction == 1 ? 720 : 360);
    EXPECT_EQ(static_cast<int64_t>(fresh.held_out.size()), 180);
    EXPECT_EQ(static_cast<int64_t>(fresh.training.size()), grown.n_training());
    for (const int64_t i : old.held_out)
      EXPECT_EQ(fresh.held_out.count(some[static_cast<size_t>(i)]), 1U);
    for (const int64_t i : old.training)
      EXPECT_EQ(fresh.training.count(some[static_cast<size_t>(i)]), 1U);
    for (const int64_t k : fresh.held_out) EXPECT_EQ(fresh.training.count(k), 0U);
  }
}

TEST(DataParts, ManyBitsOfDataHoldOutAndTrainOnWhatOneWould) {
  Runs runs;
  std::vector<int64_t> epochs;
  for (int64_t g = 0; g < 200; ++g) {
    runs.push_back({g, 1 + g % 3});
    epochs.push_back(g);
  }
  const auto parts = std::make_shared<DataParts>(runs, epochs);
  const DataOrder::Settings settings{0.1, 1000, 0.7, false};
  const DataOrder many(3, 0, 0, parts, settings), one(3, 0, 0, parts->total(), settings);
  EXPECT_EQ(many.n_held_out(), one.n_held_out());
  EXPECT_EQ(many.n_training(), one.n_training());
  const Sides sides(many);
  EXPECT_EQ(static_cast<int64_t>(sides.training.size()), many.n_training());
  for (const int64_t k : sides.held_out) EXPECT_EQ(sides.training.count(k), 0U);
}

}  // namespace
}  // namespace sagips
