// SPDX-License-Identifier: BSD-3-Clause
// Everything of a training that changes from epoch to epoch; what a checkpoint holds. An epoch
// writes to a second one, and the two swap when it is whole.
#ifndef SAGIPS_SOLVER_TRAINING_STATE_H_
#define SAGIPS_SOLVER_TRAINING_STATE_H_

#include <cstdint>
#include <vector>

#include "nn/adam.h"
#include "solver/training_plan.h"

namespace sagips {

/// What of it is small.
struct TrainingNumbers {
  int64_t epoch = 0;             // committed
  int64_t skipped = 0;           // of those, epochs that taught nothing
  int64_t synthetic_events = 0;  // generated in training
  int64_t rows_run = 0;          // by pipelines in training, those of differences too
  int64_t rows_failed = 0;       // of those
  int64_t rows_resampled = 0;    // drawn anew since they had failed

  int64_t averaged = 0;          // epochs in the average since it is uniform
  std::vector<int64_t> cursors;  // place in each data set
  std::vector<double> metric;    // (P, P) running mean of J^T J in unit coordinates
  double metric_weight = 0;      // of that mean: 1 once it is old
  std::vector<double> history;   // (<= kHistory, P) latest estimates, for the drift

  double loss_discriminator = 0, loss_generator = 0, loss_auxiliary = 0;
  double grad_norm = 0, lost_fraction = 0;
};

struct TrainingState : TrainingNumbers {
  Network generator;
  std::vector<float> average;           // of the generator's parameters
  std::vector<Network> discriminators;  // one a data set
};

/// Estimates kept over one window.
constexpr int64_t kHistory = 20;

TrainingState initial_state(const TrainingPlan& plan);

}  // namespace sagips

#endif  // SAGIPS_SOLVER_TRAINING_STATE_H_
