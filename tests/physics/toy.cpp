// SPDX-License-Identifier: BSD-3-Clause
#include "toy.h"

#include <cmath>
#include <stdexcept>

namespace toy {
namespace {

void check(sagips_status status) {
  if (status != SAGIPS_OK) throw std::runtime_error(sagips_last_error());
}

/// y/mu before it is put on the grid.
double shape(const Model& m, const double* uniforms, int32_t j) {
  return -std::log1p(-uniforms[j]) * (1 + m.smearing * (2 * uniforms[2 + j] - 1));
}

int32_t forward(void* user, sagips_batch* b) {
  const Model& m = *static_cast<const Model*>(user);
  for (int64_t n = 0; n < b->n_rows; ++n)
    for (int64_t e = n * b->n_events; e < (n + 1) * b->n_events; ++e)
      for (int32_t j = 0; j < 2; ++j) {
        const double y = b->parameters[n * 2 + j] * shape(m, b->uniforms + e * 4, j);
        b->outputs[e * 2 + j] = m.grid > 0 ? m.grid * std::floor(y / m.grid) : y;
      }
  return 0;
}

int32_t backward(void* user, sagips_batch* b) {
  const Model& m = *static_cast<const Model*>(user);
  if (m.grid > 0) return 0;  // an event on a grid moves nowhere, or jumps: its derivative is 0
  for (int64_t n = 0; n < b->n_rows; ++n)
    for (int64_t e = n * b->n_events; e < (n + 1) * b->n_events; ++e)
      for (int32_t j = 0; j < 2; ++j)
        b->grad_parameters[n * 2 + j] +=
            b->grad_outputs[e * 2 + j] * shape(m, b->uniforms + e * 4, j);
  return 0;
}

sagips_pipeline* make_pipeline(const Model& model) {
  sagips_stage* stage = nullptr;
  check(sagips_stage_create(&stage, "toy"));
  check(sagips_stage_set_shape(stage, 0, 2, 0, 4));
  check(sagips_stage_set_forward(stage, forward, const_cast<Model*>(&model), nullptr));
  if (model.has_backward) check(sagips_stage_set_backward(stage, backward));
  check(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, model.is_smooth));
  sagips_pipeline* pipeline = nullptr;
  check(sagips_pipeline_create(&pipeline));
  check(sagips_pipeline_add(pipeline, stage));
  check(sagips_stage_destroy(&stage));
  return pipeline;
}

}  // namespace

std::vector<double> generate(const Model& model, int64_t n, uint64_t seed) {
  sagips_pipeline* pipeline = make_pipeline(model);
  std::vector<double> events(static_cast<size_t>(2 * n));
  check(sagips_pipeline_generate(pipeline, kParameters, kTruth, n, seed, 2, events.data(), nullptr,
                                 0, nullptr));
  check(sagips_pipeline_destroy(&pipeline));
  return events;
}

Outcome train(const Model& model, const std::vector<double>& events, uint64_t seed, int64_t epochs,
              bool assess) {
  sagips_pipeline* pipeline = make_pipeline(model);
  sagips_problem* problem = nullptr;
  check(sagips_problem_create(&problem));
  check(sagips_problem_add_parameter(problem, "mu0", kLower, kUpper));
  check(sagips_problem_add_parameter(problem, "mu1", kLower, kUpper));
  check(sagips_problem_add_dataset(problem, "toy", pipeline));
  check(sagips_problem_borrow_events(problem, "toy", events.data(), nullptr,
                                     static_cast<int64_t>(events.size() / 2), 2, 0, nullptr,
                                     nullptr));
  sagips_options* options = nullptr;
  check(sagips_options_create(&options));
  check(sagips_options_set_integer(options, "seed", static_cast<int64_t>(seed)));
  check(sagips_options_set_integer(options, "epochs", epochs));
  check(sagips_options_set_integer(options, "events", 256));
  check(sagips_options_set_real(options, "data.holdout", 0.1));
  sagips_solver* solver = nullptr;
  check(sagips_solver_create(&solver, problem, options, nullptr));
  check(sagips_options_destroy(&options));
  check(sagips_problem_destroy(&problem));
  check(sagips_pipeline_destroy(&pipeline));

  Outcome outcome;
  double covariance[kParameters * kParameters];
  check(sagips_solver_step(solver, epochs, nullptr));
  check(sagips_solver_estimate(solver, 0, kParameters, outcome.estimate, covariance));
  for (int32_t i = 0; i < kParameters; ++i)
    outcome.sigma[i] = std::sqrt(covariance[i * kParameters + i]);
  outcome.assessment.struct_size = sizeof(outcome.assessment);
  if (assess) check(sagips_solver_assess(solver, 0, "toy", &outcome.assessment));
  check(sagips_solver_gradient_route(solver, "toy", outcome.route, sizeof(outcome.route), nullptr));
  check(sagips_solver_destroy(&solver));
  return outcome;
}

}  // namespace toy
