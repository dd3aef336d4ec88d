// SPDX-License-Identifier: BSD-3-Clause
#include "solver/epoch.h"

#include <cmath>
#include <utility>

#include "core/error.h"
#include "data/table_source.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Adam's step from where the network is to the next state. A moment that overflowed would hold its
/// weight still for ever.
void update(const Adam& adam, const char* name, View<const float> grad, double rate, int64_t epoch,
            const Network** from, Network* to) {
  if (!adam.update(**from, grad, rate, to))
    fail(SAGIPS_ERROR_NUMERIC, "weights or moments of the ", name,
         " left the finite numbers in epoch ", epoch,
         " and were not committed; lower its learning rate, or see what gradients the model "
         "gives");
  *from = to;
}
/// In sums that do not wait for each other.
double norm_of(const std::vector<float>& values) {
  constexpr size_t kSums = 8;
  double sums[kSums] = {}, total = 0;
  const size_t whole = values.size() / kSums * kSums;
  for (size_t i = 0; i < whole; i += kSums)
    for (size_t k = 0; k < kSums; ++k) {
      const double x = values[i + k];
      sums[k] += x * x;
    }
  for (size_t i = whole; i < values.size(); ++i) {
    const double x = values[i];
    total += x * x;
  }
  for (const double sum : sums) total += sum;
  return std::sqrt(total);
}
}  // namespace

Workspace::Workspace(const TrainingPlan& plan, const Parallel* parallel) {
  for (const DatasetPlan& d : plan.datasets) {
    base.emplace_back(&d.dataset->pipeline, &plan.box, &meter, parallel);
    shifted.emplace_back(&d.dataset->pipeline, &plan.box, &meter, parallel);
  }
}

Epoch::Epoch(const TrainingPlan& plan, Device* device, Workspace* workspace,
             const TrainingState& committed, TrainingState* next)
    : plan_(plan),
      device_(device),
      workspace_(workspace),
      state_(next),
      generator_(&committed.generator),
      epoch_(committed.epoch),
      totals_(plan.datasets.size()),
      working_rows_(plan.datasets.size(), plan.rows) {
  static_cast<TrainingNumbers&>(*next) = committed;
  next->discriminators.resize(committed.discriminators.size());
  for (const Network& network : committed.discriminators) discriminators_.push_back(&network);
  state_->loss_discriminator = state_->loss_generator = state_->loss_auxiliary = 0;
  make_script();
}

void Epoch::make_script() {
  const size_t n_datasets = plan_.datasets.size();
  int64_t round = 0;
  script_.push_back({Action::kPropose, 0, round});
  for (int64_t u = 0; u < plan_.discriminator_updates; ++u, ++round)
    for (size_t d = 0; d < n_datasets; ++d) {
      script_.push_back({Action::kForward, d, round});
      script_.push_back({Action::kLearn, d, round});
    }
  for (int64_t u = 0; u < plan_.generator_updates; ++u, ++round) {
    if (u > 0) script_.push_back({Action::kPropose, 0, round});
    for (size_t d = 0; d < n_datasets; ++d) {
      if (u > 0 || plan_.has_fresh_events) script_.push_back({Action::kForward, d, round});
      script_.push_back({Action::kAssess, d, round});
      script_.push_back({Action::kPullBack, d, round});
      if (plan_.metric.is_used) script_.push_back({Action::kMetric, d, round});
    }
    script_.push_back({Action::kAbsorb, 0, round});
  }
}

sagips_batch* Epoch::run() {
  for (; place_ < script_.size(); ++place_, has_begun_ = false) {
    const Step& step = script_[place_];
    if (!has_begun_) begin(step);
    has_begun_ = true;
    if (!go_on(step)) return waiting_->run();
  }
  ++state_->epoch;
  return nullptr;
}

void Epoch::begin(const Step& step) {
  if (step.action == Action::kPropose) propose(step.round);
  if (step.action == Action::kForward) begin_forward(step);
  if (step.action == Action::kLearn) learn(step.dataset);
  if (step.action == Action::kAssess) assess(step.dataset);
  if (step.action == Action::kPullBack) begin_pull_back(step.dataset);
  if (step.action == Action::kMetric) begin_metric(step);
  if (step.action == Action::kAbsorb) absorb();
}

bool Epoch::go_on(const Step& step) {
  if (step.action == Action::kForward) return go_on_forward(step);
  if (step.action == Action::kPullBack) return go_on_pull_back(step.dataset);
  if (step.action != Action::kMetric) return true;
  if (!pass_is_over(&workspace_->base[step.dataset])) return false;
  take_metric(step.dataset);
  return true;
}

bool Epoch::pass_is_over(Evaluation* pass) {
  waiting_ = pass->run() == nullptr ? nullptr : pass;
  return waiting_ == nullptr;
}

Call Epoch::call_for(size_t dataset) const {
  return {plan_.seed,
          Stream::kUniforms,
          Stream::kRowKey,
          plan_.member,
          static_cast<int64_t>(dataset),
          epoch_,
          true,
          plan_.failures.policy == FailureRule::Policy::kError ? FailurePolicy::kError
                                                               : FailurePolicy::kMark,
          plan_.has_latin_draws};
}

// ------------------------------------------------------------------------- optimizer and pipeline

void Epoch::propose(int64_t round) {
  const Sequence noise{plan_.seed, Stream::kNoise, plan_.member, round * plan_.rows, epoch_};
  proposal_ = plan_.generator.propose(device_, generator_->parameters, plan_.rows, epoch_, noise);
  grad_.assign(proposal_.parameters.size(), 0);
}

// --------------------------------------------------------------------------------------- objective

void Epoch::learn(size_t dataset) {
  const DatasetPlan& d = plan_.datasets[dataset];
  const Network& network = discriminator(dataset);
  const BufferSource synthetic = synthetic_events(dataset);
  const TableSource real(*d.dataset->events, d.order, state_->cursors[dataset], synthetic.size());
  state_->cursors[dataset] += synthetic.size();
  std::vector<float>& grad = workspace_->grad;
  grad.resize(network.parameters.size());
  const double loss =
      device_->discriminator_step(d.discriminator, network.parameters, real, synthetic, grad);
  update(plan_.discriminator_adam, "discriminator", grad, plan_.discriminator_rate.at(epoch_),
         epoch_, &discriminators_[dataset], &state_->discriminators[dataset]);
  state_->loss_discriminator +=
      loss / static_cast<double>(plan_.datasets.size() * at(plan_.discriminator_updates));
}

void Epoch::assess(size_t dataset) {
  const DatasetPlan& d = plan_.datasets[dataset];
  const bool is_asked_by_events =
      Gradient::needs_values(d.dataset->pipeline) || !workspace_->base[dataset].has_unit_weights();
  score_events(device_, d.discriminator, discriminator(dataset).parameters,
               synthetic_events(dataset), &workspace_->score,
               is_asked_by_events ? EventLoss::kWanted : EventLoss::kLeftOut);
  state_->loss_generator +=
      d.share * workspace_->score.loss / static_cast<double>(plan_.generator_updates);
}

// -------------------------------------------------------------------------------- optimizer's
// update

void Epoch::add_priors() {
  const int32_t p_count = plan_.space.size();
  const double scale = plan_.penalty_scale / static_cast<double>(plan_.rows);
  for (int32_t p = 0; p < p_count; ++p) {
    const Parameter& parameter = plan_.space.parameters()[at(p)];
    if (parameter.prior_sigma == 0) continue;
    const Measurement prior{0, parameter.prior_mean, parameter.prior_sigma, SAGIPS_GAUSSIAN};
    for (int64_t n = 0; n < plan_.rows; ++n) {
      const size_t i = at(n * p_count + p);
      double derivative = 0;
      state_->loss_auxiliary += scale * penalty_of(prior, proposal_.parameters[i], &derivative) /
                                static_cast<double>(plan_.generator_updates);
      grad_[i] += scale * derivative;
    }
  }
}

void Epoch::absorb() {
  add_priors();
  const int32_t p_count = plan_.space.size();
  std::vector<double> grad_unit(grad_);
  for (size_t i = 0; i < grad_unit.size(); ++i)
    grad_unit[i] *=
        plan_.space.range_slope(static_cast<int32_t>(i % at(p_count)), proposal_.parameters[i]);
  for (size_t i = 0; i < grad_unit.size(); ++i)
    if (plan_.space.parameters()[i % at(p_count)].is_fixed) grad_unit[i] = 0;
  if (plan_.metric.is_used) precondition(&grad_unit);
  std::vector<float>& grad = workspace_->grad;
  grad.resize(generator_->parameters.size());
  plan_.generator.absorb(device_, generator_->parameters, proposal_, grad_unit, grad);
  state_->grad_norm = norm_of(grad);
  update(plan_.generator_adam, "generator", grad, plan_.generator_rate.at(epoch_), epoch_,
         &generator_, &state_->generator);
}

}  // namespace sagips
