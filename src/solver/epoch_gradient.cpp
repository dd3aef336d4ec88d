// SPDX-License-Identifier: BSD-3-Clause
// The gradient of an epoch's loss by the proposed parameters: what the discriminator thinks of the
// events and the penalties think of the auxiliaries, pulled back through the pipeline.
//
//   L = share sum_e w_e l_e / W + 1/N sum_n penalty_n,     dL/dw_e = share (l_e - L_events) / W
//
// Where rows have failed, both are means over those that work.
#include "pipeline/gradient.h"
#include "solver/epoch.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

double Epoch::penalty(size_t dataset, const double* auxiliary, double* grad) const {
  double sum = 0;
  for (Measurement m : plan_.datasets[dataset].dataset->measurements) {
    double scale = plan_.penalty_scale * plan_.auxiliary_weight;
    if (plan_.is_absolute) {
      m.sigma = 1;
      scale = 2 * plan_.auxiliary_weight;
    }
    scale /= static_cast<double>(working_rows_[dataset]);
    double derivative = 0;
    sum += scale * penalty_of(m, auxiliary[m.index], &derivative);
    if (grad != nullptr) grad[m.index] += scale * derivative;
  }
  return sum;
}

void Epoch::begin_pull_back(size_t dataset) {
  const DatasetPlan& d = plan_.datasets[dataset];
  Evaluation* batch = &workspace_->base[dataset];
  Score& score = workspace_->score;
  std::vector<double>& by_auxiliary = workspace_->by_auxiliary;
  by_auxiliary.assign(batch->auxiliary().size(), 0);
  const int64_t width = batch->pipeline().n_auxiliary();
  for (int64_t n = 0; n < plan_.rows; ++n) {
    if (batch->has_failed(n)) continue;
    state_->loss_auxiliary +=
        penalty(dataset, batch->auxiliary().data() + n * width, by_auxiliary.data() + n * width) /
        static_cast<double>(plan_.generator_updates);
  }
  Gradient::Opinion opinion;
  for (double& g : score.grad_events) g *= d.share;
  opinion.by_events = score.grad_events;
  opinion.by_auxiliary = by_auxiliary;
  const bool needs_values = Gradient::needs_values(batch->pipeline());
  if (needs_values || !batch->has_unit_weights()) {
    workspace_->by_weights.resize(score.event_loss.size());
    differentiate_by_weights(score, batch->weights(), totals_[dataset] / d.share,
                             workspace_->by_weights);
    opinion.by_weights = workspace_->by_weights;
  }
  workspace_->gradient.begin(plan_.box, batch, &workspace_->shifted[dataset], opinion);
}

bool Epoch::go_on_pull_back(size_t dataset) {
  Gradient& gradient = workspace_->gradient;
  for (;;) {
    const Gradient::Want want = gradient.run();
    if (want == Gradient::Want::kHost) {
      waiting_ = gradient.waiting();
      return false;
    }
    if (want == Gradient::Want::kNothing) break;
    count_failures(gradient.shifted());
    tell_values(dataset);
  }
  const Evaluation::WayBack& way_back = workspace_->base[dataset].way_back();
  count_failures(way_back.rows_run, way_back.rows_failed, way_back.failure);
  const std::vector<double>& result = gradient.result();
  for (size_t i = 0; i < grad_.size(); ++i) grad_[i] += result[i];
  return true;
}

/// What shifted events would be worth: their losses under the discriminator as it is.
void Epoch::tell_values(size_t dataset) {
  const DatasetPlan& d = plan_.datasets[dataset];
  const Evaluation& batch = workspace_->gradient.shifted();
  const BufferSource source(batch.events().data(), batch.weights().data(), batch.n_events(),
                            batch.pipeline().n_outputs());
  std::vector<double>& values = workspace_->losses;
  values.resize(at(batch.n_events()));
  device_->event_logits(d.discriminator, discriminator(dataset).parameters, source, values);
  const double unit = d.share / totals_[dataset], mean = workspace_->score.loss;
  for (double& value : values) {
    double derivative = 0;
    value = unit * (generator_loss(d.discriminator.loss, value, &derivative) - mean);
  }
  workspace_->gradient.give_values(values);
}

}  // namespace sagips
