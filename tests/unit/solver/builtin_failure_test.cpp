// SPDX-License-Identifier: BSD-3-Clause
// A built-in stage that fails on a row is treated as a callback that does: the same stages, called
// as a user's would be, are the oracle.
#include <gtest/gtest.h>

#include <memory>
#include <ostream>

#include "pipeline/background.h"
#include "unit/core/core_testing.h"
#include "unit/solver/epoch_testing.h"

namespace sagips {
namespace {

/// Who fails: the stage that makes the events and writes no weight, or one behind it that does.
enum class Failing { kSource, kBackground };
const char* name_of(Failing failing) {
  return failing == Failing::kSource ? "Source" : "Background";
}
void PrintTo(Failing failing, std::ostream* out) { *out << name_of(failing); }

/// A stage of the library, or the same as a user's.
Stage staged(Stage stage, bool is_builtin) {
  stage.is_builtin = is_builtin;
  return stage;
}

/// kuma6 -> background of fraction f -> smear. Half of the box of s or f is where nothing can be.
Problem mixture_problem(Failing failing, bool is_builtin) {
  Problem problem;
  for (const char* name : {"s", "a", "b", "t", "c", "d"})
    problem.parameters.push_back(parameter_of(name, 0.5, 2.5));
  problem.parameters.push_back(parameter_of("f", 0.1, 0.5));
  Parameter* broken = &problem.parameters[failing == Failing::kSource ? 0 : 6];
  broken->lower = -0.5;
  broken->upper = 0.5;
  Pipeline pipeline;
  pipeline.add(staged(make_builtin("kuma6", ""), is_builtin));
  const std::vector<double> sample = {-1, -1, -1, -2, -2, -1};
  pipeline.add(staged(make_builtin_background("parameters=6", {sample.data(), nullptr, 3, 2}, 2),
                      is_builtin));
  pipeline.add(staged(make_builtin("smear", "sigma=0.1", 2), is_builtin));
  problem.datasets = {dataset_of("data", pipeline, {0.4, 1.5, 1.5, 1.5, 1.5, 1.5, 0.3}, 300, 1)};
  return problem;
}

Options options_of(const Settings& changes) {
  Settings all = {{"rows", "10"}, {"generator.input", "noise"}, {"failure.limit", "1"}};
  all.insert(all.end(), changes.begin(), changes.end());
  return small_options(all);
}

struct Trained {
  std::vector<float> weights;
  sagips_progress progress;
};

Trained train(const Problem& problem, const Settings& settings) {
  Solver solver(problem, options_of(settings));
  solver.step(8);
  return {solver.weights(SAGIPS_GENERATOR, 0), solver.progress()};
}

class BuiltinFailure : public testing::TestWithParam<Failing> {};

TEST_P(BuiltinFailure, EndsTheStepUnderThePolicyError) {
  Solver solver(mixture_problem(GetParam(), true), options_of({}));
  const char* who = GetParam() == Failing::kSource ? "stage 'kuma6' reports failure 1 on row "
                                                   : "stage 'background' reports failure 1 on row ";
  const auto steps = [&] { solver.step(8); };
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, who, steps());
  EXPECT_EQ(solver.progress().rows_failed, 0);
  const int64_t epoch = solver.progress().epoch;
  const std::vector<float> before = solver.weights(SAGIPS_GENERATOR, 0);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "failure.policy", steps());
  EXPECT_EQ(solver.progress().epoch, epoch);
  EXPECT_EQ(solver.weights(SAGIPS_GENERATOR, 0), before);
}

TEST_P(BuiltinFailure, LosesTheRowsUnderThePolicySkip) {
  const Settings settings = {{"failure.policy", "skip"}};
  const Trained builtin = train(mixture_problem(GetParam(), true), settings);
  const Trained oracle = train(mixture_problem(GetParam(), false), settings);
  EXPECT_GT(builtin.progress.rows_failed, 8);
  EXPECT_LT(builtin.progress.rows_failed, 72);
  EXPECT_EQ(builtin.progress.rows_run, 80);
  EXPECT_EQ(builtin.progress.rows_failed, oracle.progress.rows_failed);
  EXPECT_EQ(builtin.weights, oracle.weights);
}

TEST_P(BuiltinFailure, DrawsThemAgainInVainUnderThePolicyResample) {
  const Settings settings = {{"failure.policy", "resample"}, {"failure.attempts", "2"}};
  const Trained builtin = train(mixture_problem(GetParam(), true), settings);
  const Trained oracle = train(mixture_problem(GetParam(), false), settings);
  const Trained skipping = train(mixture_problem(GetParam(), true), {{"failure.policy", "skip"}});
  EXPECT_EQ(builtin.weights, oracle.weights);
  EXPECT_EQ(builtin.weights, skipping.weights) << "their parameters stay what they are";
  EXPECT_EQ(builtin.progress.rows_resampled, 2 * skipping.progress.rows_failed);
  EXPECT_EQ(builtin.progress.rows_failed, 3 * skipping.progress.rows_failed);
  EXPECT_EQ(builtin.progress.rows_failed, oracle.progress.rows_failed);
}

TEST_P(BuiltinFailure, CountsForTheLimit) {
  Solver solver(mixture_problem(GetParam(), true),
                options_of({{"failure.policy", "skip"}, {"failure.limit", "0.05"}}));
  const auto steps = [&] { solver.step(20); };
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "rows have failed (more than failure.limit = 0.05)",
                      steps());
  EXPECT_LE(solver.progress().rows_failed, 10);  // forgiven
}

TEST_P(BuiltinFailure, HasTheSameBitsInAnyThreadsAlsoWhereRowsAreCut) {
  for (const char* events : {"11", "3000"}) {
    const Problem problem = mixture_problem(GetParam(), true);
    const Trained one = train(problem, {{"failure.policy", "skip"}, {"events", events}});
    const Trained four =
        train(problem, {{"failure.policy", "skip"}, {"events", events}, {"threads", "4"}});
    EXPECT_GT(one.progress.rows_failed, 8) << events;
    EXPECT_EQ(one.weights, four.weights) << events;
  }
}

/// A user's stage that is `inner` and fails on every fourth row, by its key.
struct Flaky {
  Stage inner;
};
int32_t flaky(void* user, sagips_batch* b) {
  const Stage& inner = static_cast<Flaky*>(user)->inner;
  if (b->request == SAGIPS_BACKWARD) return inner.backward(inner.user.get(), b);
  inner.forward(inner.user.get(), b);
  for (int64_t n = 0; n < b->n_rows; ++n)
    if (b->row_key[n] % 4 == 0) b->row_status[n] = 7;
  return 0;
}

TEST(BuiltinFailureBehindAnother, HasRowsThatAreDrawnAgainWithLuckAndWithout) {
  const auto run = [](bool is_builtin, const char* policy) {
    Problem problem = mixture_problem(Failing::kBackground, is_builtin);
    std::vector<Stage> stages = problem.datasets[0].pipeline.stages();
    stages[0] = staged(stages[0], false);
    stages[0].user = std::make_shared<Flaky>(Flaky{stages[0]});
    stages[0].forward = stages[0].backward = flaky;
    problem.datasets[0].pipeline = Pipeline();
    for (const Stage& stage : stages) problem.datasets[0].pipeline.add(stage);
    return train(problem, {{"failure.policy", policy}});
  };
  const Trained builtin = run(true, "resample"), oracle = run(false, "resample");
  EXPECT_EQ(builtin.weights, oracle.weights);
  EXPECT_EQ(builtin.progress.rows_failed, oracle.progress.rows_failed);
  EXPECT_EQ(builtin.progress.rows_resampled, oracle.progress.rows_resampled);
  EXPECT_NE(builtin.weights, run(true, "skip").weights);
}

INSTANTIATE_TEST_SUITE_P(Stages, BuiltinFailure,
                         testing::Values(Failing::kSource, Failing::kBackground),
                         [](const auto& c) { return name_of(c.param); });

}  // namespace
}  // namespace sagips
