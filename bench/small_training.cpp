// SPDX-License-Identifier: BSD-3-Clause
#include "small_training.h"

#include <string>
#include <vector>

#include "closure_run.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;

constexpr int64_t kMeasuredEvents = 10000;  // the training's data

}  // namespace

sagips_tool::Pipeline make_busy_pipeline(BusyModel* model, ServedBy by) {
  sagips_stage* stage = nullptr;
  check(sagips_stage_create(&stage, "busy"));
  check(sagips_stage_set_shape(stage, 0, 1, 0, 1));
  check(sagips_stage_set_forward(stage, busy_forward, model, nullptr));
  check(sagips_stage_set_backward(stage, busy_backward));
  const int32_t is_asked = by == ServedBy::kTickets ? 1 : 0;
  check(sagips_stage_set_external(stage, is_asked, is_asked, 0));
  sagips_pipeline* pipeline = nullptr;
  check(sagips_pipeline_create(&pipeline));
  sagips_tool::Pipeline owner(pipeline);
  const sagips_status status = sagips_pipeline_add(pipeline, stage);
  check(sagips_stage_destroy(&stage));
  check(status);
  return owner;
}

sagips_tool::Solver make_small_solver(const sagips_pipeline* pipeline, int64_t n_rows,
                                      int64_t n_events, int64_t rows_a_ticket) {
  const Vector truth = {0.5};
  Vector events(static_cast<size_t>(kMeasuredEvents));
  check(sagips_pipeline_generate(pipeline, 1, truth.data(), kMeasuredEvents, 1, 1, events.data(),
                                 nullptr, 0, nullptr));
  sagips_problem* created = nullptr;
  check(sagips_problem_create(&created));
  const sagips_tool::Problem problem(created);
  check(sagips_problem_add_parameter(created, "p", 0, 1));
  check(sagips_problem_add_dataset(created, "data", pipeline));
  check(sagips_problem_set_events(created, "data", events.data(), nullptr, kMeasuredEvents, 1, 0));
  const sagips_tool::Options options = fast_options({{"generator.kind", "direct"},
                                                     {"generator.input", "point"},
                                                     {"discriminator.hidden", ""},
                                                     {"lift.degree", "1"},
                                                     {"lift.cross_degree", "0"},
                                                     {"growth.factor", "1"},
                                                     {"epochs", "100000000"},
                                                     {"rows", std::to_string(n_rows)},
                                                     {"events", std::to_string(n_events)},
                                                     {"ask.rows", std::to_string(rows_a_ticket)}});
  return sagips_tool::make_solver(created, options.get());
}

}  // namespace sagips_bench
