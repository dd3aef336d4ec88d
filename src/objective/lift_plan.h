// SPDX-License-Identifier: BSD-3-Clause
// Standardisation and lift from a sample of the measured events:
//   x_y = (y - mean_y) / sigma_y                           in double, before anything is rounded
//   g_y = the normal score of x_y: the number that has the share of a standard normal law below it
//         that x_y has of the data; a smooth curve through 17 quantiles, a logarithm beyond them
//   m   = Hermite's polynomials p_1(g_y) .. p_degree(g_y) of each observable, and products of those
//         of several observables of total degree up to cross_degree (2: all pairs)
//   T   = L^-1 with L L^T = cov(m): the lifted inputs have mean 0 and unit covariance
//
// Whatever the law of the data, that of the scores is normal up to the curve's resolution, so the
// polynomials are nearly orthonormal before they are whitened, at any degree. Where a density falls
// to zero like a power of the distance t to an edge, -log t is about g^2/2 over the power plus one:
// scores resolve an edge, and long tails as well, where powers of x do not.
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
  double clip = 4;           // scores beyond this are not resolved
};

/// Fill plan->lift_*. @return the number of inputs of the first layer
int32_t plan_lift(const LiftSettings& settings, const std::vector<double>& events,
                  const std::vector<double>& weights, int32_t n_observables, NetworkPlan* plan);

/// Degrees (K, Y) of the products, those of single observables first.
std::vector<int32_t> lift_degrees(const LiftSettings& settings, int32_t n_observables);

/// Normal scores of a sample; events of weight 0 or less are not looked at.
ScoreCurve normal_scores(const std::vector<double>& x, const std::vector<double>& weights,
                         double clip);

}  // namespace sagips

#endif  // SAGIPS_OBJECTIVE_LIFT_PLAN_H_
