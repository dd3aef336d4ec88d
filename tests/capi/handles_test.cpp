// SPDX-License-Identifier: BSD-3-Clause
// A handle of another type, or something that is no handle: refused by name wherever a handle is
// taken, and the handle that was passed stays alive.
#include <algorithm>
#include <set>

#include "world.h"

namespace capi {
namespace {

struct Row {
  const char* name;
  const char* type;  // of the handle that is wrong
  sagips_status (*run)(World*, void* wrong);
};

double number[64];
float weight[8];
int32_t count32;
int64_t count64;
char text[64];

#define OPTIONS static_cast<sagips_options*>(wrong)
#define STAGE static_cast<sagips_stage*>(wrong)
#define PIPELINE static_cast<sagips_pipeline*>(wrong)
#define PROBLEM static_cast<sagips_problem*>(wrong)
#define COMM static_cast<sagips_comm*>(wrong)
#define SOLVER static_cast<sagips_solver*>(wrong)
#define ROW(type, function, ...)                                                       \
  {                                                                                    \
#function, #type, [](World* w, void* wrong) { (void)w; return function(__VA_ARGS__); } \
  }
#define DESTROY(type, function)                                        \
  {                                                                    \
#function, #type, [](World*, void* wrong) {                          \
     auto* handle = static_cast<type*>(wrong);                          \
     const sagips_status status = function(&handle);                    \
     EXPECT_EQ(handle, wrong) << "a refused destroy took the handle";   \
     return status;                                                     \
   } \
  }

const std::vector<Row> kRows{
    DESTROY(sagips_options, sagips_options_destroy),
    ROW(sagips_options, sagips_options_preset, OPTIONS, "fast"),
    ROW(sagips_options, sagips_options_set, OPTIONS, "seed", "1"),
    ROW(sagips_options, sagips_options_set_integer, OPTIONS, "seed", 1),
    ROW(sagips_options, sagips_options_set_real, OPTIONS, "lift.clip", 1),
    ROW(sagips_options, sagips_options_set_boolean, OPTIONS, "standardise", 1),
    ROW(sagips_options, sagips_options_get, OPTIONS, "seed", text, sizeof(text), nullptr),
    ROW(sagips_options, sagips_options_read_toml, OPTIONS, "seed = 1"),
    ROW(sagips_options, sagips_options_load_toml, OPTIONS, "a.toml"),
    ROW(sagips_options, sagips_options_write_toml, OPTIONS, text, sizeof(text), nullptr),
    DESTROY(sagips_stage, sagips_stage_destroy),
    ROW(sagips_stage, sagips_stage_set_shape, STAGE, 0, 2, 1, 2),
    ROW(sagips_stage, sagips_stage_set_parameters, STAGE, 1, &count32),
    ROW(
        sagips_stage, sagips_stage_set_forward, STAGE, [](void*, sagips_batch*) { return 0; },
        nullptr, nullptr),
    ROW(sagips_stage, sagips_stage_set_backward, STAGE, nullptr),
    ROW(sagips_stage, sagips_stage_set_log_probability, STAGE, nullptr),
    ROW(sagips_stage, sagips_stage_set_state, STAGE, nullptr, nullptr),
    ROW(sagips_stage, sagips_stage_set_external, STAGE, 1, 0, 0),
    ROW(sagips_stage, sagips_stage_set_flag, STAGE, SAGIPS_SMOOTH, 1),
    ROW(sagips_stage, sagips_stage_set_tape, STAGE, 1),
    ROW(sagips_stage, sagips_stage_set_step, STAGE, SAGIPS_CENTRAL, 0.1),
    ROW(sagips_stage, sagips_stage_set_directions, STAGE, 4),
    ROW(sagips_stage, sagips_pipeline_add, w->pipeline, STAGE),
    DESTROY(sagips_pipeline, sagips_pipeline_destroy),
    ROW(sagips_pipeline, sagips_pipeline_add, PIPELINE, w->stage),
    ROW(sagips_pipeline, sagips_pipeline_add_builtin, PIPELINE, "kuma6", nullptr),
    ROW(sagips_pipeline, sagips_pipeline_add_background, PIPELINE, "fraction=0.1", number, nullptr,
        1, 2),
    ROW(sagips_pipeline, sagips_pipeline_shape, PIPELINE, &count32, &count32),
    ROW(sagips_pipeline, sagips_pipeline_generate, PIPELINE, kP, kTruth, 3, 1, kY, number, nullptr,
        0, nullptr),
    ROW(sagips_pipeline, sagips_pipeline_check, PIPELINE, kP, kLower, kUpper, 1, &w->report),
    ROW(sagips_pipeline, sagips_problem_add_dataset, w->problem, "more", PIPELINE),
    DESTROY(sagips_problem, sagips_problem_destroy),
    ROW(sagips_problem, sagips_problem_add_parameter, PROBLEM, "x", 0, 1),
    ROW(sagips_problem, sagips_problem_set_unit, PROBLEM, "shift", "m"),
    ROW(sagips_problem, sagips_problem_set_scale, PROBLEM, "width", SAGIPS_LINEAR),
    ROW(sagips_problem, sagips_problem_set_fixed, PROBLEM, "shift", 0),
    ROW(sagips_problem, sagips_problem_set_start, PROBLEM, "shift", 0),
    ROW(sagips_problem, sagips_problem_set_prior, PROBLEM, "shift", 0, 1),
    ROW(sagips_problem, sagips_problem_add_dataset, PROBLEM, "more", w->pipeline),
    ROW(sagips_problem, sagips_problem_set_events, PROBLEM, "data", number, nullptr, 9, kY, 0),
    ROW(sagips_problem, sagips_problem_set_events_float, PROBLEM, "data", weight, nullptr, 2, kY,
        0),
    ROW(sagips_problem, sagips_problem_borrow_events, PROBLEM, "data", number, nullptr, 9, kY, 0,
        nullptr, nullptr),
    ROW(sagips_problem, sagips_problem_borrow_events_float, PROBLEM, "data", weight, nullptr, 2, kY,
        0, nullptr, nullptr),
    ROW(sagips_problem, sagips_problem_add_events, PROBLEM, "data", number, nullptr, nullptr, 9, kY,
        0),
    ROW(sagips_problem, sagips_problem_add_events_float, PROBLEM, "data", weight, nullptr, nullptr,
        2, kY, 0),
    ROW(sagips_problem, sagips_problem_event_count, PROBLEM, "data", &count64),
    ROW(sagips_problem, sagips_problem_set_auxiliary, PROBLEM, "data", 0, 1, 1, SAGIPS_GAUSSIAN),
    ROW(sagips_problem, sagips_problem_set_dataset_weight, PROBLEM, "data", 1),
    DESTROY(sagips_comm, sagips_comm_destroy),
    ROW(sagips_comm, sagips_comm_shape, COMM, &count32, &count32),
    {"sagips_solver_create", "sagips_problem",
     [](World* w, void* wrong) {
       Solver solver;
       return sagips_solver_create(solver.out(), PROBLEM, w->options, w->comm);
     }},
    {"sagips_solver_create", "sagips_options",
     [](World* w, void* wrong) {
       Solver solver;
       return sagips_solver_create(solver.out(), w->problem, OPTIONS, w->comm);
     }},
    {"sagips_solver_create", "sagips_comm",
     [](World* w, void* wrong) {
       Solver solver;
       return sagips_solver_create(solver.out(), w->problem, w->options, COMM);
     }},
    DESTROY(sagips_solver, sagips_solver_destroy),
    ROW(sagips_solver, sagips_solver_step, SOLVER, 1, nullptr),
    ROW(sagips_solver, sagips_solver_ask, SOLVER, &w->batch),
    ROW(sagips_solver, sagips_solver_tell, SOLVER, 1, 0, nullptr),
    ROW(sagips_solver, sagips_solver_ticket, SOLVER, 1, &w->batch),
    ROW(sagips_solver, sagips_solver_tickets, SOLVER, 0, nullptr, &count64),
    ROW(sagips_solver, sagips_solver_progress, SOLVER, &w->progress),
    ROW(sagips_solver, sagips_solver_request_stop, SOLVER),
    ROW(sagips_solver, sagips_solver_condition, SOLVER, &count32),
    ROW(sagips_solver, sagips_solver_shape, SOLVER, &count32, &count32, &count32),
    ROW(sagips_solver, sagips_solver_parameter_name, SOLVER, 0, text, sizeof(text), nullptr),
    ROW(sagips_solver, sagips_solver_dataset_name, SOLVER, 0, text, sizeof(text), nullptr),
    ROW(sagips_solver, sagips_solver_predict, SOLVER, 0, 1, kP, number),
    ROW(sagips_solver, sagips_solver_estimate, SOLVER, 0, kP, number, nullptr),
    ROW(sagips_solver, sagips_solver_describe_estimate, SOLVER, 0, kP, &w->estimate),
    ROW(sagips_solver, sagips_solver_assess, SOLVER, 0, nullptr, &w->assessment),
    ROW(sagips_solver, sagips_solver_weight_count, SOLVER, SAGIPS_GENERATOR, nullptr, &count64),
    ROW(sagips_solver, sagips_solver_get_weights, SOLVER, 0, SAGIPS_GENERATOR, nullptr, 1, weight),
    ROW(sagips_solver, sagips_solver_set_weights, SOLVER, 0, SAGIPS_GENERATOR, nullptr, 1, weight),
    ROW(sagips_solver, sagips_solver_update_events, SOLVER, w->problem),
    ROW(sagips_solver, sagips_solver_save, SOLVER, "folder"),
    ROW(sagips_solver, sagips_solver_load, SOLVER, "folder"),
    ROW(sagips_solver, sagips_solver_options, SOLVER, text, sizeof(text), nullptr),
    ROW(sagips_solver, sagips_solver_gradient_route, SOLVER, "data", text, sizeof(text), nullptr),
    ROW(sagips_solver, sagips_solver_set_progress_callback, SOLVER, nullptr, nullptr),
    ROW(sagips_solver, sagips_solver_set_metrics_callback, SOLVER, nullptr, nullptr),
    ROW(sagips_solver, sagips_solver_set_log_callback, SOLVER, nullptr, nullptr),
    ROW(sagips_solver, sagips_solver_set_parallel_for, SOLVER, nullptr, nullptr),
};

TEST(WrongHandle, OfEveryOtherTypeIsRefusedByName) {
  World w;
  uint64_t zeros[8] = {}, ones[8];
  std::fill(ones, ones + 8, ~uint64_t{0});
  const std::vector<std::pair<std::string, void*>> handles{
      {"sagips_options", static_cast<sagips_options*>(w.options)},
      {"sagips_stage", static_cast<sagips_stage*>(w.stage)},
      {"sagips_pipeline", static_cast<sagips_pipeline*>(w.pipeline)},
      {"sagips_problem", static_cast<sagips_problem*>(w.problem)},
      {"sagips_comm", static_cast<sagips_comm*>(w.comm)},
      {"sagips_solver", static_cast<sagips_solver*>(w.solver)},
      {"zeros", zeros},
      {"ones", ones}};
  for (const Row& row : kRows)
    for (const auto& [type, handle] : handles) {
      if (type == row.type) continue;
      SCOPED_TRACE(row.name + (" is given " + type));
      const sagips_status status = row.run(&w, handle);
      EXPECT_EQ(sagips_status_name(status), std::string("SAGIPS_ERROR_HANDLE"));
      // sagips_solver_request_stop() writes no text: it is for signal handlers.
      if (std::string(row.name) == "sagips_solver_request_stop") continue;
      EXPECT_FAILS(status, SAGIPS_ERROR_HANDLE, {"this is no", row.type, "pass the handle"});
    }
  w.expect_works();
}

TEST(WrongHandle, EveryFunctionThatTakesAHandleHasARow) {
  std::set<std::string> tested, wanted;
  for (const Row& row : kRows) tested.insert(row.name);
  for (const Call& call : all_calls()) wanted.insert(std::string("sagips_") + call.name);
  for (const char* handleless :
       {"sagips_options_create", "sagips_options_describe", "sagips_stage_create",
        "sagips_pipeline_create", "sagips_problem_create", "sagips_comm_create_serial"})
    wanted.erase(handleless);
  EXPECT_EQ(tested, wanted);
}

}  // namespace
}  // namespace capi
