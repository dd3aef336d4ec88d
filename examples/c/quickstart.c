/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest inverse problem: decay times were measured, the mean life is asked for. */
#include <math.h>
#include <stdio.h>

#include "sagips.h"

/* Your theory: one parameter and one uniform number make one event, t = -tau log(u). */
static int32_t decay(void* user, sagips_batch* batch) {
  (void)user;
  for (int64_t i = 0; i < batch->n_rows * batch->n_events; ++i)
    batch->outputs[i] = -batch->parameters[i / batch->n_events] * log(batch->uniforms[i]);
  return 0;
}

int main(void) {
  static double times[20000];
  double tau = 2.2, variance = 0;
  sagips_stage* stage = NULL;
  sagips_pipeline* pipeline = NULL;
  sagips_problem* problem = NULL;
  sagips_solver* solver = NULL;
  if (sagips_stage_create(&stage, "decay") ||
      sagips_stage_set_shape(stage, 0, 1, 0, 1) || /* 1 observable from 1 uniform number */
      sagips_stage_set_forward(stage, decay, NULL, NULL) ||
      sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1) || sagips_pipeline_create(&pipeline) ||
      sagips_pipeline_add(pipeline, stage) || /* next: the "measurement", at tau = 2.2 */
      sagips_pipeline_generate(pipeline, 1, &tau, 20000, 1, times, NULL, NULL) ||
      sagips_problem_create(&problem) || sagips_problem_add_parameter(problem, "tau", 0.5, 5.0) ||
      sagips_problem_add_dataset(problem, "times", pipeline) ||
      sagips_problem_set_events(problem, "times", times, NULL, 20000, 1, 0, SAGIPS_COPY) ||
      sagips_solver_create(problem, NULL, NULL, &solver) ||
      sagips_solver_step(solver, 1000, NULL) ||
      sagips_solver_estimate(solver, 0, 1, &tau, &variance))
    return fprintf(stderr, "%s\n", sagips_last_error()), 1;
  printf("tau = %.3f +- %.3f\n", tau, sqrt(variance));
  return sagips_solver_destroy(&solver) || sagips_problem_destroy(&problem) ||
         sagips_pipeline_destroy(&pipeline) || sagips_stage_destroy(&stage);
}
