// SPDX-License-Identifier: BSD-3-Clause
#include "device/reference/lift.h"

#include <algorithm>
#include <cmath>

namespace sagips::reference {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

Lift::Lift(const NetworkPlan& plan)
    : plan_(plan), n_monomials_(plan.n_inputs()), n_observables_(plan.n_observables()) {
  for (const int32_t exponent : plan.lift_exponents)
    highest_ = std::max<int64_t>(highest_, exponent);
  powers_.resize(at(n_observables_ * (highest_ + 1)));
  monomials_.resize(at(n_monomials_));
  grad_.resize(at(n_monomials_));
}

void Lift::set_powers(const double* x) {
  for (int64_t y = 0; y < n_observables_; ++y) {
    const double clipped = std::clamp(x[y], -plan_.lift_clip, plan_.lift_clip);
    double value = 1;
    for (int64_t n = 0; n <= highest_; ++n, value *= clipped)
      powers_[at(y * (highest_ + 1) + n)] = value;
  }
}

void Lift::forward(int64_t n, const double* x, double* lifted) {
  const int64_t k_count = n_monomials_, y_count = n_observables_;
  for (int64_t e = 0; e < n; ++e) {
    set_powers(x + e * y_count);
    for (int64_t k = 0; k < k_count; ++k) {
      double product = 1;
      for (int64_t y = 0; y < y_count; ++y)
        product *= power(y, plan_.lift_exponents[at(k * y_count + y)]);
      monomials_[at(k)] = product - plan_.lift_mean[at(k)];
    }
    for (int64_t k = 0; k < k_count; ++k) {
      const double* row = plan_.lift_matrix.data() + k * k_count;
      double sum = 0;
      for (int64_t j = 0; j <= k; ++j) sum += row[j] * monomials_[at(j)];
      lifted[e * k_count + k] = sum;
    }
  }
}

void Lift::backward(int64_t n, const double* x, const double* grad_lifted, double* grad_x) {
  const int64_t k_count = n_monomials_, y_count = n_observables_;
  for (int64_t e = 0; e < n; ++e) {
    set_powers(x + e * y_count);
    std::fill(grad_.begin(), grad_.end(), 0.0);
    for (int64_t k = 0; k < k_count; ++k) {
      const double* row = plan_.lift_matrix.data() + k * k_count;
      const double g = grad_lifted[e * k_count + k];
      for (int64_t j = 0; j <= k; ++j) grad_[at(j)] += row[j] * g;
    }
    for (int64_t y = 0; y < y_count; ++y) {
      double sum = 0;
      for (int64_t k = 0; k < k_count; ++k) {
        const int32_t own = plan_.lift_exponents[at(k * y_count + y)];
        if (own == 0) continue;
        double product = own * power(y, own - 1);
        for (int64_t other = 0; other < y_count; ++other)
          if (other != y) product *= power(other, plan_.lift_exponents[at(k * y_count + other)]);
        sum += grad_[at(k)] * product;
      }
      grad_x[e * y_count + y] = std::abs(x[e * y_count + y]) < plan_.lift_clip ? sum : 0;
    }
  }
}

}  // namespace sagips::reference
