// SPDX-License-Identifier: BSD-3-Clause
#include "objective/discriminator.h"

#include <algorithm>

#include "data/table_source.h"
#include "objective/lift_plan.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kPlanEvents = 200000;  // enough that the whitening is exact to a percent
}  // namespace

NetworkPlan plan_discriminator(const Options& options, std::string_view hidden_key,
                               const EventTable& table, const DataOrder& order,
                               const std::string& dataset) {
  NetworkPlan plan;
  plan.slope = options.real("discriminator.slope");
  plan.loss = options.text("loss") == "bce" ? Loss::kBinaryCrossEntropy : Loss::kLeastSquares;
  const int64_t n = std::min(order.n_training(), kPlanEvents);
  const EventBatch sample = gather_training(table, order, 0, n);
  const LiftSettings lift{static_cast<int32_t>(options.integer("lift.degree")),
                          static_cast<int32_t>(options.integer("lift.cross_degree")),
                          options.real("lift.clip")};
  if (options.boolean("standardise"))
    plan_standardisation(sample.events, sample.weights, dataset, &plan);
  const int32_t n_inputs =
      plan_lift(lift, sample.events, sample.weights, table.n_observables(), &plan);
  plan.widths = {n_inputs};
  for (const int64_t width : options.widths(hidden_key))
    plan.widths.push_back(static_cast<int32_t>(width));
  plan.widths.push_back(1);
  return plan;
}

void score_events(Device* device, const NetworkPlan& plan, View<const float> params,
                  const EventSource& synthetic, Score* score, EventLoss event_loss) {
  const int64_t n = synthetic.size();
  const bool is_wanted = event_loss == EventLoss::kWanted;
  if (is_wanted) score->event_loss.resize(at(n));
  score->grad_events.resize(at(n * plan.n_observables()));
  score->loss =
      device->event_gradient(plan, params, synthetic, score->grad_events,
                             is_wanted ? View<double>(score->event_loss) : View<double>());
}

void differentiate_by_weights(const Score& score, View<const double> weights, double total_weight,
                              View<double> grad) {
  const double unit = 1 / total_weight;
  for (int64_t e = 0; e < weights.size(); ++e)
    grad[e] = weights[e] == 0 ? 0 : (score.event_loss[at(e)] - score.loss) * unit;
}

EventBatch gather_training(const EventTable& table, const DataOrder& order, int64_t first,
                           int64_t n) {
  const TableSource source(table, order, first, n);
  EventBatch batch;
  batch.n_observables = table.n_observables();
  batch.events.resize(at(n * batch.n_observables));
  batch.weights.resize(at(n));
  source.fill(0, n, {batch.events.data(), batch.weights.data()});
  return batch;
}

EventBatch gather_held_out(const EventTable& table, const DataOrder& order) {
  EventBatch batch;
  batch.n_observables = table.n_observables();
  batch.events.resize(at(order.n_held_out() * batch.n_observables));
  for (int64_t i = 0; i < order.n_held_out(); ++i) {
    table.read(order.held_out(i), batch.events.data() + i * batch.n_observables);
    batch.weights.push_back(table.weight(order.held_out(i)));
  }
  return batch;
}

}  // namespace sagips
