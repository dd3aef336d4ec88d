// SPDX-License-Identifier: BSD-3-Clause
// The metric knows only parameters that may move: one that is fixed, at whatever value, leaves the
// training of the others as if the model had it built in.
#include <gtest/gtest.h>

#include "unit/solver/epoch_testing.h"

namespace sagips {
namespace {

constexpr double kWrongSigma = 1.6;  // the data have 0.8

/// y = mu + 1.6 z, of one parameter.
int32_t built_in(void*, sagips_batch* b, sagips_stage_fn run) {
  std::vector<double> both, grad(at(2 * b->n_rows));
  for (int64_t n = 0; n < b->n_rows; ++n) both.insert(both.end(), {b->parameters[n], kWrongSigma});
  sagips_batch of_two = *b;
  of_two.n_parameters = 2;
  of_two.parameters = both.data();
  of_two.grad_parameters = grad.data();
  const int32_t result = run(nullptr, &of_two);
  if (b->request == SAGIPS_BACKWARD)
    for (int64_t n = 0; n < b->n_rows; ++n) b->grad_parameters[n] += grad[at(2 * n)];
  return result;
}
int32_t built_in_forward(void* user, sagips_batch* b) {
  return built_in(user, b, gaussian_forward);
}
int32_t built_in_backward(void* user, sagips_batch* b) {
  return built_in(user, b, gaussian_backward);
}

Problem fixed_problem() {
  Problem problem = gaussian_problem(300);
  problem.parameters[1].is_fixed = true;
  problem.parameters[1].fixed_value = kWrongSigma;
  return problem;
}

Problem built_in_problem() {
  Problem problem = gaussian_problem(300);
  problem.parameters.pop_back();
  Stage stage = gaussian_stage(Form::kVjp, {});
  stage.forward = built_in_forward;
  stage.backward = built_in_backward;
  problem.datasets[0].pipeline = pipeline_of(stage);
  return problem;
}

const Settings kMetric = {{"metric.kind", "pullback"}, {"generator.kind", "direct"}};

TEST(Metric, OfAFixedParameterIsZero) {
  Trial fixed(fixed_problem(), kMetric), built_in(built_in_problem(), kMetric);
  const TrainingState two = fixed.run(), one = built_in.run();
  ASSERT_EQ(two.metric.size(), 4U);
  EXPECT_EQ(two.metric[0], one.metric[0]);
  EXPECT_GT(two.metric[0], 0);
  for (size_t i = 1; i < 4; ++i) EXPECT_EQ(two.metric[i], 0) << i;
}

TEST(Metric, MovesFreeParametersAsIfTheFixedOneWereNone) {
  Trial fixed(fixed_problem(), kMetric), built_in(built_in_problem(), kMetric);
  const TrainingState two = fixed.run(), one = built_in.run();
  ASSERT_EQ(two.generator.first_moment.size(), 2U);
  EXPECT_NE(one.generator.first_moment[0], 0);
  EXPECT_FLOAT_EQ(two.generator.first_moment[0], one.generator.first_moment[0]);  // the gradient
  EXPECT_EQ(two.generator.first_moment[1], 0);
}

TEST(Metric, TrainsFreeParametersAsIfTheFixedOneWereNone) {
  const Settings settings = {
      {"metric.kind", "pullback"}, {"generator.kind", "direct"}, {"epochs", "200"}};
  Solver fixed(fixed_problem(), small_options(settings));
  Solver built_in(built_in_problem(), small_options(settings));
  fixed.step(200);
  built_in.step(200);
  const double start = 0, end = built_in.proposals().mean[0];
  EXPECT_GT(std::abs(end - start), 0.01);  // it has gone somewhere
  // An inverse of 2 x 2 rounds otherwise than one of 1 x 1; floats carry that on for 200 epochs.
  EXPECT_NEAR(fixed.proposals().mean[0], end, 1e-4 * std::abs(end - start));
  EXPECT_EQ(fixed.proposals().mean[1], kWrongSigma);
}

}  // namespace
}  // namespace sagips
