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

void PipelineRequest::serve() {
  if (kind == SAGIPS_FORWARD)
    evaluation->forward(call, std::move(rows));
  else
    grad_parameters = evaluation->pull_back(grad_events, grad_weights, grad_auxiliary);
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
      shifted_(plan.datasets.size()) {
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

PipelineRequest* Epoch::next_request() {
  for (; place_ < script_.size(); ++place_) {
    const Step& step = script_[place_];
    const bool needs_pipeline = step.action == Action::kForward ||
                                step.action == Action::kPullBack || step.action == Action::kMetric;
    if (needs_pipeline) {
      ask(step);
      return &request_;
    }
    run(step);
  }
  ++state_->epoch;
  return nullptr;
}

void Epoch::accept() { take(script_[place_++]); }

void Epoch::run(const Step& step) {
  if (step.action == Action::kPropose) propose(step.round);
  if (step.action == Action::kLearn) learn(step.dataset);
  if (step.action == Action::kAssess) assess(step.dataset);
  if (step.action == Action::kAbsorb) absorb();
}

void Epoch::ask(const Step& step) {
  request_ = PipelineRequest();
  request_.call = call_for(step.dataset);
  request_.evaluation = &workspace_->base[step.dataset];
  if (step.action == Action::kForward) ask_forward(step);
  if (step.action == Action::kPullBack) ask_pull_back(step);
  if (step.action == Action::kMetric) ask_metric(step);
}

void Epoch::take(const Step& step) {
  const bool is_shifted =
      plan_.datasets[step.dataset].route == GradientRoute::kObjectiveDifferences;
  if (step.action == Action::kForward) take_forward(step.dataset);
  if (step.action == Action::kMetric) take_metric(step.dataset);
  if (step.action != Action::kPullBack) return;
  if (is_shifted)
    take_differences(step.dataset);
  else
    take_pull_back(step.dataset);
}

Call Epoch::call_for(size_t dataset) const {
  return {plan_.seed,
          Stream::kUniforms,
          Stream::kRowKey,
          plan_.member,
          static_cast<int64_t>(dataset),
          epoch_,
          true};
}

// ------------------------------------------------------------------------- optimizer and pipeline

void Epoch::propose(int64_t round) {
  const Sequence noise{plan_.seed, Stream::kNoise, plan_.member, round * plan_.rows, epoch_};
  proposal_ = plan_.generator.propose(device_, generator_->parameters, plan_.rows, epoch_, noise);
  grad_.assign(proposal_.parameters.size(), 0);
}

void Epoch::ask_forward(const Step& step) {
  Rows& rows = request_.rows;
  rows.n_rows = plan_.rows;
  rows.n_events = plan_.events_per_row(epoch_);
  rows.n_parameters = plan_.space.size();
  rows.parameters = proposal_.parameters;
  for (int64_t n = 0; n < plan_.rows; ++n) rows.draw.push_back(step.round * plan_.rows + n);
}

void Epoch::take_forward(size_t dataset) {
  const Evaluation& batch = workspace_->base[dataset];
  double total = 0, lost = 0;
  if (batch.has_unit_weights()) {
    total = static_cast<double>(batch.n_events());
  } else {
    for (const double w : batch.weights()) {
      total += w;
      lost += w == 0 ? 1 : 0;
    }
  }
  if (!(total > 0))
    fail(SAGIPS_ERROR_LOST, "the weights of ", batch.n_events(), " synthetic events of data set '",
         plan_.datasets[dataset].dataset->name, "' sum to ", total, " (must be positive; ", lost,
         " are lost); start nearer to where events survive, or narrow the bounds");
  totals_[dataset] = total;
  state_->synthetic_events += batch.n_events();
  lost_ += lost;
  generated_ += static_cast<double>(batch.n_events());
  state_->lost_fraction = lost_ / generated_;
}

BufferSource Epoch::synthetic_events(size_t dataset) const {
  const Evaluation& batch = workspace_->base[dataset];
  return BufferSource(batch.events().data(),
                      batch.has_unit_weights() ? nullptr : batch.weights().data(), batch.n_events(),
                      plan_.datasets[dataset].dataset->pipeline.n_outputs(), totals_[dataset]);
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
  const bool is_asked_by_events = d.route == GradientRoute::kObjectiveDifferences ||
                                  !workspace_->base[dataset].has_unit_weights();
  score_events(device_, d.discriminator, discriminator(dataset).parameters,
               synthetic_events(dataset), &workspace_->score,
               is_asked_by_events ? EventLoss::kWanted : EventLoss::kLeftOut);
  state_->loss_generator +=
      d.share * workspace_->score.loss / static_cast<double>(plan_.generator_updates);
}

double Epoch::penalty(size_t dataset, const double* auxiliary, double* grad) const {
  double sum = 0;
  for (Measurement m : plan_.datasets[dataset].dataset->measurements) {
    double scale = plan_.penalty_scale * plan_.auxiliary_weight;
    if (plan_.is_absolute) {
      m.sigma = 1;
      scale = 2 * plan_.auxiliary_weight;
    }
    scale /= static_cast<double>(plan_.rows);
    double derivative = 0;
    sum += scale * penalty_of(m, auxiliary[m.index], &derivative);
    if (grad != nullptr) grad[m.index] += scale * derivative;
  }
  return sum;
}

// --------------------------------------------------------------------------- gradient by
// parameters

void Epoch::ask_pull_back(const Step& step) {
  const DatasetPlan& d = plan_.datasets[step.dataset];
  const Evaluation& batch = workspace_->base[step.dataset];
  const Pipeline& pipeline = d.dataset->pipeline;
  request_.grad_auxiliary.assign(batch.auxiliary().size(), 0);
  for (int64_t n = 0; n < plan_.rows; ++n) {
    const int64_t first = n * pipeline.n_auxiliary();
    state_->loss_auxiliary += penalty(step.dataset, batch.auxiliary().data() + first,
                                      request_.grad_auxiliary.data() + first) /
                              static_cast<double>(plan_.generator_updates);
  }
  if (d.route == GradientRoute::kObjectiveDifferences) {
    shifted_[step.dataset] =
        shift_rows(batch.rows(), plan_.box, objective_scheme(pipeline), objective_step(pipeline));
    request_.evaluation = &workspace_->shifted[step.dataset];
    request_.rows = std::move(shifted_[step.dataset].rows);
    return;
  }
  request_.kind = SAGIPS_BACKWARD;
  Score& score = workspace_->score;
  for (double& g : score.grad_events) g *= d.share;
  request_.grad_events = score.grad_events;
  if (batch.has_unit_weights()) return;
  std::vector<double>& grad_weights = score.event_loss;  // in its place
  differentiate_by_weights(score, batch.weights(), totals_[step.dataset] / d.share, grad_weights);
  request_.grad_weights = grad_weights;
}

void Epoch::take_pull_back(size_t) {
  for (size_t i = 0; i < grad_.size(); ++i) grad_[i] += request_.grad_parameters[i];
}

// One number a shifted row: its part of the objective, linearised in its share of the weights.
void Epoch::take_differences(size_t dataset) {
  const DatasetPlan& d = plan_.datasets[dataset];
  const Evaluation& base = workspace_->base[dataset];
  const Evaluation& batch = workspace_->shifted[dataset];
  const Score& score = workspace_->score;
  const int64_t n_events = batch.rows().n_events, n_auxiliary = d.dataset->pipeline.n_auxiliary();
  const BufferSource source(batch.events().data(), batch.weights().data(), batch.n_events(),
                            d.dataset->pipeline.n_outputs());
  std::vector<double>& losses = workspace_->losses;
  losses.resize(at(batch.n_events()));
  device_->event_logits(d.discriminator, discriminator(dataset).parameters, source, losses);
  for (double& loss : losses) {
    double derivative = 0;
    loss = generator_loss(d.discriminator.loss, loss, &derivative);
  }
  const auto value_of = [&](const Evaluation& from, int64_t n, const std::vector<double>& of) {
    double sum = 0;
    for (int64_t e = n * n_events; e < (n + 1) * n_events; ++e)
      sum += from.weights()[at(e)] * (of[at(e)] - score.loss);
    return d.share * sum / totals_[dataset] +
           penalty(dataset, from.auxiliary().data() + n * n_auxiliary, nullptr);
  };
  std::vector<double> values, base_values;
  for (int64_t n = 0; n < batch.rows().n_rows; ++n) values.push_back(value_of(batch, n, losses));
  for (int64_t n = 0; n < plan_.rows; ++n)
    base_values.push_back(value_of(base, n, score.event_loss));
  const std::vector<double> grad =
      quotients(shifted_[dataset], plan_.space.size(), values, base_values);
  for (size_t i = 0; i < grad.size(); ++i) grad_[i] += grad[i];
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
