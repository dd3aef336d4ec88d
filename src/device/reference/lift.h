// SPDX-License-Identifier: BSD-3-Clause
// The lift of standardised observables x into whitened monomials, and its derivative:
//   m_k = prod_y c_y^n_ky,  c = clip(x),  l = T (m - mean)
//   dL/dx_y = sum_k (T^T dL/dl)_k n_ky m_k / c_y   where x is not clipped, else 0
// Powers are looked up, never divided, so that c = 0 is no special case.
#ifndef SAGIPS_DEVICE_REFERENCE_LIFT_H_
#define SAGIPS_DEVICE_REFERENCE_LIFT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/network_plan.h"

namespace sagips::reference {

class Lift {
 public:
  explicit Lift(const NetworkPlan& plan);
  /// x (n, Y) -> lifted (n, K)
  void forward(int64_t n, const double* x, double* lifted);
  /// grad_lifted (n, K) -> grad_x (n, Y)
  void backward(int64_t n, const double* x, const double* grad_lifted, double* grad_x);

 private:
  void set_powers(const double* x);
  double power(int64_t y, int32_t exponent) const {
    return powers_[static_cast<size_t>(y * (highest_ + 1) + exponent)];
  }

  const NetworkPlan& plan_;
  int64_t n_monomials_, n_observables_;
  int64_t highest_ = 0;                   // largest exponent
  std::vector<double> powers_;            // (Y, highest + 1) of one event
  std::vector<double> monomials_, grad_;  // (K)
};

}  // namespace sagips::reference

#endif  // SAGIPS_DEVICE_REFERENCE_LIFT_H_
