/* SPDX-License-Identifier: BSD-3-Clause */
/* A theory code whose callback has no user pointer: it integrates a function of one number, and how
 * that function learns the parameters is not its business. The bridge is a pointer that every
 * thread has for itself. Nothing is shared, so the stage may run in several threads, with the same
 * bits. The law is that of energies,   f(E) = E^n exp(-E/T) .   Usage: no_user_pointer [seed] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sagips.h"

/* ---- the theory code, as it came ------------------------------------------------------------- */

static double (*theory_integrand)(double x) = NULL;

static void theory_set_integrand(double (*f)(double x)) { theory_integrand = f; }

/* Simpson's rule. */
static double theory_integrate(double a, double b) {
  const double h = (b - a) / 2;
  return h / 3 * (theory_integrand(a) + 4 * theory_integrand(a + h) + theory_integrand(b));
}

/* ---- the bridge ------------------------------------------------------------------------------ */

static _Thread_local const double* law_of_this_thread = NULL; /* n and T */

/* The function that the theory code is given, once and for all. */
static double integrand(double energy) {
  const double *law = law_of_this_thread, n = law[0], temperature = law[1];
  return pow(energy, n) * exp(-energy / temperature);
}

/* ---- the model: inversion of the integral, piece by piece ------------------------------------ */

enum { P = 2, EVENTS = 20000, EPOCHS = 1000, CELLS = 200 };
static const double truth[P] = {1.5, 1.2}, width = 20.0 / CELLS;

static int32_t draw_energies(void* user, sagips_batch* batch) {
  (void)user;
  const double* before = law_of_this_thread;
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    double sum[CELLS + 1] = {0};
    law_of_this_thread = batch->parameters + P * row;
    for (int i = 0; i < CELLS; ++i)
      sum[i + 1] = sum[i] + theory_integrate(width * i, width * (i + 1));
    for (int64_t i = row * batch->n_events; i < (row + 1) * batch->n_events; ++i) {
      const double target = batch->uniforms[i] * sum[CELLS];
      int below = 0, above = CELLS;
      while (above - below > 1) {
        const int middle = (below + above) / 2;
        *(sum[middle] <= target ? &below : &above) = middle;
      }
      batch->outputs[i] = width * (below + (target - sum[below]) / (sum[above] - sum[below]));
    }
  }
  law_of_this_thread = before; /* calls may nest, and nothing points at what is gone */
  return 0;
}

static void must(sagips_status status) {
  if (status == SAGIPS_OK) return;
  fprintf(stderr, "%s: %s\n", sagips_status_name(status), sagips_last_error());
  exit(EXIT_FAILURE);
}

int main(int argc, char** argv) {
  static double events[EVENTS];
  const long seed = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
  double mean[2][P], covariance[P * P];
  sagips_stage* stage = NULL;
  sagips_pipeline* pipeline = NULL;
  sagips_problem* problem = NULL;
  sagips_options* options = NULL;
  sagips_solver* solver = NULL;

  theory_set_integrand(integrand);
  must(sagips_stage_create(&stage, "energies"));
  must(sagips_stage_set_shape(stage, 0, 1, 0, 1));
  must(sagips_stage_set_forward(stage, draw_energies, NULL, NULL));
  must(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));
  must(sagips_stage_set_flag(stage, SAGIPS_CONCURRENT, 1));
  must(sagips_pipeline_create(&pipeline));
  must(sagips_pipeline_add(pipeline, stage));
  must(sagips_pipeline_generate(pipeline, P, truth, EVENTS, (uint64_t)seed, 1, events, NULL, 0,
                                NULL));
  must(sagips_problem_create(&problem));
  must(sagips_problem_add_parameter(problem, "n", 0.5, 3));
  must(sagips_problem_add_parameter(problem, "T", 0.5, 2));
  must(sagips_problem_add_dataset(problem, "data", pipeline));
  must(sagips_problem_set_events(problem, "data", events, NULL, EVENTS, 1, 0));
  must(sagips_options_create(&options));
  must(sagips_options_set(options, "rows", "4"));
  must(sagips_options_set(options, "events", "128"));
  must(sagips_options_set_integer(options, "epochs", EPOCHS));
  must(sagips_options_set_integer(options, "seed", seed));
  for (int threads = 1; threads <= 2; ++threads) {
    must(sagips_options_set_integer(options, "threads", threads));
    must(sagips_solver_create(&solver, problem, options, NULL));
    must(sagips_solver_step(solver, EPOCHS, NULL));
    must(sagips_solver_estimate(solver, 0, P, mean[threads - 1], covariance));
    must(sagips_solver_destroy(&solver));
  }
  must(sagips_options_destroy(&options));
  must(sagips_problem_destroy(&problem));
  must(sagips_pipeline_destroy(&pipeline));
  must(sagips_stage_destroy(&stage));

  int wrong = memcmp(mean[0], mean[1], sizeof mean[0]) != 0;
  printf("one thread and two: %s\n", wrong ? "DIFFERENT" : "the same bits");
  for (int i = 0; i < P; ++i) {
    const double sigma = sqrt(covariance[(P + 1) * i]), pull = (mean[0][i] - truth[i]) / sigma;
    printf("%c: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", "nT"[i], truth[i], mean[0][i], sigma,
           pull);
    wrong += !(fabs(pull) < 5);
  }
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
