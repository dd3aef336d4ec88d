// SPDX-License-Identifier: BSD-3-Clause
// The parts of bench_closure. Each prints its tables and returns what it measured.

#ifndef SAGIPS_BENCH_PARTS_H_
#define SAGIPS_BENCH_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "closure_run.h"
#include "progress.h"

namespace sagips_bench {

struct PartSettings {
  int64_t n_events = 1000000;
  int n_data_sets = 0;     // 0: the part's own number
  std::string problem;     // empty: both; for the part `routes`
  int64_t first_seed = 1;  // of the part `closure`

  int data_sets(int default_number) const { return n_data_sets > 0 ? n_data_sets : default_number; }
};

// The preset `fast` at the truth of the literature, on fresh data sets.
Json closure_part(const PartSettings& settings);
// The same preset, unchanged, at other truths with the parameters in another order.
Json truths_part(const PartSettings& settings);
// The choices of the preset, one by one taken back.
Json variants_part(const PartSettings& settings);
// The gradient by each of its routes.
Json routes_part(const PartSettings& settings);
// What a call of a user's model costs beyond the model.
Json callback_part();
// What it costs beyond that when the host owns the loop.
Json ask_part();
// Memory of a training, in a process of its own; to be called while this one is still small.
Json memory_part(const PartSettings& settings);

// "name   cells of one number each", in aligned() form.
std::vector<std::string> table_row(const std::string& name, const Vector& values, int digits);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_PARTS_H_
