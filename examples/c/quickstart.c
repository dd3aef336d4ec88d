/* Decay times were measured; which mean life fits them? Your theory is the callback. */
#include <math.h>
#include <stdio.h>

#include "sagips.h"

static int32_t decay(void* user, sagips_batch* b) { /* one uniform number makes one decay time */
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i)
    b->outputs[i] = -b->parameters[i / b->n_events] * log(b->uniforms[i]);
  return user != NULL;
}
int main(void) {
  static double times[20000];
  double tau = 2.2, variance = 0; /* the "measurement" is generated at tau = 2.2 */
  sagips_stage* stage;
  sagips_pipeline* pipeline;
  sagips_problem* problem;
  sagips_solver* solver;
  if (sagips_stage_create(&stage, "decay") || sagips_stage_set_shape(stage, 0, 1, 0, 1) ||
      sagips_stage_set_forward(stage, decay, NULL, NULL) || sagips_pipeline_create(&pipeline) ||
      sagips_pipeline_add(pipeline, stage) ||
      sagips_pipeline_generate(pipeline, 1, &tau, 20000, 1, 1, times, NULL, 0, NULL) ||
      sagips_problem_create(&problem) || sagips_problem_add_parameter(problem, "tau", 0.5, 5.0) ||
      sagips_problem_add_dataset(problem, "times", pipeline) ||
      sagips_problem_set_events(problem, "times", times, NULL, 20000, 1, 0) ||
      sagips_solver_create(&solver, problem, NULL, NULL) ||
      sagips_solver_step(solver, 5000, NULL) ||
      sagips_solver_estimate(solver, 0, 1, &tau, &variance))
    return fprintf(stderr, "%s\n", sagips_last_error()), 1;
  return printf("tau = %.3f +- %.3f\n", tau, sqrt(variance)) < 0;
}
