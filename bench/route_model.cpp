// SPDX-License-Identifier: BSD-3-Clause
#include "route_model.h"

#include <cmath>
#include <limits>
#include <memory>

#include "pipeline/builtin.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;

struct Model {
  sagips::Stage builtin;
  Asked* asked;
};

int32_t forward(void* user, sagips_batch* batch) {
  auto* model = static_cast<Model*>(user);
  model->asked->events_made += batch->n_rows * batch->n_events;
  return model->builtin.forward(model->builtin.user.get(), batch);
}

int32_t backward(void* user, sagips_batch* batch) {
  auto* model = static_cast<Model*>(user);
  model->asked->events_pulled_back += batch->n_rows * batch->n_events;
  return model->builtin.backward(model->builtin.user.get(), batch);
}

// log of the Kumaraswamy density of y = s x: a b x^(a-1) (1 - x^a)^(b-1) / s below the edge s.
double log_kumaraswamy(const double* p, double y) {
  const double s = p[0], a = p[1], b = p[2], x = y / s;
  if (!(x > 0 && x < 1)) return -std::numeric_limits<double>::infinity();
  const double log_x = std::log(x);
  return std::log(a * b / s) + (a - 1) * log_x + (b - 1) * std::log(-std::expm1(a * log_x));
}

int32_t log_kuma6(void* user, sagips_batch* batch) {
  static_cast<Model*>(user)->asked->laws_told += batch->n_rows * batch->n_events;
  for (int64_t i = 0; i < batch->n_rows * batch->n_events; ++i) {
    const double* p = batch->parameters + i / batch->n_events * 6;
    batch->log_probability[i] = log_kumaraswamy(p, batch->outputs[2 * i]) +
                                log_kumaraswamy(p + 3, batch->outputs[2 * i + 1]);
  }
  return 0;
}

void release(void* user) { delete static_cast<Model*>(user); }

sagips_tool::Pipeline pipeline_of(const Route& route, const std::string& problem, Asked* asked) {
  auto model = std::make_unique<Model>(Model{sagips::make_builtin(problem, ""), asked});
  const sagips::Stage builtin = model->builtin;
  sagips_stage* stage = nullptr;
  check(sagips_stage_create(&stage, problem.c_str()));
  check(
      sagips_stage_set_shape(stage, 0, builtin.n_outputs, builtin.n_auxiliary, builtin.n_uniforms));
  check(sagips_stage_set_tape(stage, builtin.n_tape));
  check(sagips_stage_set_forward(stage, forward, model.release(), release));
  if (route.has_backward) check(sagips_stage_set_backward(stage, backward));
  if (route.has_law) check(sagips_stage_set_log_probability(stage, log_kuma6));
  check(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, route.is_smooth ? 1 : 0));
  check(sagips_stage_set_step(stage, route.scheme, route.step));
  sagips_pipeline* pipeline = nullptr;
  check(sagips_pipeline_create(&pipeline));
  check(sagips_pipeline_add(pipeline, stage));
  check(sagips_stage_destroy(&stage));
  return sagips_tool::Pipeline(pipeline);
}

}  // namespace

void use_callbacks(const Route& route, Asked* asked, DataSet* data) {
  const sagips_tool::ClosureSpec& spec = *data->spec;
  sagips_tool::Closure& closure = data->closure;
  closure.pipeline = pipeline_of(route, spec.name, asked);
  sagips_problem* problem = nullptr;
  check(sagips_problem_create(&problem));
  closure.problem.reset(problem);
  for (size_t j = 0; j < spec.parameters.size(); ++j) {
    check(sagips_problem_add_parameter(problem, spec.parameters[j].c_str(), spec.lower[j],
                                       spec.upper[j]));
  }
  check(sagips_problem_add_dataset(problem, sagips_tool::kDataset, closure.pipeline.get()));
  check(sagips_problem_borrow_events(problem, sagips_tool::kDataset, closure.events.data(), nullptr,
                                     data->n_events, closure.n_observables, 0, nullptr, nullptr));
  const double root = std::sqrt(static_cast<double>(data->n_events));
  for (size_t k = 0; k < closure.norm_targets.size(); ++k) {
    const double target = closure.norm_targets[k];
    check(sagips_problem_set_auxiliary(problem, sagips_tool::kDataset, static_cast<int32_t>(k),
                                       target, target / root, SAGIPS_GAUSSIAN));
  }
}

}  // namespace sagips_bench
