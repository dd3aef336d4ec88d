/* SPDX-License-Identifier: 0BSD */
/* What main.c has to know about the model: replace both files by yours. */
#ifndef MODEL_H_
#define MODEL_H_

#include "sagips.h"

enum { P = 2, Y = 1 }; /* parameters; observables of an event */

typedef struct {
  const char* name;
  double lower, upper; /* the box that is searched */
  double truth;        /* of the closure test */
} Parameter;

extern const Parameter model_parameters[P];

/* parameters -> events; the caller destroys it. */
sagips_pipeline* model_pipeline(void);

#endif /* MODEL_H_ */
