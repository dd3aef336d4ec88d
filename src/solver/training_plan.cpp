// SPDX-License-Identifier: BSD-3-Clause
#include "solver/training_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

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
          options.real(network + ".epsilon"), choose_simd(options.text("simd"))};
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

FailureRule read_failures(const Options& options) {
  FailureRule rule;
  const std::string& policy = options.text("failure.policy");
  if (policy == "skip") rule.policy = FailureRule::Policy::kSkip;
  if (policy == "resample") rule.policy = FailureRule::Policy::kResample;
  rule.limit = options.real("failure.limit");
  rule.attempts = options.integer("failure.attempts");
  return rule;
}

DataOrder plan_order(const Options& options, int64_t index, uint64_t seed, int32_t member,
                     std::shared_ptr<const DataParts> parts) {
  return {seed,
          member,
          index,
          std::move(parts),
          {options.real("data.holdout"), options.integer("assess.events"),
           options.real("data.fraction"), is_bootstrapped(options)}};
}

DatasetPlan plan_dataset(const Problem& problem, const Options& options, int64_t index,
                         uint64_t seed, int32_t member, bool needs_pull_back) {
  const Dataset& dataset = problem.datasets[static_cast<size_t>(index)];
  DatasetPlan plan{&dataset, plan_order(options, index, seed, member, dataset.data_parts()), {}, 0};
  if (needs_pull_back && !dataset.pipeline.is_pulled_back())
    fail(SAGIPS_ERROR_UNSUPPORTED,
         "metric.kind = pullback needs the derivative of events, but the "
         "pipeline of data set '",
         dataset.name,
         "' has a stage without a vector-Jacobian product "
         "that is not declared smooth; set metric.kind = none, or one of the two");
  plan.discriminator = plan_discriminator(options, "discriminator.hidden", *dataset.events,
                                          plan.order, dataset.name);
  return plan;
}

}  // namespace

bool is_bootstrapped(const Options& options) {
  const bool has_several = options.integer("ensemble.members") > 1;
  return options.boolean("data.bootstrap") ||
         (has_several && options.boolean("ensemble.bootstrap"));
}

double AverageRule::share(int64_t epoch, int64_t averaged) const {
  if (epoch >= tail_start) return 1 / static_cast<double>(averaged + 1);
  const auto t = static_cast<double>(epoch);
  return 1 - std::min(decay, (t + 1) / (t + 10));  // a young average forgets its start quickly
}

double MetricRule::damping(int64_t epoch) const {
  const auto t = static_cast<double>(epoch);
  if (t >= damping_epochs) return damping_end;
  return damping_end * std::pow(damping_start / damping_end, 1 - t / damping_epochs);
}

TrainingPlan::TrainingPlan(const Problem& problem_in, const Options& options_in, int32_t member_in)
    : problem(problem_in),
      options(options_in),
      space(problem.parameters),
      box(problem.box()),
      generator(options, space),
      seed(static_cast<uint64_t>(options.integer("seed"))),
      member(member_in),
      epochs(options.integer("epochs")),
      rows(options.integer("rows")),
      discriminator_updates(options.integer("discriminator.updates")),
      generator_updates(options.integer("generator.updates")),
      has_fresh_events(options.boolean("generator.fresh_events")),
      has_latin_draws(options.text("draws") == "latin_hypercube"),
      generator_adam(read_adam(options, "generator")),
      discriminator_adam(read_adam(options, "discriminator")),
      generator_rate(read_schedule(options, "generator")),
      discriminator_rate(read_schedule(options, "discriminator")),
      average(read_average(options)),
      metric(read_metric(options)),
      failures(read_failures(options)),
      auxiliary_weight(options.real("auxiliary.weight")),
      is_absolute(options.text("auxiliary.weighting") == "absolute"),
      events_(options.integer("events")),
      growth_factor_(static_cast<double>(options.integer("growth.factor"))),
      growth_start_(options.real("growth.start") * static_cast<double>(epochs)),
      growth_end_(options.real("growth.end") * static_cast<double>(epochs)) {
  check_sizes();
  for (size_t d = 0; d < problem.datasets.size(); ++d)
    datasets.push_back(
        plan_dataset(problem, options, static_cast<int64_t>(d), seed, member, metric.is_used));
  weigh();
}

// A joint likelihood: near the solution the loss of data set d pulls with c I_d dp, I_d the
// information of one of its events, and the likelihood with sum N_d I_d dp.
void TrainingPlan::weigh() noexcept {
  double total = 0;
  for (DatasetPlan& d : datasets) {
    const EventTable& events = *d.dataset->events;
    d.effective_events = events.effective_size() * static_cast<double>(d.order.n_training()) /
                         static_cast<double>(events.size());
    total += d.dataset->weight * d.effective_events;
  }
  for (DatasetPlan& d : datasets) d.share = d.dataset->weight * d.effective_events / total;
  penalty_scale = likelihood_share(datasets.front().discriminator.loss) / total;
}

std::vector<DataOrder> TrainingPlan::plan_orders(
    const std::vector<std::shared_ptr<const DataParts>>& parts) const {
  std::vector<DataOrder> orders;
  for (size_t d = 0; d < parts.size(); ++d)
    orders.push_back(plan_order(options, static_cast<int64_t>(d), seed, member, parts[d]));
  return orders;
}

void TrainingPlan::take_inputs(std::vector<DiscriminatorInputs>* inputs) noexcept {
  for (size_t d = 0; d < datasets.size(); ++d) {
    NetworkPlan& network = datasets[d].discriminator;  // the widths may be read in other threads
    network.shift.swap((*inputs)[d].shift);
    network.scale.swap((*inputs)[d].scale);
    network.lift_mean.swap((*inputs)[d].lift_mean);
    network.lift_matrix.swap((*inputs)[d].lift_matrix);
    network.lift_curves.swap((*inputs)[d].lift_curves);
  }
}

void TrainingPlan::take_orders(std::vector<DataOrder>* orders) noexcept {
  for (size_t d = 0; d < datasets.size(); ++d) datasets[d].order = std::move((*orders)[d]);
  weigh();
}

// What would fail in the middle of a training, or in its callbacks, fails before it starts.
void TrainingPlan::check_sizes() const {
  const int64_t events = std::max(events_per_row(0), events_per_row(epochs - 1));
  if (problem.datasets.size() > kMostDatasets)
    fail(SAGIPS_ERROR_UNSUPPORTED, problem.datasets.size(),
         " data sets have no random numbers (at most ", kMostDatasets, ")");
  const auto is_smoothed = [](const Dataset& dataset) {
    const std::vector<Stage>& stages = dataset.pipeline.stages();
    return std::any_of(stages.begin(), stages.end(), [](const Stage& stage) {
      return stage.route() == GradientRoute::kSmoothedDifferences;
    });
  };
  const bool has_other_draws =
      failures.policy == FailureRule::Policy::kResample ||
      std::any_of(problem.datasets.begin(), problem.datasets.end(), is_smoothed);
  const int64_t most = has_other_draws ? kDrawsAnAttempt : kMostRows;
  int64_t draws = 0;
  if (__builtin_mul_overflow(rows, discriminator_updates + generator_updates, &draws) ||
      draws > most)
    fail(SAGIPS_ERROR_UNSUPPORTED, rows, " rows in ", discriminator_updates + generator_updates,
         " updates have no random numbers (at most ", most,
         " in all); lower the options `rows` or `discriminator.updates`");
  for (const Dataset& dataset : problem.datasets) {
    if (dataset.pipeline.stages().size() > kMostStages)
      fail(SAGIPS_ERROR_UNSUPPORTED, "the pipeline of data set '", dataset.name, "' has ",
           dataset.pipeline.stages().size(), " stages (at most ", kMostStages, ")");
    for (const Stage& stage : dataset.pipeline.stages()) {
      const int64_t width =
          std::max({stage.n_outputs, stage.n_inputs, stage.n_uniforms, stage.n_tape});
      const int64_t shifts = 2 * (space.size() + stage.n_inputs) + 1;  // rows that differences add
      int64_t bytes = 0;
      if (__builtin_mul_overflow(rows, events, &bytes) ||
          __builtin_mul_overflow(bytes, width * shifts * int64_t{sizeof(double)}, &bytes))
        fail(SAGIPS_ERROR_MEMORY, rows, " rows of ", events,
             " events are more than the memory of any "
             "machine; check the counts: options `rows`, `events`, `growth.factor`");
      const int64_t in_sequence =  // the metric draws one for each observable of a batch
          std::max(events * stage.n_uniforms, metric.is_used ? rows * events * stage.n_outputs : 0);
      if (in_sequence > kMostNumbers)
        fail(SAGIPS_ERROR_UNSUPPORTED, events, " events a row ask stage '", stage.name, "' for ",
             in_sequence, " random numbers (at most ", kMostNumbers,
             "); use more rows with fewer events");
    }
  }
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

double TrainingPlan::averaged_events(int64_t epoch, int64_t averaged) const {
  if (averaged == 0) return 0;
  const int64_t n = std::min(epoch, std::max(averaged, average.equal_epochs()));
  double sum = 0;
  for (int64_t t = epoch - n; t < epoch; ++t)
    sum += static_cast<double>(rows) * static_cast<double>(events_per_row(t));
  return sum;
}

}  // namespace sagips
