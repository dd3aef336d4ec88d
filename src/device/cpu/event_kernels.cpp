// SPDX-License-Identifier: BSD-3-Clause
// Event by event arithmetic in double precision, for every instruction set from this one source.
//
//   x = (y - shift) * scale,  c = clip(x),  m_k = prod_y c_y^n_ky - mean_k
//   dL/dx_y = sum_k dL/dm_k n_ky c_y^(n_ky - 1) prod_(other) c_other^n_k,other,
//             and 0 where x is clipped
//   s = 1/(1 + exp(-z)),  -log s = max(-z, 0) + log1p(exp(-|z|))
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/event_kernels.cpp"

#include "device/cpu/event_kernels.h"

#include <algorithm>

#include "core/simd_targets.h"

HWY_BEFORE_NAMESPACE();
namespace sagips::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;
using V = hn::Vec<Doubles>;
constexpr Doubles kDoubles{};
constexpr int64_t kWidth = static_cast<int64_t>(hn::MaxLanes(kDoubles));

HWY_INLINE V load(const double* p) { return hn::LoadU(kDoubles, p); }
HWY_INLINE void store(V v, double* p) { hn::StoreU(v, kDoubles, p); }
HWY_INLINE V set(double x) { return hn::Set(kDoubles, x); }
HWY_INLINE const double* row_of(const AlignedVector<double>& rows, int64_t row) {
  return rows.data() + row * kTile;
}
HWY_INLINE double* row_of(AlignedVector<double>* rows, int64_t row) {
  return rows->data() + row * kTile;
}

// ------------------------------------------------------------------------ standardisation and lift

void standardise(const NetworkPlan& plan, int64_t n, EventBuffers* b) {
  const int64_t y_count = plan.n_observables();
  const double* weights = b->weights.data();
  for (int64_t y = 0; y < y_count; ++y) {
    double* x = row_of(&b->x, y);
    const bool is_scaled = !plan.scale.empty();
    const double shift = is_scaled ? plan.shift[static_cast<size_t>(y)] : 0;
    const double scale = is_scaled ? plan.scale[static_cast<size_t>(y)] : 1;
    const double* raw = b->raw.data() + y;
    for (int64_t e = 0; e < n; ++e)  // lost: whatever it holds is not read
      x[e] = weights[e] == 0 ? 0 : (raw[e * y_count] - shift) * scale;
    for (int64_t e = n; e < kTile; ++e) x[e] = 0;
  }
}

/// Product of rows of the table of powers, from an event on.
HWY_INLINE V product(const double* powers, const std::vector<int32_t>& rows, V start) {
  for (const int32_t row : rows) start = hn::Mul(start, load(powers + row * kTile));
  return start;
}

void make_monomials(const LiftTable& table, EventBuffers* b) {
  if (!table.is_lifted) {
    b->monomials = b->x;
    return;
  }
  const V low = set(-table.clip), high = set(table.clip), one = set(1);
  for (int64_t y = 0; y < table.n_observables; ++y)
    for (int64_t e = 0; e < kTile; e += kWidth) {
      const V x = load(row_of(b->x, y) + e);
      const V c = hn::IfThenElse(hn::Lt(x, low), low, hn::IfThenElse(hn::Gt(x, high), high, x));
      V power = one;
      for (int32_t n = 0; n <= table.highest; ++n, power = hn::Mul(power, c))
        store(power, row_of(&b->powers, table.power_row(y, n)) + e);
    }
  for (int64_t k = 0; k < table.n_monomials; ++k) {
    const V mean = set(table.mean[static_cast<size_t>(k)]);
    const std::vector<int32_t>& rows = table.powers[static_cast<size_t>(k)];
    for (int64_t e = 0; e < kTile; e += kWidth)
      store(hn::Sub(product(b->powers.data() + e, rows, one), mean), row_of(&b->monomials, k) + e);
  }
}

void differentiate_monomials(const LiftTable& table, EventBuffers* b) {
  if (!table.is_lifted) {
    b->grad_x = b->grad_monomials;
    return;
  }
  std::fill(b->grad_x.begin(), b->grad_x.end(), 0.0);
  for (const Term& term : table.terms) {
    double* grad = row_of(&b->grad_x, term.observable);
    const double* by_monomial = row_of(b->grad_monomials, term.monomial);
    for (int64_t e = 0; e < kTile; e += kWidth) {
      const V slope = product(b->powers.data() + e, term.powers, set(term.exponent));
      store(hn::MulAdd(slope, load(by_monomial + e), load(grad + e)), grad + e);
    }
  }
  const V clip = set(table.clip);
  for (size_t i = 0; i < b->x.size(); i += static_cast<size_t>(kWidth)) {
    const auto is_inside = hn::Lt(hn::Abs(load(b->x.data() + i)), clip);
    store(hn::IfThenElseZero(is_inside, load(b->grad_x.data() + i)), b->grad_x.data() + i);
  }
}

// ------------------------------------------------------------------------ small linear algebra

constexpr int kStrip = 3;  // vectors of events at a time, so that a coefficient is loaded once

/// out(i) = offset + sum_j w[j step] in(j), j in [begin, end), for all events.
HWY_INLINE void combine_rows(int64_t begin, int64_t end, const double* w, int64_t step,
                             double offset, const double* in, double* out) {
  static_assert(kTile % (kStrip * kWidth) == 0, "strips fill a tile");
  for (int64_t e = 0; e < kTile; e += kStrip * kWidth) {
    V a = set(offset), b = a, c = a;
    for (int64_t j = begin; j < end; ++j) {
      const V x = set(w[j * step]);
      const double* from = in + j * kTile + e;
      a = hn::MulAdd(x, load(from), a);
      b = hn::MulAdd(x, load(from + kWidth), b);
      c = hn::MulAdd(x, load(from + 2 * kWidth), c);
    }
    store(a, out + e);
    store(b, out + e + kWidth);
    store(c, out + e + 2 * kWidth);
  }
}

void multiply_triangle(int64_t n, const double* triangle, const double* in, double* out) {
  for (int64_t k = 0; k < n; ++k)
    combine_rows(0, k + 1, triangle + k * n, 1, 0, in, out + k * kTile);
}

void multiply_transposed_triangle(int64_t n, const double* triangle, const double* in,
                                  double* out) {
  for (int64_t j = 0; j < n; ++j) combine_rows(j, n, triangle + j, n, 0, in, out + j * kTile);
}

void combine(int64_t n, const double* w, double offset, const double* in, double* out) {
  combine_rows(0, n, w, 1, offset, in, out);
}

void contract(int64_t n, const double* g, const double* in, double* sums) {
  for (int64_t k = 0; k < n; ++k) {
    V a = set(0), b = a, c = a;
    const double* from = in + k * kTile;
    for (int64_t e = 0; e < kTile; e += kStrip * kWidth) {
      a = hn::MulAdd(load(g + e), load(from + e), a);
      b = hn::MulAdd(load(g + e + kWidth), load(from + e + kWidth), b);
      c = hn::MulAdd(load(g + e + 2 * kWidth), load(from + e + 2 * kWidth), c);
    }
    sums[k] += hn::GetLane(hn::SumOfLanes(kDoubles, hn::Add(hn::Add(a, b), c)));
  }
}

void spread(int64_t n, const double* w, const double* g, double* out) {
  for (int64_t k = 0; k < n; ++k)
    for (int64_t e = 0; e < kTile; e += kWidth)
      store(hn::Mul(set(w[k]), load(g + e)), out + k * kTile + e);
}

// Plain casts: the compiler makes vectors of them, and infinity stays infinity.
void to_floats(int64_t n, const double* in, float* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(in[i]);
}

void to_doubles(int64_t n, const float* in, double* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<double>(in[i]);
}

// ------------------------------------------------------------------------ losses

void losses(Loss loss, bool is_real, const double* logits, double* values, double* derivatives) {
  const V zero = set(0), one = set(1), target = set(is_real ? 1 : 0);
  for (int64_t e = 0; e < kTile; e += kWidth) {
    const V z = load(logits + e);
    const V exponential = hn::Exp(kDoubles, hn::Neg(hn::Abs(z)));
    const V inverse = hn::Div(one, hn::Add(one, exponential));
    const V s = hn::IfThenElse(hn::Ge(z, zero), inverse, hn::Mul(exponential, inverse));
    const V miss = hn::Sub(s, target);
    V value, derivative;
    if (loss == Loss::kLeastSquares) {
      value = hn::Mul(miss, miss);
      derivative = hn::Mul(hn::Mul(hn::Add(miss, miss), s), hn::Sub(one, s));
    } else {
      const V signed_z = is_real ? hn::Neg(z) : z;
      const V above = hn::IfThenElseZero(hn::Gt(signed_z, zero), signed_z);
      value = hn::Add(above, hn::Log1p(kDoubles, exponential));
      derivative = miss;
    }
    const auto is_number = hn::Eq(z, z);
    store(hn::IfThenElse(is_number, value, z), values + e);
    store(hn::IfThenElse(is_number, derivative, z), derivatives + e);
  }
}

constexpr EventKernels kEventKernels{standardise,
                                     make_monomials,
                                     differentiate_monomials,
                                     multiply_triangle,
                                     multiply_transposed_triangle,
                                     combine,
                                     contract,
                                     spread,
                                     to_floats,
                                     to_doubles,
                                     losses};

}  // namespace HWY_NAMESPACE
}  // namespace sagips::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips::cpu {
const EventKernels& event_kernels(Simd simd) { return SAGIPS_SIMD_ROW(simd, kEventKernels); }
}  // namespace sagips::cpu
#endif
