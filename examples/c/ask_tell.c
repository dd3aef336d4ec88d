/* SPDX-License-Identifier: BSD-3-Clause */
/* A host that owns the loop: it asks the solver for work, puts the tickets into its own queue, has
 * them served in whatever order its workers get to them, and tells the answers. The estimate has
 * the bits that a callback gives, and finds the truth. The model: decay times of mean life tau,
 * measured with a resolution,   t = -tau ln u0 + sigma z(u1, u2).
 * Usage: ask_tell [seed] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sagips.h"

enum { P = 2, EVENTS = 20000, EPOCHS = 1000, QUEUE = 64 };
static const char* const names[P] = {"tau", "sigma"};
static const double truth[P] = {2.2, 0.5};

/* One ticket. It reads and writes the ticket's own arrays, so workers need no lock. */
static int32_t serve(void* user, sagips_batch* batch) {
  (void)user;
  for (int64_t i = 0; i < batch->n_rows * batch->n_events; ++i) {
    const double* p = batch->parameters + i / batch->n_events * P;
    const double* u = batch->uniforms + 3 * i;
    const double z = sqrt(-2 * log(u[1])) * cos(6.283185307179586 * u[2]);
    batch->outputs[i] = -p[0] * log(u[0]) + p[1] * z;
  }
  return 0;
}

static void must(sagips_status status) {
  if (status == SAGIPS_OK) return;
  fprintf(stderr, "%s: %s\n", sagips_status_name(status), sagips_last_error());
  exit(EXIT_FAILURE);
}

/* The host's loop; returns how many tickets were served. */
static long train(sagips_solver* solver) {
  sagips_batch queue[QUEUE];
  int waiting = 0;
  long served = 0;
  for (;;) {
    sagips_batch ticket = {.struct_size = sizeof ticket};
    if (waiting < QUEUE) must(sagips_solver_ask(solver, &ticket));
    if (ticket.ticket != 0) {
      queue[waiting++] = ticket; /* its arrays stay where they are until it is told */
      continue;
    }
    if (waiting == 0) return served;  /* nothing to do and nothing out: SAGIPS_DONE */
    const int any = rand() % waiting; /* the worker that happens to be free */
    ticket = queue[any];
    queue[any] = queue[--waiting];
    must(sagips_solver_tell(solver, ticket.ticket, serve(NULL, &ticket), NULL));
    ++served;
  }
}

int main(int argc, char** argv) {
  static double times[EVENTS];
  const long seed = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
  double mean[2][P], covariance[P * P];

  sagips_options* options = NULL;
  must(sagips_options_create(&options));
  must(sagips_options_set_integer(options, "seed", seed));
  must(sagips_options_set_integer(options, "epochs", EPOCHS));
  must(sagips_options_set_integer(options, "rows", 8));
  must(sagips_options_set_integer(options, "events", 128));
  must(sagips_options_set_integer(options, "ask.rows", 2)); /* of a ticket: eight rows make four */

  for (int external = 0; external < 2; ++external) {
    sagips_stage* stage = NULL;
    must(sagips_stage_create(&stage, "decay"));
    must(sagips_stage_set_shape(stage, 0, 1, 0, 3));
    must(sagips_stage_set_forward(stage, serve, NULL, NULL)); /* also for what is not training */
    must(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));
    must(sagips_stage_set_external(stage, external, 0, 0));
    sagips_pipeline* pipeline = NULL;
    must(sagips_pipeline_create(&pipeline));
    must(sagips_pipeline_add(pipeline, stage));
    must(sagips_pipeline_generate(pipeline, P, truth, EVENTS, (uint64_t)seed, 1, times, NULL, 0,
                                  NULL));
    sagips_problem* problem = NULL;
    must(sagips_problem_create(&problem));
    must(sagips_problem_add_parameter(problem, names[0], 0.5, 5.0));
    must(sagips_problem_add_parameter(problem, names[1], 0.1, 1.5));
    must(sagips_problem_add_dataset(problem, "times", pipeline));
    must(sagips_problem_set_events(problem, "times", times, NULL, EVENTS, 1, 0));

    sagips_solver* solver = NULL;
    must(sagips_solver_create(&solver, problem, options, NULL));
    if (external) {
      printf("%ld tickets served\n", train(solver));
    } else {
      must(sagips_solver_step(solver, EPOCHS, NULL));
    }
    must(sagips_solver_estimate(solver, 0, P, mean[external], covariance));
    must(sagips_solver_destroy(&solver));
    must(sagips_problem_destroy(&problem));
    must(sagips_pipeline_destroy(&pipeline));
    must(sagips_stage_destroy(&stage));
  }
  must(sagips_options_destroy(&options));

  int wrong = memcmp(mean[0], mean[1], sizeof mean[0]) != 0;
  printf(wrong ? "NOT the bits of a callback\n" : "the bits of a callback\n");
  for (int i = 0; i < P; ++i) {
    const double sigma = sqrt(covariance[i * P + i]), pull = (mean[1][i] - truth[i]) / sigma;
    printf("%s: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", names[i], truth[i], mean[1][i],
           sigma, pull);
    wrong += !(fabs(pull) < 5);
  }
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
