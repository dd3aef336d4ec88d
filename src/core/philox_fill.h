// SPDX-License-Identifier: BSD-3-Clause
// The vectorised part of core/philox.h.
#ifndef SAGIPS_CORE_PHILOX_FILL_H_
#define SAGIPS_CORE_PHILOX_FILL_H_

#include <cstdint>

#include "core/simd.h"

namespace sagips {

/// Key and first counter, as in the table of core/philox.h.
struct PhiloxPlace {
  uint64_t seed, subsequence, block;
};

struct PhiloxTable {
  /// n uniforms from a block on.
  void (*fill)(const PhiloxPlace& place, double* out, int64_t n);
  /// The first uniform of each of n blocks, whatever that of the place.
  void (*pick)(const PhiloxPlace& place, const uint64_t* blocks, double* out, int64_t n);
};
const PhiloxTable& philox_table(Simd simd);

}  // namespace sagips

#endif  // SAGIPS_CORE_PHILOX_FILL_H_
