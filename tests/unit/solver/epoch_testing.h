// SPDX-License-Identifier: BSD-3-Clause
// One epoch on its own, from a state that a test may change.
#ifndef SAGIPS_TESTS_UNIT_SOLVER_EPOCH_TESTING_H_
#define SAGIPS_TESTS_UNIT_SOLVER_EPOCH_TESTING_H_

#include <memory>
#include <utility>

#include "core/parallel.h"
#include "solver/epoch.h"
#include "unit/solver/solver_testing.h"

namespace sagips {

/// The discriminator stands still: its learning rate is far below the last bit.
inline const Settings kStill = {{"discriminator.rate", "1e-300"},
                                {"discriminator.schedule", "constant"},
                                {"discriminator.warmup", "0"},
                                {"discriminator.output_scale", "1"},
                                {"generator.beta1", "0"},
                                {"generator.output_scale", "1"},
                                {"lift.degree", "3"},
                                {"rows", "3"},
                                {"events", "17"}};

class Trial {
 public:
  Trial(Problem problem, const Settings& changes, Parallel parallel = Parallel())
      : problem_(std::move(problem)),
        options_(options_of(changes)),
        parallel_(std::move(parallel)),
        device_(make_reference_device(&parallel_)),
        plan_(problem_, options_),
        workspace_(plan_, &parallel_),
        start_(initial_state(plan_)) {}

  const TrainingPlan& plan() const { return plan_; }
  TrainingState* start() { return &start_; }

  TrainingState run() {
    TrainingState state = start_;
    Epoch epoch(plan_, device_.get(), &workspace_, start_, &state);
    EXPECT_EQ(epoch.run(), nullptr);
    return state;
  }
  double loss() {
    const TrainingState state = run();
    return state.loss_generator + state.loss_auxiliary;
  }

 private:
  static Options options_of(const Settings& changes) {
    Settings all = kStill;
    all.insert(all.end(), changes.begin(), changes.end());
    return small_options(all);
  }
  const Problem problem_;
  const Options options_;
  Parallel parallel_;
  std::unique_ptr<Device> device_;
  const TrainingPlan plan_;
  Workspace workspace_;
  TrainingState start_;
};

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_SOLVER_EPOCH_TESTING_H_
