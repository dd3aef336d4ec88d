/* SPDX-License-Identifier: 0BSD */
/* The model, an example to replace: decay times with the mean life tau, measured with a Gaussian
 * resolution sigma,
 *   y = -tau log(u0) + sigma g,   g = sqrt(-2 log(u1)) cos(2 pi u2),   u uniform in (0, 1). */
#include "model.h"

#include <math.h>
#include <stddef.h>

#include "fail.h"

enum { U = 3 }; /* random numbers that an event takes */

const Parameter model_parameters[P] = {
    {"tau", 0.5, 5.0, 2.2},
    {"sigma", 0.1, 2.0, 0.8},
};

static double decay_time(const double* u) { return -log(u[0]); } /* with mean life 1 */
static double gauss(const double* u) {
  return sqrt(-2 * log(u[1])) * cos(6.283185307179586 * u[2]);
}

/* Theory and detector: N rows of parameters -> E events each. A pure function of the batch: all
 * randomness comes from `uniforms`. An event that the detector misses gets weight 0. */
static int32_t forward(void* user, sagips_batch* batch) {
  (void)user;
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const double tau = batch->parameters[row * P], sigma = batch->parameters[row * P + 1];
    for (int64_t i = row * batch->n_events; i < (row + 1) * batch->n_events; ++i) {
      const double* u = batch->uniforms + i * U;
      batch->outputs[i * Y] = tau * decay_time(u) + sigma * gauss(u);
    }
  }
  return 0; /* > 0 skips this epoch, < 0 stops the training */
}

/* The vector-Jacobian product: ADDS grad_outputs * dy/dparameter. You have no derivative? Delete
 * this function and its line below: differences take its place, at the cost of more calls. */
static int32_t backward(void* user, sagips_batch* batch) {
  (void)user;
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    double* grad = batch->grad_parameters + row * P;
    for (int64_t i = row * batch->n_events; i < (row + 1) * batch->n_events; ++i) {
      const double* u = batch->uniforms + i * U;
      grad[0] += batch->grad_outputs[i * Y] * decay_time(u);
      grad[1] += batch->grad_outputs[i * Y] * gauss(u);
    }
  }
  return 0;
}

sagips_pipeline* model_pipeline(void) {
  sagips_stage* stage = NULL;
  must(sagips_stage_create(&stage, "decay"));
  must(sagips_stage_set_shape(stage, 0, Y, 0, U));
  must(sagips_stage_set_forward(stage, forward, NULL, NULL)); /* NULL: a pointer of yours */
  must(sagips_stage_set_backward(stage, backward));
  /* No event jumps, is cut or steps in weight. Delete this where your model does one of those. */
  must(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));

  sagips_pipeline* pipeline = NULL;
  must(sagips_pipeline_create(&pipeline));
  must(sagips_pipeline_add(pipeline, stage)); /* a copy; more stages may follow */
  must(sagips_stage_destroy(&stage));
  return pipeline;
}
