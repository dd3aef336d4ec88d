// SPDX-License-Identifier: BSD-3-Clause
// Everything of a training that does not change from epoch to epoch: what the options and the
// problem say, in the types the code works with.
#ifndef SAGIPS_SOLVER_TRAINING_PLAN_H_
#define SAGIPS_SOLVER_TRAINING_PLAN_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "core/options.h"
#include "data/data_order.h"
#include "nn/adam.h"
#include "nn/schedule.h"
#include "optimizer/generator.h"
#include "solver/problem.h"

namespace sagips {

/// Running average of the generator's weights: exponential with a warm-up, uniform over the last
/// part.
struct AverageRule {
  double decay = 0;        // 0: the weights themselves
  int64_t tail_start = 0;  // epoch from which the average is uniform; the horizon: never

  /// Share of the new weights after epoch `epoch`, when `averaged` are in the uniform average.
  double share(int64_t epoch, int64_t averaged) const;
  /// Epochs in equal parts that would be as quiet as the exponential average of many.
  int64_t equal_epochs() const { return static_cast<int64_t>((1 + decay) / (1 - decay)); }
};

/// Preconditioning of the parameter cotangent by the metric E[J^T J] of the pipeline.
struct MetricRule {
  bool is_used = false;
  double decay = 0, damping_start = 0, damping_end = 0, damping_epochs = 0;

  double damping(int64_t epoch) const;
};

/// What becomes of rows on which the model fails.
struct FailureRule {
  enum class Policy { kError, kSkip, kResample };
  Policy policy = Policy::kError;
  double limit = 0;      // fraction of rows
  int64_t attempts = 0;  // to draw a row anew
};

/// The numbers by which a discriminator reads events: see NetworkPlan.
struct DiscriminatorInputs {
  std::vector<double> shift, scale, lift_mean, lift_matrix;
  std::vector<ScoreCurve> lift_curves;
};

/// A data set's part.
struct DatasetPlan {
  const Dataset* dataset = nullptr;
  DataOrder order;
  NetworkPlan discriminator;
  double effective_events = 0;  // trained on
  double share = 1;             // in the generator's loss
};

/// True if a member draws its data with replacement.
bool is_bootstrapped(const Options& options);

struct TrainingPlan {
  /// @param member its number, from `ensemble.first` on
  TrainingPlan(const Problem& problem, const Options& options, int32_t member = 0);
  TrainingPlan(const TrainingPlan&) = delete;
  TrainingPlan& operator=(const TrainingPlan&) = delete;

  const Problem& problem;
  const Options& options;
  ParameterSpace space;
  Box box;
  Generator generator;
  std::vector<DatasetPlan> datasets;

  uint64_t seed;
  int32_t member;
  int64_t epochs, rows;
  int64_t discriminator_updates, generator_updates;
  bool has_fresh_events;
  bool has_latin_draws;
  Adam generator_adam, discriminator_adam;
  Schedule generator_rate, discriminator_rate;
  AverageRule average;
  MetricRule metric;
  FailureRule failures;
  double penalty_scale;  // on (z^2)/2 of priors and, times auxiliary_weight, of measurements
  double auxiliary_weight;
  bool is_absolute = false;  // (value - target)^2 times auxiliary_weight instead

  /// The orders of tables of events in parts, one a data set.
  std::vector<DataOrder> plan_orders(
      const std::vector<std::shared_ptr<const DataParts>>& parts) const;
  /// After the problem has got other events: their orders, and what follows from their numbers.
  void take_orders(std::vector<DataOrder>* orders) noexcept;

  /// How a checkpoint's discriminators read events, one a data set, of the sizes that ours have.
  void take_inputs(std::vector<DiscriminatorInputs>* inputs) noexcept;

  /// E at an epoch: grows geometrically by `growth.factor` between `growth.start` and `growth.end`.
  int64_t events_per_row(int64_t epoch) const;
  /// Synthetic events of a data set behind the averaged generator after `epoch` epochs, of which
  /// the average holds `averaged` in equal parts; 0 if it holds none.
  double averaged_events(int64_t epoch, int64_t averaged) const;

 private:
  void check_sizes() const;
  void weigh() noexcept;

  int64_t events_;
  double growth_factor_, growth_start_, growth_end_;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_TRAINING_PLAN_H_
