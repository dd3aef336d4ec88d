/* SPDX-License-Identifier: 0BSD */
/* check     judges the model before you trust it
 * closure   makes events at the known truth, writes them to closure.csv, and finds the truth again
 * run FILE  finds the parameters of your events
 * closure and run take the number of epochs as a last word. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "fail.h"
#include "model.h"

enum { CLOSURE_EVENTS = 50000 };

static void check(const sagips_pipeline* pipeline) {
  double lower[P], upper[P];
  for (int i = 0; i < P; ++i) {
    lower[i] = model_parameters[i].lower;
    upper[i] = model_parameters[i].upper;
  }
  sagips_check_report report = {.struct_size = sizeof report};
  must(sagips_pipeline_check(pipeline, P, lower, upper, 1, &report));
  puts(report.text);
  if (!report.passed) fail("the model fails its check; the text above says where");
}

/* Trains on events (n, Y); `epochs` 0 takes the default. Prints what comes out. */
static void fit(const sagips_pipeline* pipeline, const double* events, int64_t n, int64_t epochs,
                double* mean, double* sigma) {
  sagips_problem* problem = NULL;
  must(sagips_problem_create(&problem));
  for (int i = 0; i < P; ++i) {
    const Parameter* p = &model_parameters[i];
    must(sagips_problem_add_parameter(problem, p->name, p->lower, p->upper));
  }
  must(sagips_problem_add_dataset(problem, "data", pipeline));
  must(sagips_problem_set_events(problem, "data", events, NULL, n, Y, 0));

  sagips_options* options = NULL; /* `sagips options` lists them */
  must(sagips_options_create(&options));
  if (epochs > 0) must(sagips_options_set_integer(options, "epochs", epochs));
  sagips_solver* solver = NULL;
  must(sagips_solver_create(&solver, problem, options, NULL));
  sagips_progress progress = {.struct_size = sizeof progress};
  must(sagips_solver_progress(solver, &progress));
  must(sagips_solver_step(solver, progress.epochs, &progress));

  double covariance[P * P];
  must(sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, P, mean, covariance));
  printf("%lld events, %lld epochs, %.1f s\nparameter    estimate  uncertainty\n", (long long)n,
         (long long)progress.epoch, progress.seconds_training);
  for (int i = 0; i < P; ++i) {
    sigma[i] = sqrt(covariance[i * P + i]);
    printf("%-10s %10.5f %12.5f\n", model_parameters[i].name, mean[i], sigma[i]);
  }
  sagips_assessment verdict = {.struct_size = sizeof verdict};
  must(sagips_solver_assess(solver, SAGIPS_ALL_MEMBERS, NULL, &verdict));
  printf("the model %s the events (p = %.2f)\n", verdict.fits ? "fits" : "does NOT fit",
         verdict.p_value);
  must(sagips_solver_destroy(&solver));
  must(sagips_options_destroy(&options));
  must(sagips_problem_destroy(&problem));
}

static void closure(const sagips_pipeline* pipeline, int64_t epochs) {
  static double events[CLOSURE_EVENTS * Y];
  double truth[P], mean[P], sigma[P];
  for (int i = 0; i < P; ++i) truth[i] = model_parameters[i].truth;
  must(sagips_pipeline_generate(pipeline, P, truth, CLOSURE_EVENTS, 1, Y, events, NULL, 0, NULL));
  write_events("closure.csv", events, Y, CLOSURE_EVENTS);
  fit(pipeline, events, CLOSURE_EVENTS, epochs, mean, sigma);
  for (int i = 0; i < P; ++i) {
    const double pull = (mean[i] - truth[i]) / sigma[i];
    printf("%s: truth %g, off by %+.1f uncertainties\n", model_parameters[i].name, truth[i], pull);
    if (!(fabs(pull) < 5)) fail("the closure fails: %s was not found", model_parameters[i].name);
  }
}

static void run(const sagips_pipeline* pipeline, const char* path, int64_t epochs) {
  int64_t n;
  double mean[P], sigma[P];
  double* events = read_events(path, Y, &n);
  fit(pipeline, events, n, epochs, mean, sigma);
  free(events);
}

int main(int argc, char** argv) {
  const char* command = argc > 1 ? argv[1] : "";
  const int n_words = strcmp(command, "run") == 0 ? 3 : 2;
  const int64_t epochs = argc == n_words + 1 ? strtoll(argv[n_words], NULL, 10) : 0;
  sagips_pipeline* pipeline = model_pipeline();
  if (strcmp(command, "check") == 0 && argc == 2) {
    check(pipeline);
  } else if (strcmp(command, "closure") == 0 && (argc == 2 || epochs > 0)) {
    closure(pipeline, epochs);
  } else if (strcmp(command, "run") == 0 && (argc == 3 || epochs > 0)) {
    run(pipeline, argv[2], epochs);
  } else {
    fail("usage: %s check | closure [epochs] | run FILE [epochs]", argv[0]);
  }
  must(sagips_pipeline_destroy(&pipeline));
  return EXIT_SUCCESS;
}
