/* SPDX-License-Identifier: BSD-3-Clause */
/* Your own forward model with its vector-Jacobian product, closed on itself: events are generated
 * at a known truth, and training has to find it again. Two Kumaraswamy laws, drawn by
 * inversion, y = s (1 - (1-u)^(1/b))^(1/a),   (s, a, b) = (p0, p1, p2) for y0 and (p3, p4, p5) for
 * y1. Usage: kuma6 [epochs] [--bits]; --bits prints the estimate as hexadecimal doubles, to
 * compare. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sagips.h"

enum { P = 6, Y = 2, EVENTS = 100000 };

static const char* const names[P] = {"s0", "a0", "b0", "s1", "a1", "b1"};
static const double lower[P] = {0.5, 0.5, 1.0, 0.5, 0.5, 1.0};
static const double upper[P] = {3.0, 4.0, 6.0, 3.0, 4.0, 6.0};
static const double truth[P] = {1.5, 1.4, 3.0, 2.0, 2.2, 4.0};

/* The model and its product; `user` points at the limits that keep a uniform where y is finite. */
static int32_t kuma6(void* user, sagips_batch* batch) {
  const double* limits = user;
  const int64_t row_size = batch->n_events * Y;
  for (int64_t i = 0; i < batch->n_rows * row_size; ++i) {
    const int64_t first = i / row_size * P + i % Y * 3; /* s, a, b start here */
    const double* p = batch->parameters + first;
    const double w = 1.0 - fmin(fmax(batch->uniforms[i], limits[0]), limits[1]);
    const double t = pow(w, 1.0 / p[2]);
    const double x = pow(1.0 - t, 1.0 / p[1]);
    const double y = p[0] * x;
    if (batch->request == SAGIPS_FORWARD) {
      batch->outputs[i] = y;
    } else {
      const double g = batch->grad_outputs[i];
      double* grad = batch->grad_parameters + first;
      grad[0] += g * x;
      grad[1] -= g * (y * log(x) / p[1]);
      grad[2] += g * (y * t * log(w) / (p[1] * (1.0 - t) * p[2] * p[2]));
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
  static double events[EVENTS * Y];
  double limits[2] = {1e-7, 1.0 - 2e-7};
  double mean[P], covariance[P * P];
  const long epochs = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
  const int bits = argc > 1 && strcmp(argv[argc - 1], "--bits") == 0;

  sagips_stage* stage = NULL;
  must(sagips_stage_create(&stage, "kuma6"));
  must(sagips_stage_set_shape(stage, 0, Y, 0, Y));
  must(sagips_stage_set_forward(stage, kuma6, limits, NULL));
  must(sagips_stage_set_backward(stage, kuma6));
  must(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));
  sagips_pipeline* pipeline = NULL;
  must(sagips_pipeline_create(&pipeline));
  must(sagips_pipeline_add(pipeline, stage));
  must(sagips_pipeline_generate(pipeline, P, truth, EVENTS, 1, Y, events, NULL, 0, NULL));

  sagips_check_report report = {.struct_size = sizeof report};
  must(sagips_pipeline_check(pipeline, P, lower, upper, 1, &report));
  if (!bits) puts(report.text);
  if (!report.passed) return fputs("the model fails its check\n", stderr), EXIT_FAILURE;

  sagips_problem* problem = NULL;
  must(sagips_problem_create(&problem));
  for (int i = 0; i < P; ++i)
    must(sagips_problem_add_parameter(problem, names[i], lower[i], upper[i]));
  must(sagips_problem_add_dataset(problem, "data", pipeline));
  must(sagips_problem_set_events(problem, "data", events, NULL, EVENTS, Y, 0));
  sagips_options* options = NULL;
  must(sagips_options_create(&options));
  must(sagips_options_preset(options, "fast"));
  if (epochs > 0) must(sagips_options_set_integer(options, "epochs", epochs));

  sagips_solver* solver = NULL;
  must(sagips_solver_create(&solver, problem, options, NULL));
  sagips_progress progress = {.struct_size = sizeof progress};
  must(sagips_solver_progress(solver, &progress));
  must(sagips_solver_step(solver, progress.epochs, NULL));
  must(sagips_solver_estimate(solver, 0, P, mean, covariance));
  if (!bits) printf("parameter      truth   estimate  uncertainty\n");
  for (int i = 0; i < P; ++i) {
    uint64_t pattern;
    memcpy(&pattern, &mean[i], sizeof pattern);
    if (bits) {
      printf("%016" PRIX64 "\n", pattern);
    } else {
      const double sigma = sqrt(covariance[i * P + i]);
      printf("%-9s %10.5f %10.5f %12.5f\n", names[i], truth[i], mean[i], sigma);
    }
  }
  must(sagips_solver_destroy(&solver));
  must(sagips_options_destroy(&options));
  must(sagips_problem_destroy(&problem));
  must(sagips_pipeline_destroy(&pipeline));
  must(sagips_stage_destroy(&stage));
  return EXIT_SUCCESS;
}
