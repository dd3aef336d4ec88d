// SPDX-License-Identifier: BSD-3-Clause
// kuma6 by logarithms, accurate at both ends of the support. With w = 1 - u, q = w^(1/b), A = 1 - q
// and x = A^(1/a):
//
//   ln w = log1p(-u),  A = -expm1(ln w / b),  ln x = ln A / a,  y = s x
//   dy/ds = x,  dy/da = -y ln x / a,  dy/db = y q ln w / (a A b^2)
//
// Highway states its errors as 4 ulp for Expm1 and Log, 2 for Log1p and 1 for Exp. Those of ln A
// are multiplied by ln x, down to -36 in the box of the closure problem: y and its derivatives are
// right to 1e-14 there, relative to y/s, y/a and y/(a b) (found: 3.4e-15), which a test holds us
// to.
#include "pipeline/kuma6_kernels.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kuma6_kernels.cpp"
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

/// A number at a time, the C library's functions take less.
#if HWY_TARGET == HWY_SCALAR
HWY_INLINE V log1p(V x) { return V(std::log1p(x.raw)); }
HWY_INLINE V expm1(V x) { return V(std::expm1(x.raw)); }
HWY_INLINE V log(V x) { return V(std::log(x.raw)); }
HWY_INLINE V exp(V x) { return V(std::exp(x.raw)); }
#else
HWY_INLINE V log1p(V x) { return hn::Log1p(D(), x); }
HWY_INLINE V expm1(V x) { return hn::Expm1(D(), x); }
HWY_INLINE V log(V x) { return hn::Log(D(), x); }
HWY_INLINE V exp(V x) { return hn::Exp(D(), x); }
#endif

struct Law {
  explicit HWY_INLINE Law(const double* p)
      : s(hn::Set(D(), p[0])), a(hn::Set(D(), p[1])), b(hn::Set(D(), p[2])) {}
  V s, a, b;
};

/// Events with the steps on their way.
struct Draw {
  V log_q, rest, log_x, x;  // rest = A
};

HWY_INLINE Draw draw(const Law& law, V uniform) {
  const D d;
  const V u = hn::Min(hn::Max(uniform, hn::Set(d, 1e-7)), hn::Set(d, 1 - 2e-7));
  Draw out;
  out.log_q = hn::Div(log1p(hn::Neg(u)), law.b);
  out.rest = hn::Neg(expm1(out.log_q));
  out.log_x = hn::Div(log(out.rest), law.a);
  out.x = exp(out.log_x);
  return out;
}

/// The last events of a row, fewer than a vector, with events in their place that count nothing.
struct Rest {
  explicit HWY_INLINE Rest(double value) {
    for (double& v : values) v = value;
  }
  HWY_INLINE void load(const double* from, int64_t n) {
    for (int64_t i = 0; i < 2 * n; ++i) values[i] = from[i];
  }
  double values[2 * kLanes];
};

HWY_INLINE void sample_vector(const Law& first, const Law& second, const double* uniforms,
                              double* events) {
  V u0, u1;
  hn::LoadInterleaved2(D(), uniforms, u0, u1);
  const V y0 = hn::Mul(first.s, draw(first, u0).x), y1 = hn::Mul(second.s, draw(second, u1).x);
  hn::StoreInterleaved2(y0, y1, D(), events);
}

void sample(const double* p, const double* uniforms, int64_t n, double* events) {
  const Law first(p), second(p + 3);
  int64_t e = 0;
  for (; e + kLanes <= n; e += kLanes)
    sample_vector(first, second, uniforms + 2 * e, events + 2 * e);
  if (e == n) return;
  Rest u(0.5), y(0);
  u.load(uniforms + 2 * e, n - e);
  sample_vector(first, second, u.values, y.values);
  for (int64_t i = 0; i < 2 * (n - e); ++i) events[2 * e + i] = y.values[i];
}

/// Sums over events, a lane each: of g x, g y ln x, and g y q ln q / A.
struct Sums {
  V by_s, by_a, by_b;

  HWY_INLINE Sums() : by_s(hn::Zero(D())), by_a(by_s), by_b(by_s) {}
  HWY_INLINE void add(const Law& law, V uniform, V g) {
    const Draw event = draw(law, uniform);
    const V gx = hn::Mul(g, event.x);
    const V log_share = hn::Div(hn::Mul(exp(event.log_q), event.log_q), event.rest);
    by_s = hn::Add(by_s, gx);
    by_a = hn::MulAdd(gx, event.log_x, by_a);
    by_b = hn::MulAdd(gx, log_share, by_b);
  }
  HWY_INLINE void pull_back(const double* p, double* grad) const {
    const D d;
    grad[0] += hn::GetLane(hn::SumOfLanes(d, by_s));
    grad[1] -= p[0] / p[1] * hn::GetLane(hn::SumOfLanes(d, by_a));
    grad[2] += p[0] / (p[1] * p[2]) * hn::GetLane(hn::SumOfLanes(d, by_b));
  }
};

void differentiate(const double* p, const double* uniforms, const double* grad_events, int64_t n,
                   double* grad) {
  const Law first(p), second(p + 3);
  Sums sums_0, sums_1;
  Rest u(0.5), g(0);
  for (int64_t e = 0; e < n; e += kLanes) {
    const bool is_whole = e + kLanes <= n;
    if (!is_whole) {
      u.load(uniforms + 2 * e, n - e);
      g.load(grad_events + 2 * e, n - e);
    }
    V u0, u1, g0, g1;
    hn::LoadInterleaved2(D(), is_whole ? uniforms + 2 * e : u.values, u0, u1);
    hn::LoadInterleaved2(D(), is_whole ? grad_events + 2 * e : g.values, g0, g1);
    sums_0.add(first, u0, g0);
    sums_1.add(second, u1, g1);
  }
  sums_0.pull_back(p, grad);
  sums_1.pull_back(p + 3, grad + 3);
}

constexpr Kuma6Kernels kKuma6{sample, differentiate};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sagips
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips {
const Kuma6Kernels& kuma6_kernels(Simd simd) { return SAGIPS_SIMD_ROW(simd, kKuma6); }
}  // namespace sagips
#endif
