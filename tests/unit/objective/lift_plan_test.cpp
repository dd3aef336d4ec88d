// SPDX-License-Identifier: BSD-3-Clause
// Standardisation and whitening: on the sample they were made from, observables and lifted inputs
// have mean 0 and unit covariance under the weights.
#include "objective/lift_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

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

// The ridge of 1e-9 of the diagonal, times the condition of the products' covariance (10 where the
// data are many, 1e4 where a few negative weights spoil the orthogonality), keeps it from 1.
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

TEST(LiftPlan, DegreesAreThoseOfTheComment) {
  EXPECT_EQ(lift_degrees({3, 0, 4}, 1), (std::vector<int32_t>{1, 2, 3}));
  EXPECT_EQ(lift_degrees({2, 2, 4}, 2), (std::vector<int32_t>{1, 0, 2, 0, 0, 1, 0, 2, 1, 1}));
  // Products of total degree 3 of two observables: xy, x y^2, x^2 y; of three, also xyz.
  EXPECT_EQ(lift_degrees({1, 3, 4}, 2).size() / 2, 2U + 3U);
  EXPECT_EQ(lift_degrees({1, 3, 4}, 3).size() / 3, 3U + 9U + 1U);
}

TEST(LiftPlan, WithoutPowersThereIsNoLift) {
  const Sample sample = make_sample(10, 2, Weighting::kOne, 1);
  for (const int32_t cross : {0, 1}) {
    NetworkPlan plan;
    EXPECT_EQ(plan_lift({1, cross, 4}, sample.events, sample.weights, 2, &plan), 2);
    EXPECT_FALSE(plan.is_lifted());
  }
}

TEST(LiftPlan, EqualPolynomialsStayFinite) {
  Sample sample = make_sample(300, 1, Weighting::kOne, 2);
  for (double& x : sample.events) x = x > 0 ? 1 : -1;  // all odd ones are equal
  const NetworkPlan plan = plan_of({4, 0, 4}, sample);
  for (const double value : plan.lift_matrix) EXPECT_TRUE(std::isfinite(value));
  for (const double x : naive_inputs(plan, sample.events.data())) EXPECT_LT(std::abs(x), 1e6);
}

// ------------------------------------------------------------------------------------------ scores

double score_at(const ScoreCurve& curve, double x) {
  const auto [inner, beyond] = naive_score(curve, x);
  return inner + beyond;
}

TEST(NormalScores, AreNormalWhateverTheLaw) {
  // A normal law, one with an edge, one with long tails: quantiles and scores correspond.
  const std::vector<double> z = normals(20000, 4);
  const std::vector<double> weights(z.size(), 1);
  const auto edge = [](double x) { return 1 - std::cbrt(0.5 * std::erfc(x * std::sqrt(0.5))); };
  const auto long_tails = [](double x) { return std::sinh(2 * x); };
  const auto same = [](double x) { return x; };
  for (const auto& law : {std::function<double(double)>(same), std::function<double(double)>(edge),
                          std::function<double(double)>(long_tails)}) {
    std::vector<double> x;
    for (const double value : z) x.push_back(law(value));
    const ScoreCurve curve = normal_scores(x, weights, 4);
    double second = 0, fourth = 0;
    for (size_t e = 0; e < x.size(); ++e) {
      const double g = score_at(curve, x[e]);
      second += g * g / static_cast<double>(x.size());
      fourth += g * g * g * g / static_cast<double>(x.size());
    }
    EXPECT_NEAR(second, 1, 0.01);  // 0.01 is the spread of the sample itself
    EXPECT_NEAR(fourth, 3, 0.1);
  }
}

TEST(NormalScores, HaveNoMoreResolutionThanEvents) {
  const ScoreCurve curve = normal_scores(normals(1000, 5), std::vector<double>(1000, 1), 4);
  EXPECT_NEAR(curve.score.back(), 2.576, 0.1);  // 5 of 1000 events are beyond: P(g > 2.576) = 0.005
  EXPECT_NEAR(curve.score.front(), -2.576, 0.1);
  const ScoreCurve clipped = normal_scores(normals(1000, 5), std::vector<double>(1000, 1), 1);
  EXPECT_NEAR(clipped.score.back(), 1, 0.02);
}

TEST(NormalScores, RiseSmoothlyAndForEver) {
  const ScoreCurve curve = normal_scores(normals(5000, 6), std::vector<double>(5000, 1), 4);
  double before = score_at(curve, -1e9);
  EXPECT_GT(before, -30);
  for (const double x : {-1e6, -10.0, -4.0, -3.9, -2.0, -1.0, 0.0, 0.01, 1.0, 3.0, 5.0, 1e9}) {
    EXPECT_GT(score_at(curve, x), before) << x;
    before = score_at(curve, x);
  }
  for (const double point : curve.x) {  // value and slope join
    const double h = 1e-6;
    const double left = score_at(curve, point) - score_at(curve, point - h);
    const double right = score_at(curve, point + h) - score_at(curve, point);
    EXPECT_NEAR(left, right, 1e-4 * right) << point;
  }
}

TEST(NormalScores, GiveEqualValuesTheMiddleOfTheirScores) {
  std::vector<double> x(1000), weights(1000, 1);
  for (size_t e = 0; e < x.size(); ++e) x[e] = e < 500 ? 0 : static_cast<double>(e % 2 + 1);
  const ScoreCurve curve = normal_scores(x, weights, 4);  // shares 1/2, 1/4, 1/4
  ASSERT_EQ(curve.x, (std::vector<double>{0, 1, 2}));
  EXPECT_NEAR(curve.score[0], -0.6745, 1e-4);  // a quarter below
  EXPECT_NEAR(curve.score[1], 0.3186, 1e-4);   // 5/8
  EXPECT_NEAR(curve.score[2], 1.1503, 1e-4);   // 7/8
}

TEST(NormalScores, OfOneValueAreALine) {
  const ScoreCurve curve = normal_scores({91.19, 91.19, 7}, {1, 1, 0}, 4);
  EXPECT_NEAR(score_at(curve, 91.19), 0, 1e-12);
  EXPECT_GT(score_at(curve, 92), 0);
}

// ------------------------------------------------------------------------------- standardisation

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
