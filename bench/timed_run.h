// SPDX-License-Identifier: BSD-3-Clause
// A training against the clock: how far is the estimate from the truth and from the fit, after how
// much processor time?

#ifndef SAGIPS_BENCH_TIMED_RUN_H_
#define SAGIPS_BENCH_TIMED_RUN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "closure_run.h"

namespace sagips_bench {

struct Moment {
  double seconds = 0;           // of processor time, since before the solver was created
  double mean_abs_percent = 0;  // residual, as in equation 6
  double rms_e = 0;             // distance from the maximum-likelihood fit, in limits
};

struct TimedRun {
  std::string failure;
  double seconds = 0;  // in all
  int64_t epochs = 0;
  std::vector<Moment> moments;

  // Medians over the tenth of the time before `until`, or what was last seen if that is empty.
  Moment state_at(double until) const;
};

// The preset `fast` with settings, for its epochs or for so many seconds of processor time.
TimedRun train_timed(const DataSet& data, const std::vector<Setting>& settings, uint64_t seed,
                     double most_seconds);

// First moment from which on a quantity stays at or below the bound; -1: never.
double seconds_until_below(double bound, double Moment::*quantity, const TimedRun& run);

Json timed_run_as_json(const TimedRun& run);  // some hundred moments, evenly in ln seconds
TimedRun timed_run_from(const Json& json);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_TIMED_RUN_H_
