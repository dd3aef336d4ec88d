// SPDX-License-Identifier: BSD-3-Clause
// What the tests of networks share: random networks and events, and the formulas of network_plan.h
// written down a second time, one event and one neuron at a time, in double precision. Their
// parameters are doubles, so that differences can be taken of them.
#ifndef SAGIPS_TESTS_UNIT_DEVICE_NETWORK_TESTING_H_
#define SAGIPS_TESTS_UNIT_DEVICE_NETWORK_TESTING_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "device/device.h"
#include "device/network_plan.h"
#include "device_cases/sample.h"
#include "objective/lift_plan.h"

namespace sagips {

/// A network by its numbers; `degree` and `cross_degree` below 2 mean no lift.
struct NetworkCase {
  std::string name;
  std::vector<int32_t> hidden;
  int32_t n_observables = 2;
  int32_t n_outputs = 1;
  int32_t degree = 1, cross_degree = 0;
  double clip = 4;
  bool is_standardised = false;
  double slope = 0.2;
  Loss loss = Loss::kBinaryCrossEntropy;
};

inline NetworkPlan make_plan(const NetworkCase& c, uint64_t seed) {
  NetworkPlan plan;
  plan.slope = c.slope;
  plan.loss = c.loss;
  int32_t n_inputs = c.n_observables;
  if (c.is_standardised)
    for (int32_t y = 0; y < c.n_observables; ++y) {
      plan.shift.push_back(0.25 - 0.5 * y);
      plan.scale.push_back(1.5 + 0.25 * y);
    }
  if (c.degree > 1 || c.cross_degree > 1) {
    for (int32_t y = 0; y < c.n_observables; ++y)
      plan.lift_curves.push_back(
          normal_scores(normals(1000, seed + 3), std::vector<double>(1000, 1), c.clip));
    plan.lift_degrees = lift_degrees({c.degree, c.cross_degree, c.clip}, c.n_observables);
    n_inputs = static_cast<int32_t>(plan.lift_degrees.size()) / c.n_observables;
    plan.lift_mean = normals(n_inputs, seed + 1);
    plan.lift_matrix.resize(at(int64_t{n_inputs} * n_inputs));
    const std::vector<double> values = normals(int64_t{n_inputs} * n_inputs, seed + 2);
    for (int64_t i = 0; i < n_inputs; ++i)
      for (int64_t j = 0; j <= i; ++j)
        plan.lift_matrix[at(i * n_inputs + j)] = values[at(i * n_inputs + j)] / 3;
  }
  plan.widths = {n_inputs};
  plan.widths.insert(plan.widths.end(), c.hidden.begin(), c.hidden.end());
  plan.widths.push_back(c.n_outputs);
  return plan;
}

inline std::vector<float> random_parameters(const NetworkPlan& plan, uint64_t seed) {
  std::vector<float> out;
  for (const double x : normals(plan.n_parameters(), seed))
    out.push_back(static_cast<float>(x / 2));
  return out;
}

inline std::vector<double> in_double(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

/// A curve by Hermite's four cubics, and how far beyond its ends x lies on a logarithmic scale.
inline std::pair<double, double> naive_score(const ScoreCurve& curve, double x) {
  const size_t last = curve.x.size() - 1;
  if (x < curve.x[0]) return {curve.score[0], -std::log(1 + curve.slope[0] * (curve.x[0] - x))};
  if (x > curve.x[last])
    return {curve.score[last], std::log(1 + curve.slope[last] * (x - curve.x[last]))};
  size_t i = 0;
  while (x > curve.x[i + 1]) ++i;
  const double h = curve.x[i + 1] - curve.x[i], t = (x - curve.x[i]) / h;
  return {(1 + 2 * t) * (1 - t) * (1 - t) * curve.score[i] +
              t * t * (3 - 2 * t) * curve.score[i + 1] +
              h * t * (1 - t) * ((1 - t) * curve.slope[i] - t * curve.slope[i + 1]),
          0};
}

/// He_n(c) / sqrt(n!) by its sum of powers.
inline double naive_hermite(int32_t n, double c) {
  if (n < 0) return 0;
  double sum = 0;
  for (int32_t k = 0; 2 * k <= n; ++k)
    sum += std::pow(-0.5, k) * std::pow(c, n - 2 * k) /
           (std::tgamma(k + 1) * std::tgamma(n - 2 * k + 1));
  return sum * std::sqrt(std::tgamma(n + 1));
}

/// The first layer's inputs of one event.
inline std::vector<double> naive_inputs(const NetworkPlan& plan, const double* event) {
  const int64_t y_count = plan.n_observables();
  std::vector<double> x;
  for (int64_t y = 0; y < y_count; ++y)
    x.push_back(plan.scale.empty() ? event[y] : (event[y] - plan.shift[at(y)]) * plan.scale[at(y)]);
  if (!plan.is_lifted()) return x;
  std::vector<double> lifted;
  for (int64_t i = 0; i < plan.n_inputs(); ++i) {
    lifted.push_back(0);
    for (int64_t k = 0; k <= i; ++k) {
      double product = 1;
      for (int64_t y = 0; y < y_count; ++y) {
        const int32_t n = plan.lift_degrees[at(k * y_count + y)];
        const auto [c, beyond] = naive_score(plan.lift_curves[at(y)], x[at(y)]);
        product *= naive_hermite(n, c) + std::sqrt(n) * naive_hermite(n - 1, c) * beyond;
      }
      lifted.back() +=
          plan.lift_matrix[at(i * plan.n_inputs() + k)] * (product - plan.lift_mean[at(k)]);
    }
  }
  return lifted;
}

/// Outputs of the last layer for given inputs of the first.
inline std::vector<double> naive_outputs(const NetworkPlan& plan, const std::vector<double>& params,
                                         std::vector<double> h) {
  for (int32_t l = 0; l < plan.n_layers(); ++l) {
    std::vector<double> next;
    for (int64_t o = 0; o < plan.outputs_of_layer(l); ++o) {
      double sum = params[at(plan.bias_offset(l) + o)];
      for (int64_t i = 0; i < plan.inputs_of_layer(l); ++i)
        sum += params[at(plan.weight_offset(l) + o * plan.inputs_of_layer(l) + i)] * h[at(i)];
      next.push_back(l + 1 < plan.n_layers() && sum < 0 ? plan.slope * sum : sum);
    }
    h = next;
  }
  return h;
}

inline double naive_logit(const NetworkPlan& plan, const std::vector<double>& params,
                          const double* event) {
  return naive_outputs(plan, params, naive_inputs(plan, event)).front();
}

/// network_plan.h's table of losses, taken literally.
inline double naive_loss(Loss loss, bool is_real, double logit) {
  if (loss == Loss::kBinaryCrossEntropy)  // -log s = log(1 + exp(-z)), without loss of digits
    return std::log1p(std::exp(is_real ? -logit : logit));
  const double s = 1 / (1 + std::exp(-logit));
  return is_real ? (1 - s) * (1 - s) : s * s;
}

/// <l>_w of a sample; lost events are not looked at.
inline double naive_mean_loss(const NetworkPlan& plan, const std::vector<double>& params,
                              const Sample& sample, bool is_real) {
  double sum = 0, weights = 0;
  for (int64_t e = 0; e < sample.size(); ++e) {
    const double w = sample.weights[at(e)];
    weights += w;
    if (w == 0) continue;
    const double* event = sample.events.data() + e * sample.n_observables;
    sum += w * naive_loss(plan.loss, is_real, naive_logit(plan, params, event));
  }
  return sum / weights;
}

// Central differences of a loss of order 1 at the step 1e-6: rounding gives eps/h = 2e-10 times
// some tens of additions, curvature h^2 = 1e-12 times third derivatives of at most about 1e2.
constexpr double kDifferenceStep = 1e-6;
constexpr double kDifferenceError = 2e-8;
// What the device rounds to float is off by half a unit in the last of 24 places.
constexpr double kFloatRounding = 6e-8;

/// (f(x + h) - f(x - h)) / 2h with *x moved and put back.
template <typename Function>
double difference(double* x, const Function& f) {
  const double before = *x;
  *x = before + kDifferenceStep;
  const double plus = f();
  *x = before - kDifferenceStep;
  const double minus = f();
  *x = before;
  return (plus - minus) / (2 * kDifferenceStep);
}

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_DEVICE_NETWORK_TESTING_H_
