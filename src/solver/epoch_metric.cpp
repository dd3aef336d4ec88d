// SPDX-License-Identifier: BSD-3-Clause
// Preconditioning by the metric that the events induce on the parameters (option `metric.kind`):
//
//   M = E[J^T J],  J = d(standardised event)/d(unit coordinates),
//
// estimated with random cotangents v of unit covariance, since E[(J^T v)(J^T v)^T] = J^T J, and
// kept as a running mean over epochs. The gradient by unit coordinates becomes, with D = diag(M),
//
//   g -> D^-1/2 (D^-1/2 M D^-1/2 + damping)^-1 D^-1/2 g
#include <algorithm>
#include <cmath>

#include "nn/linear_algebra.h"
#include "solver/epoch.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

void Epoch::begin_metric(const Step& step) {
  const DatasetPlan& d = plan_.datasets[step.dataset];
  Evaluation& batch = workspace_->base[step.dataset];
  const int64_t y_count = d.dataset->pipeline.n_outputs();
  std::vector<double>& cotangents = workspace_->score.grad_events;  // which is pulled back by now
  cotangents.resize(at(batch.n_events() * y_count));
  fill_normal({plan_.seed, Stream::kMetric, plan_.member,
               pipeline_row(static_cast<int64_t>(step.dataset), 0, step.round), epoch_},
              cotangents);
  for (int64_t e = 0; e < batch.n_events() && !d.discriminator.scale.empty(); ++e)
    for (int64_t y = 0; y < y_count; ++y)
      cotangents[at(e * y_count + y)] *= d.discriminator.scale[at(y)];
  std::vector<double>&zeros = workspace_->by_weights, &none = workspace_->by_auxiliary;
  zeros.clear();
  none.assign(batch.auxiliary().size(), 0);
  if (!batch.has_unit_weights()) {
    for (int64_t e = 0; e < batch.n_events(); ++e)
      if (batch.weights()[at(e)] == 0) std::fill_n(cotangents.begin() + e * y_count, y_count, 0.0);
    zeros.assign(at(batch.n_events()), 0);
  }
  batch.set_cotangents(cotangents, zeros, none);
  batch.begin_pull_back(0, batch.pipeline().stages().size());
}

void Epoch::take_metric(size_t dataset) {
  const int32_t p_count = plan_.space.size();
  const std::vector<double>& gradient = workspace_->base[dataset].gradient();
  const auto events = static_cast<double>(workspace_->base[dataset].n_events());
  const double keep = dataset == 0 ? plan_.metric.decay : 1;  // data sets add up
  for (double& m : state_->metric) m *= keep;
  for (int64_t n = 0; n < plan_.rows; ++n) {
    std::vector<double> unit(at(p_count));
    for (int32_t p = 0; p < p_count; ++p) {
      const size_t i = at(n * p_count + p);
      unit[at(p)] = gradient[i] * plan_.space.range_slope(p, proposal_.parameters[i]);
    }
    for (int32_t p = 0; p < p_count; ++p)
      if (plan_.space.parameters()[at(p)].is_fixed) unit[at(p)] = 0;
    const double share = (1 - plan_.metric.decay) * plan_.datasets[dataset].share / events;
    for (int32_t i = 0; i < p_count; ++i)
      for (int32_t j = 0; j < p_count; ++j)
        state_->metric[at(i * p_count + j)] += share * unit[at(i)] * unit[at(j)];
  }
  if (dataset == 0)
    state_->metric_weight = plan_.metric.decay * state_->metric_weight + 1 - plan_.metric.decay;
}

void Epoch::precondition(std::vector<double>* grad_unit) const {
  const int64_t p_count = plan_.space.size();
  const double damping = plan_.metric.damping(epoch_);
  std::vector<double> scale(at(p_count)), m(at(p_count * p_count));
  for (int64_t i = 0; i < p_count; ++i) {
    const double diagonal = state_->metric[at(i * p_count + i)] / state_->metric_weight;
    scale[at(i)] = 1 / std::sqrt(std::max(diagonal, 1e-12));
  }
  for (int64_t i = 0; i < p_count; ++i)
    for (int64_t j = 0; j < p_count; ++j)
      m[at(i * p_count + j)] = scale[at(i)] * scale[at(j)] * state_->metric[at(i * p_count + j)] /
                                   state_->metric_weight +
                               (i == j ? damping : 0);
  const std::vector<double> inverse_m = inverse(m, p_count);
  for (int64_t n = 0; n < plan_.rows; ++n) {
    double* g = grad_unit->data() + n * p_count;
    std::vector<double> solved(at(p_count));
    for (int64_t i = 0; i < p_count; ++i)
      for (int64_t j = 0; j < p_count; ++j)
        solved[at(i)] += inverse_m[at(i * p_count + j)] * scale[at(j)] * g[j];
    for (int64_t i = 0; i < p_count; ++i) g[i] = scale[at(i)] * solved[at(i)];
  }
}

}  // namespace sagips
