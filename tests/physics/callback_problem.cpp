// SPDX-License-Identifier: BSD-3-Clause
#include "callback_problem.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace toy {
namespace {

void check(sagips_status status) {
  if (status != SAGIPS_OK) throw std::runtime_error(sagips_last_error());
}

sagips_pipeline* make_pipeline(const CallbackProblem& p) {
  sagips_stage* stage = nullptr;
  check(sagips_stage_create(&stage, "model"));
  check(sagips_stage_set_shape(stage, 0, p.n_outputs, 0, p.n_uniforms));
  check(sagips_stage_set_forward(stage, p.forward, nullptr, nullptr));
  if (p.backward != nullptr) check(sagips_stage_set_backward(stage, p.backward));
  if (p.log_probability != nullptr)
    check(sagips_stage_set_log_probability(stage, p.log_probability));
  check(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, p.is_smooth ? 1 : 0));
  check(sagips_stage_set_step(stage, p.scheme, p.step));
  sagips_pipeline* pipeline = nullptr;
  check(sagips_pipeline_create(&pipeline));
  check(sagips_pipeline_add(pipeline, stage));
  check(sagips_stage_destroy(&stage));
  return pipeline;
}

}  // namespace

std::vector<double> generate(const CallbackProblem& p, int64_t n, uint64_t seed) {
  sagips_pipeline* pipeline = make_pipeline(p);
  std::vector<double> events(static_cast<size_t>(n * p.n_outputs)), kept;
  std::vector<double> weights(static_cast<size_t>(n));
  check(sagips_pipeline_generate(pipeline, static_cast<int32_t>(p.truth.size()), p.truth.data(), n,
                                 seed, p.n_outputs, events.data(), weights.data(), 0, nullptr));
  check(sagips_pipeline_destroy(&pipeline));
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto event = events.begin() + static_cast<int64_t>(i) * p.n_outputs;
    if (weights[i] != 0) kept.insert(kept.end(), event, event + p.n_outputs);
  }
  return kept;
}

Estimate train(const CallbackProblem& p, const std::vector<double>& events, uint64_t seed,
               int64_t epochs) {
  sagips_pipeline* pipeline = make_pipeline(p);
  sagips_problem* problem = nullptr;
  check(sagips_problem_create(&problem));
  const size_t n = p.truth.size();
  for (size_t j = 0; j < n; ++j)
    check(sagips_problem_add_parameter(problem, ("p" + std::to_string(j)).c_str(), p.lower[j],
                                       p.upper[j]));
  check(sagips_problem_add_dataset(problem, "data", pipeline));
  check(sagips_problem_borrow_events(problem, "data", events.data(), nullptr,
                                     static_cast<int64_t>(events.size()) / p.n_outputs, p.n_outputs,
                                     0, nullptr, nullptr));
  sagips_options* options = nullptr;
  check(sagips_options_create(&options));
  check(sagips_options_set_integer(options, "seed", static_cast<int64_t>(seed)));
  check(sagips_options_set_integer(options, "epochs", epochs));
  check(sagips_options_set_integer(options, "events", 256));
  sagips_solver* solver = nullptr;
  check(sagips_solver_create(&solver, problem, options, nullptr));
  check(sagips_options_destroy(&options));
  check(sagips_problem_destroy(&problem));
  check(sagips_pipeline_destroy(&pipeline));

  Estimate estimate;
  estimate.mean.resize(n), estimate.sigma.resize(n);
  std::vector<double> covariance(n * n);
  check(sagips_solver_step(solver, epochs, nullptr));
  check(sagips_solver_estimate(solver, 0, static_cast<int32_t>(n), estimate.mean.data(),
                               covariance.data()));
  for (size_t j = 0; j < n; ++j) estimate.sigma[j] = std::sqrt(covariance[j * n + j]);
  check(sagips_solver_destroy(&solver));
  return estimate;
}

}  // namespace toy
