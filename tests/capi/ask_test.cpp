// SPDX-License-Identifier: BSD-3-Clause
// Ask and tell give the bits that callbacks give, however rows are cut and in whatever order
// answers come.
#include <algorithm>

#include "ask_testing.h"

namespace capi {
namespace {

const std::vector<Case> kCases{
    {"Vjp"},
    {"Smooth", Route::kSmooth},
    {"SmoothOneSided", Route::kSmooth, {}, SAGIPS_ONE_SIDED},
    {"Central", Route::kPlain},
    {"OneSided", Route::kPlain, {}, SAGIPS_ONE_SIDED},
    {"Smoothed", Route::kPlain, {}, SAGIPS_SMOOTHED},
    {"Score", Route::kPlain, {}, SAGIPS_CENTRAL, true},
    {"DetectorVjp", Route::kVjp, {}, SAGIPS_CENTRAL, false, true},
    {"DetectorAskedAlone", Route::kVjp, {}, SAGIPS_CENTRAL, false, true, true, false},
    {"DetectorAskedAlonePlain", Route::kPlain, {}, SAGIPS_CENTRAL, false, true, true, false},
    {"BothAsked", Route::kSmooth, {}, SAGIPS_CENTRAL, false, true, true},
    {"ScoreThenDetector", Route::kPlain, {}, SAGIPS_CENTRAL, true, true, true},
    {"AmongBuiltins", Route::kVjp, {}, SAGIPS_CENTRAL, false, false, false, false, true},
    {"AmongBuiltinsPlain", Route::kPlain, {}, SAGIPS_CENTRAL, false, false, false, false, true},
    {"AmongBuiltinsSmoothed", Route::kPlain, {}, SAGIPS_SMOOTHED, false, false, false, false, true},
    {"ThreeDatasets", Route::kVjp, {}, SAGIPS_CENTRAL, false, true, true, true, false, 3},
    {"Members", Route::kVjp, {{"ensemble.members", "3"}, {"ensemble.first", "2"}}},
    {"MembersPlain", Route::kPlain, {{"ensemble.members", "2"}}, SAGIPS_CENTRAL, false, true},
    {"Updates",
     Route::kVjp,
     {{"discriminator.updates", "2"},
      {"generator.updates", "2"},
      {"generator.fresh_events", "true"}}},
    {"Metric", Route::kSmooth, {{"metric.kind", "pullback"}}},
    {"Threads", Route::kPlain, {{"threads", "4"}}, SAGIPS_CENTRAL, false, true},
};

class SameBits : public ::testing::TestWithParam<Case> {};

TEST_P(SameBits, AsCallbacksWhateverTheRowsOfATicket) {
  for (const char* rows : {"0", "1", "3", "1000"}) {
    SCOPED_TRACE(rows);
    Case c = GetParam();
    c.settings.emplace_back("ask.rows", rows);
    Bits bits, checkpoint;
    for (const By by : {By::kCallbacks, By::kTickets, By::kTicketsAlone}) {
      SCOPED_TRACE(static_cast<int>(by));
      Model model;
      const Solver solver = make_solver(c, by, &model);
      train(solver, by, &model);
      EXPECT_EQ(progress_of(solver).epoch, 4);
      EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_HORIZON);
      if (by == By::kCallbacks) {
        bits = bits_of(solver);
        checkpoint = checkpoint_of(solver);
      }
      EXPECT_EQ(bits_of(solver), bits);
      EXPECT_EQ(checkpoint_of(solver), checkpoint);
      if (HasFailure()) return;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Ask, SameBits, ::testing::ValuesIn(kCases),
                         [](const auto& c) { return c.param.name; });

TEST(Ask, WhatIsAskedBetweenChangesNothing) {
  Case c{"", Route::kPlain, {{"ask.rows", "2"}}};
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               asked = make_solver(c, By::kTickets, &model);
  train(called, By::kCallbacks, &model);
  for (;;) {
    sagips_batch batch = ask(asked);
    if (batch.ticket == 0) break;
    double mean[kP], covariance[kP * kP], rows[3 * kP];
    EXPECT_OK(sagips_solver_estimate(asked, 0, kP, mean, covariance));
    EXPECT_OK(sagips_solver_predict(asked, 0, 3, kP, rows));
    checkpoint_of(asked);
    EXPECT_EQ(tickets_of(asked), std::vector<uint64_t>{batch.ticket});
    serve(&model, &batch);
    ASSERT_OK(sagips_solver_tell(asked, batch.ticket, 0, nullptr));
  }
  sagips_assessment assessment{};
  assessment.struct_size = sizeof(assessment);
  EXPECT_OK(sagips_solver_assess(asked, 0, nullptr, &assessment));
  EXPECT_EQ(bits_of(asked), bits_of(called));
}

TEST(Ask, ATicketHasItsOwnArraysAndSaysWhatItIsAbout) {
  Case c{"", Route::kVjp, {{"ask.rows", "2"}, {"ensemble.members", "2"}}};
  Model model;
  const Solver solver = make_solver(c, By::kTickets, &model);
  std::vector<sagips_batch> out;
  for (sagips_batch b = ask(solver); b.ticket != 0; b = ask(solver)) out.push_back(b);
  ASSERT_EQ(out.size(), 6U);  // 5 rows of 2 members
  for (size_t i = 0; i < out.size(); ++i) {
    const sagips_batch& b = out[i];
    EXPECT_EQ(b.ticket, i + 1);
    EXPECT_EQ(b.struct_size, sizeof(sagips_batch));
    EXPECT_EQ(b.request, SAGIPS_FORWARD);
    EXPECT_EQ(b.training, 1);
    EXPECT_EQ(b.stage, 0);
    EXPECT_EQ(b.member, static_cast<int32_t>(i / 3));
    EXPECT_EQ(b.n_rows, i % 3 == 2 ? 1 : 2);
    EXPECT_EQ(b.n_events, 6);
    EXPECT_EQ(b.inputs, nullptr);
    for (int64_t e = 0; e < b.n_rows * b.n_events; ++e) EXPECT_EQ(b.weight[e], 1);
  }
  const sagips_batch wait = ask(solver);
  EXPECT_EQ(wait.ticket, 0U);
  EXPECT_EQ(wait.request, SAGIPS_WAIT);
  EXPECT_EQ(tickets_of(solver), (std::vector<uint64_t>{1, 2, 3, 4, 5, 6}));
  sagips_batch again{};
  again.struct_size = sizeof(again);
  EXPECT_OK(sagips_solver_ticket(solver, 4, &again));
  EXPECT_EQ(again.outputs, out[3].outputs);
  uint64_t two[2] = {0, 0};
  int64_t n = 0;
  EXPECT_OK(sagips_solver_tickets(solver, 2, two, &n));
  EXPECT_EQ(n, 6);
  EXPECT_EQ(two[1], 2U);
}

// ----------------------------------------------------------------------------------------- the end

TEST(AskEnd, AtTheHorizonItStaysDone) {
  Model model;
  const Solver solver = make_solver(Case{""}, By::kTickets, &model);
  train_by_tickets(solver, &model);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask(solver).request, SAGIPS_DONE);
    EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_HORIZON);
  }
}

TEST(AskEnd, ARequestToStopIsToldOnceAfterTheEpoch) {
  Model model;
  const Solver solver = make_solver(Case{""}, By::kTickets, &model);
  sagips_batch batch = ask(solver);
  EXPECT_OK(sagips_solver_request_stop(solver));
  while (batch.ticket != 0) {  // the epoch is ended
    serve(&model, &batch);
    EXPECT_OK(sagips_solver_tell(solver, batch.ticket, 0, nullptr));
    batch = ask(solver);
  }
  EXPECT_EQ(batch.request, SAGIPS_DONE);
  EXPECT_EQ(progress_of(solver).epoch, 1);
  EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_REQUESTED);
  EXPECT_NE(ask(solver).ticket, 0U);
}

TEST(AskEnd, ConvergenceIsToldOnce) {
  Case c{"", Route::kVjp, {{"stop.rule", "converged"}, {"stop.drift", "1e300"}, {"epochs", "50"}}};
  Model model;
  Solver solver = make_solver(c, By::kTickets, &model);
  train_by_tickets(solver, &model);
  const sagips_progress progress = progress_of(solver);
  EXPECT_EQ(progress.stop_reason, SAGIPS_STOP_CONVERGED);
  EXPECT_EQ(progress.converged, 1);
  EXPECT_LT(progress.epoch, 50);
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  EXPECT_NE(ask(solver).ticket, 0U) << "one may go on";
  train_by_tickets(solver, &model);
  EXPECT_OK(sagips_solver_load(solver, folder.path().c_str()));
  EXPECT_NE(ask(solver).ticket, 0U) << "what a later epoch said is forgotten";
}

TEST(AskEnd, AReportThatStopsIsTold) {
  Model model;
  const Solver solver = make_solver(Case{""}, By::kTickets, &model);
  EXPECT_OK(sagips_solver_set_progress_callback(
      solver, [](void*, const sagips_progress* p) { return p->epoch == 2 ? 1 : 0; }, nullptr));
  train_by_tickets(solver, &model);
  EXPECT_EQ(progress_of(solver).epoch, 2);
  EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_REQUESTED);
}

// ------------------------------------------------------------------------------------ wrong states

TEST(AskState, StepIsRefusedAndDisturbsNothing) {
  Case c{"", Route::kPlain};
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               asked = make_solver(c, By::kTickets, &model);
  train(called, By::kCallbacks, &model);
  EXPECT_FAILS(sagips_solver_step(asked, 1, nullptr), SAGIPS_ERROR_STATE,
               {"source", "sagips_solver_ask"});
  for (;;) {
    sagips_batch batch = ask(asked);
    if (batch.ticket == 0) break;
    EXPECT_FAILS(sagips_solver_step(asked, 1, nullptr), SAGIPS_ERROR_STATE);
    serve(&model, &batch);
    ASSERT_OK(sagips_solver_tell(asked, batch.ticket, 0, nullptr));
  }
  EXPECT_EQ(bits_of(asked), bits_of(called));
}

TEST(AskState, WithoutAStageThatTheHostServesNothingIsAsked) {
  Model model;
  const Solver solver = make_solver(Case{""}, By::kCallbacks, &model);
  sagips_batch batch{};
  batch.struct_size = sizeof(batch);
  EXPECT_FAILS(sagips_solver_ask(solver, &batch), SAGIPS_ERROR_STATE,
               {"sagips_solver_step", "sagips_stage_set_external"});
  EXPECT_FAILS(sagips_solver_tell(solver, 1, 0, nullptr), SAGIPS_ERROR_NOT_FOUND, {"1"});
  EXPECT_TRUE(tickets_of(solver).empty());
  EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
}

TEST(AskState, WhatHappensOutsideTrainingNeedsCallbacks) {
  Model model;
  double mean[kP], covariance[kP * kP];
  sagips_assessment assessment{};
  assessment.struct_size = sizeof(assessment);
  const Solver alone = make_solver(Case{""}, By::kTicketsAlone, &model);
  train_by_tickets(alone, &model);
  EXPECT_OK(sagips_solver_estimate(alone, 0, kP, mean, nullptr));
  EXPECT_FAILS(sagips_solver_estimate(alone, 0, kP, mean, covariance), SAGIPS_ERROR_STATE,
               {"source", "forward callback"});
  EXPECT_FAILS(sagips_solver_assess(alone, 0, nullptr, &assessment), SAGIPS_ERROR_STATE,
               {"source", "forward callback"});
  const Solver both = make_solver(Case{""}, By::kTickets, &model);
  train_by_tickets(both, &model);
  EXPECT_OK(sagips_solver_estimate(both, 0, kP, mean, covariance));
  EXPECT_OK(sagips_solver_assess(both, 0, nullptr, &assessment));
}

TEST(AskState, ARuleThatLooksAtTheCovarianceNeedsCallbacks) {
  Model model;
  Pipeline pipeline;
  Stage stage;
  EXPECT_OK(sagips_stage_create(stage.out(), "far away"));
  EXPECT_OK(sagips_stage_set_shape(stage, 0, kY, 0, 2));
  EXPECT_OK(sagips_stage_set_external(stage, 1, 0, 0));
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  Problem problem = make_problem(pipeline, 0);
  const double events[kY * 2] = {1, 2, 3, 4};
  EXPECT_OK(sagips_problem_set_events(problem, "data", events, nullptr, 2, kY, 0));
  Solver solver;
  EXPECT_FAILS(sagips_solver_create(solver.out(), problem,
                                    make_options({{"stop.rule", "converged"}}), nullptr),
               SAGIPS_ERROR_STATE, {"stop.rule", "far away"});
  EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(), nullptr));
}

TEST(AskState, AStageThatTheHostServesIsCheckedByItsCallbacks) {
  Model model;
  Stage stage = make_source(&model);
  EXPECT_OK(sagips_stage_set_external(stage, 1, 1, 0));
  Pipeline pipeline, alone;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  EXPECT_OK(sagips_pipeline_check(pipeline, kP, kLower, kUpper, 1, &report));
  EXPECT_EQ(report.passed, 1) << report.text;
  Stage bare;
  EXPECT_OK(sagips_stage_create(bare.out(), "bare"));
  EXPECT_OK(sagips_stage_set_shape(bare, 0, kY, 0, 2));
  EXPECT_OK(sagips_stage_set_external(bare, 1, 1, 0));
  EXPECT_OK(sagips_pipeline_create(alone.out()));
  EXPECT_OK(sagips_pipeline_add(alone, bare));
  EXPECT_FAILS(sagips_pipeline_check(alone, kP, kLower, kUpper, 1, &report), SAGIPS_ERROR_STATE,
               {"bare", "forward callback"});
  EXPECT_OK(sagips_stage_set_external(bare, 0, 0, 0));
  EXPECT_FAILS(sagips_pipeline_add(alone, bare), SAGIPS_ERROR_STATE, {"forward"});
}

TEST(AskState, WithoutABackwardOfTheHostTheGradientComesFromDifferences) {
  Model model;
  Stage stage = make_source(&model);  // has a backward callback
  Pipeline pipeline;
  EXPECT_OK(sagips_stage_set_external(stage, 1, 0, 0));
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), make_problem(pipeline), make_options(), nullptr));
  char route[32];
  EXPECT_OK(sagips_solver_gradient_route(solver, "data", route, sizeof(route), nullptr));
  EXPECT_STREQ(route, "objective differences");
  for (int i = 0; i < 8; ++i) {
    sagips_batch batch = ask(solver);
    EXPECT_EQ(batch.request, SAGIPS_FORWARD);
    serve(&model, &batch);
    EXPECT_OK(sagips_solver_tell(solver, batch.ticket, 0, nullptr));
  }
}

/// The route of a pipeline of one stage.
std::string route_of(const Stage& stage) {
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  Problem problem = make_problem(pipeline, 0);
  const double events[kY * 2] = {1, 2, 3, 4};
  EXPECT_OK(sagips_problem_set_events(problem, "data", events, nullptr, 2, kY, 0));
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(), nullptr));
  char route[32];
  EXPECT_OK(sagips_solver_gradient_route(solver, "data", route, sizeof(route), nullptr));
  return route;
}

int32_t never_called(void*, sagips_batch*) { return -1; }

TEST(AskState, WhatTheHostServesDecidesTheRouteWhateverCallbacksThereAre) {
  struct Case {
    int32_t has_backward, has_law;
    const char* route;
  };
  const Case cases[] = {
      {0, 0, "objective differences"}, {1, 0, "vjp"}, {0, 1, "score"}, {1, 1, "score"}};
  for (const Case& c : cases) {
    Stage bare, called;
    for (Stage* stage : {&bare, &called}) {
      EXPECT_OK(sagips_stage_create(stage->out(), "far away"));
      EXPECT_OK(sagips_stage_set_shape(*stage, 0, kY, 0, 2));
      EXPECT_OK(sagips_stage_set_external(*stage, 1, c.has_backward, c.has_law));
    }
    EXPECT_OK(sagips_stage_set_forward(called, never_called, nullptr, nullptr));
    EXPECT_OK(sagips_stage_set_backward(called, never_called));
    EXPECT_EQ(route_of(bare), c.route);
    EXPECT_EQ(route_of(called), c.route);
    EXPECT_OK(sagips_stage_set_log_probability(called, never_called));
    EXPECT_EQ(route_of(called), c.route);
    EXPECT_OK(sagips_stage_set_external(called, 0, c.has_backward, c.has_law));
    EXPECT_EQ(route_of(called), "score") << "callbacks again";
    EXPECT_OK(sagips_stage_set_log_probability(called, nullptr));
    EXPECT_EQ(route_of(called), "vjp");
  }
}

TEST(AskState, AHostThatAloneServesALawIsEstimatedByTheForwardCallback) {
  Model model;
  Stage stage = make_source(&model, Route::kPlain);
  EXPECT_OK(sagips_stage_set_external(stage, 1, 0, 1));
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), make_problem(pipeline), make_options(), nullptr));
  train_by_tickets(solver, &model);
  double mean[kP], covariance[kP * kP];
  EXPECT_OK(sagips_solver_estimate(solver, 0, kP, mean, covariance));
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  EXPECT_OK(sagips_pipeline_check(pipeline, kP, kLower, kUpper, 1, &report));
  EXPECT_EQ(report.passed, 1) << report.text;
}

TEST(AskState, TimeBetweenCallsIsTheHosts) {
  Model model;
  const Solver solver = make_solver(Case{""}, By::kTickets, &model);
  train_by_tickets(solver, &model);
  const sagips_progress progress = progress_of(solver);
  EXPECT_GT(progress.seconds_callback, 0);
  EXPECT_LT(progress.seconds_callback, progress.seconds_training);
}

}  // namespace
}  // namespace capi
