// SPDX-License-Identifier: BSD-3-Clause
#include "world.h"

namespace capi {
namespace {

using W = World*;
const std::string kToml = "seed = 5\n";
sagips_stage_fn nothing = [](void*, sagips_batch*) -> int32_t { return 0; };
sagips_save_fn save_nothing = [](void*, void*, size_t, size_t* needed) -> int32_t {
  *needed = 0;
  return 0;
};
sagips_restore_fn restore_nothing = [](void*, const void*, size_t) -> int32_t { return 0; };

/// All that is out already, and another ticket.
sagips_status ask_and_tell(sagips_solver* solver, Model* model, sagips_batch* batch) {
  uint64_t out[8];
  int64_t n = 0;
  EXPECT_OK(sagips_solver_tickets(solver, 8, out, &n));
  for (int64_t i = 0; i < n; ++i) {
    EXPECT_OK(sagips_solver_ticket(solver, out[i], batch));
    run_stage(model, kSource, batch);
    EXPECT_OK(sagips_solver_tell(solver, out[i], 0, nullptr));
  }
  EXPECT_OK(sagips_solver_ask(solver, batch));
  run_stage(model, kSource, batch);
  return sagips_solver_tell(solver, batch->ticket, 0, nullptr);
}

template <typename H, typename Create, typename Destroy>
sagips_status create_and_destroy(H** handle, Create create, Destroy destroy) {
  const sagips_status status = create(handle);
  EXPECT_OK(destroy(handle));
  return status;
}

const std::vector<Call> kCalls{
    {"options_create",
     [](W) {
       sagips_options* h = nullptr;
       return create_and_destroy(&h, sagips_options_create, sagips_options_destroy);
     }},
    {"options_destroy",
     [](W) {
       sagips_options* h = nullptr;
       EXPECT_OK(sagips_options_create(&h));
       return sagips_options_destroy(&h);
     }},
    {"options_preset", [](W w) { return sagips_options_preset(w->options, "paper"); }},
    {"options_set", [](W w) { return sagips_options_set(w->options, "generator.rate", "0.25"); }},
    {"options_set_integer", [](W w) { return sagips_options_set_integer(w->options, "rows", 2); }},
    {"options_set_real", [](W w) { return sagips_options_set_real(w->options, "lift.clip", 2.5); }},
    {"options_set_boolean",
     [](W w) { return sagips_options_set_boolean(w->options, "standardise", 1); }},
    {"options_get",
     [](W w) {
       char text[32];
       const auto status = sagips_options_get(w->options, "lift.clip", text, sizeof(text), nullptr);
       EXPECT_STREQ(text, "2.5");
       return status;
     }},
    {"options_read_toml",
     [](W w) {
       return sagips_options_read_toml(w->options, "epochs = 12\nevents = 7\n[lift]\nclip = 1.5\n");
     }},
    {"options_load_toml",
     [](W w) {
       write_text(w->folder / "a.toml", kToml);
       return sagips_options_load_toml(w->options, (w->folder / "a.toml").c_str());
     }},
    {"options_write_toml",
     [](W w) {
       size_t needed = 0;
       return sagips_options_write_toml(w->options, nullptr, 0, &needed);
     }},
    {"options_describe", [](W w) { return sagips_options_describe(3, &w->info); }},
    {"stage_create",
     [](W) {
       sagips_stage* h = nullptr;
       const sagips_status status = sagips_stage_create(&h, "name");
       EXPECT_OK(sagips_stage_destroy(&h));
       return status;
     }},
    {"stage_destroy",
     [](W) {
       sagips_stage* h = nullptr;
       EXPECT_OK(sagips_stage_create(&h, "name"));
       return sagips_stage_destroy(&h);
     }},
    {"stage_set_shape", [](W w) { return sagips_stage_set_shape(w->stage, 0, kY, 1, 2); }},
    {"stage_set_parameters",
     [](W w) {
       const int32_t columns[kP] = {0, 1};
       return sagips_stage_set_parameters(w->stage, kP, columns);
     }},
    {"stage_set_forward",
     [](W) {
       Stage stage;
       EXPECT_OK(sagips_stage_create(stage.out(), "other"));
       return sagips_stage_set_forward(stage, nothing, nullptr, nullptr);
     }},
    {"stage_set_backward",
     [](W) {
       Stage stage;
       EXPECT_OK(sagips_stage_create(stage.out(), "other"));
       return sagips_stage_set_backward(stage, nothing);
     }},
    {"stage_set_log_probability",
     [](W) {
       Stage stage;
       EXPECT_OK(sagips_stage_create(stage.out(), "other"));
       return sagips_stage_set_log_probability(stage, nothing);
     }},
    {"stage_set_state",
     [](W) {
       Stage stage;
       EXPECT_OK(sagips_stage_create(stage.out(), "other"));
       return sagips_stage_set_state(stage, save_nothing, restore_nothing);
     }},
    {"stage_set_external",
     [](W) {
       Stage stage;
       EXPECT_OK(sagips_stage_create(stage.out(), "other"));
       return sagips_stage_set_external(stage, 1, 0, 0);
     }},
    {"stage_set_flag", [](W w) { return sagips_stage_set_flag(w->stage, SAGIPS_SMOOTH, 1); }},
    {"stage_set_tape", [](W w) { return sagips_stage_set_tape(w->stage, 3); }},
    {"stage_set_step", [](W w) { return sagips_stage_set_step(w->stage, SAGIPS_CENTRAL, 0.01); }},
    {"stage_set_directions", [](W w) { return sagips_stage_set_directions(w->stage, 4); }},
    {"pipeline_create",
     [](W) {
       sagips_pipeline* h = nullptr;
       return create_and_destroy(&h, sagips_pipeline_create, sagips_pipeline_destroy);
     }},
    {"pipeline_destroy",
     [](W) {
       sagips_pipeline* h = nullptr;
       EXPECT_OK(sagips_pipeline_create(&h));
       return sagips_pipeline_destroy(&h);
     }},
    {"pipeline_add",
     [](W w) {
       Pipeline pipeline;
       EXPECT_OK(sagips_pipeline_create(pipeline.out()));
       return sagips_pipeline_add(pipeline, w->stage);
     }},
    {"pipeline_add_builtin",
     [](W) {
       Pipeline pipeline;
       EXPECT_OK(sagips_pipeline_create(pipeline.out()));
       return sagips_pipeline_add_builtin(pipeline, "proxy1d", "parameters=3,4,5,0,1,2");
     }},
    {"pipeline_add_background",
     [](W) {
       const double sample[4] = {0.1, 0.2, 0.3, 0.4};
       Pipeline pipeline;
       EXPECT_OK(sagips_pipeline_create(pipeline.out()));
       EXPECT_OK(sagips_pipeline_add_builtin(pipeline, "kuma6", nullptr));
       return sagips_pipeline_add_background(pipeline, "fraction=0.1", sample, nullptr, 2, 2);
     }},
    {"pipeline_shape", [](W w) { return sagips_pipeline_shape(w->pipeline, nullptr, nullptr); }},
    {"pipeline_generate",
     [](W w) {
       double events[3 * kY];
       return sagips_pipeline_generate(w->pipeline, kP, kTruth, 3, 1, kY, events, nullptr, 0,
                                       nullptr);
     }},
    {"pipeline_check",
     [](W w) { return sagips_pipeline_check(w->pipeline, kP, kLower, kUpper, 1, &w->report); }},
    {"problem_create",
     [](W) {
       sagips_problem* h = nullptr;
       return create_and_destroy(&h, sagips_problem_create, sagips_problem_destroy);
     }},
    {"problem_destroy",
     [](W) {
       sagips_problem* h = nullptr;
       EXPECT_OK(sagips_problem_create(&h));
       return sagips_problem_destroy(&h);
     }},
    {"problem_add_parameter",
     [](W) {
       Problem problem;
       EXPECT_OK(sagips_problem_create(problem.out()));
       return sagips_problem_add_parameter(problem, "x", 0, 1);
     }},
    {"problem_set_unit", [](W w) { return sagips_problem_set_unit(w->problem, "shift", "GeV"); }},
    {"problem_set_scale",
     [](W w) { return sagips_problem_set_scale(w->problem, "width", SAGIPS_LOGARITHMIC); }},
    {"problem_set_fixed",
     [](W w) {
       const Problem problem = make_problem(w->pipeline);
       return sagips_problem_set_fixed(problem, "shift", 0.5);
     }},
    {"problem_set_start", [](W w) { return sagips_problem_set_start(w->problem, "shift", 0.1); }},
    {"problem_set_prior", [](W w) { return sagips_problem_set_prior(w->problem, "shift", 0, 1); }},
    {"problem_add_dataset",
     [](W w) {
       const Problem problem = make_problem(w->pipeline);
       return sagips_problem_add_dataset(problem, "more", w->pipeline);
     }},
    {"problem_set_events",
     [](W w) {
       return sagips_problem_set_events(w->problem, "data", w->events.data(), nullptr, 20, kY, 0);
     }},
    {"problem_set_events_float",
     [](W w) {
       return sagips_problem_set_events_float(w->problem, "data", w->float_events.data(), nullptr,
                                              20, kY, 0);
     }},
    {"problem_borrow_events",
     [](W w) {
       return sagips_problem_borrow_events(w->problem, "data", w->events.data(), nullptr, 20, kY, 0,
                                           nullptr, nullptr);
     }},
    {"problem_borrow_events_float",
     [](W w) {
       return sagips_problem_borrow_events_float(w->problem, "data", w->float_events.data(),
                                                 nullptr, 20, kY, 0, nullptr, nullptr);
     }},
    {"problem_add_events",
     [](W w) {
       const Problem problem = make_problem(w->pipeline, 0);
       return sagips_problem_add_events(problem, "data", w->events.data(), nullptr, nullptr, 20, kY,
                                        0);
     }},
    {"problem_add_events_float",
     [](W w) {
       const Problem problem = make_problem(w->pipeline, 0);
       return sagips_problem_add_events_float(problem, "data", w->float_events.data(), nullptr,
                                              nullptr, 20, kY, 0);
     }},
    {"problem_event_count",
     [](W w) {
       int64_t n = 0;
       return sagips_problem_event_count(w->problem, "data", &n);
     }},
    {"problem_set_auxiliary",
     [](W w) {
       return sagips_problem_set_auxiliary(w->problem, "data", 0, 0.6, 0.1, SAGIPS_GAUSSIAN);
     }},
    {"problem_set_dataset_weight",
     [](W w) { return sagips_problem_set_dataset_weight(w->problem, "data", 2); }},
    {"comm_create_serial",
     [](W) {
       sagips_comm* h = nullptr;
       return create_and_destroy(&h, sagips_comm_create_serial, sagips_comm_destroy);
     }},
    {"comm_destroy",
     [](W) {
       sagips_comm* h = nullptr;
       EXPECT_OK(sagips_comm_create_serial(&h));
       return sagips_comm_destroy(&h);
     }},
    {"comm_shape",
     [](W w) {
       int32_t rank = -1, size = -1;
       const sagips_status status = sagips_comm_shape(w->comm, &rank, &size);
       EXPECT_EQ(rank, 0);
       EXPECT_EQ(size, 1);
       return status;
     }},
    {"solver_create",
     [](W w) {
       Solver solver;
       return sagips_solver_create(solver.out(), w->problem, w->options, w->comm);
     }},
    {"solver_destroy",
     [](W w) {
       sagips_solver* h = nullptr;
       EXPECT_OK(sagips_solver_create(&h, w->problem, nullptr, nullptr));
       return sagips_solver_destroy(&h);
     }},
    {"solver_step", [](W w) { return sagips_solver_step(w->solver, 1, &w->progress); }},
    {"solver_ask", [](W w) { return sagips_solver_ask(w->asked, &w->batch); }},
    {"solver_tell", [](W w) { return ask_and_tell(w->asked, &w->model, &w->batch); }},
    {"solver_ticket",
     [](W w) {
       EXPECT_OK(sagips_solver_ask(w->asked, &w->batch));
       return sagips_solver_ticket(w->asked, w->batch.ticket, &w->batch);
     }},
    {"solver_tickets",
     [](W w) {
       int64_t n = 0;
       return sagips_solver_tickets(w->asked, 0, nullptr, &n);
     }},
    {"solver_progress", [](W w) { return sagips_solver_progress(w->solver, &w->progress); }},
    {"solver_request_stop",
     [](W w) {
       const sagips_status status = sagips_solver_request_stop(w->solver);
       EXPECT_OK(sagips_solver_step(w->solver, 1, nullptr));  // takes the request
       return status;
     }},
    {"solver_condition",
     [](W w) {
       int32_t condition = -1;
       return sagips_solver_condition(w->solver, &condition);
     }},
    {"solver_shape", [](W w) { return sagips_solver_shape(w->solver, nullptr, nullptr, nullptr); }},
    {"solver_parameter_name",
     [](W w) {
       char name[32];
       const auto status = sagips_solver_parameter_name(w->solver, 1, name, sizeof(name), nullptr);
       EXPECT_STREQ(name, "width");
       return status;
     }},
    {"solver_dataset_name",
     [](W w) {
       char name[32];
       const auto status = sagips_solver_dataset_name(w->solver, 0, name, sizeof(name), nullptr);
       EXPECT_STREQ(name, "data");
       return status;
     }},
    {"solver_predict",
     [](W w) {
       double rows[5 * kP];
       return sagips_solver_predict(w->solver, 0, 5, kP, rows);
     }},
    {"solver_estimate",
     [](W w) {
       double mean[kP], covariance[kP * kP];
       return sagips_solver_estimate(w->solver, 0, kP, mean, covariance);
     }},
    {"solver_describe_estimate",
     [](W w) {
       double covariance[kP * kP];
       w->estimate.covariance = covariance;
       const auto status = sagips_solver_describe_estimate(w->solver, 0, kP, &w->estimate);
       w->estimate.covariance = nullptr;
       return status;
     }},
    {"solver_assess",
     [](W w) { return sagips_solver_assess(w->solver, 0, nullptr, &w->assessment); }},
    {"solver_weight_count",
     [](W w) {
       int64_t count = 0;
       return sagips_solver_weight_count(w->solver, SAGIPS_DISCRIMINATOR, "data", &count);
     }},
    {"solver_get_weights",
     [](W w) {
       EXPECT_NE(weights_of(w->solver).bytes, "");
       int64_t n = 0;
       EXPECT_OK(sagips_solver_weight_count(w->solver, SAGIPS_GENERATOR, nullptr, &n));
       std::vector<float> weights(static_cast<size_t>(n));
       return sagips_solver_get_weights(w->solver, 0, SAGIPS_GENERATOR, nullptr, n, weights.data());
     }},
    {"solver_set_weights",
     [](W w) {
       int64_t n = 0;
       EXPECT_OK(sagips_solver_weight_count(w->solver, SAGIPS_DISCRIMINATOR, "data", &n));
       const std::vector<float> weights(static_cast<size_t>(n), 0.25F);
       return sagips_solver_set_weights(w->solver, 0, SAGIPS_DISCRIMINATOR, "data", n,
                                        weights.data());
     }},
    {"solver_update_events", [](W w) { return sagips_solver_update_events(w->solver, w->same); }},
    {"solver_save",
     [](W w) { return sagips_solver_save(w->solver, (w->folder / "save").c_str()); }},
    {"solver_load",
     [](W w) {
       EXPECT_OK(sagips_solver_save(w->solver, (w->folder / "load").c_str()));
       return sagips_solver_load(w->solver, (w->folder / "load").c_str());
     }},
    {"solver_options",
     [](W w) {
       size_t needed = 0;
       return sagips_solver_options(w->solver, nullptr, 0, &needed);
     }},
    {"solver_gradient_route",
     [](W w) {
       char route[32];
       const auto status =
           sagips_solver_gradient_route(w->solver, "data", route, sizeof(route), nullptr);
       EXPECT_STREQ(route, "vjp");
       return status;
     }},
    {"solver_set_progress_callback",
     [](W w) { return sagips_solver_set_progress_callback(w->solver, nullptr, nullptr); }},
    {"solver_set_metrics_callback",
     [](W w) { return sagips_solver_set_metrics_callback(w->solver, nullptr, nullptr); }},
    {"solver_set_log_callback",
     [](W w) { return sagips_solver_set_log_callback(w->solver, nullptr, nullptr); }},
    {"solver_set_parallel_for",
     [](W w) { return sagips_solver_set_parallel_for(w->solver, nullptr, nullptr); }},
};

}  // namespace

World::World() {
  EXPECT_OK(sagips_comm_create_serial(comm.out()));
  EXPECT_OK(sagips_solver_create(solver.out(), problem, options, comm));
  Stage served = make_source(&model);
  Pipeline alone;
  EXPECT_OK(sagips_stage_set_external(served, 1, 1, 0));
  EXPECT_OK(sagips_pipeline_create(alone.out()));
  EXPECT_OK(sagips_pipeline_add(alone, served));
  EXPECT_OK(sagips_solver_create(asked.out(), make_problem(alone), options, comm));
  info.struct_size = sizeof(info);
  batch.struct_size = sizeof(batch);
  report.struct_size = sizeof(report);
  progress.struct_size = sizeof(progress);
  estimate.struct_size = sizeof(estimate);
  assessment.struct_size = sizeof(assessment);
}

void World::expect_works() {
  EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
  EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_NONE);
  Pipeline filled;
  EXPECT_OK(sagips_pipeline_create(filled.out()));
  EXPECT_OK(sagips_pipeline_add(filled, stage));
  EXPECT_EQ(make_events(filled, 3), make_events(pipeline, 3));
  Solver fresh;
  EXPECT_OK(sagips_solver_create(fresh.out(), problem, options, comm));
  EXPECT_OK(sagips_solver_step(fresh, 1, nullptr));
  EXPECT_TRUE(is_finite(fresh));
}

const std::vector<Call>& all_calls() { return kCalls; }

}  // namespace capi
