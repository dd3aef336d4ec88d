// SPDX-License-Identifier: BSD-3-Clause
// The vectorised part of core/latin_hypercube.h.
#ifndef SAGIPS_CORE_LATIN_ORDERS_H_
#define SAGIPS_CORE_LATIN_ORDERS_H_

#include <cstdint>

namespace sagips {

constexpr int kLatinRounds = 3;  // of two halves each

/// What the order of a dimension follows from.
struct LatinOrder {
  uint32_t n, left_size, right_bits, turn;
  uint32_t keys[2 * kLatinRounds];
};

struct LatinTable {
  /// Move uniform number `index` of `width` of n events from `first` on into its stratum.
  void (*stratify)(const LatinOrder& order, int64_t first, int64_t n, int64_t index, int64_t width,
                   double* uniforms);
};

}  // namespace sagips

#endif  // SAGIPS_CORE_LATIN_ORDERS_H_
