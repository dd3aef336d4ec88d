/* SPDX-License-Identifier: BSD-3-Clause */
/* An old simulation in Fortran 77 behind a thin adapter in C: spectrometer.f is called event by
 * event. It has no derivatives, digitises, rejects, and draws as many random numbers as it likes,
 * from a generator of its own. Each event gets seeds made from row_key, so that equal keys mean
 * equal events, and one event's numbers do not move those of the next. Usage: spectrometer [seed]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sagips.h"

enum { P = 2, Y = 2, EVENTS = 30000, EPOCHS = 1000 };
static const char* const names[P] = {"slope", "asymmetry"};
static const double lower[P] = {0.3, -0.9}, upper[P] = {1.5, 0.9}, truth[P] = {0.8, 0.4};

/* SPINIT, SPSEED and SPEVT as compilers of Fortran name them: small letters and an underscore.
 * Every argument is an address, INTEGER is int, DOUBLE PRECISION is double. */
void spinit_(void);
void spseed_(const int* seed1, const int* seed2);
void spevt_(const double* slope, const double* asymmetry, double* momentum, double* cosine,
            int* is_accepted);

/* From 64 bits of key and an event's number to the two seeds that the old generator wants: shifts
 * and exclusive or (Marsaglia, 2003). */
static void seed_event(uint64_t key, int64_t event) {
  uint64_t x = key ^ ((uint64_t)event + 1) * 1999999973;
  for (int i = 0; i < 4; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  const int seed1 = 1 + (int)((x >> 1) % 2147483562), seed2 = 1 + (int)((x >> 20) % 2147483398);
  spseed_(&seed1, &seed2);
}

/* COMMON and SAVE serve one thread at a time, and so does a stage that is not SAGIPS_CONCURRENT. */
static int32_t simulate(void* user, sagips_batch* batch) {
  (void)user; /* all state is in COMMON */
  for (int64_t i = 0; i < batch->n_rows * batch->n_events; ++i) {
    const int64_t row = i / batch->n_events;
    const double* p = batch->parameters + P * row;
    double* y = batch->outputs + Y * i;
    int is_accepted;
    seed_event(batch->row_key[row], i % batch->n_events);
    spevt_(&p[0], &p[1], &y[0], &y[1], &is_accepted);
    if (!is_accepted) batch->weight[i] = 0;
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
  double mean[P], covariance[P * P];
  int wrong = 0;
  sagips_stage* stage = NULL;
  sagips_pipeline* pipeline = NULL;
  sagips_problem* problem = NULL;
  sagips_options* options = NULL;
  sagips_solver* solver = NULL;

  spinit_();
  must(sagips_stage_create(&stage, "spectrometer"));
  must(sagips_stage_set_shape(stage, 0, Y, 0, 0));
  must(sagips_stage_set_forward(stage, simulate, NULL, NULL));
  must(sagips_pipeline_create(&pipeline));
  must(sagips_pipeline_add(pipeline, stage));
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
  must(sagips_options_set_integer(options, "events", 512));
  must(sagips_solver_create(&solver, problem, options, NULL));
  must(sagips_solver_step(solver, EPOCHS, NULL));
  must(sagips_solver_estimate(solver, 0, P, mean, covariance));

  for (int i = 0; i < P; ++i) {
    const double sigma = sqrt(covariance[(P + 1) * i]), pull = (mean[i] - truth[i]) / sigma;
    printf("%s: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", names[i], truth[i], mean[i], sigma,
           pull);
    wrong += !(fabs(pull) < 5);
  }
  must(sagips_solver_destroy(&solver));
  must(sagips_options_destroy(&options));
  must(sagips_problem_destroy(&problem));
  must(sagips_pipeline_destroy(&pipeline));
  must(sagips_stage_destroy(&stage));
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
