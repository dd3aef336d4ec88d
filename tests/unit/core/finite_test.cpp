// SPDX-License-Identifier: BSD-3-Clause
// One number that is not finite is found wherever it stands, and no finite one is taken for it.
#include "core/finite.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace sagips {
namespace {

template <typename T>
void expect_finds_what_is_not_finite() {
  using Limits = std::numeric_limits<T>;
  const T finite[] = {
      0, -0.0, 1, -1, Limits::max(), Limits::lowest(), Limits::min(), Limits::denorm_min()};
  const T bad[] = {Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::signaling_NaN(),
                   Limits::infinity(), -Limits::infinity()};
  for (const size_t n : {0U, 1U, 7U, 64U, 2049U}) {
    std::vector<T> values(n);
    for (size_t i = 0; i < n; ++i) values[i] = finite[i % 8];
    EXPECT_TRUE(all_finite(View<const T>(values)));
    for (const size_t place : {size_t{0}, n / 2, n - 1})
      for (const T value : bad) {
        if (n == 0) continue;
        std::vector<T> spoiled = values;
        spoiled[place] = value;
        EXPECT_FALSE(all_finite(View<const T>(spoiled))) << n << ", " << place;
      }
  }
}

TEST(AllFinite, FindsWhatIsNotInDouble) { expect_finds_what_is_not_finite<double>(); }
TEST(AllFinite, FindsWhatIsNotInFloat) { expect_finds_what_is_not_finite<float>(); }

}  // namespace
}  // namespace sagips
