// SPDX-License-Identifier: BSD-3-Clause
// Verdicts without a truth: the model that made the data fits, the same model without its smearing
// does not; events that a classifier cannot tell apart count as ties.
#include <gtest/gtest.h>

#include "unit/core/core_testing.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

const Settings kQuick = {{"generator.kind", "direct"},
                         {"data.holdout", "0.4"},
                         {"assess.epochs", "80"},
                         {"assess.hidden", "16"}};

int32_t decay_forward(void*, sagips_batch* b) {  // y = -tau log u
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i)
    b->outputs[i] = -b->parameters[i / b->n_events * b->n_parameters] * std::log(b->uniforms[i]);
  return 0;
}

int32_t smear_forward(void*, sagips_batch* b) {  // y + 0.3 z
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double* u = b->uniforms + 2 * i;
    b->outputs[i] =
        b->inputs[i] + 0.3 * std::sqrt(-2 * std::log(u[0])) * std::cos(6.283185307179586 * u[1]);
  }
  return 0;
}

int32_t coin_forward(void*, sagips_batch* b) {  // y = 1 if u < p, else 0
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i)
    b->outputs[i] = b->uniforms[i] < b->parameters[i / b->n_events * b->n_parameters] ? 1 : 0;
  return 0;
}

Stage stage_of(sagips_stage_fn forward, int32_t n_inputs, int32_t n_uniforms) {
  Stage stage;
  stage.n_inputs = n_inputs;
  stage.n_outputs = 1;
  stage.n_uniforms = n_uniforms;
  stage.forward = forward;
  return stage;
}

/// One parameter that starts at its truth, and data of `right` to be described by `model`.
Problem problem_of(const Pipeline& right, const Pipeline& model, double truth, double start,
                   uint64_t seed) {
  Problem problem;
  problem.parameters = {parameter_of("p", 0.01, 2)};
  problem.parameters[0].start = start;
  problem.datasets = {dataset_of("toy", right, {truth}, 4000, seed)};
  problem.datasets[0].pipeline = model;
  return problem;
}

TEST(Assess, TheRightModelFitsAndOneWithoutSmearingDoesNot) {
  const Pipeline theory = pipeline_of(stage_of(decay_forward, 0, 1));
  Pipeline whole = theory;
  whole.add(stage_of(smear_forward, 1, 2));
  double smallest = 1;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Solver right(problem_of(whole, whole, 0.5, 0.5, seed), small_options(kQuick));
    const Assessment fits = right.assess(-1);
    EXPECT_GT(fits.p_value, 0.01) << "AUC " << fits.auc << ", seed " << seed;
    EXPECT_NEAR(fits.auc, 0.5, 0.05);  // 1600 against 1600: 0.5 +- 0.01
    EXPECT_EQ(fits.n_held_out, 1600);
    smallest = std::min(smallest, fits.p_value);
    Solver wrong(problem_of(whole, theory, 0.5, 0.5, seed), small_options(kQuick));
    const Assessment fails = wrong.assess(-1);
    EXPECT_LT(fails.p_value, 1e-3) << seed;  // AUC 0.54 +- 0.01
    EXPECT_GT(fails.auc, 0.53) << seed;
  }
  EXPECT_LT(smallest, 0.9);  // p values are not stuck at 1
}

TEST(Assess, CountsTiesHalf) {
  const Pipeline coin = pipeline_of(stage_of(coin_forward, 0, 1));
  // Events are 0 or 1, so that nearly all pairs are ties: counted as nothing, they would leave an
  // AUC of 0.21; for a model of 0.6 against data of 0.3 it is 1/2 + (0.6 - 0.3)/2.
  Solver right(problem_of(coin, coin, 0.3, 0.3, 1), small_options(kQuick));
  EXPECT_NEAR(right.assess(-1).auc, 0.5, 0.04);
  Solver wrong(problem_of(coin, coin, 0.3, 0.6, 1), small_options(kQuick));
  EXPECT_NEAR(wrong.assess(-1).auc, 0.65, 0.04);
}

TEST(Assess, TakesTheWorstOfSeveralDataSets) {
  const Pipeline coin = pipeline_of(stage_of(coin_forward, 0, 1));
  Problem problem = problem_of(coin, coin, 0.3, 0.3, 1);
  problem.datasets.push_back(dataset_of("bad", coin, {0.6}, 4000, 2));
  for (const bool is_swapped : {false, true}) {
    if (is_swapped) std::swap(problem.datasets[0], problem.datasets[1]);
    Solver solver(problem, small_options(kQuick));
    const Assessment a = solver.assess(-1);
    EXPECT_NEAR(a.auc, 0.65, 0.04);
    EXPECT_LT(a.p_value, 1e-6);
    EXPECT_EQ(a.n_held_out, 3200);
  }
}

TEST(Assess, ChangesNothingOfTheTraining) {
  const FastFolder scratch;
  Solver solver(gaussian_problem(200),
                small_options({{"data.holdout", "0.2"}, {"assess.epochs", "5"}}));
  solver.step(5);
  const std::string before = saved_bytes(&solver, scratch / "before");
  const Assessment first = solver.assess(-1), second = solver.assess(-1);
  EXPECT_EQ(first.auc, second.auc);
  EXPECT_EQ(first.p_value, second.p_value);
  EXPECT_TRUE(saved_bytes(&solver, scratch / "after") == before);
}

TEST(Assess, NeedsHeldOutEvents) {
  Solver solver(gaussian_problem(200), small_options({{"data.holdout", "0"}}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_STATE, "raise data.holdout", solver.assess(-1));
}

}  // namespace
}  // namespace sagips
