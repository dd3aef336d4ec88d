// SPDX-License-Identifier: BSD-3-Clause
// Learning rates and batch of the paper's recipe, tuned for little time: its own (1024 rows of 100
// events, 1e-5 and 1e-4) are for a hundred thousand epochs of half a second.

#ifndef SAGIPS_BENCH_BASELINE_TUNING_H_
#define SAGIPS_BENCH_BASELINE_TUNING_H_

#include <string>
#include <vector>

#include "ensemble_parts.h"

namespace sagips_bench {

// Networks, losses and Adam of the preset `paper`, with this batch and these rates.
struct Recipe {
  std::string rows, events, generator_rate, discriminator_rate;

  std::vector<Setting> settings() const;
  std::string name() const;  // "16 x 25, 1e-4 and 1e-3"
};

// All of a grid on one data set, the best of it on more; prints the grid.
// @param seconds of processor time that `fast` takes @param json out: the grid and what it gave
Recipe tune_baseline(const std::string& problem, const EnsembleSettings& settings, double seconds,
                     double times, Json* json);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_BASELINE_TUNING_H_
