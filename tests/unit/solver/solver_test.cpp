// SPDX-License-Identifier: BSD-3-Clause
// A training as a whole: threads, schedules, averages, drift, skipped and failed epochs, stopping.
#include "solver/solver.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <stdexcept>

#include "objective/measurement.h"
#include "unit/core/core_testing.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

std::vector<float> everything(Solver* solver) {
  std::vector<float> all = solver->weights(SAGIPS_GENERATOR, 0);
  for (const auto& more :
       {solver->weights(SAGIPS_GENERATOR_AVERAGE, 0), solver->weights(SAGIPS_DISCRIMINATOR, 0)})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Solver, ThreadsDoNotChangeABit) {
  for (const Form form : {Form::kVjp, Form::kPlain}) {
    std::vector<float> expected;
    for (const char* threads : {"1", "2", "3", "4"}) {
      Solver solver(gaussian_problem(300, form), small_options({{"threads", threads},
                                                                {"rows", "7"},
                                                                {"events", "101"},
                                                                {"epochs", "6"},
                                                                {"discriminator.hidden", "13"},
                                                                {"generator.input", "noise"}}));
      solver.step(6);
      if (expected.empty()) expected = everything(&solver);
      EXPECT_EQ(everything(&solver), expected) << threads;
    }
  }
}

TEST(Solver, SeedsChangeEverything) {
  std::set<std::vector<float>> seen;
  for (const char* seed : {"1", "2", "3"}) {
    Solver solver(gaussian_problem(100),
                  small_options({{"seed", seed}, {"generator.kind", "direct"}}));
    solver.step(3);
    seen.insert(everything(&solver));
  }
  EXPECT_EQ(seen.size(), 3U);
}

TEST(TrainingPlan, EventsOfARowGrowGeometrically) {
  const Problem problem = gaussian_problem(100);
  const Options options = small_options({{"epochs", "100"},
                                         {"events", "10"},
                                         {"growth.factor", "16"},
                                         {"growth.start", "0.2"},
                                         {"growth.end", "0.6"}});
  const TrainingPlan plan(problem, options);
  const std::pair<int64_t, int64_t> expected[] = {{0, 10},  {19, 10}, {20, 10},  {30, 20},
                                                  {40, 40}, {50, 80}, {60, 160}, {99, 160}};
  for (const auto& [epoch, events] : expected)
    EXPECT_EQ(plan.events_per_row(epoch), events) << epoch;
}

TEST(TrainingPlan, GrowthMayBeAJumpOrBackwards) {
  const Problem problem = gaussian_problem(100);
  for (const char* end : {"0.5", "0.3"}) {  // an end before the start is a jump at the start
    const Options options = small_options({{"epochs", "100"},
                                           {"events", "10"},
                                           {"growth.factor", "4"},
                                           {"growth.start", "0.5"},
                                           {"growth.end", end}});
    const TrainingPlan plan(problem, options);
    EXPECT_EQ(plan.events_per_row(49), 10);
    EXPECT_EQ(plan.events_per_row(50), 40);
    EXPECT_EQ(plan.events_per_row(99), 40);
  }
}

TEST(TrainingPlan, SharesAreThoseOfWeightsAndEffectiveEvents) {
  Problem problem = gaussian_problem(100);
  problem.datasets.push_back(dataset_of("more", problem.datasets[0].pipeline, {0.5, 0.8}, 300, 2));
  problem.datasets[1].weight = 3;
  const Options options = small_options({{"data.holdout", "0"}});
  const TrainingPlan plan(problem, options);
  EXPECT_DOUBLE_EQ(plan.datasets[0].share, 0.1);
  EXPECT_DOUBLE_EQ(plan.datasets[1].share, 0.9);
  EXPECT_DOUBLE_EQ(plan.penalty_scale, 0.5 / 1000);
}

TEST(TrainingPlan, SharesCountOnlyWhatIsTrainedOn) {
  Problem problem = gaussian_problem(100);
  problem.datasets.push_back(dataset_of("more", problem.datasets[0].pipeline, {0.5, 0.8}, 500, 2));
  problem.datasets[1].weight = 3;
  // Half is held out, 100 events at most: 50 and 400 are left, and a half of those is trained on.
  const Options options = small_options({{"data.holdout", "0.5"},
                                         {"assess.events", "100"},
                                         {"data.fraction", "0.5"},
                                         {"loss", "least_squares"}});
  const TrainingPlan plan(problem, options);
  const double total = 25 + 3 * 200;
  EXPECT_DOUBLE_EQ(plan.datasets[0].share, 25 / total);
  EXPECT_DOUBLE_EQ(plan.datasets[1].share, 3 * 200 / total);
  EXPECT_DOUBLE_EQ(plan.penalty_scale, likelihood_share(Loss::kLeastSquares) / total);
}

// ------------------------------------------------------------------------------------- averages

TEST(Average, WithoutDecayIsTheWeightsThemselves) {
  Solver solver(gaussian_problem(100),
                small_options({{"average.decay", "0"}, {"average.tail", "0"}}));
  for (int i = 0; i < 5; ++i) {
    solver.step(1);
    EXPECT_EQ(solver.weights(SAGIPS_GENERATOR_AVERAGE, 0), solver.weights(SAGIPS_GENERATOR, 0));
  }
}

TEST(Average, OfTheTailIsTheMeanOfItsWeights) {
  Solver solver(gaussian_problem(100), small_options({{"epochs", "40"}, {"average.tail", "0.25"}}));
  solver.step(30);
  std::vector<double> sum(solver.weights(SAGIPS_GENERATOR, 0).size());
  for (int n = 1; n <= 10; ++n) {
    solver.step(1);
    for (size_t i = 0; i < sum.size(); ++i) {
      sum[i] += solver.weights(SAGIPS_GENERATOR, 0)[i];
      EXPECT_NEAR(solver.weights(SAGIPS_GENERATOR_AVERAGE, 0)[i], sum[i] / n, 1e-6) << n;  // float
    }
  }
}

TEST(Average, OfTheTailDoesNotCountASkippedEpoch) {
  Solver solver(
      gaussian_problem(100, Form::kVjp, kSkipping),
      small_options({{"epochs", "16"}, {"average.decay", "0.9"}, {"average.tail", "0.25"}}));
  const std::vector<float>& weights = solver.weights(SAGIPS_GENERATOR, 0);
  const std::vector<float>& average = solver.weights(SAGIPS_GENERATOR_AVERAGE, 0);
  solver.step(13);  // epoch 12, the first of the tail, is skipped
  ASSERT_EQ(solver.progress().skipped, 3);
  EXPECT_NE(average, weights);
  solver.step(1);
  EXPECT_EQ(average, weights);
  const std::vector<float> first = weights;
  solver.step(1);
  for (size_t i = 0; i < first.size(); ++i)
    EXPECT_NEAR(average[i], (static_cast<double>(first[i]) + weights[i]) / 2, 1e-6);  // float
}

TEST(Average, DecaysByItsRuleWhileYoungAndOld) {
  Solver solver(
      gaussian_problem(100),
      small_options({{"epochs", "200"}, {"average.decay", "0.9"}, {"average.tail", "0"}}));
  std::vector<double> average;
  for (const float w : solver.weights(SAGIPS_GENERATOR, 0)) average.push_back(w);
  for (int t = 0; t < 150; ++t) {
    solver.step(1);
    const double share = 1 - std::min(0.9, (t + 1.0) / (t + 10.0));
    for (size_t i = 0; i < average.size(); ++i) {
      const double now = solver.weights(SAGIPS_GENERATOR, 0)[i];
      average[i] += share * (now - average[i]);
      ASSERT_NEAR(solver.weights(SAGIPS_GENERATOR_AVERAGE, 0)[i], average[i], 2e-6) << t;  // float
    }
  }
}

TEST(Drift, IsTheMoveBetweenTheHalvesOfTheWindow) {
  Solver solver(gaussian_problem(100), small_options({{"epochs", "60"}, {"stop.window", "0.5"}}));
  std::vector<std::vector<double>> estimates;
  for (int t = 1; t <= 60; ++t) {
    solver.step(1);
    // A window of 30 epochs in 20 estimates: one every 30/20 epochs, rounded up.
    if (t % 2 == 0) estimates.push_back(solver.proposals().mean);
    const size_t n = estimates.size();
    if (n < 20) {
      EXPECT_TRUE(std::isnan(solver.drift())) << t;
      continue;
    }
    double largest = 0;
    const double ranges[] = {4, 1.8};
    for (size_t p = 0; p < 2; ++p) {
      double moved = 0;
      for (int i = 0; i < 20; ++i)
        moved += (i < 10 ? -0.1 : 0.1) * estimates[n - 20 + static_cast<size_t>(i)][p];
      largest = std::max(largest, std::abs(moved) / ranges[p]);
    }
    EXPECT_NEAR(solver.drift(), largest, 1e-12) << t;
  }
}

// ----------------------------------------------------------------------- skipped, failed, stopped

TEST(Skip, IsCountedAndTeachesNothing) {
  Solver solver(gaussian_problem(100, Form::kVjp, kSkipping), small_options());
  solver.step(2);
  const std::vector<float> before = everything(&solver);
  solver.step(1);  // epoch 2 is skipped
  EXPECT_EQ(solver.progress().skipped, 1);
  EXPECT_EQ(everything(&solver), before);
  solver.step(100);
  EXPECT_EQ(solver.progress().epoch, 23);
  EXPECT_EQ(solver.progress().skipped, 5);
  EXPECT_EQ(solver.progress().synthetic_events, 18 * 22);
}

TEST(Skip, AboveTheLimitIsAnError) {
  Solver tenth(gaussian_problem(100, Form::kVjp, kSkipping),
               small_options({{"epochs", "200"}, {"skip.limit", "0.1"}}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_SKIPPED, "11 of 53 epochs",
                      tenth.step(200));  // ten are forgiven
  EXPECT_EQ(tenth.progress().epoch, 52);
  EXPECT_EQ(tenth.progress().skipped, 10);
  Solver none(gaussian_problem(100, Form::kVjp, kSkipping), small_options({{"skip.limit", "0"}}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_SKIPPED, "1 of 3 epochs", none.step(200));
  EXPECT_EQ(none.progress().epoch, 2);
}

/// Fails in one way in epoch 3, forward or backward.
struct Fault {
  int32_t request;
  sagips_status status;
  int32_t (*fail)(sagips_batch*);
};

int32_t faulty(void* user, sagips_batch* b) {
  const auto* fault = static_cast<const Fault*>(user);
  const int32_t result =
      b->request == SAGIPS_FORWARD ? gaussian_forward(nullptr, b) : gaussian_backward(nullptr, b);
  return b->training == 1 && b->epoch == 3 && b->request == fault->request ? fault->fail(b)
                                                                           : result;
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

const Fault kFaults[] = {
    {SAGIPS_FORWARD, SAGIPS_ERROR_CALLBACK, [](sagips_batch*) { return -1; }},
    {SAGIPS_BACKWARD, SAGIPS_ERROR_CALLBACK, [](sagips_batch*) { return -1; }},
    {SAGIPS_FORWARD, SAGIPS_ERROR_EXCEPTION,
     [](sagips_batch*) -> int32_t { throw std::runtime_error("boo"); }},
    {SAGIPS_BACKWARD, SAGIPS_ERROR_EXCEPTION, [](sagips_batch*) -> int32_t { throw 7; }},
    {SAGIPS_FORWARD, SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       b->outputs[3] = kNan;
       return 0;
     }},
    {SAGIPS_FORWARD, SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       b->weight[3] = 1 / 0.0;
       return 0;
     }},
    {SAGIPS_FORWARD, SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       b->auxiliary[1] = kNan;
       return 0;
     }},
    {SAGIPS_BACKWARD, SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       b->grad_parameters[0] = kNan;
       return 0;
     }},
    {SAGIPS_FORWARD, SAGIPS_ERROR_ROW,
     [](sagips_batch* b) {
       b->row_status[1] = 4;
       return 0;
     }},
    {SAGIPS_FORWARD, SAGIPS_ERROR_LOST, [](sagips_batch* b) {
       std::fill_n(b->weight, b->n_rows * b->n_events, 0.0);
       return 0;
     }}};

TEST(FailedEpoch, NeverHappened) {
  for (const Fault& fault : kFaults) {
    Problem problem = gaussian_problem(100);
    Stage stage = gaussian_stage(Form::kVjp, {});
    stage.forward = stage.backward = faulty;
    stage.user = std::make_shared<Fault>(fault);
    problem.datasets[0].pipeline = pipeline_of(stage);
    const FastFolder scratch;
    Solver solver(problem, small_options());
    solver.step(3);
    const std::string before = saved_bytes(&solver, scratch / "before");
    for (int again = 0; again < 2; ++again)
      EXPECT_EQ(error_of([&] { solver.step(5); }).status(), fault.status) << &fault - kFaults;
    EXPECT_EQ(solver.progress().epoch, 3);
    EXPECT_TRUE(saved_bytes(&solver, scratch / "after") == before) << &fault - kFaults;
  }
}

TEST(FailedEpoch, OfInfiniteWeightsIsNotCommitted) {
  for (const char* rate : {"generator.rate", "discriminator.rate"}) {
    Solver solver(gaussian_problem(100),
                  small_options({{rate, "1e39"},
                                 {"generator.warmup", "0"},  // above the largest float
                                 {"discriminator.warmup", "0"}}));
    EXPECT_EQ(error_of([&] { solver.step(23); }).status(), SAGIPS_ERROR_NUMERIC) << rate;
    for (const float w : everything(&solver)) EXPECT_TRUE(std::isfinite(w)) << rate;
  }
}

TEST(Stop, HasItsReason) {
  Solver solver(gaussian_problem(100), small_options());
  solver.step(3);
  EXPECT_EQ(solver.progress().stop_reason, SAGIPS_STOP_NONE);
  solver.request_stop();
  solver.step(3);
  EXPECT_EQ(solver.progress().stop_reason, SAGIPS_STOP_REQUESTED);
  EXPECT_EQ(solver.progress().epoch, 3);
  solver.step(100);
  EXPECT_EQ(solver.progress().stop_reason, SAGIPS_STOP_HORIZON);
  EXPECT_EQ(solver.progress().epoch, 23);
}

TEST(Stop, OfTheProgressCallbackComesAfterItsEpoch) {
  Solver solver(gaussian_problem(100), small_options());
  solver.set_progress_callback(
      [](void*, const sagips_progress* p) -> int32_t { return p->epoch == 7 ? 1 : 0; }, nullptr);
  solver.step(20);
  EXPECT_EQ(solver.progress().epoch, 7);
  EXPECT_EQ(solver.progress().stop_reason, SAGIPS_STOP_REQUESTED);
}

TEST(Metrics, ComeWhenTheyAreAskedFor) {
  std::vector<int64_t> epochs;
  Solver solver(gaussian_problem(100), small_options({{"metrics.every", "5"}}));
  solver.set_metrics_callback(
      [](void* user, const sagips_metrics* m) {
        static_cast<std::vector<int64_t>*>(user)->push_back(m->progress->epoch);
        EXPECT_EQ(m->n_parameters, 2);
        EXPECT_TRUE(std::isfinite(m->estimate[1]) && m->spread[1] >= 0 && m->grad_norm > 0);
      },
      &epochs);
  solver.step(23);
  EXPECT_EQ(epochs, (std::vector<int64_t>{5, 10, 15, 20}));
}

}  // namespace
}  // namespace sagips
