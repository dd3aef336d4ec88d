// SPDX-License-Identifier: BSD-3-Clause
#include "device/reference/lift.h"

#include <algorithm>
#include <cmath>

namespace sagips::reference {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Where x is on a curve: its score is inner + beyond, inner on the curve.
struct Score {
  double inner, beyond, slope;
};

Score score_of(const ScoreCurve& curve, double x) {
  const double on_curve = x < curve.x.front()  ? curve.x.front()
                          : x > curve.x.back() ? curve.x.back()
                                               : x;
  size_t i = 0;
  while (i + 1 < curve.n_pieces() && on_curve >= curve.x[i + 1]) ++i;
  const ScorePiece piece = score_piece(curve, i);
  const double d = on_curve - piece.x;
  const double score = piece.c0 + d * (piece.c1 + d * (piece.c2 + d * piece.c3));
  const double slope = piece.c1 + d * (2 * piece.c2 + d * (3 * piece.c3));
  const double reach = std::min(slope * std::abs(x - on_curve), kFarthestReach);
  return {score, std::copysign(std::log1p(reach), x - on_curve), slope / (1 + reach)};
}

}  // namespace

Lift::Lift(const NetworkPlan& plan)
    : plan_(plan),
      n_observables_(static_cast<int64_t>(plan.lift_curves.size())),
      n_products_(static_cast<int64_t>(plan.lift_degrees.size()) / n_observables_) {
  highest_ = *std::max_element(plan.lift_degrees.begin(), plan.lift_degrees.end());
  values_.resize(at(n_observables_ * (highest_ + 1)));
  slopes_.resize(values_.size());
  products_.resize(at(n_products_));
  grad_.resize(at(n_products_));
}

void Lift::set_polynomials(const double* x) {
  for (int64_t y = 0; y < n_observables_; ++y) {
    const Score score = score_of(plan_.lift_curves[at(y)], x[y]);
    double* value = values_.data() + y * (highest_ + 1);
    double* slope = slopes_.data() + y * (highest_ + 1);
    double before = 0, p = 1;  // p_n-1 and p_n where the score is on the curve
    for (int64_t n = 0; n <= highest_; ++n) {
      const double root = std::sqrt(static_cast<double>(n));
      value[n] = p + root * before * score.beyond;
      slope[n] = root * before * score.slope;
      const double next = (score.inner * p - root * before) / std::sqrt(static_cast<double>(n + 1));
      before = p;
      p = next;
    }
  }
}

void Lift::make_products(const double* x, double* m) {
  set_polynomials(x);
  for (int64_t k = 0; k < n_products_; ++k) {
    m[k] = 1;
    for (int64_t y = 0; y < n_observables_; ++y) m[k] *= values_[place(y, k)];
  }
}

void Lift::forward(int64_t n, const double* x, double* lifted) {
  const int64_t k_count = n_products_;
  for (int64_t e = 0; e < n; ++e) {
    make_products(x + e * n_observables_, products_.data());
    for (int64_t k = 0; k < k_count; ++k) products_[at(k)] -= plan_.lift_mean[at(k)];
    for (int64_t k = 0; k < k_count; ++k) {
      const double* row = plan_.lift_matrix.data() + k * k_count;
      double sum = 0;
      for (int64_t j = 0; j <= k; ++j) sum += row[j] * products_[at(j)];
      lifted[e * k_count + k] = sum;
    }
  }
}

void Lift::backward(int64_t n, const double* x, const double* grad_lifted, double* grad_x) {
  const int64_t k_count = n_products_, y_count = n_observables_;
  for (int64_t e = 0; e < n; ++e) {
    set_polynomials(x + e * y_count);
    std::fill(grad_.begin(), grad_.end(), 0.0);
    for (int64_t k = 0; k < k_count; ++k) {
      const double* row = plan_.lift_matrix.data() + k * k_count;
      const double g = grad_lifted[e * k_count + k];
      for (int64_t j = 0; j <= k; ++j) grad_[at(j)] += row[j] * g;
    }
    for (int64_t y = 0; y < y_count; ++y) {
      double sum = 0;
      for (int64_t k = 0; k < k_count; ++k) {
        if (plan_.lift_degrees[at(k * y_count + y)] == 0) continue;
        double product = slopes_[place(y, k)];
        for (int64_t other = 0; other < y_count; ++other)
          if (other != y) product *= values_[place(other, k)];
        sum += grad_[at(k)] * product;
      }
      grad_x[e * y_count + y] = sum;
    }
  }
}

}  // namespace sagips::reference
