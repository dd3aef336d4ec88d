// SPDX-License-Identifier: BSD-3-Clause
// A hard cut with the vector-Jacobian product of its survivors, as one is tempted to write it:
// right for every event that stays, and wrong for means over them, since events that cross an edge
// are missing from it. Tests show that it is found, and where it leads.
#ifndef SAGIPS_TESTS_NAIVE_CUT_H_
#define SAGIPS_TESTS_NAIVE_CUT_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "sagips.h"

struct NaiveCut {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  int32_t observable = 0;

  int32_t forward(sagips_batch* b) const {
    const int64_t events = b->n_rows * b->n_events, width = b->n_inputs;
    std::copy_n(b->inputs, events * width, b->outputs);
    for (int64_t e = 0; e < events; ++e) {
      const double y = b->inputs[e * width + observable];
      b->weight[e] = y >= lower && y < upper ? 1 : 0;
    }
    return 0;
  }
  int32_t backward(sagips_batch* b) const {
    for (int64_t i = 0; i < b->n_rows * b->n_events * b->n_inputs; ++i)
      if (b->weight[i / b->n_inputs] != 0) b->grad_inputs[i] += b->grad_outputs[i];
    return 0;
  }
};

#endif  // SAGIPS_TESTS_NAIVE_CUT_H_
