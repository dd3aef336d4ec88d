// SPDX-License-Identifier: BSD-3-Clause
// The engine for processors: a tile of events goes forward, through the loss and backward before
// the next one starts, so that nothing between layers is ever written to memory. What it needs is
// weights in packed order, a tile and a gradient for each thread, whatever the size of the batch.
#include <algorithm>
#include <string>
#include <vector>

#include "device/cpu/layers.h"
#include "device/cpu/shards.h"
#include "device/cpu/tile.h"
#include "device/device.h"

namespace sagips {
namespace {

using cpu::kTile;
using cpu::MemoryVector;
using cpu::OrderedTasks;
using cpu::Shards;
using cpu::Tile;
using cpu::TileNetwork;

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Losses of a tile's events and their derivatives.
struct TileLosses {
  alignas(kCacheLine) double values[kTile];
  alignas(kCacheLine) double derivatives[kTile];
};

class CpuDevice : public Device {
 public:
  CpuDevice(const Parallel* parallel, Simd simd)
      : parallel_(parallel), simd_(simd), name_(std::string("cpu ") + simd_name(simd)) {}
  const char* name() const override { return name_.c_str(); }

  double discriminator_step(const NetworkPlan& plan, View<const float> params,
                            const EventSource& real, const EventSource& synthetic,
                            View<float> grad) override {
    const auto network =
        cpu::make_tile_network(plan, params, simd_, cpu::Want::kGradients, &memory_);
    const int64_t n_synthetic = synthetic.size(), n = n_synthetic + real.size();
    const Shards shards{n};  // of all: first those that are synthetic
    const bool is_one = shards.count() == 1;
    MemoryVector<double> total(is_one ? 0 : at(network->gradient_size()), doubles());
    std::vector<double> losses(at(shards.count()));
    const auto work = [&](Tile* tile, int64_t shard) {
      const auto learn = [&](const EventSource& source, bool is_real) {
        return [&, is_real](int64_t first, int64_t count) {
          TileLosses l;
          losses[at(shard)] += score(tile, plan.loss, is_real, source, first, count, &l);
          tile->backward(count, l.derivatives, true, nullptr);
        };
      };
      tile->clear_gradient();
      shards.for_each_tile_in(shard, 0, n_synthetic, learn(synthetic, false));
      shards.for_each_tile_in(shard, n_synthetic, n, learn(real, true));
    };
    const auto collect = [&](const Tile* tile, int64_t shard) {
      if (is_one) return tile->write_gradient(grad);
      tile->add_gradient_to(total.data(), shard == 0 ? cpu::Sum::kBegins : cpu::Sum::kGoesOn);
    };
    run(*network, shards.count(), work, collect);
    if (!is_one) network->unpack(total.data(), grad);
    double loss = 0;
    for (const double part : losses) loss += part;
    return loss;
  }

  double event_gradient(const NetworkPlan& plan, View<const float> params,
                        const EventSource& synthetic, View<double> grad_events,
                        View<double> event_loss) override {
    const auto network =
        cpu::make_tile_network(plan, params, simd_, cpu::Want::kGradients, &memory_);
    const Shards shards{synthetic.size()};
    const int64_t y_count = plan.n_observables();
    std::vector<double> losses(at(shards.count()));
    const auto work = [&](Tile* tile, int64_t shard) {
      shards.for_each_tile(shard, [&](int64_t first, int64_t n) {
        TileLosses l;
        losses[at(shard)] += score(tile, plan.loss, true, synthetic, first, n, &l);
        for (int64_t e = 0; e < n && event_loss.size() > 0; ++e)
          event_loss[first + e] = tile->events()->weights[at(e)] == 0 ? 0 : l.values[e];
        tile->backward(n, l.derivatives, false, grad_events.data() + first * y_count);
      });
    };
    run(*network, shards.count(), work, [](const Tile*, int64_t) {});
    double loss = 0;
    for (const double part : losses) loss += part;
    return loss;
  }

  void event_logits(const NetworkPlan& plan, View<const float> params, const EventSource& source,
                    View<double> logits) override {
    const auto network = cpu::make_tile_network(plan, params, simd_, cpu::Want::kLogits, &memory_);
    const Shards shards{source.size()};
    const auto work = [&](Tile* tile, int64_t shard) {
      shards.for_each_tile(shard, [&](int64_t first, int64_t n) {
        const double* z = load(tile, source, first, n);
        for (int64_t e = 0; e < n; ++e)
          logits[first + e] = tile->events()->weights[at(e)] == 0 ? 0 : z[e];
      });
    };
    run(*network, shards.count(), work, [](const Tile*, int64_t) {});
  }

  void lift_events(const NetworkPlan& plan, const EventSource& source,
                   View<double> inputs) override;

  void generator_forward(const NetworkPlan& plan, View<const float> params, int64_t n,
                         View<const double> inputs, View<double> outputs) override;

  void generator_backward(const NetworkPlan& plan, View<const float> params, int64_t n,
                          View<const double> inputs, View<const double> grad_outputs,
                          View<float> grad) override;

 private:
  template <typename Work, typename Collect>
  void run(const TileNetwork& network, int64_t n_tasks, const Work& work,
           const Collect& collect) const {
    OrderedTasks<Tile> tasks;
    tasks.run(
        *parallel_, n_tasks, [&] { return network.make_tile(); }, work, collect);
  }

  /// Logits of n events of a source.
  static const double* load(Tile* tile, const EventSource& source, int64_t first, int64_t n) {
    source.fill(first, n, {tile->events()->raw.data(), tile->events()->weights.data()});
    return tile->forward(n);
  }

  /// Forward and loss: the tile's part of the mean loss, and derivatives of that by the logits.
  double score(Tile* tile, Loss loss, bool is_real, const EventSource& source, int64_t first,
               int64_t n, TileLosses* l) const {
    const double* logits = load(tile, source, first, n);
    cpu::event_kernels(simd_).losses(loss, is_real, logits, l->values, l->derivatives);
    const double unit = 1 / source.total_weight();
    double sum = 0;
    for (int64_t e = 0; e < n; ++e) {
      const double w = tile->events()->weights[at(e)] * unit;
      sum += w * l->values[e];
      l->derivatives[e] *= w;
    }
    for (int64_t e = n; e < kTile; ++e) l->derivatives[e] = 0;
    return sum;
  }

  cpu::MemoryAllocator<double> doubles() { return cpu::MemoryAllocator<double>(&memory_); }

  const Parallel* parallel_;
  Simd simd_;
  std::string name_;
  cpu::Memory memory_;
};

// ------------------------------------------------------------------------ lift alone

void CpuDevice::lift_events(const NetworkPlan& plan, const EventSource& source,
                            View<double> inputs) {
  const cpu::LiftTable table(plan);
  const cpu::EventKernels& kernels = cpu::event_kernels(simd_);
  const Shards shards{source.size()};
  const int64_t k_count = table.n_products;
  parallel_->for_each(shards.count(), [&](int64_t shard) {
    cpu::EventBuffers buffers(table);
    AlignedVector<double> lifted(at(k_count * kTile));
    shards.for_each_tile(shard, [&](int64_t first, int64_t n) {
      source.fill(first, n, {buffers.raw.data(), buffers.weights.data()});
      kernels.standardise(plan, n, &buffers);
      kernels.make_products(table, &buffers);
      if (table.is_lifted)
        kernels.multiply_triangle(k_count, plan.lift_matrix.data(), buffers.products.data(),
                                  lifted.data());
      else
        lifted = buffers.products;
      for (int64_t e = 0; e < n; ++e)
        for (int64_t k = 0; k < k_count; ++k)
          inputs[(first + e) * k_count + k] = lifted[at(k * kTile + e)];
    });
  });
}

// ------------------------------------------------------------------------ generator

/// A generator's layers, and rows in and out of them.
struct GeneratorTile {
  GeneratorTile(const cpu::Layout& layout, const cpu::PackedWeights& weights,
                const cpu::ProductKernels& kernels, double slope, cpu::Memory* memory)
      : layers(layout, weights, kernels, static_cast<float>(slope), memory),
        grad(cpu::MemoryAllocator<float>(memory)) {}

  void forward(const NetworkPlan& plan, int64_t n, const double* inputs) {
    const int64_t width = plan.n_inputs();
    for (int64_t e = 0; e < kTile; ++e)
      for (int64_t i = 0; i < width; ++i)
        layers.inputs()[i * kTile + e] = e < n ? static_cast<float>(inputs[e * width + i]) : 0.0f;
    layers.forward(n);
  }

  void backward(const NetworkPlan& plan, int64_t n, const double* grad_outputs) {
    const cpu::Level& out = layers.outputs();
    for (int64_t e = 0; e < kTile; ++e)
      for (int32_t j = 0; j < out.width(); ++j)
        out.at(e, j) = e < n ? static_cast<float>(grad_outputs[e * plan.n_outputs() + j]) : 0.0f;
    layers.backward(n, grad.data(), false);
  }

  cpu::Layers layers;
  MemoryVector<float> grad;  // empty on the way forward
};

void CpuDevice::generator_forward(const NetworkPlan& plan, View<const float> params, int64_t n,
                                  View<const double> inputs, View<double> outputs) {
  const cpu::ProductKernels& kernels = cpu::product_kernels(simd_);
  const cpu::Layout layout(plan, kernels);
  const cpu::PackedWeights weights(layout, kernels, params, cpu::Ways::kForward, &memory_);
  const Shards shards{n};
  OrderedTasks<GeneratorTile> tasks;
  const auto make = [&] {
    return std::make_unique<GeneratorTile>(layout, weights, kernels, plan.slope, &memory_);
  };
  const auto work = [&](GeneratorTile* tile, int64_t shard) {
    shards.for_each_tile(shard, [&](int64_t first, int64_t count) {
      tile->forward(plan, count, inputs.data() + first * plan.n_inputs());
      const cpu::Level& out = tile->layers.outputs();
      for (int64_t e = 0; e < count; ++e)
        for (int32_t j = 0; j < out.width(); ++j)
          outputs[(first + e) * out.width() + j] = static_cast<double>(out.at(e, j));
    });
  };
  tasks.run(*parallel_, shards.count(), make, work, [](const GeneratorTile*, int64_t) {});
}

void CpuDevice::generator_backward(const NetworkPlan& plan, View<const float> params, int64_t n,
                                   View<const double> inputs, View<const double> grad_outputs,
                                   View<float> grad) {
  const cpu::ProductKernels& kernels = cpu::product_kernels(simd_);
  const cpu::Layout layout(plan, kernels);
  const cpu::PackedWeights weights(layout, kernels, params, cpu::Ways::kBoth, &memory_);
  const Shards shards{n};
  const bool is_one = shards.count() == 1;
  MemoryVector<double> total(is_one ? 0 : at(layout.forward_size()), doubles());
  OrderedTasks<GeneratorTile> tasks;
  const auto make = [&] {
    return std::make_unique<GeneratorTile>(layout, weights, kernels, plan.slope, &memory_);
  };
  const auto work = [&](GeneratorTile* tile, int64_t shard) {
    tile->grad.assign(at(layout.forward_size()), 0.0f);
    shards.for_each_tile(shard, [&](int64_t first, int64_t count) {
      tile->forward(plan, count, inputs.data() + first * plan.n_inputs());
      tile->backward(plan, count, grad_outputs.data() + first * plan.n_outputs());
    });
  };
  const auto collect = [&](const GeneratorTile* tile, int64_t task) {
    if (is_one) return cpu::unpack(layout, kernels, tile->grad.data(), grad);
    const auto add = task == 0 ? cpu::event_kernels(simd_).to_doubles : kernels.add;
    add(static_cast<int64_t>(total.size()), tile->grad.data(), total.data());
  };
  tasks.run(*parallel_, shards.count(), make, work, collect);
  if (is_one) return;
  MemoryVector<float> packed(total.size(), cpu::MemoryAllocator<float>(&memory_));
  cpu::event_kernels(simd_).to_floats(layout.forward_size(), total.data(), packed.data());
  cpu::unpack(layout, kernels, packed.data(), grad);
}

}  // namespace

std::unique_ptr<Device> make_cpu_device(const Parallel* parallel, Simd simd) {
  return std::make_unique<CpuDevice>(parallel, simd);
}

}  // namespace sagips
