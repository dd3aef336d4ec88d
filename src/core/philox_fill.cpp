// SPDX-License-Identifier: BSD-3-Clause
// Uniforms, a vector of blocks at a time; the definition is philox_block(). A lane of 64 bits holds
// one word of the counter of one block, so that the product of the words is the lane's:
//
//   (x0, x1, x2, x3) <- (hi(M1 x2) ^ x1 ^ k0, lo(M1 x2), hi(M0 x0) ^ x3 ^ k1, lo(M0 x0))
//   (k0, k1) <- (k0 + W0, k1 + W1),   ten times        (Salmon et al., SC11, section 4.3)
//
// The upper half of a lane may hold anything: only its lower half is multiplied.
#include "core/philox_fill.h"

#include "core/philox.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/philox_fill.cpp"
#include "core/simd_targets.h"
// The order is Highway's.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sagips {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Product of the lower halves of two lanes.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V multiply_words(D d, V a, V b) {
  if constexpr (hn::MaxLanes(d) == 1) {  // has no pairs of words
    const V word = hn::Set(d, 0xffffffff);
    return hn::Mul(hn::And(a, word), hn::And(b, word));
  } else {
    const hn::Repartition<uint32_t, D> d_words;
    return hn::MulEven(hn::BitCast(d_words, a), hn::BitCast(d_words, b));
  }
}

/// 52 bits and a half, as to_uniform(): in [1, 2) they are the mantissa, and the rest is exact.
template <class D, class V, class DF = hn::RebindToFloat<D>>
HWY_INLINE hn::Vec<DF> uniform_of(D d, V high, V low) {
  const DF df;
  const V words = hn::Or(hn::ShiftLeft<32>(high), hn::And(low, hn::Set(d, 0xffffffff)));
  const V one = hn::Set(d, 0x3ff0000000000000);
  return hn::Sub(hn::BitCast(df, hn::Or(hn::ShiftRight<12>(words), one)), hn::Set(df, 1 - 0x1p-53));
}

/// The four words of a block in each lane.
template <class V>
struct Words {
  V x0, x1, x2, x3;
};

template <class D, class V = hn::Vec<D>>
HWY_INLINE Words<V> words_of(D d, const PhiloxPlace& place, V block) {
  const V m0 = hn::Set(d, 0xD2511F53), m1 = hn::Set(d, 0xCD9E8D57);
  V x0 = block, x1 = hn::ShiftRight<32>(block);
  V x2 = hn::Set(d, place.subsequence & 0xffffffff), x3 = hn::Set(d, place.subsequence >> 32);
  auto k0 = static_cast<uint32_t>(place.seed), k1 = static_cast<uint32_t>(place.seed >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
    const V p0 = multiply_words(d, m0, x0), p1 = multiply_words(d, m1, x2);
    x0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), x1), hn::Set(d, k0));
    x2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), x3), hn::Set(d, k1));
    x1 = p1;
    x3 = p0;
  }
  return {x0, x1, x2, x3};
}

/// The uniforms of blocks [block, block + lanes), 2 lanes of them, to `out`.
template <class D>
HWY_INLINE void fill_vector(D d, const PhiloxPlace& place, uint64_t block,
                            double* HWY_RESTRICT out) {
  const hn::RebindToFloat<D> df;
  const auto w = words_of(d, place, hn::Add(hn::Set(d, block), hn::Iota(d, 0)));
  hn::StoreInterleaved2(uniform_of(d, w.x0, w.x1), uniform_of(d, w.x2, w.x3), df, out);
}

void fill(const PhiloxPlace& place, double* out, int64_t n) {
  const hn::ScalableTag<uint64_t> d;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  int64_t i = 0;
  uint64_t block = place.block;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes, block += kLanes)
    fill_vector(d, place, block, out + i);
  if (i == n) return;
  double rest[2 * kLanes];
  fill_vector(d, place, block, rest);
  for (int64_t k = 0; i < n; ++i, ++k) out[i] = rest[k];
}

void pick(const PhiloxPlace& place, const uint64_t* blocks, double* out, int64_t n) {
  const hn::ScalableTag<uint64_t> d;
  const hn::RebindToFloat<decltype(d)> df;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  const auto pick_vector = [&](const uint64_t* from, double* to) {
    const auto w = words_of(d, place, hn::LoadU(d, from));
    hn::StoreU(uniform_of(d, w.x0, w.x1), df, to);
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) pick_vector(blocks + i, out + i);
  if (i == n) return;
  uint64_t last[kLanes] = {};
  double rest[kLanes];
  for (int64_t k = 0; i + k < n; ++k) last[k] = blocks[i + k];
  pick_vector(last, rest);
  for (int64_t k = 0; i + k < n; ++k) out[i + k] = rest[k];
}

constexpr PhiloxTable kPhilox{fill, pick};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sagips
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips {
const PhiloxTable& philox_table(Simd simd) { return SAGIPS_SIMD_ROW(simd, kPhilox); }
}  // namespace sagips
#endif
