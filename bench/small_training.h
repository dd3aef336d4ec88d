// SPDX-License-Identifier: BSD-3-Clause
// A training of the busy model with the smallest networks there are: trained parameters, and a
// discriminator linear in the one observable. What is left is what the model's calls cost.

#ifndef SAGIPS_BENCH_SMALL_TRAINING_H_
#define SAGIPS_BENCH_SMALL_TRAINING_H_

#include <cstdint>

#include "callback_model.h"
#include "tool/abi.h"

namespace sagips_bench {

enum class ServedBy { kCallbacks, kTickets };

sagips_tool::Pipeline make_busy_pipeline(BusyModel* model, ServedBy by = ServedBy::kCallbacks);

// `rows_a_ticket` is the option ask.rows; 0 for the whole batch.
sagips_tool::Solver make_small_solver(const sagips_pipeline* pipeline, int64_t n_rows,
                                      int64_t n_events, int64_t rows_a_ticket = 0);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_SMALL_TRAINING_H_
