// SPDX-License-Identifier: BSD-3-Clause
// A threshold that is a parameter, with a hard edge: survivors do not tell that it moves. Measured
// are
//
//   y0 = x - t/4 + 0.2 z',   y1 = mu + z''      where x = mu + z > t
//
// Between 10 and 60 % of the events are lost over the box. With t the mean of y0 rises by about a
// quarter of dt, since the lowest events go; survivors by themselves fall by a quarter. A
// vector-Jacobian product of survivors has the wrong sign there, and training runs away. What mends
// it:
//
//   a smooth edge       weight 1/(1 + exp(-(x - t)/d)), whose gradient is given too
//   the law             log of density times survival, x integrated out:
//                         N(y0 + t/4; mu, sqrt(1 + 0.2^2)) Phi((m - t)/s),
//                         m = (0.2^2 mu + y0 + t/4)/(1 + 0.2^2), s^2 = 0.2^2/(1 + 0.2^2)
//   nothing             the objective is differenced
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "callback_problem.h"

namespace {

constexpr double kResolution = 0.2, kWidth = 0.02, kTwoPi = 6.283185307179586;

double normal(const double* u) { return std::sqrt(-2 * std::log(u[0])) * std::cos(kTwoPi * u[1]); }

template <bool is_soft>
int32_t forward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double *p = b->parameters + i / b->n_events * 2, *u = b->uniforms + 6 * i;
    const double x = p[0] + normal(u);
    b->outputs[2 * i] = x - p[1] / 4 + kResolution * normal(u + 2);
    b->outputs[2 * i + 1] = p[0] + normal(u + 4);
    if (is_soft && b->training == 1)
      b->weight[i] = 1 / (1 + std::exp(-(x - p[1]) / kWidth));
    else
      b->weight[i] = x > p[1] ? 1 : 0;
  }
  return 0;
}

template <bool is_soft>
int32_t backward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    double* g = b->grad_parameters + i / b->n_events * 2;
    const double w = b->weight[i];
    g[0] += b->grad_outputs[2 * i] + b->grad_outputs[2 * i + 1];
    g[1] -= b->grad_outputs[2 * i] / 4;
    if (!is_soft) continue;
    const double by_x = b->grad_weight[i] * w * (1 - w) / kWidth;
    g[0] += by_x;
    g[1] -= by_x;
  }
  return 0;
}

int32_t law(void*, sagips_batch* b) {
  constexpr double kVariance = kResolution * kResolution, kAll = 1 + kVariance;
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double* p = b->parameters + i / b->n_events * 2;
    const double y = b->outputs[2 * i] + p[1] / 4, d0 = y - p[0], d1 = b->outputs[2 * i + 1] - p[0];
    const double m = (kVariance * p[0] + y) / kAll, s = std::sqrt(kVariance / kAll);
    b->log_probability[i] = -d0 * d0 / (2 * kAll) - d1 * d1 / 2 +
                            std::log(0.5 * std::erfc((p[1] - m) / (s * std::sqrt(2.0))));
  }
  return 0;
}

constexpr int64_t kEvents = 100000, kEpochs = 1500;

toy::CallbackProblem threshold() {
  toy::CallbackProblem p;
  p.n_outputs = 2, p.n_uniforms = 6;
  p.lower = {0.2, -0.5}, p.upper = {0.8, 0.5}, p.truth = {0.6, -0.2};
  p.forward = forward<false>;
  return p;
}

struct Pulls {
  double mu, t;
};
/// In units of what training by the objective's differences states.
Pulls pulls_of(const toy::CallbackProblem& p, const std::vector<double>& sigma, uint64_t seed) {
  const toy::Estimate e = toy::train(p, toy::generate(threshold(), kEvents, seed), seed, kEpochs);
  return {(e.mean[0] - p.truth[0]) / sigma[0], (e.mean[1] - p.truth[1]) / sigma[1]};
}

class Boundary : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    estimate_ = toy::train(threshold(), toy::generate(threshold(), kEvents, kSeed), kSeed, kEpochs);
  }
  static void expect_closes(const Pulls& pulls) {
    EXPECT_LT(std::abs(pulls.mu), kCloses);
    EXPECT_LT(std::abs(pulls.t), kCloses);
  }
  static constexpr uint64_t kSeed = 7001;
  static constexpr double kCloses = 5;  // sigma of the data, and a training about as large
  static toy::Estimate estimate_;       // by the objective's differences
};
toy::Estimate Boundary::estimate_;

TEST_F(Boundary, IsSeenByDifferencesOfTheObjective) {
  const toy::CallbackProblem p = threshold();
  // Alone y1 knows mu to 1/sqrt(N) = 0.004; t is known two to ten times less well.
  EXPECT_LT(estimate_.sigma[0], 0.01);
  EXPECT_LT(estimate_.sigma[1], 0.05);
  expect_closes({(estimate_.mean[0] - p.truth[0]) / estimate_.sigma[0],
                 (estimate_.mean[1] - p.truth[1]) / estimate_.sigma[1]});
}

TEST_F(Boundary, IsNotSeenByTheDerivativeOfSurvivors) {
  toy::CallbackProblem p = threshold();
  p.backward = backward<false>;
  EXPECT_GT(std::abs(pulls_of(p, estimate_.sigma, kSeed).t), 4 * kCloses);
}

TEST_F(Boundary, IsSeenByWeightsWithASmoothEdge) {
  toy::CallbackProblem p = threshold();
  p.forward = forward<true>;
  p.backward = backward<true>;
  expect_closes(pulls_of(p, estimate_.sigma, kSeed));
}

TEST_F(Boundary, IsSeenByTheScore) {
  toy::CallbackProblem p = threshold();
  p.log_probability = law;
  expect_closes(pulls_of(p, estimate_.sigma, kSeed));
}

TEST_F(Boundary, IsSeenBySmoothedDifferences) {
  toy::CallbackProblem p = threshold();
  p.scheme = SAGIPS_SMOOTHED;
  expect_closes(pulls_of(p, estimate_.sigma, kSeed));
}

}  // namespace
