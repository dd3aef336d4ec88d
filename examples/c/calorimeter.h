/* SPDX-License-Identifier: BSD-3-Clause */
/* A detector as there are many: a struct with a calibration, a function that makes one (free()
 * releases it), and what it has to say. Nothing in this file knows of SAGIPS. */
#ifndef CALORIMETER_H_
#define CALORIMETER_H_

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { GAIN = 0, EFFICIENCY = 1 };

/* A row of cells from 0 to `length`; between their centres, the table is interpolated. */
typedef struct {
  double cells_per_length;
  int n;
  int64_t fails_at_epoch; /* the accident of this example; -1: never */
  double table[][2];      /* (n) gain and efficiency of each cell */
} calorimeter;

/* Returns NULL where the calibration makes no sense, or there is no memory. */
static inline calorimeter* calorimeter_create(double length, int n, const double table[][2]) {
  if (!(length > 0) || n < 2) return NULL;
  const size_t bytes = (size_t)n * sizeof table[0];
  calorimeter* c = malloc(sizeof *c + bytes);
  if (c == NULL) return NULL;
  c->cells_per_length = n / length;
  c->n = n;
  c->fails_at_epoch = -1;
  memcpy(c->table, table, bytes);
  return c;
}

static inline double calorimeter_at(const calorimeter* c, int column, double x) {
  const double place = fmin(fmax(x * c->cells_per_length - 0.5, 0), c->n - 1);
  const int below = (int)fmin(place, c->n - 2);
  const double part = place - below;
  return c->table[below][column] * (1 - part) + c->table[below + 1][column] * part;
}

#endif /* CALORIMETER_H_ */
