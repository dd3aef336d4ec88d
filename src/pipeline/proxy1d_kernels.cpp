// SPDX-License-Identifier: BSD-3-Clause
// proxy1d by tables of tails. Forward: 2 exp a node, one running sum, one binary search an event.
//
//   y = x_hi - w dx,  w = (t - tail_hi)/(tail_lo - tail_hi),  t = 0.9999 r tail_0,  hi = lo + 1
//
// Backward, with the cotangent g of y and m = dy/dt = -dx/(tail_lo - tail_hi):
//
//   G_lo -= g m w,  G_hi -= g m (1 - w),  G_0 += g m 0.9999 r       dL/dtail
//   dL/dsigma_j = sum_{i <= j} G_i + g_norm dx [j <= 998]           tail_i holds every j >= i
//
// and on to u, d and p. Nothing is kept on the tape: a table weighs 32 KB a row, and making it
// again costs a few microseconds. Highway states an error of 1 ulp for Exp up to e^706; beyond that
// sigma counts as infinite. Running sums are taken in five parts at once and joined, since one
// chain of a thousand additions takes longer than all the rest of a table.
#include "pipeline/proxy1d_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/proxy1d_kernels.cpp"
#include "core/simd_targets.h"
// The order is Highway's.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// And this one needs it.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace sagips {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<double>;
using V = hn::Vec<D>;
constexpr int64_t kLanes = hn::MaxLanes(D());

constexpr int64_t kNodes = kProxy1dNodes, kLast = kNodes - 1;
constexpr int64_t kParts = 5, kPart = kNodes / kParts;
static_assert(kPart % kLanes == 0, "parts of a running sum are whole vectors");
constexpr double kSpacing = (0.99999 - 0.1) / 1000;
constexpr double kReach = 0.9999;  // the lineage cuts the top 1e-4 of the uniforms

// Derivatives of events grow as 1/sum: below this they could leave the range of single precision.
constexpr double kSmallestSum = 1e-30;

// sigma_k = kUp[k] u + kDown[k] d: the squared charges 4/9 and 1/9 without their ninth.
constexpr double kUp[2] = {4, 1};
constexpr double kDown[2] = {1, 4};

// ---------------------------------------------------------------------------------- the table

/// x^a (1 - x)^b on the nodes from i on. NaN stays NaN.
HWY_INLINE V density(const Proxy1dGrid& grid, int64_t i, V a, V b) {
  const D d;
  const V log =
      hn::MulAdd(a, hn::LoadU(d, grid.log_x + i), hn::Mul(b, hn::LoadU(d, grid.log_rest + i)));
  const V infinity = hn::Inf(d);
  return hn::IfThenElse(hn::Le(log, hn::Set(d, 706)), hn::Exp(d, log), hn::Add(log, infinity));
}

/// Each number becomes the sum of all from it to the end; a part's lanes never mix.
HWY_INLINE void sum_from_the_end(double* values) {
  double part[kParts] = {0, 0, 0, 0, 0};
  for (int64_t i = kPart - 1; i >= 0; --i)
    for (int64_t s = 0; s < kParts; ++s) values[s * kPart + i] = part[s] += values[s * kPart + i];
  double after = 0;
  for (int64_t s = kParts - 2; s >= 0; --s) {
    after += part[s + 1];
    for (int64_t i = s * kPart; i < (s + 1) * kPart; i += kLanes)
      hn::StoreU(hn::Add(hn::LoadU(D(), values + i), hn::Set(D(), after)), D(), values + i);
  }
}

/// Each number becomes the sum of all from the start to it, but for its part's offset.
HWY_INLINE void sum_from_the_start(double* values, double* offsets) {
  double part[kParts] = {0, 0, 0, 0, 0};
  for (int64_t i = 0; i < kPart; ++i)
    for (int64_t s = 0; s < kParts; ++s) values[s * kPart + i] = part[s] += values[s * kPart + i];
  offsets[0] = 0;
  for (int64_t s = 1; s < kParts; ++s) offsets[s] = offsets[s - 1] + part[s - 1];
}

HWY_INLINE bool is_finite(double v) { return v - v == 0; }

/// From cross sections on the nodes to tails, their ends for the search, and the norm; equal cells
/// in place of a table that vanishes.
HWY_INLINE void finish(Proxy1dTails* tails) {
  double* tail = tails->tail;
  sum_from_the_end(tail);
  for (int64_t i = kNodes; i < kProxy1dPadded; ++i) tail[i] = 0;
  tails->sum = tail[0];
  tails->norm = kSpacing * (tail[0] - tail[kLast]);
  tails->is_flat = tail[0] < kSmallestSum;
  for (int64_t i = 0; i < kNodes && tails->is_flat; ++i) tail[i] = static_cast<double>(kNodes - i);
  for (int64_t i = 0; i < 64; ++i) tails->part_end[i] = tail[16 * i + 15];
  for (int64_t i = 0; i < 8; ++i) tails->block_end[i] = tail[128 * i + 127];
}

void make(const Proxy1dGrid& grid, Proxy1dTable* table) {
  const D d;
  const double* p = table->p;
  for (int64_t i = 0; i < kNodes; i += kLanes) {
    const V up = density(grid, i, hn::Set(d, p[1]), hn::Set(d, p[2]));
    const V down = density(grid, i, hn::Set(d, p[4]), hn::Set(d, p[5]));
    hn::StoreU(up, d, table->up + i);
    hn::StoreU(down, d, table->down + i);
    const V u = hn::Mul(hn::Set(d, p[0]), up), v = hn::Mul(hn::Set(d, p[3]), down);
    for (int k = 0; k < 2; ++k)
      hn::StoreU(hn::MulAdd(hn::Set(d, kUp[k]), u, hn::Mul(hn::Set(d, kDown[k]), v)), d,
                 table->tails[k].tail + i);
  }
  for (Proxy1dTails& tails : table->tails) finish(&tails);
  table->is_valid =
      p[0] >= 0 && p[3] >= 0 && is_finite(table->tails[0].sum) && is_finite(table->tails[1].sum);
}

// ------------------------------------------------------------------------------------- events

/// How many of n descending numbers are above t.
[[maybe_unused]] HWY_INLINE int64_t count_above(const double* values, int64_t n, double t) {
  const D d;
  int64_t count = 0;
  for (int64_t i = 0; i < n; i += kLanes)
    count +=
        static_cast<int64_t>(hn::CountTrue(d, hn::Gt(hn::LoadU(d, values + i), hn::Set(d, t))));
  return count;
}

/// Where an event lies: between the nodes hi - 1 and hi, or on the last node if hi is kNodes.
struct Place {
  int64_t hi;
  double width;  // tail_lo - tail_hi > 0
  double w;      // 1 at lo, 0 at hi
};

/// The number of nodes with tail > t is hi: of 8 blocks, of 8 parts of one, of 16 nodes of one.
/// Nothing branches, since nobody can predict it, and nothing is gathered, which some processors do
/// slowly. Nodes of equal tail are harmless: tail_lo > t >= tail_hi holds always, also at lo = 0,
/// because t <= 0.9999 tail_0 and tail_0 is a normal number.
HWY_INLINE Place find_place(const Proxy1dTails& tails, double uniform) {
  const double* tail = tails.tail;
  const double t = kReach * uniform * tail[0];
  int64_t hi = 0;
  if constexpr (kLanes == 1) {  // then halving takes fewer comparisons
    for (int64_t half = kProxy1dPadded / 2; half > 0; half /= 2)
      hi += half * static_cast<int64_t>(tail[hi + half - 1] > t);
  } else {
    hi = 8 * count_above(tails.block_end, 8, t);
    hi = 16 * (hi + count_above(tails.part_end + hi, 8, t));
    hi += count_above(tail + hi, 16, t);
  }
  const double width = tail[hi - 1] - tail[hi];
  return {hi, width, (t - tail[hi]) / width};
}

void sample(const Proxy1dGrid& grid, const Proxy1dTable& table, const double* uniforms, int64_t n,
            double* events) {
  for (int64_t i = 0; i < 2 * n; ++i) {
    const Place place = find_place(table.tails[i % 2], uniforms[i]);
    const double inside = grid.x[place.hi] - kSpacing * place.w;
    events[i] = place.hi == kNodes ? grid.x[kLast] : inside;
  }
}

// --------------------------------------------------------------------------------- derivative

/// dL/dtail of observable k. The norm's share enters at node 0 and leaves at the last.
HWY_INLINE void differentiate_tails(const Proxy1dTails& tails, const double* uniforms,
                                    const double* grad_events, int64_t n, double grad_norm,
                                    double* by_tail) {
  double by_total = 0;
  for (int64_t i = 0; i <= kNodes; ++i) by_tail[i] = 0;
  for (int64_t i = 0; i < 2 * n && !tails.is_flat; i += 2) {
    const Place place = find_place(tails, uniforms[i]);
    const double by_t =
        place.hi == kNodes ? 0 : -grad_events[i] * kSpacing / place.width;  // the atom stands still
    by_tail[place.hi - 1] -= by_t * place.w;
    by_tail[place.hi] -= by_t * (1 - place.w);
    by_total += by_t * kReach * uniforms[i];
  }
  by_tail[0] += by_total + grad_norm * kSpacing;
  by_tail[kLast] -= grad_norm * kSpacing;
}

/// Sums over the nodes of f, f ln x and f ln(1 - x).
struct Moments {
  V one, log_x, log_rest;

  HWY_INLINE Moments() : one(hn::Zero(D())), log_x(one), log_rest(one) {}
  HWY_INLINE void add(const Proxy1dGrid& grid, int64_t i, V f) {
    const D d;
    one = hn::Add(one, f);
    log_x = hn::MulAdd(f, hn::LoadU(d, grid.log_x + i), log_x);
    log_rest = hn::MulAdd(f, hn::LoadU(d, grid.log_rest + i), log_rest);
  }
  HWY_INLINE void pull_back(double scale, double* grad) const {
    const D d;
    grad[0] += hn::GetLane(hn::SumOfLanes(d, one));
    grad[1] += scale * hn::GetLane(hn::SumOfLanes(d, log_x));
    grad[2] += scale * hn::GetLane(hn::SumOfLanes(d, log_rest));
  }
};

void differentiate(const Proxy1dGrid& grid, const Proxy1dTable& table, const double* uniforms,
                   const double* grad_events, int64_t n, const double* grad_norms,
                   Proxy1dCotangent* c, double* grad) {
  const D d;
  double offsets[2][kParts];
  for (int k = 0; k < 2; ++k) {
    differentiate_tails(table.tails[k], uniforms + k, grad_events + k, n, grad_norms[k],
                        c->by_tail[k]);
    sum_from_the_start(c->by_tail[k], offsets[k]);
  }
  Moments up, down;
  for (int64_t i = 0; i < kNodes; i += kLanes) {
    V by_u = hn::Zero(d), by_d = hn::Zero(d);
    for (int k = 0; k < 2; ++k) {
      const V offset = hn::Set(d, offsets[k][i / kPart]);
      const V by_sigma = hn::Add(hn::LoadU(d, c->by_tail[k] + i), offset);
      by_u = hn::MulAdd(hn::Set(d, kUp[k]), by_sigma, by_u);
      by_d = hn::MulAdd(hn::Set(d, kDown[k]), by_sigma, by_d);
    }
    up.add(grid, i, hn::Mul(by_u, hn::LoadU(d, table.up + i)));
    down.add(grid, i, hn::Mul(by_d, hn::LoadU(d, table.down + i)));
  }
  up.pull_back(table.p[0], grad);
  down.pull_back(table.p[3], grad + 3);
}

constexpr Proxy1dKernels kProxy1d{make, sample, differentiate};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sagips
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips {
const Proxy1dKernels& proxy1d_kernels(Simd simd) { return SAGIPS_SIMD_ROW(simd, kProxy1d); }
}  // namespace sagips
#endif
