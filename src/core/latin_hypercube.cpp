// SPDX-License-Identifier: BSD-3-Clause
// The order of a dimension is a Feistel network over [0, A) x [0, 2^r), x = left 2^r + right, with
// 2^r about the root of E and A = ceil(E / 2^r), walked until it lands below E (Black, Rogaway
// 2002), which takes a second walk for at most 2^r of all places; then all are turned round by a
// random distance:
//
//   left <- (left + A h(right) / 2^16) mod A,   right <- right ^ h(left),   three times
//   pi(e) = (network(e) + turn) mod E
//
// The turn makes every stratum equally likely for every event, whatever the network. h is a keyed
// hash of 32 bits by two multiplications.
#include "core/latin_hypercube.h"

#include <algorithm>

#include "core/latin_orders.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/latin_hypercube.cpp"
#include "core/simd_targets.h"
// The order is Highway's.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sagips {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<uint32_t>;
using V = hn::Vec<D>;

constexpr int64_t kLanes = hn::MaxLanes(D());
constexpr int kAtOnce = 4;  // vectors
constexpr int64_t kTogether = kAtOnce * kLanes;

/// 16 bits.
HWY_INLINE V hash(V x, uint32_t key) {
  const D d;
  x = hn::Mul(hn::Xor(x, hn::Set(d, key)), hn::Set(d, 0x9e3779b1));
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<15>(x)), hn::Set(d, 0x85ebca77));
  return hn::ShiftRight<16>(x);
}

/// x - n where x is not below n.
HWY_INLINE V wrap(V x, V n) { return hn::Min(x, hn::Sub(x, n)); }

/// The network on several vectors at once, so that their multiplications overlap.
template <int kVectors>
HWY_INLINE void walk(const LatinOrder& order, V (&x)[kVectors]) {
  const D d;
  const auto bits = static_cast<int>(order.right_bits);
  const V size = hn::Set(d, order.left_size), mask = hn::Set(d, (1U << bits) - 1);
  V left[kVectors], right[kVectors];
  for (int i = 0; i < kVectors; ++i) {
    left[i] = hn::ShiftRightSame(x[i], bits);
    right[i] = hn::And(x[i], mask);
  }
  for (int round = 0; round < kLatinRounds; ++round) {
    for (int i = 0; i < kVectors; ++i) {
      const V step = hn::ShiftRight<16>(hn::Mul(hash(right[i], order.keys[2 * round]), size));
      left[i] = wrap(hn::Add(left[i], step), size);
    }
    for (int i = 0; i < kVectors; ++i)
      right[i] = hn::Xor(right[i], hn::And(hash(left[i], order.keys[2 * round + 1]), mask));
  }
  for (int i = 0; i < kVectors; ++i) x[i] = hn::Or(hn::ShiftLeftSame(left[i], bits), right[i]);
}

/// Strata of kVectors vectors of events; those beyond the last event get any.
template <int kVectors>
HWY_INLINE void find_strata(const LatinOrder& order, uint32_t first, uint32_t* strata) {
  const D d;
  const V n = hn::Set(d, order.n), turn = hn::Set(d, order.turn);
  V x[kVectors];
  for (int i = 0; i < kVectors; ++i) {
    x[i] = hn::Iota(d, first + static_cast<uint32_t>(i * kLanes));
    x[i] = hn::IfThenElseZero(hn::Lt(x[i], n), x[i]);
  }
  walk(order, x);
  for (int i = 0; i < kVectors; ++i) {
    for (;;) {
      const auto is_inside = hn::Lt(x[i], n);
      if (HWY_LIKELY(hn::AllTrue(d, is_inside))) break;
      V again[1] = {x[i]};
      walk(order, again);
      x[i] = hn::IfThenElse(is_inside, x[i], again[0]);
    }
    hn::StoreU(wrap(hn::Add(x[i], turn), n), d, strata + i * kLanes);
  }
}

/// Uniform number `index` of D of n events.
void stratify(const LatinOrder& order, int64_t first, int64_t n, int64_t index, int64_t width,
              double* uniforms) {
  constexpr double kLast = 1 - 0x1p-53;  // what is nearer to 1 is rounded to 1
  const double size = 1 / static_cast<double>(order.n);
  uint32_t strata[kTogether];
  double* u = uniforms + index;
  for (int64_t done = 0; done < n;) {
    const auto event = static_cast<uint32_t>(first + done);
    const bool is_short = n - done <= kLanes;
    const int64_t some = std::min(is_short ? kLanes : kTogether, n - done);
    if (is_short)
      find_strata<1>(order, event, strata);
    else
      find_strata<kAtOnce>(order, event, strata);
    for (int64_t e = 0; e < some; ++e, u += width) {
      const auto stratum = static_cast<double>(static_cast<int32_t>(strata[e]));
      *u = std::min(kLast, (stratum + *u) * size);
    }
    done += some;
  }
}

constexpr LatinTable kLatin{stratify};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sagips
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips {
namespace {

/// A second key from a first.
uint32_t mix(uint32_t word) {
  word *= 0x9e3779b1U;
  return (word ^ (word >> 16)) * 0x85ebca77U;
}

LatinOrder order_of(const LatinHypercube& cube, int64_t d) {
  LatinOrder order{};
  const auto n = static_cast<uint64_t>(cube.n_events);
  uint32_t bits = 0;
  while ((uint64_t{1} << bits) < n) ++bits;
  order.n = static_cast<uint32_t>(n);
  order.right_bits = bits / 2;
  order.left_size =
      static_cast<uint32_t>((n + (uint64_t{1} << order.right_bits) - 1) >> order.right_bits);
  const auto words = philox_block(cube.orders, d);
  for (size_t k = 0; k < kLatinRounds; ++k) {
    order.keys[2 * k] = words[k];
    order.keys[2 * k + 1] = mix(words[k]);
  }
  order.turn = static_cast<uint32_t>((uint64_t{words[3]} * n) >> 32);
  return order;
}

}  // namespace

void stratify(const LatinHypercube& cube, int64_t first, View<double> uniforms, Simd simd) {
  if (cube.n_events == 1) return;
  const int64_t width = cube.n_uniforms, n = width > 0 ? uniforms.size() / width : 0;
  for (int64_t d = 0; d < width; ++d)
    SAGIPS_SIMD_ROW(simd, kLatin).stratify(order_of(cube, d), first, n, d, width, uniforms.data());
}

}  // namespace sagips
#endif
