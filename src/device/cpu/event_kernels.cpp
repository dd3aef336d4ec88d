// SPDX-License-Identifier: BSD-3-Clause
// Event by event arithmetic in double precision, for every instruction set from this one source.
//
//   x = (y - shift) * scale,  m_k = prod_y p_n(g_y(x_y)) - mean_k
//   dL/dx_y = sum_k dL/dm_k g_y' p_n'(g_y) prod_(other) p_n(g_other)
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
  const double* HWY_RESTRICT weights = b->weights.data();
  for (int64_t y = 0; y < y_count; ++y) {
    double* HWY_RESTRICT x = row_of(&b->x, y);
    const bool is_scaled = !plan.scale.empty();
    const double shift = is_scaled ? plan.shift[static_cast<size_t>(y)] : 0;
    const double scale = is_scaled ? plan.scale[static_cast<size_t>(y)] : 1;
    const double* HWY_RESTRICT raw = b->raw.data() + y;
    for (int64_t e = 0; e < n; ++e) {
      const double value = (raw[e * y_count] - shift) * scale;
      x[e] = weights[e] == 0 ? 0 : value;  // lost: whatever it holds has no effect
    }
    for (int64_t e = n; e < kTile; ++e) x[e] = 0;
  }
}

HWY_INLINE V gather(const AlignedVector<double>& table, hn::Vec<hn::RebindToSigned<Doubles>> i) {
  return hn::GatherIndex(kDoubles, table.data(), i);
}

/// inner, beyond and score_slopes of one observable.
void make_scores(const CurveTable& curve, int64_t y, EventBuffers* b) {
  const hn::RebindToSigned<Doubles> integers;
  const V low = set(curve.low), high = set(curve.high), one = set(1);
  for (int64_t e = 0; e < kTile; e += kWidth) {
    const V x = load(row_of(b->x, y) + e);
    const V inside = hn::IfThenElse(hn::Lt(x, low), low, hn::IfThenElse(hn::Gt(x, high), high, x));
    auto piece = hn::Zero(integers);
    for (const double point : curve.interior)
      piece = hn::Sub(
          piece, hn::VecFromMask(integers, hn::RebindMask(integers, hn::Ge(inside, set(point)))));
    const V c1 = gather(curve.c1, piece), c2 = gather(curve.c2, piece),
            c3 = gather(curve.c3, piece);
    const V d = hn::Sub(inside, gather(curve.x, piece));
    const V d_c3 = hn::Mul(d, c3);
    const V score = hn::MulAdd(hn::MulAdd(hn::Add(c2, d_c3), d, c1), d, gather(curve.c0, piece));
    V slope = hn::MulAdd(hn::MulAdd(set(3), d_c3, hn::Add(c2, c2)), d, c1);
    V beyond = hn::Zero(kDoubles);
    if (!hn::AllTrue(kDoubles, hn::Eq(x, inside))) {
      const V way = hn::Sub(x, inside), far = set(kFarthestReach);
      V reach = hn::Mul(slope, hn::Abs(way));
      reach = hn::IfThenElse(hn::Gt(reach, far), far, reach);
      beyond = hn::CopySign(hn::Log1p(kDoubles, reach), way);
      slope = hn::Div(slope, hn::Add(one, reach));
    }
    store(score, row_of(&b->inner, y) + e);
    store(beyond, row_of(&b->beyond, y) + e);
    store(slope, row_of(&b->score_slopes, y) + e);
  }
}

/// Hermite's recurrence: calls f(n, p_n(c), p_n'(c)) for n = 1 to the highest.
template <typename Function>
HWY_INLINE void for_each_polynomial(const LiftTable& table, V c, const Function& f) {
  V before = hn::Zero(kDoubles), p = set(1);
  for (int32_t n = 0; n <= table.highest; ++n) {
    const auto i = static_cast<size_t>(n);
    if (n > 0) f(n, p, hn::Mul(set(table.roots[i]), before));
    const V next = hn::NegMulAdd(set(table.to_after[i]), before,
                                 hn::Mul(hn::Mul(set(table.to_next[i]), c), p));
    before = p;
    p = next;
  }
}

/// start times rows of the table of polynomials, from an event on.
HWY_INLINE V multiply_rows(const double* polynomials, const Rows& rows, V start) {
  for (const int32_t row : rows) start = hn::Mul(start, load(polynomials + row * kTile));
  return start;
}

void make_products(const LiftTable& table, EventBuffers* b) {
  if (!table.is_lifted) {
    b->products = b->x;
    return;
  }
  for (int64_t y = 0; y < table.n_observables; ++y) {
    make_scores(table.curves[static_cast<size_t>(y)], y, b);
    for (int64_t e = 0; e < kTile; e += kWidth) {
      const V beyond = load(row_of(b->beyond, y) + e);
      for_each_polynomial(table, load(row_of(b->inner, y) + e), [&](int32_t n, V p, V derivative) {
        store(hn::MulAdd(derivative, beyond, p), row_of(&b->polynomials, table.row(y, n)) + e);
      });
    }
  }
  for (int64_t k = 0; k < table.n_products; ++k) {
    const V mean = set(table.mean[static_cast<size_t>(k)]), one = set(1);
    const Rows& rows = table.products[static_cast<size_t>(k)];
    for (int64_t e = 0; e < kTile; e += kWidth)
      store(hn::Sub(multiply_rows(b->polynomials.data() + e, rows, one), mean),
            row_of(&b->products, k) + e);
  }
}

void differentiate_products(const LiftTable& table, EventBuffers* b) {
  if (!table.is_lifted) {
    b->grad_x = b->grad_products;
    return;
  }
  for (int64_t y = 0; y < table.n_observables; ++y)
    for (int64_t e = 0; e < kTile; e += kWidth) {
      const V slope = load(row_of(b->score_slopes, y) + e);
      for_each_polynomial(table, load(row_of(b->inner, y) + e), [&](int32_t n, V, V derivative) {
        store(hn::Mul(derivative, slope), row_of(&b->slopes, table.row(y, n)) + e);
      });
    }
  std::fill(b->grad_x.begin(), b->grad_x.end(), 0.0);
  for (const Term& term : table.terms) {
    double* grad = row_of(&b->grad_x, term.observable);
    const double* by_product = row_of(b->grad_products, term.product);
    const double* slopes = row_of(b->slopes, term.slope);
    for (int64_t e = 0; e < kTile; e += kWidth) {
      const V slope = multiply_rows(b->polynomials.data() + e, term.others, load(slopes + e));
      store(hn::MulAdd(slope, load(by_product + e), load(grad + e)), grad + e);
    }
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
                                     make_products,
                                     differentiate_products,
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
