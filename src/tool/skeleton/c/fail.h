/* SPDX-License-Identifier: 0BSD */
/* Failures end this program with one sentence on stderr. A larger host goes on instead: every call
 * returns its status, and nothing in the library exits. */
#ifndef FAIL_H_
#define FAIL_H_

#include <stdio.h>
#include <stdlib.h>

#include "sagips.h"

/* fail("cannot read %s", path) */
#define fail(...)                 \
  do {                            \
    fprintf(stderr, __VA_ARGS__); \
    fputc('\n', stderr);          \
    exit(EXIT_FAILURE);           \
  } while (0)

static inline void must(sagips_status status) {
  if (status != SAGIPS_OK) fail("%s: %s", sagips_status_name(status), sagips_last_error());
}

#endif /* FAIL_H_ */
