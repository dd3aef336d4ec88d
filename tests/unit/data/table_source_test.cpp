// SPDX-License-Identifier: BSD-3-Clause
// Measured events straight out of the table are those of the order of training, however a batch is
// cut into tiles, and their weights sum to what the source says.
#include "data/table_source.h"

#include <gtest/gtest.h>

#include <vector>

#include "unit/core/core_testing.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// n events (i, -i, ...) of weight 1 + i/8, three observables, four numbers apart.
template <typename T>
std::shared_ptr<const EventTable> make_table(int64_t n, bool has_weights) {
  std::vector<T> events(at(4 * n)), weights(at(n));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t y = 0; y < 3; ++y) events[at(4 * i + y)] = static_cast<T>(y == 1 ? -i : i);
    weights[at(i)] = static_cast<T>(1) + static_cast<T>(i) / 8;
  }
  return EventTable::make<T>(
      {events.data(), has_weights ? weights.data() : nullptr, n, 3, 4, false}, "data");
}

template <typename T>
void expect_is_the_order(bool has_weights) {
  const auto table = make_table<T>(100, has_weights);
  const DataOrder order(1, 0, 0, 100, {0.2, 100, 1, false});
  for (const int64_t n :
       {1, 7, 13, 79, 80, 81, 300, 2049})  // within a pass of 80, and over several
    for (const int64_t tile : {1, 13, 64, 1000}) {
      const int64_t first = 37;
      const TableSource source(*table, order, first, n);
      ASSERT_EQ(source.size(), n);
      std::vector<double> events(at(3 * n)), weights(at(n));
      for (int64_t i = 0; i < n; i += tile)
        source.fill(i, std::min(tile, n - i), {events.data() + 3 * i, weights.data() + i});
      double total = 0;
      for (int64_t i = 0; i < n; ++i) {
        const auto number = static_cast<double>(order.training(first + i));
        ASSERT_EQ(events[at(3 * i)], number);
        ASSERT_EQ(events[at(3 * i + 1)], -number);
        ASSERT_EQ(weights[at(i)], has_weights ? 1 + number / 8 : 1);
        total += weights[at(i)];
      }
      EXPECT_EQ(source.total_weight(), total);
    }
}

TEST(TableSource, IsTheOrderOfTrainingInAnyTiles) {
  expect_is_the_order<double>(false);
  expect_is_the_order<double>(true);
  expect_is_the_order<float>(false);
  expect_is_the_order<float>(true);
}

TEST(TableSource, RefusesABatchWithoutWeight) {
  const double events[] = {1, 2, 3}, weights[] = {-1, -1, 5};
  const auto table = EventTable::make<double>({events, weights, 3, 1, 1, false}, "data");
  const DataOrder order(1, 0, 0, 3, {0, 0, 1, false});
  int64_t refused = 0;
  for (int64_t i = 0; i < 3; ++i) {
    if (order.training(i) == 2) {
      EXPECT_EQ(TableSource(*table, order, i, 1).total_weight(), 5);
      continue;
    }
    ++refused;
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "sum to -1", TableSource(*table, order, i, 1));
  }
  EXPECT_EQ(refused, 2);
}

}  // namespace
}  // namespace sagips
