// SPDX-License-Identifier: BSD-3-Clause
// Standardisation and whitening: on the sample they were made from, observables and lifted inputs
// have mean 0 and unit covariance under the weights.
#include "objective/lift_plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "unit/device/network_testing.h"

namespace sagips {
namespace {

NetworkPlan plan_of(const LiftSettings& settings, const Sample& sample) {
  NetworkPlan plan;
  plan_standardisation(sample.events, sample.weights, "toy", &plan);
  plan.widths = {plan_lift(settings, sample.events, sample.weights, sample.n_observables, &plan)};
  return plan;
}

/// Largest distance of mean and covariance of first-layer inputs from 0 and 1.
double whitening_error(const NetworkPlan& plan, const Sample& sample) {
  const int64_t k_count = plan.n_inputs();
  std::vector<double> mean(at(k_count)), second(at(k_count * k_count));
  double total = 0;
  for (int64_t e = 0; e < sample.size(); ++e) {
    const std::vector<double> x =
        naive_inputs(plan, sample.events.data() + e * sample.n_observables);
    const double w = sample.weights[at(e)];
    total += w;
    for (int64_t i = 0; i < k_count; ++i) {
      mean[at(i)] += w * x[at(i)];
      for (int64_t j = 0; j < k_count; ++j) second[at(i * k_count + j)] += w * x[at(i)] * x[at(j)];
    }
  }
  double worst = 0;
  for (int64_t i = 0; i < k_count; ++i)
    for (int64_t j = 0; j < k_count; ++j)
      worst = std::max({worst, std::abs(mean[at(i)] / total),
                        std::abs(second[at(i * k_count + j)] / total - (i == j ? 1 : 0))});
  return worst;
}

// The ridge of 1e-9 of the diagonal, times the condition of the monomials' covariance (1e4 at
// degree 6 of a normal), is what keeps the covariance from 1.
constexpr double kWhitening = 1e-4;

TEST(LiftPlan, WhitensItsOwnSample) {
  for (const Weighting weighting :
       {Weighting::kOne, Weighting::kSomeLost, Weighting::kSomeNegative})
    for (const LiftSettings settings :
         {LiftSettings{1, 0, 4}, LiftSettings{4, 0, 4}, LiftSettings{6, 2, 4},
          LiftSettings{1, 3, 4}, LiftSettings{3, 2, 1}}) {
      Sample sample = make_sample(5000, 2, weighting, 9);
      for (size_t i = 0; i < sample.events.size(); i += 2)
        sample.events[i] = 91.19 + 0.01 * sample.events[i];
      const NetworkPlan plan = plan_of(settings, sample);
      const bool is_lifted = settings.degree > 1 || settings.cross_degree > 1;
      NetworkPlan alone = plan;
      if (!is_lifted) {  // observables are standardised one by one, not decorrelated
        alone.widths = {2};
        EXPECT_LT(whitening_error(alone, sample), 0.05);  // 3/sqrt(5000)
      } else {
        EXPECT_LT(whitening_error(plan, sample), kWhitening) << settings.degree;
      }
    }
}

TEST(LiftPlan, ExponentsAreThoseOfTheComment) {
  EXPECT_EQ(lift_exponents({3, 0, 4}, 1), (std::vector<int32_t>{1, 2, 3}));
  EXPECT_EQ(lift_exponents({2, 2, 4}, 2), (std::vector<int32_t>{1, 0, 2, 0, 0, 1, 0, 2, 1, 1}));
  // Products of total degree 3 of two observables: xy, x y^2, x^2 y; of three, also xyz.
  EXPECT_EQ(lift_exponents({1, 3, 4}, 2).size() / 2, 2U + 3U);
  EXPECT_EQ(lift_exponents({1, 3, 4}, 3).size() / 3, 3U + 9U + 1U);
}

TEST(LiftPlan, WithoutPowersThereIsNoLift) {
  const Sample sample = make_sample(10, 2, Weighting::kOne, 1);
  for (const int32_t cross : {0, 1}) {
    NetworkPlan plan;
    EXPECT_EQ(plan_lift({1, cross, 4}, sample.events, sample.weights, 2, &plan), 2);
    EXPECT_TRUE(plan.lift_exponents.empty());
  }
}

TEST(LiftPlan, EqualMonomialsStayFinite) {
  Sample sample = make_sample(300, 1, Weighting::kOne, 2);
  for (double& x : sample.events) x = x > 0 ? 1 : -1;  // x^3 = x, x^2 = 1
  const NetworkPlan plan = plan_of({4, 0, 4}, sample);
  for (const double value : plan.lift_matrix) EXPECT_TRUE(std::isfinite(value));
  for (const double x : naive_inputs(plan, sample.events.data())) EXPECT_LT(std::abs(x), 1e6);
}

TEST(Standardisation, RefusesAConstantObservable) {
  for (const double value : {0.0, 91.19}) {
    NetworkPlan plan;
    try {
      plan_standardisation({1, value, 2, value, 4, value}, {1, 1, 1}, "toy", &plan);
      FAIL() << "a constant was taken";
    } catch (const Error& e) {
      EXPECT_EQ(e.status(), SAGIPS_ERROR_DATA);
      EXPECT_NE(e.text().find("observable 1"), std::string::npos) << e.text();
    }
  }
}

TEST(Standardisation, KeepsANarrowResonance) {
  std::vector<double> events = normals(1000, 3);
  for (double& x : events) x = 91.19 + 1e-9 * x;
  NetworkPlan plan;
  plan_standardisation(events, std::vector<double>(1000, 1), "toy", &plan);
  EXPECT_NEAR(plan.scale[0], 1e9, 1e8);  // the spread of 1,000 normals is 1 to 2 %
}

}  // namespace
}  // namespace sagips
