// SPDX-License-Identifier: 0BSD
// The model, an example to replace: decay times with the mean life tau, measured with a Gaussian
// resolution sigma,
//   y = -tau log(u0) + sigma g,   g = sqrt(-2 log(u1)) cos(2 pi u2),   u uniform in (0, 1).
#include "model.h"

#include <cmath>

namespace {

constexpr int kUniforms = 3;  // random numbers that an event takes

double decay_time(const double* u) { return -std::log(u[0]); }  // with mean life 1
double gauss(const double* u) {
  return std::sqrt(-2 * std::log(u[1])) * std::cos(6.283185307179586 * u[2]);
}

// Theory and detector: N rows of parameters -> E events each. A pure function of the batch: all
// randomness comes from `uniforms`. An event that the detector misses gets weight 0. What it throws
// ends the training with the text of what().
void forward(const sgp::Batch& batch) {
  for (int64_t row = 0; row < batch.n_rows(); ++row) {
    const double tau = batch.parameters(row)[0], sigma = batch.parameters(row)[1];
    for (int64_t event = 0; event < batch.n_events(); ++event) {
      const double* u = batch.uniforms(row, event);
      batch.outputs(row, event)[0] = tau * decay_time(u) + sigma * gauss(u);
    }
  }
}

// The vector-Jacobian product: ADDS grad_outputs * dy/dparameter. You have no derivative? Delete
// this function and its name below: differences take its place, at the cost of more calls.
void backward(const sgp::Batch& batch) {
  for (int64_t row = 0; row < batch.n_rows(); ++row) {
    double* grad = batch.grad_parameters(row);
    for (int64_t event = 0; event < batch.n_events(); ++event) {
      const double* u = batch.uniforms(row, event);
      grad[0] += batch.grad_outputs(row, event)[0] * decay_time(u);
      grad[1] += batch.grad_outputs(row, event)[0] * gauss(u);
    }
  }
}

}  // namespace

const std::vector<Parameter>& model_parameters() {
  static const std::vector<Parameter> parameters = {
      {"tau", 0.5, 5.0, 2.2},
      {"sigma", 0.1, 2.0, 0.8},
  };
  return parameters;
}

sgp::Pipeline model_pipeline() {
  sgp::Stage stage("decay");
  stage.set_shape(0, kObservables, 0, kUniforms);
  stage.set_model(forward, backward);  // or any callables, with state of their own
  // No event jumps, is cut or steps in weight. Delete this where your model does one of those.
  stage.set_flag(SAGIPS_SMOOTH);

  sgp::Pipeline pipeline;
  pipeline.add(stage);  // a copy; more stages may follow
  return pipeline;
}
