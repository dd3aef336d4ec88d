// SPDX-License-Identifier: BSD-3-Clause
// Are all numbers of an array finite? One pass without a branch, which a compiler can vectorise:
// the exponent of NaN and infinity is all ones, and adding one to its last bit carries into the
// sign bit, cleared before, for these alone.
#ifndef SAGIPS_CORE_FINITE_H_
#define SAGIPS_CORE_FINITE_H_

#include <cstdint>
#include <cstring>

#include "core/view.h"

namespace sagips {

inline bool all_finite(View<const double> values) {
  constexpr uint64_t kExponent = 0x7ff0000000000000, kLastBit = 0x0010000000000000;
  uint64_t carries = 0;
  const double* v = values.data();
  for (int64_t i = 0; i < values.size(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, v + i, sizeof bits);
    carries |= (bits & kExponent) + kLastBit;
  }
  return carries >> 63 == 0;
}

inline bool all_finite(View<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000, kLastBit = 0x00800000;
  uint32_t carries = 0;
  const float* v = values.data();
  for (int64_t i = 0; i < values.size(); ++i) {
    uint32_t bits = 0;
    std::memcpy(&bits, v + i, sizeof bits);
    carries |= (bits & kExponent) + kLastBit;
  }
  return carries >> 31 == 0;
}

}  // namespace sagips

#endif  // SAGIPS_CORE_FINITE_H_
