/* SPDX-License-Identifier: BSD-3-Clause */
/* A built-in model written by a user: proxy1d as two C callbacks, a forward model and its
 * vector-Jacobian product, and the proof that the library treats both alike: from the same seed,
 * the built-in and this one generate and train to the same numbers. (But for rounding: the built-in
 * has an exponential of its own, for vectors.)
 *
 *   u = p0 x^p1 (1-x)^p2,  d = p3 x^p4 (1-x)^p5,  sigma[0] = 4u + d,  sigma[1] = u + 4d
 *   tail[k][i] = sum of sigma[k] from node i on;  an event solves tail(y) = 0.9999 r tail[0]
 *
 * Usage: proxy1d_callback [epochs] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sagips.h"

enum { NODES = 1000, LAST = NODES - 1, EVENTS = 20000 };
#define SPACING ((0.99999 - 0.1) / 1000)
#define REACH 0.9999

struct grid {
  double x[NODES], log_x[NODES], log_rest[NODES];
};

struct table {
  double up[NODES], down[NODES]; /* u/p0 and d/p3 */
  double tail[2][NODES], norm[2];
  int flat[2]; /* sigma vanishes: equal cells, no derivative */
};

/* Returns 0 where the parameters p make no density. */
static int make_table(const struct grid* grid, const double* p, struct table* table) {
  double sum[2] = {0, 0};
  for (int i = LAST; i >= 0; --i) {
    table->up[i] = exp(p[1] * grid->log_x[i] + p[2] * grid->log_rest[i]);
    table->down[i] = exp(p[4] * grid->log_x[i] + p[5] * grid->log_rest[i]);
    const double u = p[0] * table->up[i], d = p[3] * table->down[i];
    table->tail[0][i] = sum[0] += 4 * u + d;
    table->tail[1][i] = sum[1] += u + 4 * d;
  }
  for (int k = 0; k < 2; ++k) {
    double* tail = table->tail[k];
    table->norm[k] = SPACING * (tail[0] - tail[LAST]);
    table->flat[k] = tail[0] < 1e-30;
    for (int i = 0; table->flat[k] && i < NODES; ++i) tail[i] = NODES - i;
  }
  return p[0] >= 0 && p[3] >= 0 && isfinite(sum[0]) && isfinite(sum[1]);
}

/* The node above an event, NODES if it lies on the last one; *w is 1 at the node below, 0 above. */
static int find_cell(const double* tail, double r, double* w) {
  const double t = REACH * r * tail[0];
  int hi = 0;
  for (int end = NODES; hi < end;) {
    const int middle = (hi + end) / 2;
    if (tail[middle] > t) {
      hi = middle + 1;
    } else {
      end = middle;
    }
  }
  *w = hi < NODES ? (t - tail[hi]) / (tail[hi - 1] - tail[hi]) : 0;
  return hi;
}

static int32_t forward(void* user, sagips_batch* batch) {
  const struct grid* grid = user;
  struct table table;
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    if (!make_table(grid, batch->parameters + 6 * row, &table)) {
      batch->row_status[row] = 1;
      continue;
    }
    for (int k = 0; k < 2; ++k) batch->auxiliary[2 * row + k] = table.norm[k];
    for (int64_t i = 2 * row * batch->n_events; i < 2 * (row + 1) * batch->n_events; ++i) {
      double w;
      const int hi = find_cell(table.tail[i % 2], batch->uniforms[i], &w);
      batch->outputs[i] = hi < NODES ? grid->x[hi] - SPACING * w : grid->x[LAST];
    }
  }
  return 0;
}

/* From derivatives by tails to those by the parameters; sigma(x_i) is in all tails up to i. */
static void pull_back(const struct grid* grid, const struct table* table, const double* p,
                      double by_tail[2][NODES], double* by_parameter) {
  double by_sigma[2] = {0, 0}, sum[6] = {0, 0, 0, 0, 0, 0};
  for (int i = 0; i < NODES; ++i) {
    for (int k = 0; k < 2; ++k) by_sigma[k] += by_tail[k][i];
    const double u = (4 * by_sigma[0] + by_sigma[1]) * table->up[i];
    const double d = (by_sigma[0] + 4 * by_sigma[1]) * table->down[i];
    sum[0] += u;
    sum[1] += u * grid->log_x[i];
    sum[2] += u * grid->log_rest[i];
    sum[3] += d;
    sum[4] += d * grid->log_x[i];
    sum[5] += d * grid->log_rest[i];
  }
  for (int j = 0; j < 6; ++j) by_parameter[j] += j % 3 == 0 ? sum[j] : p[j / 3 * 3] * sum[j];
}

static int32_t backward(void* user, sagips_batch* batch) {
  struct table table;
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const double* p = batch->parameters + 6 * row;
    if (!make_table(user, p, &table)) continue;
    double by_tail[2][NODES] = {{0}}, by_total[2] = {0, 0};
    for (int64_t i = 2 * row * batch->n_events; i < 2 * (row + 1) * batch->n_events; ++i) {
      const int k = (int)(i % 2);
      double w;
      const int hi = find_cell(table.tail[k], batch->uniforms[i], &w);
      if (hi == NODES || table.flat[k]) continue;
      const double by_t =
          -batch->grad_outputs[i] * SPACING / (table.tail[k][hi - 1] - table.tail[k][hi]);
      by_tail[k][hi - 1] -= by_t * w;
      by_tail[k][hi] -= by_t * (1 - w);
      by_total[k] += by_t * REACH * batch->uniforms[i];
    }
    for (int k = 0; k < 2; ++k) { /* the norm: all nodes but the last */
      by_tail[k][0] += by_total[k] + batch->grad_auxiliary[2 * row + k] * SPACING;
      by_tail[k][LAST] -= batch->grad_auxiliary[2 * row + k] * SPACING;
    }
    pull_back(user, &table, p, by_tail, batch->grad_parameters + 6 * row);
  }
  return 0;
}

static void check(sagips_status status) {
  if (status == SAGIPS_OK) return;
  fprintf(stderr, "%s: %s\n", sagips_status_name(status), sagips_last_error());
  exit(1);
}

struct result {
  double events[2 * EVENTS], norms[2], loss, prediction[6];
};

/* Train on the events and norms in `data`, by the model in `pipeline`. */
static void train(const sagips_pipeline* pipeline, const struct result* data, int64_t epochs,
                  struct result* result) {
  static const char* const name[6] = {"p0", "p1", "p2", "p3", "p4", "p5"};
  sagips_problem* problem = NULL;
  check(sagips_problem_create(&problem));
  for (int j = 0; j < 6; ++j) {
    const double lower = j % 3 == 1 ? -1 : 0, upper = j % 3 == 0 ? 3 : j % 3 == 1 ? 1 : 5;
    check(sagips_problem_add_parameter(problem, name[j], lower, upper));
  }
  check(sagips_problem_add_dataset(problem, "data", pipeline));
  check(sagips_problem_set_events(problem, "data", data->events, NULL, EVENTS, 2, 0));
  for (int k = 0; k < 2; ++k) {
    const double target = data->norms[k], sigma = target / sqrt(EVENTS);
    check(sagips_problem_set_auxiliary(problem, "data", k, target, sigma, SAGIPS_GAUSSIAN));
  }
  sagips_options* options = NULL;
  check(sagips_options_create(&options));
  check(sagips_options_set_integer(options, "seed", 7));
  check(sagips_options_set_integer(options, "epochs", epochs));
  sagips_solver* solver = NULL;
  check(sagips_solver_create(&solver, problem, options, NULL));
  sagips_progress progress = {.struct_size = sizeof progress};
  check(sagips_solver_step(solver, epochs, &progress));
  result->loss = progress.loss_generator;
  check(sagips_solver_predict(solver, 0, 1, 6, result->prediction));
  check(sagips_solver_destroy(&solver));
  check(sagips_options_destroy(&options));
  check(sagips_problem_destroy(&problem));
}

static int differ(const char* what, const double* a, const double* b, int n, double tolerance) {
  for (int i = 0; i < n; ++i)
    if (!(fabs(a[i] - b[i]) <= tolerance)) {
      printf("of the %s, %.17g of the built-in is %.17g by callbacks\n", what, a[i], b[i]);
      return 1;
    }
  return 0;
}

int main(int argc, char** argv) {
  static const double truth[6] = {2.1875, -0.5, 3, 1.09375, -0.5, 4};
  static struct grid grid;         /* lives longer than every solver: no destroy function needed */
  static struct result results[2]; /* of the built-in, and of the callbacks above */
  const long epochs = argc > 1 ? atol(argv[1]) : 20;
  for (int i = 0; i < NODES; ++i) {
    grid.x[i] = 0.1 + i * SPACING;
    grid.log_x[i] = log(grid.x[i]);
    grid.log_rest[i] = log1p(-grid.x[i]);
  }
  sagips_pipeline* models[2] = {NULL, NULL};
  for (int m = 0; m < 2; ++m) check(sagips_pipeline_create(&models[m]));
  check(sagips_pipeline_add_builtin(models[0], "proxy1d", NULL));
  sagips_stage* stage = NULL;
  check(sagips_stage_create(&stage, "proxy1d by hand"));
  check(sagips_stage_set_shape(stage, 0, 2, 2, 2));
  check(sagips_stage_set_forward(stage, forward, &grid, NULL));
  check(sagips_stage_set_backward(stage, backward));
  check(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));
  check(sagips_pipeline_add(models[1], stage));
  check(sagips_stage_destroy(&stage));
  for (int m = 0; m < 2; ++m) {
    struct result* out = &results[m];
    check(sagips_pipeline_generate(models[m], 6, truth, EVENTS, 1, 2, out->events, NULL, 2,
                                   out->norms));
    train(models[m], &results[0], epochs, out);
    check(sagips_pipeline_destroy(&models[m]));
  }

  const struct result *a = &results[0], *b = &results[1];
  const double rounding = 1e-11; /* of 1000 sums; weights of networks are floats, and drift */
  int count = differ("events", a->events, b->events, 2 * EVENTS, rounding);
  count += differ("norms", a->norms, b->norms, 2, rounding);
  count += differ("losses", &a->loss, &b->loss, 1, 1e-4);
  count += differ("predictions", a->prediction, b->prediction, 6, 1e-4);
  if (count == 0) printf("same numbers: %d events, %ld epochs\n", EVENTS, epochs);
  return count == 0 ? 0 : 1;
}
