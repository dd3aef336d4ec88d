// SPDX-License-Identifier: BSD-3-Clause
// A model that keeps a processor busy for about 100 ns an event, forward and backward, as callbacks
// and as the bare loops that they are compared with:
//
//   y = p + u + f(u),   dL/dp = sum dL/dy (1 + 0 f(u)),
//
// where f takes `steps` dependent multiplications and additions.

#ifndef SAGIPS_BENCH_CALLBACK_MODEL_H_
#define SAGIPS_BENCH_CALLBACK_MODEL_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "sagips.h"

namespace sagips_bench {

struct BusyModel {
  int steps = 1;
};

constexpr double kBusySecondsPerEvent = 100e-9;

// The callbacks; `user` is the BusyModel.
int32_t busy_forward(void* user, sagips_batch* batch);
int32_t busy_backward(void* user, sagips_batch* batch);

// What a program without the library would have: arrays of its own, and a loop over rows.
struct BareLoop {
  int64_t n_rows, n_events;
  std::vector<double> parameters;   // (N, 1)
  std::vector<double> uniforms;     // (N, E, 1)
  std::vector<double> events;       // (N, E, 1)
  std::vector<double> grad_events;  // (N, E, 1)
  std::vector<double> grad;         // (N, 1)

  BareLoop(int64_t rows, int64_t events_per_row);
  void forward(const BusyModel& model);
  void backward(const BusyModel& model);
};

// Steps overlap between events, so that their number is corrected where it is used. The model only
// has to be near its goal: what it really takes is measured beside everything else.
BusyModel calibrated_model();

// Processor seconds of one call of each body: the quickest of loops that take turns, so that what
// else the machine does disturbs all alike and, with luck, some repeat of each not at all.
std::vector<double> quickest_seconds(const std::vector<std::function<void()>>& bodies);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_CALLBACK_MODEL_H_
