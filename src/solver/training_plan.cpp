// SPDX-License-Identifier: BSD-3-Clause
#include "solver/training_plan.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "objective/discriminator.h"

namespace sagips {
namespace {

Schedule read_schedule(const Options& options, const std::string& network) {
  Schedule schedule;
  const std::string& form = options.text(network + ".schedule");
  if (form == "cosine") schedule.form = Schedule::Form::kCosine;
  if (form == "exponential") schedule.form = Schedule::Form::kExponential;
  schedule.rate = options.real(network + ".rate");
  schedule.floor = options.real(network + ".rate_floor");
  schedule.warmup = options.integer(network + ".warmup");
  schedule.epochs = options.integer("epochs");
  return schedule;
}

Adam read_adam(const Options& options, const std::string& network) {
  return {options.real(network + ".beta1"), options.real(network + ".beta2"),
          options.real(network + ".epsilon")};
}

AverageRule read_average(const Options& options) {
  const auto epochs = static_cast<double>(options.integer("epochs"));
  const double tail = options.real("average.tail");
  return {options.real("average.decay"), tail > 0
                                             ? static_cast<int64_t>(std::floor(epochs * (1 - tail)))
                                             : options.integer("epochs")};
}

MetricRule read_metric(const Options& options) {
  return {options.text("metric.kind") == "pullback", options.real("metric.decay"),
          options.real("metric.damping_start"), options.real("metric.damping"),
          options.real("metric.damping_until") * static_cast<double>(options.integer("epochs"))};
}

DatasetPlan plan_dataset(const Problem& problem, const Options& options, int64_t index,
                         uint64_t seed, bool needs_pull_back) {
  const Dataset& dataset = problem.datasets[static_cast<size_t>(index)];
  const DataOrder::Settings settings{options.real("data.holdout"), options.integer("assess.events"),
                                     options.real("data.fraction"),
                                     options.boolean("data.bootstrap")};
  DatasetPlan plan{&dataset,
                   DataOrder(seed, 0, index, dataset.events->size(), settings),
                   {},
                   dataset.pipeline.gradient_route(),
                   1};
  if (needs_pull_back && plan.route == GradientRoute::kObjectiveDifferences)
    fail(SAGIPS_ERROR_UNSUPPORTED,
         "metric.kind = pullback needs the derivative of events, but the "
         "pipeline of data set '",
         dataset.name,
         "' has a stage without a vector-Jacobian product "
         "that is not declared smooth; set metric.kind = none, or one of the two");
  plan.discriminator = plan_discriminator(options, "discriminator.hidden", *dataset.events,
                                          plan.order, dataset.name);
  double weighted = 0;
  for (const Dataset& d : problem.datasets) weighted += d.weight * d.events->effective_size();
  plan.share = dataset.weight * dataset.events->effective_size() / weighted;
  return plan;
}

}  // namespace

double AverageRule::share(int64_t epoch) const {
  if (epoch >= tail_start) return 1 / static_cast<double>(epoch - tail_start + 1);
  const auto t = static_cast<double>(epoch);
  return 1 - std::min(decay, (t + 1) / (t + 10));  // a young average forgets its start quickly
}

double MetricRule::damping(int64_t epoch) const {
  const auto t = static_cast<double>(epoch);
  if (t >= damping_epochs) return damping_end;
  return damping_end * std::pow(damping_start / damping_end, 1 - t / damping_epochs);
}

TrainingPlan::TrainingPlan(const Problem& problem_in, const Options& options_in)
    : problem(problem_in),
      options(options_in),
      space(problem.parameters),
      box(problem.box()),
      generator(options, space),
      seed(static_cast<uint64_t>(options.integer("seed"))),
      epochs(options.integer("epochs")),
      rows(options.integer("rows")),
      discriminator_updates(options.integer("discriminator.updates")),
      generator_updates(options.integer("generator.updates")),
      has_fresh_events(options.boolean("generator.fresh_events")),
      generator_adam(read_adam(options, "generator")),
      discriminator_adam(read_adam(options, "discriminator")),
      generator_rate(read_schedule(options, "generator")),
      discriminator_rate(read_schedule(options, "discriminator")),
      average(read_average(options)),
      metric(read_metric(options)),
      is_absolute(options.text("auxiliary.weighting") == "absolute"),
      events_(options.integer("events")),
      growth_factor_(static_cast<double>(options.integer("growth.factor"))),
      growth_start_(options.real("growth.start") * static_cast<double>(epochs)),
      growth_end_(options.real("growth.end") * static_cast<double>(epochs)) {
  for (size_t d = 0; d < problem.datasets.size(); ++d)
    datasets.push_back(
        plan_dataset(problem, options, static_cast<int64_t>(d), seed, metric.is_used));
  penalty_scale = options.real("auxiliary.weight") *
                  likelihood_share(datasets.front().discriminator.loss) /
                  problem.effective_events();
}

int64_t TrainingPlan::events_per_row(int64_t epoch) const {
  const auto t = static_cast<double>(epoch);
  double factor = 1;
  if (t >= growth_end_)
    factor = t >= growth_start_ ? growth_factor_ : 1;
  else if (t >= growth_start_)
    factor = std::pow(growth_factor_, (t - growth_start_) / (growth_end_ - growth_start_));
  return static_cast<int64_t>(std::floor(static_cast<double>(events_) * factor + 0.5));
}

}  // namespace sagips
