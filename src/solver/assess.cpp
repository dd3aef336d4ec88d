// SPDX-License-Identifier: BSD-3-Clause
// Is the fit good? A classifier of its own, fresh and with hidden layers, is trained to tell
// measured events from synthetic ones at the estimate, then shown measured events that nobody
// trained on. If the forward model at the estimate is right it cannot tell them apart: the area
// under its curve,
//
//   AUC = P(logit of a measured event > logit of a synthetic one) + P(equal)/2,
//
// is normal around 1/2 with variance (1/n + 1/m)/12 (Mann, Whitney 1947; n, m effective numbers),
// which gives a one-sided p-value. Lopez-Paz, Oquab 2017 on classifier two-sample tests.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "nn/initialize.h"
#include "objective/discriminator.h"
#include "pipeline/evaluation.h"
#include "solver/solver.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kBatch = 1024;          // events of each kind a classifier step
constexpr int64_t kSyntheticShare = 4;    // synthetic test events for each held-out one
constexpr double kRate = 2e-3;            // its learning rate, falling to 1 % by a cosine
constexpr int64_t kClassifierRow = 1000;  // of the stream of initial weights

struct Auc {
  double area = 0.5, p_value = 1;
};

/// Weighted Mann-Whitney statistic, ties counted half.
Auc area_under_curve(const std::vector<double>& real, const std::vector<double>& real_weights,
                     const std::vector<double>& synthetic,
                     const std::vector<double>& synthetic_weights) {
  struct Item {
    double logit, weight;
    bool is_real;
  };
  std::vector<Item> items;
  double sums[2] = {0, 0}, squares[2] = {0, 0};
  const auto add = [&](const std::vector<double>& logits, const std::vector<double>& weights,
                       bool is_real) {
    for (size_t i = 0; i < logits.size(); ++i) {
      items.push_back({logits[i], weights[i], is_real});
      sums[is_real] += weights[i];
      squares[is_real] += weights[i] * weights[i];
    }
  };
  add(real, real_weights, true);
  add(synthetic, synthetic_weights, false);
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.logit < b.logit; });
  double below = 0, area = 0;
  for (size_t i = 0; i < items.size();) {
    size_t end = i;
    double tied[2] = {0, 0};
    for (; end < items.size() && items[end].logit == items[i].logit; ++end)
      tied[items[end].is_real] += items[end].weight;
    area += tied[1] * (below + 0.5 * tied[0]);
    below += tied[0];
    i = end;
  }
  Auc result;
  result.area = area / (sums[0] * sums[1]);
  const double n = sums[1] * sums[1] / squares[1], m = sums[0] * sums[0] / squares[0];
  const double sigma = std::sqrt((1 / n + 1 / m) / 12);
  result.p_value = 0.5 * std::erfc((result.area - 0.5) / sigma / std::sqrt(2.0));
  return result;
}

}  // namespace

void Solver::assess_dataset(const TrainingPlan& training, size_t dataset,
                            const std::vector<double>& point, Assessment* worst) {
  const DatasetPlan& d = training.datasets[dataset];
  const EventTable& table = *d.dataset->events;
  const int64_t p_count = training.space.size(), epochs = options_.integer("assess.epochs");
  const WorkspacePool::Loan workspace(ensemble_.workspaces());
  Evaluation& batch = workspace->shifted[dataset];
  const auto generate = [&](int64_t draw, int64_t n) {
    const Call call{training.seed,
                    Stream::kGeneration,
                    Stream::kGenerationKey,
                    training.member,
                    static_cast<int64_t>(dataset),
                    1,
                    false,
                    training.failures.policy == FailureRule::Policy::kError
                        ? FailurePolicy::kError
                        : FailurePolicy::kMark};  // epoch 1: not the draws of estimates
    constexpr int64_t kRow = 1024;
    Rows rows{(n + kRow - 1) / kRow, kRow, static_cast<int32_t>(p_count), {}, {}};
    for (int64_t r = 0; r < rows.n_rows; ++r) {
      rows.parameters.insert(rows.parameters.end(), point.begin(), point.end());
      rows.draw.push_back(draw + r);
    }
    batch.forward(call, rows);
    const BufferSource source(batch.events().data(), batch.weights().data(), batch.n_events(),
                              table.n_observables());
    if (!(source.total_weight() > 0))
      fail(SAGIPS_ERROR_LOST, "no synthetic event of data set '", d.dataset->name,
           "' survives at the estimate; the fit has failed");
    return source;
  };

  // 1. Train on events that the solver trains on.
  NetworkPlan plan = plan_discriminator(options_, "assess.hidden", table, d.order, d.dataset->name);
  plan.loss = Loss::kBinaryCrossEntropy;
  Network network(initial_parameters(plan, "kaiming_normal", 0.1,
                                     {training.seed, Stream::kInitialWeights, training.member,
                                      kClassifierRow + static_cast<int64_t>(dataset), 0}));
  const Adam adam{0.9, 0.999, 1e-8};
  const Schedule rate{Schedule::Form::kCosine, kRate, 0.01, 0, epochs};
  std::vector<float> grad(network.parameters.size());
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    const EventBatch real = gather_training(table, d.order, epoch * kBatch, kBatch);
    const BufferSource synthetic = generate(epoch, kBatch);
    device_->discriminator_step(plan, network.parameters, real.source(), synthetic, grad);
    adam.update(&network, grad, rate.at(epoch));
  }

  // 2. Test on the held-out events, against more fresh synthetic ones, which cost no data.
  const EventBatch held_out = gather_held_out(table, d.order);
  const auto n = static_cast<int64_t>(held_out.weights.size());
  if (!(held_out.source().total_weight() > 0))
    fail(SAGIPS_ERROR_DATA, "the weights of the ", n, " held-out events of data set '",
         d.dataset->name, "' do not sum to anything positive; raise data.holdout");
  for (const float w : network.parameters)
    if (!std::isfinite(w))
      fail(SAGIPS_ERROR_NUMERIC, "the classifier of data set '", d.dataset->name,
           "' left the finite numbers; see whether its observables span many orders of magnitude");
  std::vector<double> real_logits(at(n));
  device_->event_logits(plan, network.parameters, held_out.source(), real_logits);
  const BufferSource synthetic = generate(epochs, kSyntheticShare * n);
  std::vector<double> logits(at(synthetic.size()));
  device_->event_logits(plan, network.parameters, synthetic, logits);
  const Auc auc = area_under_curve(real_logits, held_out.weights, logits, batch.weights());
  worst->auc = std::max(worst->auc, auc.area);
  worst->p_value = std::min(worst->p_value, auc.p_value);
  worst->n_held_out += n;
}

Assessment Solver::assess(int64_t dataset, int32_t member) {
  const Parallel::Kept kept(parallel_);
  const TrainingPlan& training = plan(std::max(member, 0));  // of all: what the first trained on
  const size_t first = dataset < 0 ? 0 : at(dataset);
  const size_t last = dataset < 0 ? training.datasets.size() : first + 1;
  for (size_t i = first; i < last; ++i) {
    const DatasetPlan& d = training.datasets[i];
    if (d.order.n_held_out() < 2)
      fail(SAGIPS_ERROR_STATE, "data set '", d.dataset->name, "' has ", d.order.n_held_out(),
           " held-out events (needs 2 or more); raise data.holdout");
  }
  const Estimate e = estimate(member);
  Assessment assessment;
  assessment.auc = 0;
  for (size_t d = first; d < last; ++d) assess_dataset(training, d, e.mean, &assessment);
  assessment.p_value = std::min(1.0, assessment.p_value * static_cast<double>(last - first));
  assessment.drift_sigma = drift_sigma(e, member);
  is_converged_ = assessment.drift_sigma < options_.real("stop.drift");
  return assessment;
}

}  // namespace sagips
