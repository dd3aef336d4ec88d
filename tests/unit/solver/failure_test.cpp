// SPDX-License-Identifier: BSD-3-Clause
// Rows on which a model fails: what the policies make of them, what is counted, and that nothing of
// it depends on threads or restarts. And stages that may, or may not, run in several threads at
// once.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <thread>

#include "unit/core/core_testing.h"
#include "unit/solver/epoch_testing.h"

namespace sagips {
namespace {

/// The Gaussian model, failing on rows whose key is divisible by `every`.
struct Flaky {
  uint64_t every = 5;
  int32_t request = SAGIPS_FORWARD;
  bool loses = false;  // it gives their events the weight 0 instead
  bool is_slow = false;
  std::atomic<int> inside{0}, most_inside{0};
};

int32_t flaky(void* user, sagips_batch* b) {
  auto* f = static_cast<Flaky*>(user);
  const int inside = ++f->inside;
  for (int most = f->most_inside;
       inside > most && !f->most_inside.compare_exchange_weak(most, inside);) {
  }
  if (f->is_slow) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  int32_t flags = kWeighted;
  if (b->request == SAGIPS_FORWARD) gaussian_forward(&flags, b);
  if (b->request == SAGIPS_BACKWARD) gaussian_backward(&flags, b);
  for (int64_t n = 0; n < b->n_rows && b->request == f->request; ++n) {
    if (f->every == 0 || b->row_key[n] % f->every != 0) continue;
    if (!f->loses) b->row_status[n] = 7;
    for (int64_t e = n * b->n_events; e < (n + 1) * b->n_events; ++e) {
      b->outputs[e] = std::numeric_limits<double>::quiet_NaN();
      b->weight[e] = 0;
    }
  }
  --f->inside;
  return 0;
}

Problem flaky_problem(std::shared_ptr<Flaky> model, Form form = Form::kVjp) {
  Problem problem = gaussian_problem(300, form, kWeighted);
  Stage stage = gaussian_stage(form, {}, kWeighted);
  stage.forward = flaky;
  if (form == Form::kVjp) stage.backward = flaky;
  stage.user = std::move(model);
  problem.datasets[0].pipeline = pipeline_of(stage);
  return problem;
}

std::shared_ptr<Flaky> failing_every(uint64_t every, bool loses = false) {
  auto model = std::make_shared<Flaky>();
  model->every = every;
  model->loses = loses;
  return model;
}

Options options_of(const Settings& changes) {
  Settings all = {{"rows", "10"}, {"generator.input", "noise"}, {"failure.limit", "1"}};
  all.insert(all.end(), changes.begin(), changes.end());
  return small_options(all);
}

std::vector<float> weights_of(Solver& solver) {
  std::vector<float> all = solver.weights(SAGIPS_GENERATOR, 0);
  for (const float w : solver.weights(SAGIPS_DISCRIMINATOR, 0)) all.push_back(w);
  return all;
}

// ---------------------------------------------------------------------------------- policies

TEST(FailurePolicy, ErrorTellsTheRowAndLeavesTheSolverWhole) {
  const auto model = failing_every(0);
  Solver solver(flaky_problem(model), options_of({}));
  Solver never(flaky_problem(failing_every(0)), options_of({}));
  solver.step(2);
  const std::vector<float> before = weights_of(solver);
  model->every = 1;
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "stage 'gaussian' reports failure 7 on row 0, parameters (",
                      solver.step(1));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "failure.policy", solver.step(1));
  EXPECT_EQ(solver.progress().epoch, 2);
  EXPECT_EQ(solver.progress().rows_failed, 0);
  EXPECT_EQ(weights_of(solver), before);
  model->every = 0;
  solver.step(3);
  never.step(5);
  EXPECT_EQ(weights_of(solver), weights_of(never));
}

TEST(FailurePolicy, SkipIsTheBatchWithTheseEventsLost) {
  for (const Form form : {Form::kVjp, Form::kSmooth, Form::kPlain}) {
    Solver failing(flaky_problem(failing_every(5), form), options_of({{"failure.policy", "skip"}}));
    Solver losing(flaky_problem(failing_every(5, true), form), options_of({}));
    failing.step(8);
    losing.step(8);
    EXPECT_EQ(weights_of(failing), weights_of(losing));
    EXPECT_GT(failing.progress().rows_failed, 5);
    EXPECT_EQ(losing.progress().rows_failed, 0);
    EXPECT_EQ(failing.progress().rows_run, losing.progress().rows_run);
    EXPECT_EQ(failing.progress().rows_resampled, 0);
  }
}

TEST(FailurePolicy, SkipTakesPenaltiesAsAMeanOverRowsThatWork) {
  const auto loss = [](uint64_t every) {
    Problem problem = flaky_problem(failing_every(every));
    problem.datasets[0].measurements = {{0, 5, 0.1, SAGIPS_GAUSSIAN}};
    // Rows of a point are all equal, so are their penalties.
    Trial t(problem, {{"failure.policy", "skip"},
                      {"rows", "20"},
                      {"generator.input", "point"},
                      {"failure.limit", "1"}});
    return t.run().loss_auxiliary;
  };
  EXPECT_GT(loss(0), 1);
  EXPECT_NEAR(loss(3), loss(0), 1e-12 * loss(0));
}

TEST(FailurePolicy, ResampleHasTheSameBitsOverThreadsAndRestarts) {
  for (const Form form : {Form::kVjp, Form::kPlain}) {
    const Settings settings = {{"failure.policy", "resample"}};
    const Problem problem = flaky_problem(failing_every(3), form);
    Solver whole(problem, options_of(settings));
    whole.step(9);
    EXPECT_GT(whole.progress().rows_resampled, 10);
    EXPECT_GE(whole.progress().rows_failed, whole.progress().rows_resampled);
    for (const char* threads : {"2", "4"}) {
      Solver other(problem, options_of({{"failure.policy", "resample"}, {"threads", threads}}));
      other.step(9);
      EXPECT_EQ(weights_of(other), weights_of(whole)) << threads;
    }
    const FastFolder folder;
    Solver first(problem, options_of(settings)), second(problem, options_of(settings));
    first.step(4);
    first.save(folder.path());
    second.load(folder / checkpoint_name(4));
    EXPECT_EQ(second.progress().rows_resampled, first.progress().rows_resampled);
    second.step(5);
    EXPECT_EQ(weights_of(second), weights_of(whole));
    EXPECT_EQ(second.progress().rows_failed, whole.progress().rows_failed);
    EXPECT_EQ(second.progress().rows_run, whole.progress().rows_run);
  }
}

TEST(FailurePolicy, ResampleIsNotSkipAndLosesNoRow) {
  const auto train = [](const char* policy, uint64_t every) {
    Solver solver(flaky_problem(failing_every(every)),
                  options_of({{"failure.policy", policy}, {"failure.attempts", "15"}}));
    solver.step(6);
    return weights_of(solver);
  };
  EXPECT_NE(train("resample", 3), train("skip", 3));
  EXPECT_EQ(train("resample", 0), train("skip", 0));
}

TEST(FailurePolicy, ResampleSkipsWhatFailsEveryTime) {
  // Half of the rows fail, half of those again: a quarter is left out after one more attempt.
  const auto run = [](const char* attempts) {
    Solver solver(flaky_problem(failing_every(2)), options_of({{"failure.policy", "resample"},
                                                               {"failure.attempts", attempts},
                                                               {"rows", "100"}}));
    solver.step(10);
    return solver.progress();
  };
  const auto one = run("1"), three = run("3");
  EXPECT_NEAR(static_cast<double>(one.rows_resampled), 500, 80);  // 5 sigma of binomial draws
  EXPECT_EQ(one.rows_run, 1000 + one.rows_resampled);
  EXPECT_NEAR(static_cast<double>(one.rows_failed), 750, 120);
  EXPECT_NEAR(static_cast<double>(three.rows_resampled), 875, 130);
  EXPECT_EQ(one.skipped, 0);
}

TEST(FailurePolicy, OfASingleRowSkipsTheEpochOrDrawsItAgain) {
  const auto run = [](const char* policy) {
    Solver solver(flaky_problem(failing_every(4)), options_of({{"failure.policy", policy},
                                                               {"rows", "1"},
                                                               {"failure.attempts", "15"},
                                                               {"skip.limit", "1"}}));
    solver.step(20);
    return solver.progress();
  };
  const auto skip = run("skip"), resample = run("resample");
  EXPECT_GT(skip.skipped, 0);
  EXPECT_EQ(skip.skipped, skip.rows_failed);
  EXPECT_EQ(skip.epoch, 20);
  EXPECT_EQ(resample.skipped, 0);
  EXPECT_GT(resample.rows_resampled, 0);
}

TEST(FailureLimit, EndsTheStepAndLeavesTheSolverWhole) {
  Solver solver(flaky_problem(failing_every(2)),
                options_of({{"failure.policy", "skip"}, {"failure.limit", "0.1"}}));
  const auto steps = [&] { solver.step(20); };
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "rows have failed (more than failure.limit = 0.1)",
                      steps());
  const int64_t epoch = solver.progress().epoch, failed = solver.progress().rows_failed;
  EXPECT_LE(failed, 10);  // forgiven
  EXPECT_GT(epoch, 0);
  const std::vector<float> before = weights_of(solver);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "parameters (", steps());
  EXPECT_EQ(solver.progress().epoch, epoch);
  EXPECT_EQ(weights_of(solver), before);
}

TEST(FailurePolicy, CountsRowsThatFailOnTheWayBack) {
  const auto model = failing_every(5);
  model->request = SAGIPS_BACKWARD;
  Solver strict(flaky_problem(model), options_of({}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_ROW, "reports failure 7", strict.step(5));
  Solver solver(flaky_problem(model), options_of({{"failure.policy", "skip"}}));
  Solver fine(flaky_problem(failing_every(0)), options_of({{"failure.policy", "skip"}}));
  solver.step(5);
  fine.step(5);
  EXPECT_GT(solver.progress().rows_failed, 3);
  EXPECT_EQ(solver.progress().rows_run, 50);
  EXPECT_NE(weights_of(solver), weights_of(fine));
}

// ----------------------------------------------------------------------------------- threads

TEST(ConcurrentStage, HasTheSameBitsAndAloneMayRunInSeveralThreads) {
  std::vector<float> expected;
  for (const bool is_concurrent : {false, true})
    for (const char* members : {"1", "3"}) {
      const auto model = failing_every(7);
      model->is_slow = true;
      Problem problem = flaky_problem(model);
      Stage stage = problem.datasets[0].pipeline.stages()[0];
      stage.is_concurrent = is_concurrent;
      problem.datasets[0].pipeline = pipeline_of(stage);
      Solver solver(problem, options_of({{"failure.policy", "resample"},
                                         {"threads", "4"},
                                         {"ensemble.members", members},
                                         {"ensemble.bootstrap", "false"}}));
      solver.step(3);
      const std::vector<float> weights = weights_of(solver);
      if (expected.empty()) expected = weights;
      EXPECT_EQ(weights, expected) << is_concurrent << members;
      if (is_concurrent) {
        EXPECT_GT(model->most_inside, 1) << members;
      } else {
        EXPECT_EQ(model->most_inside, 1) << members;
      }
    }
}

// --------------------------------------------------------------- smoothed, and several data sets

// The gradient is a mean over epochs, that of a vector-Jacobian product is exact for the same
// events but not for the draws of shifted rows, which are others: means of both agree.
// What the directions of a row add to a gradient does not fall with its events: many rows.
TEST(SmoothedEpochs, HaveTheGradientOfTheVectorJacobianProductOnAverage) {
  const auto mean_gradient = [](Form form, int32_t scheme, int64_t epochs,
                                std::vector<double>* error) {
    Problem problem;
    problem.parameters = {parameter_of("mu", -2, 2), parameter_of("sigma", 0.2, 2),
                          parameter_of("width", 0.2, 2), parameter_of("fixed", 0, 1)};
    problem.parameters[3].is_fixed = true;
    const std::vector<double> truth = {0.5, 0.8, 1.1, 0};
    Stage first = gaussian_stage(form, {0, 1}, kWeighted), second = gaussian_stage(form, {0, 2});
    first.scheme = second.scheme = scheme;
    problem.datasets = {dataset_of("first", pipeline_of(first), truth, 300, 1),
                        dataset_of("second", pipeline_of(second), truth, 200, 2)};
    problem.datasets[1].measurements = {{0, 1.2, 0.3, SAGIPS_GAUSSIAN}};
    Trial t(problem, {{"generator.kind", "direct"}, {"events", "300"}, {"rows", "100"}});
    std::vector<double> sum(4), sum2(4);
    for (int64_t epoch = 0; epoch < epochs; ++epoch) {
      t.start()->epoch = epoch % 23;  // of the horizon
      t.start()->cursors = {};
      t.start()->cursors.resize(2);
      const TrainingState state = t.run();
      for (size_t i = 0; i < 4; ++i) {
        const double g = state.generator.first_moment[i];
        sum[i] += g, sum2[i] += g * g;
      }
    }
    const auto n = static_cast<double>(epochs);
    error->clear();
    for (size_t i = 0; i < 4; ++i) {
      sum[i] /= n;
      error->push_back(std::sqrt(std::max(0.0, sum2[i] / n - sum[i] * sum[i]) / n));
    }
    return sum;
  };
  std::vector<double> error, by_vjp_error;
  const std::vector<double> smoothed = mean_gradient(Form::kPlain, SAGIPS_SMOOTHED, 23, &error);
  const std::vector<double> by_vjp = mean_gradient(Form::kVjp, SAGIPS_CENTRAL, 23, &by_vjp_error);
  for (size_t i = 0; i < 3; ++i) {
    const double combined = std::sqrt(error[i] * error[i] + by_vjp_error[i] * by_vjp_error[i]);
    EXPECT_NEAR(smoothed[i], by_vjp[i], 4 * combined) << i;
    EXPECT_LT(combined, 0.5 * std::abs(by_vjp[i])) << i << " " << by_vjp[i];
  }
  EXPECT_EQ(smoothed[3], 0);
}

}  // namespace
}  // namespace sagips
