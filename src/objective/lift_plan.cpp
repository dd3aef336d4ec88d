// SPDX-License-Identifier: BSD-3-Clause
#include "objective/lift_plan.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "nn/linear_algebra.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Monomials of one event's standardised, clipped observables.
void monomials_of(const NetworkPlan& plan, const double* event, int64_t y_count,
                  std::vector<double>* monomials) {
  for (size_t k = 0; k < monomials->size(); ++k) {
    double product = 1;
    for (int64_t y = 0; y < y_count; ++y) {
      const double x =
          plan.scale.empty() ? event[y] : (event[y] - plan.shift[at(y)]) * plan.scale[at(y)];
      const double clipped = std::clamp(x, -plan.lift_clip, plan.lift_clip);
      for (int32_t n = plan.lift_exponents[k * at(y_count) + at(y)]; n > 0; --n) product *= clipped;
    }
    (*monomials)[k] = product;
  }
}

/// Append every way to spread at most `left` over observables y.. with at least two of them used.
void append_products(int32_t left, int64_t y, std::vector<int32_t>* exponents,
                     std::vector<int32_t>* out) {
  if (y == static_cast<int64_t>(exponents->size())) {
    if (std::count_if(exponents->begin(), exponents->end(), [](int32_t n) { return n > 0; }) >= 2)
      out->insert(out->end(), exponents->begin(), exponents->end());
    return;
  }
  for (int32_t n = 0; n <= left; ++n) {
    (*exponents)[at(y)] = n;
    append_products(left - n, y + 1, exponents, out);
  }
  (*exponents)[at(y)] = 0;
}

}  // namespace

void plan_standardisation(const std::vector<double>& events, const std::vector<double>& weights,
                          const std::string& dataset, NetworkPlan* plan) {
  const auto n = static_cast<int64_t>(weights.size());
  const int64_t y_count = static_cast<int64_t>(events.size()) / n;
  plan->shift.assign(at(y_count), 0);
  plan->scale.assign(at(y_count), 1);
  double total = 0;
  for (const double w : weights) total += w;
  for (int64_t y = 0; y < y_count; ++y) {
    double mean = 0, variance = 0;
    for (int64_t e = 0; e < n; ++e) mean += weights[at(e)] * events[at(e * y_count + y)] / total;
    for (int64_t e = 0; e < n; ++e) {
      const double d = events[at(e * y_count + y)] - mean;
      variance += weights[at(e)] * d * d / total;
    }
    const double floor = 1e-14 * std::abs(mean);
    if (!(variance > floor * floor))
      fail(SAGIPS_ERROR_DATA, "observable ", y, " of data set '", dataset, "' has the variance ",
           variance, " (must be positive): it tells nothing; leave it out of events and pipeline");
    plan->shift[at(y)] = mean;
    plan->scale[at(y)] = 1 / std::sqrt(variance);
  }
}

std::vector<int32_t> lift_exponents(const LiftSettings& settings, int32_t n_observables) {
  std::vector<int32_t> exponents;
  for (int32_t y = 0; y < n_observables; ++y)
    for (int32_t degree = 1; degree <= settings.degree; ++degree) {
      std::vector<int32_t> monomial(at(n_observables));
      monomial[at(y)] = degree;
      exponents.insert(exponents.end(), monomial.begin(), monomial.end());
    }
  std::vector<int32_t> product(at(n_observables));
  append_products(settings.cross_degree, 0, &product, &exponents);
  return exponents;
}

int32_t plan_lift(const LiftSettings& settings, const std::vector<double>& events,
                  const std::vector<double>& weights, int32_t n_observables, NetworkPlan* plan) {
  if (settings.degree <= 1 && settings.cross_degree <= 1) return n_observables;
  plan->lift_clip = settings.clip;
  plan->lift_exponents = lift_exponents(settings, n_observables);
  const size_t k_count = plan->lift_exponents.size() / at(n_observables);

  // 1. Mean and covariance of the monomials under the weights.
  std::vector<double> mean(k_count), covariance(k_count * k_count), m(k_count);
  double total = 0;
  for (size_t e = 0; e < weights.size(); ++e) {
    monomials_of(*plan, events.data() + e * at(n_observables), n_observables, &m);
    total += weights[e];
    for (size_t i = 0; i < k_count; ++i) {
      mean[i] += weights[e] * m[i];
      for (size_t j = 0; j <= i; ++j) covariance[i * k_count + j] += weights[e] * m[i] * m[j];
    }
  }
  for (size_t i = 0; i < k_count; ++i) mean[i] /= total;
  for (size_t i = 0; i < k_count; ++i)
    for (size_t j = 0; j <= i; ++j) {
      covariance[i * k_count + j] = covariance[i * k_count + j] / total - mean[i] * mean[j];
      covariance[j * k_count + i] = covariance[i * k_count + j];
    }

  // 2. Its Cholesky factor, inverted. Monomials that the data hardly tell apart get a little ridge.
  constexpr double kRidge = 1e-9;
  for (size_t i = 0; i < k_count; ++i) covariance[i * k_count + i] *= 1 + kRidge;
  plan->lift_mean = mean;
  plan->lift_matrix = inverse_cholesky(covariance, static_cast<int64_t>(k_count));
  return static_cast<int32_t>(k_count);
}

}  // namespace sagips
