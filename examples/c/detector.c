/* SPDX-License-Identifier: BSD-3-Clause */
/* A detector with state behind a built-in theory. The struct is checked when it is made, and goes
 * to the stage together with the function that releases it. It has no parameters of the fit, so it
 * asks to see none, and no derivative. Its calibration fails once, in the middle of the training: a
 * negative answer ends the step, and the training goes on from the last committed epoch, to the
 * same bits as if nothing had happened. Usage: detector [seed] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calorimeter.h"
#include "sagips.h"

enum { P = 6, Y = 2, EVENTS = 50000, EPOCHS = 1500, CELLS = 5 };
static const char* const names[P] = {"s0", "a0", "b0", "s1", "a1", "b1"};
static const double truth[P] = {1.5, 1.4, 3.0, 2.0, 2.2, 4.0};
static const double lower[P] = {0.5, 0.5, 1.0, 0.5, 0.5, 1.0};
static const double upper[P] = {3.0, 4.0, 6.0, 3.0, 4.0, 6.0};
static const double calibration[CELLS][2] = {
    {0.9, 0.6}, {0.95, 0.8}, {1.02, 0.9}, {1.0, 0.95}, {0.97, 0.95}};

static int n_released = 0;
static void release(void* user) {
  free(user);
  ++n_released;
}

/* The stage: a value becomes gain times itself and noise, and is seen with an efficiency. */
static int32_t measure(void* user, sagips_batch* batch) {
  calorimeter* c = user;
  if (batch->training && batch->epoch == c->fails_at_epoch) {
    c->fails_at_epoch = -1;
    return -1; /* the calibration data base does not answer */
  }
  for (int64_t i = 0; i < batch->n_rows * batch->n_events; ++i) {
    if (batch->weight_in[i] == 0) continue; /* lost, with inputs that mean nothing */
    for (int64_t k = Y * i; k < Y * (i + 1); ++k) {
      const double x = batch->inputs[k], *u = batch->uniforms + 2 * k;
      const double z = sqrt(-2 * log(u[0])) * cos(6.283185307179586 * u[1]);
      batch->outputs[k] = calorimeter_at(c, GAIN, x) * x + 0.05 * z;
      batch->weight[i] *= calorimeter_at(c, EFFICIENCY, x);
    }
  }
  return 0;
}

static void must(sagips_status status) {
  if (status == SAGIPS_OK) return;
  fprintf(stderr, "%s: %s\n", sagips_status_name(status), sagips_last_error());
  exit(EXIT_FAILURE);
}

int main(int argc, char** argv) {
  static double events[EVENTS * Y], weights[EVENTS];
  const long seed = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
  double mean[2][P], covariance[P * P];
  sagips_stage* stage = NULL;
  sagips_pipeline* pipeline = NULL;
  sagips_problem* problem = NULL;
  sagips_options* options = NULL;
  sagips_solver* solver = NULL;
  sagips_progress progress = {.struct_size = sizeof progress};

  calorimeter* detector = calorimeter_create(2.0, CELLS, calibration);
  if (detector == NULL) return fputs("the calibration makes no sense\n", stderr), EXIT_FAILURE;
  must(sagips_stage_create(&stage, "calorimeter"));
  must(sagips_stage_set_shape(stage, Y, Y, 0, 2 * Y));
  must(sagips_stage_set_parameters(stage, 0, NULL));
  must(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));
  must(sagips_stage_set_forward(stage, measure, detector, release));
  must(sagips_pipeline_create(&pipeline));
  must(sagips_pipeline_add_builtin(pipeline, "kuma6", NULL));
  must(sagips_pipeline_add(pipeline, stage));
  must(sagips_stage_destroy(&stage)); /* the pipeline has a copy, and keeps the detector */
  must(sagips_pipeline_generate(pipeline, P, truth, EVENTS, (uint64_t)seed, Y, events, weights, 0,
                                NULL));
  must(sagips_problem_create(&problem));
  for (int i = 0; i < P; ++i)
    must(sagips_problem_add_parameter(problem, names[i], lower[i], upper[i]));
  must(sagips_problem_add_dataset(problem, "data", pipeline));
  must(sagips_problem_set_events(problem, "data", events, weights, EVENTS, Y, 0));
  must(sagips_options_create(&options));
  must(sagips_options_set_integer(options, "seed", seed));
  must(sagips_options_set_integer(options, "epochs", EPOCHS));
  must(sagips_options_set_integer(options, "events", 256));
  for (int run = 0; run < 2; ++run) {
    if (run == 1) detector->fails_at_epoch = EPOCHS / 2;
    must(sagips_solver_create(&solver, problem, options, NULL));
    sagips_status status = sagips_solver_step(solver, EPOCHS, &progress);
    if (status == SAGIPS_ERROR_CALLBACK)
      status = sagips_solver_step(solver, EPOCHS - progress.epoch, NULL);
    must(status);
    must(sagips_solver_estimate(solver, 0, P, mean[run], covariance));
    must(sagips_solver_destroy(&solver));
  }
  must(sagips_options_destroy(&options));
  must(sagips_problem_destroy(&problem));
  must(sagips_pipeline_destroy(&pipeline)); /* the last copy: the detector is gone */

  int wrong = memcmp(mean[0], mean[1], sizeof mean[0]) != 0 || n_released != 1;
  printf("with and without a failure: %s\n", wrong ? "DIFFERENT" : "the same bits");
  for (int i = 0; i < P; ++i) {
    const double sigma = sqrt(covariance[(P + 1) * i]), pull = (mean[0][i] - truth[i]) / sigma;
    printf("%s: truth %.2f, found %.4f +- %.4f, pull %+.2f\n", names[i], truth[i], mean[0][i],
           sigma, pull);
    wrong += !(fabs(pull) < 5);
  }
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
