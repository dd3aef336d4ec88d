/* SPDX-License-Identifier: BSD-3-Clause */
/* A C99 program that uses a bit of everything: options, a model with its product, a problem, a
 * training with all callbacks, a checkpoint, an error. It prints what went wrong and returns 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sagips.h"

enum { P = 2, N_EVENTS = 500, EPOCHS = 600 };

static int failures = 0;

static void check(int is_right, const char* claim) {
  if (is_right) return;
  ++failures;
  fprintf(stderr, "not so: %s\nlast error: %s\n", claim, sagips_last_error());
}
#define CHECK(claim) check((claim) != 0, #claim)
#define MUST(call) check((call) == SAGIPS_OK, #call)

/* y = p0 + p1 u */
static int32_t line(void* user, sagips_batch* batch) {
  int64_t i;
  ++*(long*)user;
  for (i = 0; i < batch->n_rows * batch->n_events; ++i) {
    const int64_t first = i / batch->n_events * P;
    if (batch->request == SAGIPS_FORWARD) {
      batch->outputs[i] =
          batch->parameters[first] + batch->parameters[first + 1] * batch->uniforms[i];
    } else {
      batch->grad_parameters[first] += batch->grad_outputs[i];
      batch->grad_parameters[first + 1] += batch->grad_outputs[i] * batch->uniforms[i];
    }
  }
  return 0;
}

static void release(void* user) { *(long*)user = -1; }

static int32_t on_progress(void* user, const sagips_progress* progress) {
  *(int64_t*)user = progress->epoch;
  return 0;
}

static void on_metrics(void* user, const sagips_metrics* metrics) {
  CHECK(metrics->n_parameters == P);
  ++*(int*)user;
}

static void on_log(void* user, int32_t level, const char* text) {
  (void)user;
  fprintf(stderr, "%d %s\n", (int)level, text);
}

static int32_t one_by_one(void* host, int64_t n, void (*body)(void*, int64_t), void* ctx) {
  int64_t i;
  (void)host;
  for (i = 0; i < n; ++i) body(ctx, i);
  return 0;
}

static sagips_problem* make_problem(long* calls) {
  static double events[N_EVENTS];
  const double truth[P] = {1.0, 2.0}, lower[P] = {0.0, 0.5}, upper[P] = {2.0, 4.0};
  sagips_stage* stage = NULL;
  sagips_pipeline* pipeline = NULL;
  sagips_problem* problem = NULL;
  sagips_check_report report;
  memset(&report, 0, sizeof report);
  report.struct_size = sizeof report;

  MUST(sagips_stage_create(&stage, "line"));
  MUST(sagips_stage_set_shape(stage, 0, 1, 0, 1));
  MUST(sagips_stage_set_forward(stage, line, calls, release));
  MUST(sagips_stage_set_backward(stage, line));
  MUST(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));
  MUST(sagips_pipeline_create(&pipeline));
  MUST(sagips_pipeline_add(pipeline, stage));
  MUST(sagips_pipeline_check(pipeline, P, lower, upper, 1, &report));
  CHECK(report.passed == 1);
  MUST(sagips_pipeline_generate(pipeline, P, truth, N_EVENTS, 1, 1, events, NULL, 0, NULL));

  MUST(sagips_problem_create(&problem));
  MUST(sagips_problem_add_parameter(problem, "p0", lower[0], upper[0]));
  MUST(sagips_problem_add_parameter(problem, "p1", lower[1], upper[1]));
  MUST(sagips_problem_set_scale(problem, "p1", SAGIPS_LOGARITHMIC));
  MUST(sagips_problem_add_dataset(problem, "data", pipeline));
  MUST(sagips_problem_set_events(problem, "data", events, NULL, N_EVENTS, 1, 0));
  MUST(sagips_stage_destroy(&stage));
  MUST(sagips_pipeline_destroy(&pipeline));
  CHECK(stage == NULL && pipeline == NULL);
  return problem;
}

/* Two members of an ensemble, their mean, and its error in parts. */
static void train_two(const sagips_problem* problem) {
  double mean[P], covariance[P * P], members[2 * P];
  char name[8];
  sagips_estimate estimate;
  sagips_options* options = NULL;
  sagips_solver* solver = NULL;
  memset(&estimate, 0, sizeof estimate);
  estimate.struct_size = sizeof estimate;
  estimate.mean = mean;
  estimate.covariance = covariance;
  estimate.members = members;
  estimate.n_members = 2;

  MUST(sagips_options_create(&options));
  MUST(sagips_options_set_integer(options, "epochs", EPOCHS));
  MUST(sagips_options_set_integer(options, "ensemble.members", 2));
  MUST(sagips_solver_create(&solver, problem, options, NULL));
  MUST(sagips_options_destroy(&options));
  MUST(sagips_solver_step(solver, EPOCHS, NULL));
  MUST(sagips_solver_describe_estimate(solver, SAGIPS_ALL_MEMBERS, P, &estimate));
  CHECK(fabs(mean[0] - (members[0] + members[P]) / 2) < 1e-12);
  CHECK(covariance[0] > 0 && members[0] != members[P]);
  MUST(sagips_solver_parameter_name(solver, 1, name, sizeof name, NULL));
  CHECK(strcmp(name, "p1") == 0);
  MUST(sagips_solver_destroy(&solver));
}

int main(int argc, char** argv) {
  long calls = 0;
  int reports = 0;
  int64_t last_epoch = 0;
  double mean[P], covariance[P * P];
  char rate[32];
  const char* folder = argc > 1 ? argv[1] : "capi_c99_checkpoints";
  sagips_problem* problem = make_problem(&calls);
  sagips_options* options = NULL;
  sagips_comm* comm = NULL;
  sagips_solver* solver = NULL;
  sagips_progress progress;
  memset(&progress, 0, sizeof progress);
  progress.struct_size = sizeof progress;

  CHECK(sagips_version() ==
        SAGIPS_VERSION_MAJOR * 10000 + SAGIPS_VERSION_MINOR * 100 + SAGIPS_VERSION_PATCH);
  CHECK(strchr(sagips_version_string(), '.') != NULL && strlen(sagips_build_info()) > 0);

  MUST(sagips_options_create(&options));
  MUST(sagips_options_set_integer(options, "epochs", EPOCHS));
  MUST(sagips_options_set_integer(options, "metrics.every", 100));
  MUST(sagips_options_set(options, "generator.rate", "0.002"));
  MUST(sagips_options_get(options, "generator.rate", rate, sizeof rate, NULL));
  CHECK(strcmp(rate, "0.002") == 0);
  CHECK(sagips_options_set_real(options, "generator.rat", 1) == SAGIPS_ERROR_OPTION);
  CHECK(strstr(sagips_last_error(), "generator.rate") != NULL);

  train_two(problem);
  MUST(sagips_comm_create_serial(&comm));
  MUST(sagips_solver_create(&solver, problem, options, comm));
  MUST(sagips_problem_destroy(&problem));
  MUST(sagips_options_destroy(&options));
  MUST(sagips_solver_set_progress_callback(solver, on_progress, &last_epoch));
  MUST(sagips_solver_set_metrics_callback(solver, on_metrics, &reports));
  MUST(sagips_solver_set_log_callback(solver, on_log, NULL));
  MUST(sagips_solver_set_parallel_for(solver, one_by_one, NULL));
  MUST(sagips_solver_step(solver, EPOCHS / 2, &progress));
  CHECK(progress.epoch == EPOCHS / 2);
  MUST(sagips_solver_save(solver, folder));
  MUST(sagips_solver_step(solver, EPOCHS, NULL));
  MUST(sagips_solver_load(solver, folder));
  MUST(sagips_solver_step(solver, EPOCHS, &progress));
  CHECK(progress.epoch == EPOCHS && progress.stop_reason == SAGIPS_STOP_HORIZON);
  CHECK(last_epoch == EPOCHS);
  CHECK(reports == 9); /* 3 before the checkpoint, 3 after it, twice */

  MUST(sagips_solver_estimate(solver, 0, P, mean, covariance));
  CHECK(covariance[0] > 0 && covariance[3] > 0);
  CHECK(fabs(mean[0] - 1.0) < 0.2 && fabs(mean[1] - 2.0) < 0.4); /* a few times 2/sqrt(12 N) */
  CHECK(calls > EPOCHS);
  MUST(sagips_solver_destroy(&solver));
  MUST(sagips_comm_destroy(&comm));
  CHECK(calls == -1); /* released with the last copy */
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
