// SPDX-License-Identifier: BSD-3-Clause
// The reference device: batches cut into a fixed number of shards, each a loop over tiles, their
// gradients summed in shard order. Plain, in double precision, rounded to float once at the end.
#include <algorithm>
#include <cmath>
#include <vector>

#include "device/device.h"
#include "device/reference/perceptron.h"

namespace sagips {
namespace {

using reference::Tile;
using reference::Weights;

constexpr int64_t kTile = 64;    // events a tile: activations stay in the cache
constexpr int64_t kShards = 16;  // of a large batch

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Shards of a batch of n: by its size alone, so that sums do not depend on threads.
int64_t shard_count(int64_t n) { return std::clamp<int64_t>(n / 32, 1, kShards); }

/// Run body(tile, first, count) over the tiles of shard `s`.
template <typename Body>
void for_each_tile(const NetworkPlan& plan, int64_t n, int64_t s, const Body& body) {
  const int64_t begin = n * s / shard_count(n), end = n * (s + 1) / shard_count(n);
  Tile tile(plan, std::min(kTile, end - begin));
  for (int64_t first = begin; first < end; first += kTile)
    body(&tile, first, std::min(kTile, end - first));
}

/// Raw events of one tile.
struct Events {
  explicit Events(const NetworkPlan& plan)
      : values(at(kTile * plan.n_observables())), weights(at(kTile)) {}
  void load(const EventSource& source, int64_t first, int64_t n) {
    source.fill(first, n, {values.data(), weights.data()});
  }
  std::vector<double> values, weights;
};

class ReferenceDevice : public Device {
 public:
  explicit ReferenceDevice(const Parallel* parallel) : parallel_(parallel) {}
  const char* name() const override { return "reference"; }

  double discriminator_step(const NetworkPlan& plan, View<const float> params,
                            const EventSource& real, const EventSource& synthetic,
                            View<float> grad) override {
    const Weights weights(plan, params);
    const int64_t n_synthetic = shard_count(synthetic.size());
    const int64_t n_tasks = n_synthetic + shard_count(real.size());
    std::vector<std::vector<double>> grads(at(n_tasks));
    std::vector<double> losses(at(n_tasks));
    parallel_->for_each(n_tasks, [&](int64_t task) {
      const bool is_real = task >= n_synthetic;
      const EventSource& source = is_real ? real : synthetic;
      const int64_t s = is_real ? task - n_synthetic : task;
      const double unit = 1 / source.total_weight();
      std::vector<double>& shard_grad = grads[at(task)];
      shard_grad.assign(at(plan.n_parameters()), 0);
      Events events(plan);
      std::vector<double> by_logit(kTile);
      for_each_tile(plan, source.size(), s, [&](Tile* tile, int64_t first, int64_t n) {
        events.load(source, first, n);
        tile->set_events(n, events.values.data(), events.weights.data());
        const double* logits = tile->forward(weights);
        for (int64_t e = 0; e < n; ++e) {
          const double w = events.weights[at(e)] * unit;
          double derivative = 0;
          losses[at(task)] += w * discriminator_loss(plan.loss, is_real, logits[e], &derivative);
          by_logit[at(e)] = w * derivative;
        }
        tile->backward(weights, by_logit.data(), shard_grad.data(), nullptr);
      });
    });
    double loss = 0;
    for (const double part : losses) loss += part;
    reduce(grads, grad);
    return loss;
  }

  double event_gradient(const NetworkPlan& plan, View<const float> params,
                        const EventSource& synthetic, View<double> grad_events,
                        View<double> event_loss) override {
    const Weights weights(plan, params);
    const double unit = 1 / synthetic.total_weight();
    const int64_t n_shards = shard_count(synthetic.size());
    std::vector<double> losses(at(n_shards));
    parallel_->for_each(n_shards, [&](int64_t s) {
      Events events(plan);
      std::vector<double> by_logit(kTile);
      for_each_tile(plan, synthetic.size(), s, [&](Tile* tile, int64_t first, int64_t n) {
        events.load(synthetic, first, n);
        tile->set_events(n, events.values.data(), events.weights.data());
        const double* logits = tile->forward(weights);
        for (int64_t e = 0; e < n; ++e) {
          const double w = events.weights[at(e)];
          double derivative = 0;
          const double l = generator_loss(plan.loss, logits[e], &derivative);
          if (event_loss.size() > 0) event_loss[first + e] = w == 0 ? 0 : l;
          losses[at(s)] += w * unit * l;
          by_logit[at(e)] = w * unit * derivative;
        }
        tile->backward(weights, by_logit.data(), nullptr,
                       grad_events.data() + first * plan.n_observables());
      });
    });
    double loss = 0;
    for (const double part : losses) loss += part;
    return loss;
  }

  void event_logits(const NetworkPlan& plan, View<const float> params, const EventSource& source,
                    View<double> logits) override {
    const Weights weights(plan, params);
    parallel_->for_each(shard_count(source.size()), [&](int64_t s) {
      Events events(plan);
      for_each_tile(plan, source.size(), s, [&](Tile* tile, int64_t first, int64_t n) {
        events.load(source, first, n);
        tile->set_events(n, events.values.data(), events.weights.data());
        const double* out = tile->forward(weights);
        for (int64_t e = 0; e < n; ++e) logits[first + e] = events.weights[at(e)] == 0 ? 0 : out[e];
      });
    });
  }

  void lift_events(const NetworkPlan& plan, const EventSource& source,
                   View<double> inputs) override {
    parallel_->for_each(shard_count(source.size()), [&](int64_t s) {
      Events events(plan);
      for_each_tile(plan, source.size(), s, [&](Tile* tile, int64_t first, int64_t n) {
        events.load(source, first, n);
        tile->set_events(n, events.values.data(), events.weights.data());
        std::copy_n(tile->inputs(), n * plan.n_inputs(), inputs.data() + first * plan.n_inputs());
      });
    });
  }

  void generator_forward(const NetworkPlan& plan, View<const float> params, int64_t n,
                         View<const double> inputs, View<double> outputs) override {
    const Weights weights(plan, params);
    parallel_->for_each(shard_count(n), [&](int64_t s) {
      for_each_tile(plan, n, s, [&](Tile* tile, int64_t first, int64_t count) {
        tile->set_inputs(count, inputs.data() + first * plan.widths.front());
        std::copy_n(tile->forward(weights), count * plan.n_outputs(),
                    outputs.data() + first * plan.n_outputs());
      });
    });
  }

  void generator_backward(const NetworkPlan& plan, View<const float> params, int64_t n,
                          View<const double> inputs, View<const double> grad_outputs,
                          View<float> grad) override {
    const Weights weights(plan, params);
    std::vector<std::vector<double>> grads(at(shard_count(n)));
    parallel_->for_each(shard_count(n), [&](int64_t s) {
      grads[at(s)].assign(at(plan.n_parameters()), 0);
      for_each_tile(plan, n, s, [&](Tile* tile, int64_t first, int64_t count) {
        tile->set_inputs(count, inputs.data() + first * plan.widths.front());
        tile->forward(weights);
        tile->backward(weights, grad_outputs.data() + first * plan.n_outputs(), grads[at(s)].data(),
                       nullptr);
      });
    });
    reduce(grads, grad);
  }

 private:
  static void reduce(const std::vector<std::vector<double>>& parts, View<float> sum) {
    for (int64_t i = 0; i < sum.size(); ++i) {
      double total = 0;
      for (const auto& part : parts) total += part[at(i)];
      sum[i] = static_cast<float>(total);
    }
  }

  const Parallel* parallel_;
};

/// log(1 + exp(x)) without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double sigmoid(double x) {
  const double e = std::exp(-std::abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

}  // namespace

double discriminator_loss(Loss loss, bool is_real, double logit, double* derivative) {
  const double s = sigmoid(logit);
  const double target = is_real ? 1 : 0;
  if (loss == Loss::kLeastSquares) {
    *derivative = 2 * (s - target) * s * (1 - s);
    return (s - target) * (s - target);
  }
  *derivative = s - target;
  return is_real ? softplus(-logit) : softplus(logit);
}

double generator_loss(Loss loss, double logit, double* derivative) {
  return discriminator_loss(loss, true, logit, derivative);  // it wants its events taken for real
}

std::unique_ptr<Device> make_reference_device(const Parallel* parallel) {
  return std::make_unique<ReferenceDevice>(parallel);
}

}  // namespace sagips
