// SPDX-License-Identifier: BSD-3-Clause
// Measured events however they are handed over: float or double, with a stride, copied or borrowed,
// with weights or without; and what is refused.
#include "data/event_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/core/core_testing.h"

namespace sagips {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// (n, 2) values that a float holds exactly, so that both types hold the same.
std::vector<double> values_of(int64_t n) {
  std::vector<double> out;
  for (int64_t i = 0; i < 2 * n; ++i) out.push_back(0.25 * static_cast<double>(i % 97) - 3);
  return out;
}

template <typename T>
std::vector<T> as(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// Rows of 2 with 3 elements of junk between them.
template <typename T>
std::vector<T> strided(const std::vector<double>& values) {
  std::vector<T> out;
  for (size_t i = 0; i < values.size(); ++i) {
    out.push_back(static_cast<T>(values[i]));
    if (i % 2 == 1) out.insert(out.end(), 3, std::numeric_limits<T>::quiet_NaN());
  }
  return out;
}

template <typename T>
std::shared_ptr<const EventTable> make(const std::vector<T>& events, const std::vector<T>* weights,
                                       int64_t n, int64_t stride, bool is_borrowed) {
  return EventTable::make<T>(
      {events.data(), weights == nullptr ? nullptr : weights->data(), n, 2, stride, is_borrowed},
      "toy");
}

template <typename T>
void expect_every_layout(int64_t n, uint64_t* hash) {
  const std::vector<double> values = values_of(n);
  const std::vector<T> dense = as<T>(values), with_gaps = strided<T>(values);
  const std::vector<T> ones(static_cast<size_t>(n), 1);
  for (const bool is_borrowed : {false, true})
    for (const bool has_gaps : {false, true})
      for (const std::vector<T>* weights : {static_cast<const std::vector<T>*>(nullptr), &ones}) {
        const auto table =
            make<T>(has_gaps ? with_gaps : dense, weights, n, has_gaps ? 5 : 2, is_borrowed);
        ASSERT_EQ(table->size(), n);
        ASSERT_EQ(table->n_observables(), 2);
        EXPECT_EQ(table->total_weight(), static_cast<double>(n));
        EXPECT_DOUBLE_EQ(table->effective_size(), static_cast<double>(n));
        for (int64_t i = 0; i < n; ++i) {
          double event[2] = {kNan, kNan};
          table->read(i, event);
          ASSERT_EQ(event[0], values[static_cast<size_t>(2 * i)]);
          ASSERT_EQ(event[1], values[static_cast<size_t>(2 * i + 1)]);
          ASSERT_EQ(table->weight(i), 1);
        }
        if (*hash == 0) *hash = table->hash();
        EXPECT_EQ(table->hash(), *hash);
      }
}

TEST(EventTable, HoldsAndHashesTheSameInEveryLayoutAndType) {
  for (const int64_t n : {1, 7, 2730, 2731, 2732, 6000}) {  // blocks of the hash: 8192/3
    uint64_t hash = 0;
    expect_every_layout<double>(n, &hash);
    expect_every_layout<float>(n, &hash);
  }
}

TEST(EventTable, HashSeesEveryValueWeightAndPlace) {
  const std::vector<double> values = values_of(5), weights = {1, 2, 3, 4, 5};
  const uint64_t whole = make<double>(values, &weights, 5, 2, false)->hash();
  for (size_t i = 0; i < values.size(); ++i) {
    std::vector<double> other = values;
    other[i] = std::nextafter(other[i], 100);
    EXPECT_NE(make<double>(other, &weights, 5, 2, false)->hash(), whole);
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    std::vector<double> other = weights;
    other[i] = std::nextafter(other[i], 100);
    EXPECT_NE(make<double>(values, &other, 5, 2, false)->hash(), whole);
  }
  std::vector<double> swapped = values;
  std::swap(swapped[0], swapped[2]);
  EXPECT_NE(make<double>(swapped, &weights, 5, 2, false)->hash(), whole);
  EXPECT_NE(make<double>(values, &weights, 4, 2, false)->hash(), whole);
}

TEST(EventTable, ACopyIsOnesOwn) {
  std::vector<double> values = values_of(7), weights(7, 2);
  const auto copy = make<double>(values, &weights, 7, 2, false);
  const auto borrowed = make<double>(values, &weights, 7, 2, true);
  values[4] = 1234;
  weights[2] = 5;
  double event[2];
  copy->read(2, event);
  EXPECT_EQ(event[0], values_of(7)[4]);
  EXPECT_EQ(copy->weight(2), 2);
  borrowed->read(2, event);
  EXPECT_EQ(event[0], 1234);
  EXPECT_EQ(borrowed->weight(2), 5);
}

TEST(EventTable, EffectiveSizeIsTheSquareOfTheSumByTheSumOfSquares) {
  const std::vector<double> values = values_of(4), weights = {2, 0, -1, 3};
  const auto table = make<double>(values, &weights, 4, 2, false);
  EXPECT_DOUBLE_EQ(table->total_weight(), 4);
  EXPECT_DOUBLE_EQ(table->effective_size(), 16.0 / 14.0);
}

TEST(EventTable, RefusesWhatIsNotFinite) {
  for (const double bad :
       {kNan, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    std::vector<double> values = values_of(7), weights(7, 1);
    values[9] = bad;
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "observable 1 of event 4 of data set 'toy'",
                        make<double>(values, nullptr, 7, 2, true));
    values = values_of(7);
    weights[6] = bad;
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "weight of event 6",
                        make<double>(values, &weights, 7, 2, true));
  }
}

TEST(EventTable, RefusesNoEventsAndWeightsThatSumToNothing) {
  const std::vector<double> values = values_of(2);
  for (const int64_t n : {0, -1})
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "must be positive",
                        make<double>(values, nullptr, n, 2, false));
  for (const std::vector<double>& weights :
       {std::vector<double>{0, 0}, std::vector<double>{1, -1}, std::vector<double>{-2, 1}})
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "must be positive",
                        make<double>(values, &weights, 2, 2, false));
}

}  // namespace
}  // namespace sagips
