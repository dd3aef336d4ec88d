// SPDX-License-Identifier: BSD-3-Clause
// The closure problems with their pipelines written as a user's callbacks, so that each route of
// the gradient can be taken through the same events.

#ifndef SAGIPS_BENCH_ROUTE_MODEL_H_
#define SAGIPS_BENCH_ROUTE_MODEL_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "closure_run.h"

namespace sagips_bench {

// One way to write the model down.
struct Route {
  std::string name;
  bool has_backward = false, is_smooth = false, has_law = false;
  int32_t scheme = SAGIPS_CENTRAL;
  double step = 0;  // 0: the default
};

// What the callbacks were asked for.
struct Asked {
  std::atomic<int64_t> events_made{0}, events_pulled_back{0}, laws_told{0};
};

// Replaces the pipeline and the problem of a data set by ones with callbacks. `asked` must live as
// long as they do.
void use_callbacks(const Route& route, Asked* asked, DataSet* data);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ROUTE_MODEL_H_
