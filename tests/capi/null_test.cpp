// SPDX-License-Identifier: BSD-3-Clause
// NULL for every pointer that must point to something: refused with a text, and everything works
// on.
#include <set>

#include "world.h"

namespace capi {
namespace {

/// A call with one pointer NULL.
struct NullRow {
  const char* name;
  sagips_status (*run)(World*);
};

char text[64];
double number[64];
float weight[1024];
int32_t count32;
int64_t count64;
size_t needed;

#define ROW(function, ...)                                         \
  {                                                                \
#function, [](World* w) { (void)w; return function(__VA_ARGS__); } \
  }
const std::vector<NullRow> kNulls{
    ROW(sagips_options_create, nullptr),
    ROW(sagips_options_destroy, nullptr),
    ROW(sagips_options_preset, nullptr, "fast"),
    ROW(sagips_options_preset, w->options, nullptr),
    ROW(sagips_options_set, nullptr, "seed", "1"),
    ROW(sagips_options_set, w->options, nullptr, "1"),
    ROW(sagips_options_set, w->options, "seed", nullptr),
    ROW(sagips_options_set_integer, nullptr, "seed", 1),
    ROW(sagips_options_set_integer, w->options, nullptr, 1),
    ROW(sagips_options_set_real, nullptr, "lift.clip", 1),
    ROW(sagips_options_set_real, w->options, nullptr, 1),
    ROW(sagips_options_set_boolean, nullptr, "standardise", 1),
    ROW(sagips_options_set_boolean, w->options, nullptr, 1),
    ROW(sagips_options_get, nullptr, "seed", text, sizeof(text), &needed),
    ROW(sagips_options_get, w->options, nullptr, text, sizeof(text), &needed),
    ROW(sagips_options_get, w->options, "seed", nullptr, 8, &needed),
    ROW(sagips_options_read_toml, nullptr, "seed = 1"),
    ROW(sagips_options_read_toml, w->options, nullptr),
    ROW(sagips_options_load_toml, nullptr, "a.toml"),
    ROW(sagips_options_load_toml, w->options, nullptr),
    ROW(sagips_options_write_toml, nullptr, text, sizeof(text), &needed),
    ROW(sagips_options_write_toml, w->options, nullptr, 8, &needed),
    ROW(sagips_options_describe, 0, nullptr),
    ROW(sagips_stage_create, nullptr, "name"),
    ROW(sagips_stage_destroy, nullptr),
    ROW(sagips_stage_set_shape, nullptr, 0, 2, 1, 2),
    ROW(sagips_stage_set_parameters, nullptr, 1, &count32),
    ROW(sagips_stage_set_parameters, w->stage, 1, nullptr),
    ROW(
        sagips_stage_set_forward, nullptr, [](void*, sagips_batch*) { return 0; }, nullptr,
        nullptr),
    ROW(sagips_stage_set_forward, w->stage, nullptr, nullptr, nullptr),
    ROW(sagips_stage_set_backward, nullptr, nullptr),
    ROW(sagips_stage_set_log_probability, nullptr, nullptr),
    ROW(sagips_stage_set_state, nullptr, nullptr, nullptr),
    ROW(
        sagips_stage_set_state, w->stage, [](void*, void*, size_t, size_t*) { return 0; }, nullptr),
    ROW(sagips_stage_set_state, w->stage, nullptr, [](void*, const void*, size_t) { return 0; }),
    ROW(sagips_stage_set_external, nullptr, 1, 0, 0),
    ROW(sagips_stage_set_flag, nullptr, SAGIPS_SMOOTH, 1),
    ROW(sagips_stage_set_tape, nullptr, 1),
    ROW(sagips_stage_set_step, nullptr, SAGIPS_CENTRAL, 0.1),
    ROW(sagips_stage_set_directions, nullptr, 4),
    ROW(sagips_pipeline_create, nullptr),
    ROW(sagips_pipeline_destroy, nullptr),
    ROW(sagips_pipeline_add, nullptr, w->stage),
    ROW(sagips_pipeline_add, w->pipeline, nullptr),
    ROW(sagips_pipeline_add_builtin, nullptr, "kuma6", nullptr),
    ROW(sagips_pipeline_add_builtin, w->pipeline, nullptr, nullptr),
    ROW(sagips_pipeline_add_background, nullptr, "fraction=0.1", number, nullptr, 1, 2),
    ROW(sagips_pipeline_add_background, w->pipeline, nullptr, number, nullptr, 1, 2),
    ROW(sagips_pipeline_add_background, w->pipeline, "fraction=0.1", nullptr, nullptr, 1, 2),
    ROW(sagips_pipeline_shape, nullptr, &count32, &count32),
    ROW(sagips_pipeline_generate, nullptr, kP, kTruth, 3, 1, kY, number, nullptr, 0, nullptr),
    ROW(sagips_pipeline_generate, w->pipeline, kP, nullptr, 3, 1, kY, number, nullptr, 0, nullptr),
    ROW(sagips_pipeline_generate, w->pipeline, kP, kTruth, 3, 1, kY, nullptr, nullptr, 0, nullptr),
    ROW(sagips_pipeline_check, nullptr, kP, kLower, kUpper, 1, &w->report),
    ROW(sagips_pipeline_check, w->pipeline, kP, nullptr, kUpper, 1, &w->report),
    ROW(sagips_pipeline_check, w->pipeline, kP, kLower, nullptr, 1, &w->report),
    ROW(sagips_pipeline_check, w->pipeline, kP, kLower, kUpper, 1, nullptr),
    ROW(sagips_problem_create, nullptr),
    ROW(sagips_problem_destroy, nullptr),
    ROW(sagips_problem_add_parameter, nullptr, "x", 0, 1),
    ROW(sagips_problem_add_parameter, w->problem, nullptr, 0, 1),
    ROW(sagips_problem_set_unit, nullptr, "shift", "m"),
    ROW(sagips_problem_set_unit, w->problem, nullptr, "m"),
    ROW(sagips_problem_set_unit, w->problem, "shift", nullptr),
    ROW(sagips_problem_set_scale, nullptr, "width", SAGIPS_LINEAR),
    ROW(sagips_problem_set_scale, w->problem, nullptr, SAGIPS_LINEAR),
    ROW(sagips_problem_set_fixed, nullptr, "shift", 0),
    ROW(sagips_problem_set_fixed, w->problem, nullptr, 0),
    ROW(sagips_problem_set_start, nullptr, "shift", 0),
    ROW(sagips_problem_set_start, w->problem, nullptr, 0),
    ROW(sagips_problem_set_prior, nullptr, "shift", 0, 1),
    ROW(sagips_problem_set_prior, w->problem, nullptr, 0, 1),
    ROW(sagips_problem_add_dataset, nullptr, "more", w->pipeline),
    ROW(sagips_problem_add_dataset, w->problem, nullptr, w->pipeline),
    ROW(sagips_problem_add_dataset, w->problem, "more", nullptr),
    ROW(sagips_problem_set_events, nullptr, "data", number, nullptr, 9, kY, 0),
    ROW(sagips_problem_set_events, w->problem, nullptr, number, nullptr, 9, kY, 0),
    ROW(sagips_problem_set_events, w->problem, "data", nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_set_events_float, nullptr, "data", weight, nullptr, 9, kY, 0),
    ROW(sagips_problem_set_events_float, w->problem, nullptr, weight, nullptr, 9, kY, 0),
    ROW(sagips_problem_set_events_float, w->problem, "data", nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_borrow_events, nullptr, "data", number, nullptr, 9, kY, 0, nullptr, nullptr),
    ROW(sagips_problem_borrow_events, w->problem, nullptr, number, nullptr, 9, kY, 0, nullptr,
        nullptr),
    ROW(sagips_problem_borrow_events, w->problem, "data", nullptr, nullptr, 9, kY, 0, nullptr,
        nullptr),
    ROW(sagips_problem_borrow_events_float, nullptr, "data", weight, nullptr, 9, kY, 0, nullptr,
        nullptr),
    ROW(sagips_problem_borrow_events_float, w->problem, nullptr, weight, nullptr, 9, kY, 0, nullptr,
        nullptr),
    ROW(sagips_problem_borrow_events_float, w->problem, "data", nullptr, nullptr, 9, kY, 0, nullptr,
        nullptr),
    ROW(sagips_problem_add_events, nullptr, "data", number, nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_add_events, w->problem, nullptr, number, nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_add_events, w->problem, "data", nullptr, nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_add_events_float, nullptr, "data", weight, nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_add_events_float, w->problem, nullptr, weight, nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_add_events_float, w->problem, "data", nullptr, nullptr, nullptr, 9, kY, 0),
    ROW(sagips_problem_event_count, nullptr, "data", &count64),
    ROW(sagips_problem_event_count, w->problem, nullptr, &count64),
    ROW(sagips_problem_event_count, w->problem, "data", nullptr),
    ROW(sagips_problem_set_auxiliary, nullptr, "data", 0, 1, 1, SAGIPS_GAUSSIAN),
    ROW(sagips_problem_set_auxiliary, w->problem, nullptr, 0, 1, 1, SAGIPS_GAUSSIAN),
    ROW(sagips_problem_set_dataset_weight, nullptr, "data", 1),
    ROW(sagips_problem_set_dataset_weight, w->problem, nullptr, 1),
    ROW(sagips_comm_create_serial, nullptr),
    ROW(sagips_comm_destroy, nullptr),
    ROW(sagips_comm_shape, nullptr, &count32, &count32),
    ROW(sagips_solver_create, w->solver.out(), nullptr, w->options, w->comm),
    ROW(sagips_solver_create, nullptr, w->problem, w->options, w->comm),
    ROW(sagips_solver_destroy, nullptr),
    ROW(sagips_solver_step, nullptr, 1, nullptr),
    ROW(sagips_solver_ask, nullptr, &w->batch),
    ROW(sagips_solver_ask, w->asked, nullptr),
    ROW(sagips_solver_tell, nullptr, 1, 0, nullptr),
    ROW(sagips_solver_ticket, nullptr, 1, &w->batch),
    ROW(sagips_solver_ticket, w->asked, 1, nullptr),
    ROW(sagips_solver_tickets, nullptr, 0, nullptr, &count64),
    ROW(sagips_solver_tickets, w->asked, 1, nullptr, &count64),
    ROW(sagips_solver_tickets, w->asked, 0, nullptr, nullptr),
    ROW(sagips_solver_progress, nullptr, &w->progress),
    ROW(sagips_solver_progress, w->solver, nullptr),
    ROW(sagips_solver_request_stop, nullptr),
    ROW(sagips_solver_condition, nullptr, &count32),
    ROW(sagips_solver_condition, w->solver, nullptr),
    ROW(sagips_solver_shape, nullptr, &count32, &count32, &count32),
    ROW(sagips_solver_parameter_name, nullptr, 0, text, sizeof(text), &needed),
    ROW(sagips_solver_parameter_name, w->solver, 0, nullptr, 8, &needed),
    ROW(sagips_solver_dataset_name, nullptr, 0, text, sizeof(text), &needed),
    ROW(sagips_solver_dataset_name, w->solver, 0, nullptr, 8, &needed),
    ROW(sagips_solver_predict, nullptr, 0, 1, kP, number),
    ROW(sagips_solver_predict, w->solver, 0, 1, kP, nullptr),
    ROW(sagips_solver_estimate, nullptr, 0, kP, number, nullptr),
    ROW(sagips_solver_estimate, w->solver, 0, kP, nullptr, number),
    ROW(sagips_solver_describe_estimate, nullptr, 0, kP, &w->estimate),
    ROW(sagips_solver_describe_estimate, w->solver, 0, kP, nullptr),
    ROW(sagips_solver_assess, nullptr, 0, nullptr, &w->assessment),
    ROW(sagips_solver_assess, w->solver, 0, nullptr, nullptr),
    ROW(sagips_solver_weight_count, nullptr, SAGIPS_GENERATOR, nullptr, &count64),
    ROW(sagips_solver_weight_count, w->solver, SAGIPS_GENERATOR, nullptr, nullptr),
    ROW(sagips_solver_weight_count, w->solver, SAGIPS_DISCRIMINATOR, nullptr, &count64),
    ROW(sagips_solver_get_weights, nullptr, 0, SAGIPS_GENERATOR, nullptr, 1, weight),
    ROW(sagips_solver_get_weights, w->solver, 0, SAGIPS_DISCRIMINATOR, nullptr, 1, weight),
    {"sagips_solver_get_weights",
     [](World* w) {
       sagips_solver_weight_count(w->solver, SAGIPS_GENERATOR, nullptr, &count64);
       return sagips_solver_get_weights(w->solver, 0, SAGIPS_GENERATOR, nullptr, count64, nullptr);
     }},
    ROW(sagips_solver_set_weights, nullptr, 0, SAGIPS_GENERATOR, nullptr, 1, weight),
    ROW(sagips_solver_set_weights, w->solver, 0, SAGIPS_DISCRIMINATOR, nullptr, 1, weight),
    {"sagips_solver_set_weights",
     [](World* w) {
       sagips_solver_weight_count(w->solver, SAGIPS_GENERATOR, nullptr, &count64);
       return sagips_solver_set_weights(w->solver, 0, SAGIPS_GENERATOR, nullptr, count64, nullptr);
     }},
    ROW(sagips_solver_update_events, nullptr, w->problem),
    ROW(sagips_solver_update_events, w->solver, nullptr),
    ROW(sagips_solver_save, nullptr, "folder"),
    ROW(sagips_solver_save, w->solver, nullptr),
    ROW(sagips_solver_load, nullptr, "folder"),
    ROW(sagips_solver_load, w->solver, nullptr),
    ROW(sagips_solver_options, nullptr, text, sizeof(text), &needed),
    ROW(sagips_solver_options, w->solver, nullptr, 8, &needed),
    ROW(sagips_solver_gradient_route, nullptr, "data", text, sizeof(text), &needed),
    ROW(sagips_solver_gradient_route, w->solver, nullptr, text, sizeof(text), &needed),
    ROW(sagips_solver_gradient_route, w->solver, "data", nullptr, 8, &needed),
    ROW(sagips_solver_set_progress_callback, nullptr, nullptr, nullptr),
    ROW(sagips_solver_set_metrics_callback, nullptr, nullptr, nullptr),
    ROW(sagips_solver_set_log_callback, nullptr, nullptr, nullptr),
    ROW(sagips_solver_set_parallel_for, nullptr, nullptr, nullptr),
};
#undef ROW

TEST(Null, IsRefusedForEveryPointerThatMustPointSomewhere) {
  World world;
  for (const NullRow& row : kNulls) {
    SCOPED_TRACE(row.name);
    EXPECT_FAILS(sagips_options_set(world.options, "", ""), SAGIPS_ERROR_OPTION);  // another text
    const sagips_status status = row.run(&world);
    EXPECT_EQ(sagips_status_name(status), std::string("SAGIPS_ERROR_NULL"));
    // sagips_solver_request_stop() writes no text: it is for signal handlers.
    if (std::string(row.name) == "sagips_solver_request_stop") continue;
    EXPECT_FAILS(status, SAGIPS_ERROR_NULL, {"NULL", "must"});
  }
  world.expect_works();
}

TEST(Null, EveryFunctionThatReturnsAStatusHasARow) {
  std::set<std::string> tested, all;
  for (const NullRow& row : kNulls) tested.insert(row.name);
  for (const Call& call : all_calls()) all.insert(std::string("sagips_") + call.name);
  EXPECT_EQ(tested, all);
}

TEST(Null, DestroyingNothingIsFineAndDestroyedHandlesAreNull) {
  World world;
  sagips_options* options = nullptr;
  for (int i = 0; i < 2; ++i) EXPECT_OK(sagips_options_destroy(&options));
  EXPECT_OK(sagips_options_create(&options));
  EXPECT_OK(sagips_options_destroy(&options));
  EXPECT_EQ(options, nullptr);
  EXPECT_FAILS(sagips_options_set(options, "seed", "1"), SAGIPS_ERROR_NULL, {"sagips_options"});
  for (const Call& call : all_calls()) EXPECT_OK(call.run(&world)) << call.name;
  EXPECT_OK(sagips_solver_destroy(world.solver.out()));
  EXPECT_EQ(world.solver, nullptr);
  EXPECT_FAILS(sagips_solver_step(world.solver, 1, nullptr), SAGIPS_ERROR_NULL, {"sagips_solver"});
}

}  // namespace
}  // namespace capi
