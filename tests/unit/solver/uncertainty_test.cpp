// SPDX-License-Identifier: BSD-3-Clause
// The statistical covariance against the analytic Fisher information of y = mu + sigma z, whose
// score lies in the span of y and y^2: N/sigma^2 for mu, 2N/sigma^2 for sigma, nothing between
// them.
#include <gtest/gtest.h>

#include "nn/linear_algebra.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

constexpr int64_t kEvents = 20000;
constexpr double kMu = 0.5, kSigma = 0.8;
// Whitening on 20,000 events is right to 2 %, a quotient over 1 % of the range to 0.1 %, and 65,536
// synthetic events have means right to a percent.
constexpr double kTolerance = 0.1;

Problem problem_at_truth() {
  Problem problem = gaussian_problem(kEvents);
  problem.parameters[0].start = kMu;
  problem.parameters[1].start = kSigma;
  return problem;
}

/// An untrained solver estimates the start values.
std::vector<double> covariance_of(const Problem& problem, const Settings& changes = {}) {
  Settings all = {{"generator.kind", "direct"},
                  {"data.holdout", "0"},
                  {"lift.degree", "6"},
                  {"uncertainty.events", "65536"}};
  all.insert(all.end(), changes.begin(), changes.end());
  Solver solver(problem, small_options(all));
  const Estimate e = solver.estimate();
  EXPECT_NEAR(e.mean[0], kMu, 1e-6);
  EXPECT_NEAR(e.mean[1], kSigma, 1e-6);
  return e.covariance;
}

void expect_covariance(const std::vector<double>& covariance, const std::vector<double>& info) {
  const std::vector<double> expected = inverse(info, 2);
  for (size_t i = 0; i < 4; ++i) {
    const double scale = std::sqrt(expected[i / 2 * 3] * expected[i % 2 * 3]);  // of both diagonals
    EXPECT_NEAR(covariance[i] / scale, expected[i] / scale, kTolerance) << i;
  }
}

TEST(Covariance, IsTheInverseFisherInformation) {
  const double n = kEvents, s2 = kSigma * kSigma;
  expect_covariance(covariance_of(problem_at_truth()), {n / s2, 0, 0, 2 * n / s2});
}

TEST(Covariance, CountsTheEventsThatAreTrainedOn) {
  const double n = kEvents / 4.0, s2 = kSigma * kSigma;
  expect_covariance(covariance_of(problem_at_truth(), {{"data.fraction", "0.5"},
                                                       {"data.holdout", "0.5"},
                                                       {"assess.events", "1000000"}}),
                    {n / s2, 0, 0, 2 * n / s2});
}

TEST(Covariance, KnowsPriors) {
  Problem problem = problem_at_truth();
  problem.parameters[1].prior_mean = 0.7;
  problem.parameters[1].prior_sigma = 0.002;  // half of what the events know
  const double n = kEvents, s2 = kSigma * kSigma;
  expect_covariance(covariance_of(problem), {n / s2, 0, 0, 2 * n / s2 + 1 / 4e-6});
}

TEST(Covariance, KnowsMeasuredAuxiliaries) {
  Problem problem = problem_at_truth();
  const double error = 0.004;
  problem.datasets[0].measurements = {{0, 1.05, error, SAGIPS_GAUSSIAN}};  // mu^2 + sigma
  const double n = kEvents, s2 = kSigma * kSigma, w = 1 / (error * error);
  expect_covariance(covariance_of(problem),
                    {n / s2 + w * 4 * kMu * kMu, w * 2 * kMu, w * 2 * kMu, 2 * n / s2 + w});
  problem.datasets[0].measurements[0].penalty = SAGIPS_UPPER_LIMIT;  // tells nothing at its edge
  expect_covariance(covariance_of(problem), {n / s2, 0, 0, 2 * n / s2});
}

TEST(Covariance, DoesNotKnowAuxiliariesThatHaveNoWeight) {
  Problem problem = problem_at_truth();
  const std::vector<double> without = covariance_of(problem);
  problem.datasets[0].measurements = {{0, 1.05, 0.004, SAGIPS_GAUSSIAN}};
  EXPECT_EQ(covariance_of(problem, {{"auxiliary.weight", "0"}}), without);
  EXPECT_NE(covariance_of(problem, {{"auxiliary.weight", "1e-9"}}), without);
}

TEST(Covariance, AddsDataSetsUp) {
  Problem problem = problem_at_truth();
  problem.datasets.push_back(
      dataset_of("more", problem.datasets[0].pipeline, {kMu, kSigma}, kEvents, 5));
  const double n = 2 * kEvents, s2 = kSigma * kSigma;
  expect_covariance(covariance_of(problem), {n / s2, 0, 0, 2 * n / s2});
}

TEST(Covariance, OfAParameterThatNothingSeesIsInfinite) {
  Problem problem = problem_at_truth();
  problem.datasets[0].pipeline = pipeline_of(gaussian_stage(Form::kVjp, {0, 1}));
  problem.parameters.push_back(parameter_of("ghost", 0, 1));
  const std::vector<double> covariance = covariance_of(problem);
  EXPECT_TRUE(std::isinf(covariance[8]));
  const double s2 = kSigma * kSigma;
  EXPECT_NEAR(covariance[0] / (s2 / kEvents), 1, kTolerance);
  EXPECT_NEAR(covariance[4] / (s2 / kEvents / 2), 1, kTolerance);
  problem.parameters[2].prior_mean = 0.5;
  problem.parameters[2].prior_sigma = 0.25;  // then the prior is all that is known of it
  EXPECT_NEAR(covariance_of(problem)[8], 0.0625, 1e-9);
}

int32_t sum_forward(void*, sagips_batch* b) {  // y = p0 + p1 + z: only the sum is seen
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double* p = b->parameters + i / b->n_events * b->n_parameters;
    const double* u = b->uniforms + i * b->n_uniforms;
    b->outputs[i] =
        p[0] + p[1] + std::sqrt(-2 * std::log(u[0])) * std::cos(6.283185307179586 * u[1]);
  }
  return 0;
}

TEST(Covariance, OfBothParametersOfAnUnseenDirectionIsInfinite) {
  Stage stage = gaussian_stage(Form::kPlain, {});
  stage.forward = sum_forward;
  stage.n_auxiliary = 0;
  Problem problem;
  problem.parameters = {parameter_of("a", 0, 1), parameter_of("b", 0, 1)};
  problem.datasets = {dataset_of("sum", pipeline_of(stage), {0.5, 0.5}, kEvents, 1)};
  Solver solver(problem, small_options({{"generator.kind", "direct"}}));
  const std::vector<double> covariance = solver.estimate().covariance;
  EXPECT_TRUE(std::isinf(covariance[0]));
  EXPECT_TRUE(std::isinf(covariance[3]));
}

TEST(Covariance, OfAFixedParameterIsZero) {
  Problem problem = problem_at_truth();
  problem.parameters[1].is_fixed = true;
  problem.parameters[1].fixed_value = kSigma;
  const std::vector<double> covariance = covariance_of(problem);
  EXPECT_NEAR(covariance[0] / (kSigma * kSigma / kEvents), 1, kTolerance);
  EXPECT_EQ(covariance[1], 0);
  EXPECT_EQ(covariance[2], 0);
  EXPECT_EQ(covariance[3], 0);
}

TEST(Scatter, IsTheSquareOfTheWayFromTheStartBeforeThereIsAWindow) {
  Solver solver(gaussian_problem(100), small_options());
  solver.step(5);
  const Estimate e = solver.estimate();
  const double way[] = {e.mean[0], e.mean[1] - 1.1};  // from the middles of the ranges
  EXPECT_GT(std::abs(way[0]), 0);
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(e.scatter[i], way[i / 2] * way[i % 2], 1e-12);
}

TEST(Scatter, IsTheCovarianceOfTheLastEstimates) {
  Solver solver(gaussian_problem(100), small_options());
  std::vector<std::vector<double>> last;
  for (int t = 0; t < 23; ++t) {
    solver.step(1);
    if (t >= 3) last.push_back(solver.proposals().mean);
  }
  const std::vector<double> scatter = solver.estimate().scatter;
  for (size_t i = 0; i < 2; ++i)
    for (size_t j = 0; j < 2; ++j) {
      double mean_i = 0, mean_j = 0, sum = 0;
      for (const auto& e : last) mean_i += e[i] / 20, mean_j += e[j] / 20;
      for (const auto& e : last) sum += (e[i] - mean_i) * (e[j] - mean_j) / 19;
      EXPECT_NEAR(scatter[i * 2 + j], sum, 1e-12);
    }
}

// Nothing is measured but events, so that what their number adds has the shape of the covariance.
TEST(SyntheticNoise, IsThatOfTheEventsBehindTheAverage) {
  Solver solver(gaussian_problem(200), small_options({{"data.holdout", "0"},
                                                      {"average.decay", "0.5"},
                                                      {"average.tail", "0.3"},
                                                      {"growth.factor", "4"}}));
  solver.step(16);
  for (const double c : solver.estimate().synthetic) EXPECT_EQ(c, 0);  // an exponential average
  solver.step(7);
  double n = 0;  // of the last seven epochs, two rows each
  for (int64_t t = 16; t < 23; ++t) n += 2 * static_cast<double>(solver.plan().events_per_row(t));
  const Estimate e = solver.estimate();
  const double expected = 200 / n + std::max(0.0, 200 / n - 1);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(e.synthetic[i], expected * e.covariance[i], 1e-9 * e.covariance[i / 2 * 3]);
  EXPECT_EQ(e.training()[0], e.scatter[0] + e.synthetic[0]);
}

TEST(SyntheticNoise, IsNotAddedToThatOfMembers) {
  Solver solver(gaussian_problem(100), small_options({{"ensemble.members", "3"}}));
  solver.step(23);
  for (const double c : solver.estimate().synthetic) EXPECT_EQ(c, 0);
  EXPECT_GT(solver.estimate(1).synthetic[0], 0);
}

}  // namespace
}  // namespace sagips
