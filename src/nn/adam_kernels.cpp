// SPDX-License-Identifier: BSD-3-Clause
// Adam's update of a vector of weights, for every instruction set from this one source.
#include "nn/adam_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/adam_kernels.cpp"
#include "core/simd_targets.h"
// The order is Highway's.
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sagips {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Doubles = hn::ScalableTag<double>;
using Floats = hn::Rebind<float, Doubles>;
constexpr Doubles kDoubles{};
constexpr Floats kFloats{};
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(kDoubles));

// A second moment below the normal numbers has lost its digits, and its root is slow: take this.
constexpr float kSmallest = 0x1p-126F;

/// What overflows becomes infinity, also where Highway would take the largest number instead.
HWY_INLINE hn::Vec<Floats> to_float(hn::Vec<Doubles> x) {
  if constexpr (kLanes == 1) return hn::Set(kFloats, static_cast<float>(hn::GetLane(x)));
  return hn::DemoteTo(kFloats, x);
}

/// Weights and moments, a lane each. Not a product is fused with a sum: see nn/adam.h.
struct Step {
  explicit HWY_INLINE Step(const AdamFactors& f)
      : beta1(hn::Set(kDoubles, f.beta1)),
        rest1(hn::Set(kDoubles, 1 - f.beta1)),
        beta2(hn::Set(kDoubles, f.beta2)),
        rest2(hn::Set(kDoubles, 1 - f.beta2)),
        rate(hn::Set(kFloats, f.rate)),
        unbias(hn::Set(kFloats, f.unbias)),
        epsilon(hn::Set(kFloats, f.epsilon)),
        smallest(hn::Set(kFloats, kSmallest)),
        zeros(hn::Zero(kFloats)) {}

  HWY_INLINE void take(const float* grad, const AdamArrays<const float>& from,
                       const AdamArrays<float>& to) {
    const auto g = hn::PromoteTo(kDoubles, hn::LoadU(kFloats, grad));
    const auto m0 = hn::PromoteTo(kDoubles, hn::LoadU(kFloats, from.first_moment));
    const auto v0 = hn::PromoteTo(kDoubles, hn::LoadU(kFloats, from.second_moment));
    const auto m = to_float(hn::Add(hn::Mul(beta1, m0), hn::Mul(rest1, g)));
    const auto v = to_float(hn::Add(hn::Mul(beta2, v0), hn::Mul(hn::Mul(rest2, g), g)));
    const auto size = hn::Add(hn::Mul(hn::Sqrt(hn::Max(v, smallest)), unbias), epsilon);
    const auto w = hn::Sub(hn::LoadU(kFloats, from.parameters), hn::Div(hn::Mul(rate, m), size));
    hn::StoreU(m, kFloats, to.first_moment);
    hn::StoreU(v, kFloats, to.second_moment);
    hn::StoreU(w, kFloats, to.parameters);
    // 0 x is NaN where x is not finite, and stays so in the sum.
    const auto zero = hn::Zero(kFloats);
    zeros = hn::Add(zeros, hn::Add(hn::Mul(zero, w), hn::Add(hn::Mul(zero, m), hn::Mul(zero, v))));
  }
  HWY_INLINE bool is_finite() const {
    return hn::AllTrue(kFloats, hn::Eq(zeros, hn::Zero(kFloats)));
  }

  hn::Vec<Doubles> beta1, rest1, beta2, rest2;
  hn::Vec<Floats> rate, unbias, epsilon, smallest, zeros;
};

/// The last weights, fewer than a vector, with zeros in the place of the others.
struct Rest {
  float grad[kLanes] = {}, parameters[kLanes] = {}, first[kLanes] = {}, second[kLanes] = {};
};

bool update(const AdamFactors& factors, int64_t n, const float* grad,
            const AdamArrays<const float>& from, const AdamArrays<float>& to) {
  Step step(factors);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    step.take(grad + i, {from.parameters + i, from.first_moment + i, from.second_moment + i},
              {to.parameters + i, to.first_moment + i, to.second_moment + i});
  if (i == n) return step.is_finite();
  Rest rest;
  for (int64_t k = 0; i + k < n; ++k) {
    rest.grad[k] = grad[i + k];
    rest.parameters[k] = from.parameters[i + k];
    rest.first[k] = from.first_moment[i + k];
    rest.second[k] = from.second_moment[i + k];
  }
  step.take(rest.grad, {rest.parameters, rest.first, rest.second},
            {rest.parameters, rest.first, rest.second});
  for (int64_t k = 0; i + k < n; ++k) {
    to.parameters[i + k] = rest.parameters[k];
    to.first_moment[i + k] = rest.first[k];
    to.second_moment[i + k] = rest.second[k];
  }
  return step.is_finite();
}

constexpr AdamKernels kAdam{update};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sagips
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips {
const AdamKernels& adam_kernels(Simd simd) { return SAGIPS_SIMD_ROW(simd, kAdam); }
}  // namespace sagips
#endif
