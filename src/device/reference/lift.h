// SPDX-License-Identifier: BSD-3-Clause
// The lift of standardised observables x into whitened products of polynomials, and its derivative
// (formulas in network_plan.h):
//   m_k = prod_y p_n(g_y(x_y)),  l = T (m - mean)
//   dL/dx_y = g_y' sum_k (T^T dL/dl)_k p_n'(g_y) prod_(other) p_n(g_other)
// A plan of data computes its moments with the same products.
#ifndef SAGIPS_DEVICE_REFERENCE_LIFT_H_
#define SAGIPS_DEVICE_REFERENCE_LIFT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/network_plan.h"

namespace sagips::reference {

class Lift {
 public:
  /// The plan's mean and matrix may be missing until forward or backward.
  explicit Lift(const NetworkPlan& plan);

  /// Products m (K) of one event x (Y).
  void make_products(const double* x, double* m);
  /// x (n, Y) -> lifted (n, K)
  void forward(int64_t n, const double* x, double* lifted);
  /// grad_lifted (n, K) -> grad_x (n, Y)
  void backward(int64_t n, const double* x, const double* grad_lifted, double* grad_x);

 private:
  void set_polynomials(const double* x);
  size_t place(int64_t y, int64_t k) const {  // of observable y's polynomial in product k
    const int32_t degree = plan_.lift_degrees[static_cast<size_t>(k * n_observables_ + y)];
    return static_cast<size_t>(y * (highest_ + 1) + degree);
  }

  const NetworkPlan& plan_;
  int64_t n_observables_, n_products_;
  int64_t highest_ = 0;                  // largest degree
  std::vector<double> values_, slopes_;  // (Y, highest + 1) of one event: p_n and dp_n/dx
  std::vector<double> products_, grad_;  // (K)
};

}  // namespace sagips::reference

#endif  // SAGIPS_DEVICE_REFERENCE_LIFT_H_
