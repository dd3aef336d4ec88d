// SPDX-License-Identifier: BSD-3-Clause
// A random order of [0, n): a Feistel network over the next power of two, whose halves may differ
// by a bit, walked until it lands inside (Black, Rogaway 2002):
//
//   left ^= f_0(right),  right ^= f_1(left),  left ^= f_2(right),  right ^= f_3(left)
//
// Four rounds, or sixteen below 512, where halves have so few bits that orders would not be equally
// likely. Each f is a keyed hash by two multiplications, in 32 bits where n allows. Half of the
// numbers need a second walk at most, on average; many are walked together, so that their
// multiplications overlap.
#ifndef SAGIPS_DATA_PERMUTATION_H_
#define SAGIPS_DATA_PERMUTATION_H_

#include <cstdint>

#include "core/philox.h"
#include "core/view.h"

namespace sagips {

class Permutation {
 public:
  Permutation(const Sequence& sequence, int64_t n);

  /// Where each of the places goes, in place.
  void apply(View<int64_t> places) const;
  int64_t operator()(int64_t place) const {
    apply({&place, 1});
    return place;
  }

 private:
  uint64_t keys_[16];
  int64_t n_;
  int32_t rounds_;
  uint32_t left_bits_, right_bits_;
};

}  // namespace sagips

#endif  // SAGIPS_DATA_PERMUTATION_H_
