/* SPDX-License-Identifier: BSD-3-Clause */
/* SAGIPS as a plug-in of a framework that owns the main program, the threads that read files, the
 * life cycle of plug-ins, and the signals. It collects events, trains at the end of the job, and
 * stops where the framework has been told to. The files are made up here. Usage: framework [seed]
 *
 *   configure -> begin_job -> event, event, ... (from all threads at once) -> end_job */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "sagips.h"

enum { P = 6, Y = 2, EVENTS = 40000, FILES = 4, EPOCHS = 2000 };

/* ---- the framework, as it is, and what it knows of a plug-in --------------------------------- */

static void begin_job(void);
static void event(int64_t number, const double* values); /* from several threads at once */
static void end_job(void);

static volatile sig_atomic_t stop_was_asked_for = 0;
static void ask_for_stop(int number) { stop_was_asked_for = number; }

static double made[EVENTS * Y]; /* what the files hold: each has every fourth event */
static void* read_file(void* file) {
  for (int64_t number = *(const int64_t*)file; number < EVENTS; number += FILES)
    event(number, made + Y * number);
  return NULL;
}

/* A thread for each file. */
static void run_job(void) {
  pthread_t readers[FILES];
  int64_t files[FILES];
  begin_job();
  for (int i = 0; i < FILES; ++i) {
    files[i] = i;
    if (pthread_create(&readers[i], NULL, read_file, &files[i]) != 0) abort();
  }
  for (int i = 0; i < FILES; ++i) pthread_join(readers[i], NULL);
  end_job();
}

/* ---- the plug-in ----------------------------------------------------------------------------- */

static const char* const names[P] = {"s0", "a0", "b0", "s1", "a1", "b1"};
static const double truth[P] = {1.5, 1.4, 3.0, 2.0, 2.2, 4.0};
static const double upper[P] = {3.0, 4.0, 6.0, 3.0, 4.0, 6.0};

static sagips_pipeline* pipeline;
static sagips_options* options;
static sagips_problem* problem;
static sagips_progress progress = {.struct_size = sizeof progress};
static double mean[P], covariance[P * P];

static void must(sagips_status status) {
  if (status == SAGIPS_OK) return;
  fprintf(stderr, "%s: %s\n", sagips_status_name(status), sagips_last_error());
  exit(EXIT_FAILURE); /* a framework has its own way */
}

static void configure(const char* settings) {
  must(sagips_pipeline_create(&pipeline));
  must(sagips_pipeline_add_builtin(pipeline, "kuma6", NULL));
  must(sagips_pipeline_add_builtin(pipeline, "smear", "sigma=0.05"));
  must(sagips_options_create(&options));
  must(sagips_options_read_toml(options, settings));
}

static void begin_job(void) {
  must(sagips_problem_create(&problem));
  for (int i = 0; i < P; ++i) must(sagips_problem_add_parameter(problem, names[i], 0.5, upper[i]));
  must(sagips_problem_add_dataset(problem, "data", pipeline));
}

/* Numbers: threads come as they like, bits do not. */
static void event(int64_t number, const double* values) {
  must(sagips_problem_add_events(problem, "data", values, NULL, &number, 1, Y, 0));
}

static int32_t go_on(void* user, const sagips_progress* now) {
  (void)user, (void)now;
  return stop_was_asked_for != 0;
}

static void end_job(void) {
  sagips_solver* solver = NULL;
  must(sagips_solver_create(&solver, problem, options, NULL));
  must(sagips_solver_set_progress_callback(solver, go_on, NULL));
  must(sagips_solver_step(solver, EPOCHS, &progress));
  must(sagips_solver_estimate(solver, 0, P, mean, covariance));
  must(sagips_solver_destroy(&solver));
  must(sagips_problem_destroy(&problem));
}

int main(int argc, char** argv) {
  const long seed = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
  char settings[64];
  signal(SIGTERM, ask_for_stop);
  snprintf(settings, sizeof settings, "epochs = %d\nseed = %ld\n", EPOCHS, seed);
  configure(settings);
  must(
      sagips_pipeline_generate(pipeline, P, truth, EVENTS, (uint64_t)seed, Y, made, NULL, 0, NULL));
  run_job();
  int wrong = progress.epoch != EPOCHS;
  for (int i = 0; i < P; ++i) {
    const double sigma = sqrt(covariance[(P + 1) * i]), pull = (mean[i] - truth[i]) / sigma;
    printf("%s: truth %.2f, found %.4f +- %.4f, pull %+.2f\n", names[i], truth[i], mean[i], sigma,
           pull);
    wrong += !(fabs(pull) < 5);
  }
  wrong += signal(SIGTERM, ask_for_stop) != ask_for_stop; /* the library left it alone */
  raise(SIGTERM); /* comes to the framework, and through it to the plug-in */
  run_job();
  wrong += progress.epoch != 1;
  must(sagips_options_destroy(&options));
  must(sagips_pipeline_destroy(&pipeline));
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
