// SPDX-License-Identifier: BSD-3-Clause
// Standardisation and lift from a sample of the measured events:
//   x_y = (y - mean_y) / sigma_y                           in double, before anything is rounded
//   m   = the monomials x_y^1 .. x_y^degree of each observable, and products of several observables
//         of total degree up to cross_degree (2: all pairs)
//   T   = L^-1 with L L^T = cov(m): the lifted inputs have mean 0 and unit covariance
#ifndef SAGIPS_OBJECTIVE_LIFT_PLAN_H_
#define SAGIPS_OBJECTIVE_LIFT_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "device/network_plan.h"

namespace sagips {

/// Fill plan->shift and plan->scale from events (n, Y) and weights (n).
void plan_standardisation(const std::vector<double>& events, const std::vector<double>& weights,
                          const std::string& dataset, NetworkPlan* plan);

struct LiftSettings {
  int32_t degree = 1;        // 1: no lift
  int32_t cross_degree = 0;  // below 2: no products of several observables
  double clip = 4;
};

/// Fill plan->lift_*. @return the number of inputs of the first layer
int32_t plan_lift(const LiftSettings& settings, const std::vector<double>& events,
                  const std::vector<double>& weights, int32_t n_observables, NetworkPlan* plan);

/// Exponents (K, Y) of the monomials, those of single observables first.
std::vector<int32_t> lift_exponents(const LiftSettings& settings, int32_t n_observables);

}  // namespace sagips

#endif  // SAGIPS_OBJECTIVE_LIFT_PLAN_H_
