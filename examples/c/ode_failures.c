/* SPDX-License-Identifier: BSD-3-Clause */
/* A model that now and then fails: a particle flies past a centre of strength k through a gas that
 * drags at it,   x'' = -k x/|x|^3 - g x',   by a Runge-Kutta method with steps of its own. Close
 * by, these are so many that the budget of a training runs out: the row fails, and the option
 * `failure.policy` says what becomes of it. Usage: ode_failures [seed] */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sagips.h"

enum { P = 2, Y = 2, U = 3, EVENTS = 5000, BUDGET = 380, PATIENCE = 100000 };
static const char* const names[P] = {"strength", "drag"};
static const double truth[P] = {0.2, 0.05}, tolerance = 1e-3;

static void slope(const double* p, const double* s, double* d) { /* s = x, y, vx, vy */
  const double q = s[0] * s[0] + s[1] * s[1] + 1e-10, f = -p[0] / (q * sqrt(q));
  for (int i = 0; i < 2; ++i) d[i] = s[2 + i], d[2 + i] = f * s[i] - p[1] * s[2 + i];
}

/* Velocity at time 8 of a particle that starts at (-3, b) with velocity (1, 0), by the orders 3 and
 * 2 of Bogacki and Shampine (1989). Returns 0, or 1 where `budget` steps are not enough. */
static int fly(const double* p, double b, int budget, double* velocity) {
  double s[4] = {-3, b, 1, 0}, k1[4], k2[4], k3[4], k4[4], t[4], h = 0.2, left = 8;
  slope(p, s, k1);
  while (left > 0 && budget-- > 0) {
    double error = 0;
    h = fmin(h, left);
    for (int i = 0; i < 4; ++i) t[i] = s[i] + h / 2 * k1[i];
    slope(p, t, k2);
    for (int i = 0; i < 4; ++i) t[i] = s[i] + h * 3 / 4 * k2[i];
    slope(p, t, k3);
    for (int i = 0; i < 4; ++i) t[i] = s[i] + h / 9 * (2 * k1[i] + 3 * k2[i] + 4 * k3[i]);
    slope(p, t, k4);
    for (int i = 0; i < 4; ++i)
      error = fmax(error, h * fabs(-5 * k1[i] / 72 + k2[i] / 12 + k3[i] / 9 - k4[i] / 8));
    if (error <= tolerance) {
      for (int i = 0; i < 4; ++i) s[i] = t[i], k1[i] = k4[i];
      left -= h;
    }
    h *= fmin(4, fmax(0.2, 0.9 * pow(tolerance / fmax(error, 1e-12), 1.0 / 3)));
  }
  for (int i = 0; i < 2; ++i) velocity[i] = s[2 + i];
  return left > 0;
}

/* A row fails with any of its particles. What is no training deserves the steps that it takes. */
static int32_t gas(void* user, sagips_batch* batch) {
  (void)user;
  const int budget = batch->training ? BUDGET : PATIENCE;
  for (int64_t i = 0; i < batch->n_rows * batch->n_events; ++i) {
    const int64_t row = i / batch->n_events;
    const double *u = batch->uniforms + U * i, turn = 6.283185307179586 * u[1];
    double smear = 0.1 * sqrt(-2 * log(u[2])), *velocity = batch->outputs + Y * i;
    if (fly(batch->parameters + P * row, u[0], budget, velocity)) batch->row_status[row] = 1;
    velocity[0] += smear * cos(turn);
    velocity[1] += smear * sin(turn);
  }
  return 0;
}

static void must(sagips_status status) {
  if (status == SAGIPS_OK) return;
  fprintf(stderr, "%s: %s\n", sagips_status_name(status), sagips_last_error());
  exit(EXIT_FAILURE);
}

/* Trains with a policy and tells what came out; returns the number of parameters that are off. */
static int close_loop(const sagips_problem* problem, const char* policy, long seed) {
  char text[200];
  double mean[P], covariance[P * P];
  sagips_options* options = NULL;
  sagips_solver* solver = NULL;
  must(sagips_options_create(&options));
  snprintf(text, sizeof text, /* many small rows: with one that fails, little goes */
           "seed = %ld\nepochs = 300\nrows = 8\nevents = 32\ngrowth.factor = 1\n"
           "uncertainty.events = 8192\nfailure.limit = 0.3\nfailure.policy = '%s'\n",
           seed, policy);
  must(sagips_options_read_toml(options, text));
  must(sagips_solver_create(&solver, problem, options, NULL));
  sagips_progress progress = {.struct_size = sizeof progress};
  must(sagips_solver_step(solver, 300, &progress));
  must(sagips_solver_estimate(solver, 0, P, mean, covariance));
  printf("%s: %" PRId64 " rows, %" PRId64 " failed, %" PRId64 " drawn again\n", policy,
         progress.rows_run, progress.rows_failed, progress.rows_resampled);
  int off = progress.rows_failed == 0; /* an example of failures must have some */
  for (int i = 0; i < P; ++i) {
    const double sigma = sqrt(covariance[i * P + i]), pull = (mean[i] - truth[i]) / sigma;
    printf("  %s: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", names[i], truth[i], mean[i], sigma,
           pull);
    off += !(fabs(pull) < 5);
  }
  must(sagips_solver_destroy(&solver));
  must(sagips_options_destroy(&options));
  return off;
}

int main(int argc, char** argv) {
  static double events[EVENTS * Y];
  const long seed = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
  sagips_stage* stage = NULL;
  sagips_pipeline* pipeline = NULL;
  sagips_problem* problem = NULL;
  must(sagips_stage_create(&stage, "gas"));
  must(sagips_stage_set_shape(stage, 0, Y, 0, U));
  must(sagips_stage_set_forward(stage, gas, NULL, NULL));
  must(sagips_pipeline_create(&pipeline)); /* not SAGIPS_SMOOTH: results jump by the tolerance */
  must(sagips_pipeline_add(pipeline, stage));
  must(sagips_stage_destroy(&stage)); /* the pipeline has a copy */
  must(sagips_pipeline_generate(pipeline, P, truth, EVENTS, (uint64_t)seed, Y, events, NULL, 0,
                                NULL));
  must(sagips_problem_create(&problem));
  must(sagips_problem_add_parameter(problem, names[0], 0.1, 0.4));
  must(sagips_problem_add_parameter(problem, names[1], 0.01, 0.1));
  must(sagips_problem_add_dataset(problem, "velocities", pipeline));
  must(sagips_problem_set_events(problem, "velocities", events, NULL, EVENTS, Y, 0));
  must(sagips_pipeline_destroy(&pipeline)); /* and so has the problem */
  const int off = close_loop(problem, "skip", seed) + close_loop(problem, "resample", seed);
  must(sagips_problem_destroy(&problem));
  return off == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
