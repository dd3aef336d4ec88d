// SPDX-License-Identifier: BSD-3-Clause
// A discriminator with hidden layers: events standardised and lifted in double precision, layers in
// single precision, losses in double again.
#include <algorithm>

#include "device/cpu/layers.h"
#include "device/cpu/tile.h"

namespace sagips::cpu {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

class Perceptron : public TileNetwork {
 public:
  Perceptron(const NetworkPlan& plan, View<const float> params, Simd simd, Want want,
             Memory* memory)
      : plan_(plan),
        lift_(plan),
        products_(product_kernels(simd)),
        events_(event_kernels(simd)),
        layout_(plan, products_),
        weights_(layout_, products_, params, want == Want::kLogits ? Ways::kForward : Ways::kBoth,
                 memory),
        memory_(memory) {}

  std::unique_ptr<Tile> make_tile() const override;
  int64_t gradient_size() const override { return layout_.forward_size(); }
  void unpack(const double* total, View<float> grad) const override {
    MemoryVector<float> packed(at(gradient_size()), MemoryAllocator<float>(memory_));
    events_.to_floats(gradient_size(), total, packed.data());
    cpu::unpack(layout_, products_, packed.data(), grad);
  }

 private:
  friend class PerceptronTile;
  const NetworkPlan& plan_;
  LiftTable lift_;
  const ProductKernels& products_;
  const EventKernels& events_;
  Layout layout_;
  PackedWeights weights_;
  Memory* memory_;
};

class PerceptronTile : public Tile {
 public:
  explicit PerceptronTile(const Perceptron& network)
      : Tile(network.lift_),
        network_(network),
        layers_(network.layout_, network.weights_, network.products_,
                static_cast<float>(network.plan_.slope), network.memory_),
        grad_(MemoryAllocator<float>(network.memory_)),
        lifted_(events_.products.size()),
        logits_(at(kTile)) {}

  const double* forward(int64_t n) override {
    const EventKernels& k = network_.events_;
    const int64_t n_inputs = network_.lift_.n_products;
    k.standardise(network_.plan_, n, &events_);
    k.make_products(network_.lift_, &events_);
    const double* inputs = events_.products.data();
    if (network_.lift_.is_lifted) {
      k.multiply_triangle(n_inputs, network_.plan_.lift_matrix.data(), inputs, lifted_.data());
      inputs = lifted_.data();
    }
    k.to_floats(n_inputs * kTile, inputs, layers_.inputs());
    layers_.forward(n);
    const Level& z = layers_.outputs();
    for (int64_t e = 0; e < n; ++e) logits_[at(e)] = static_cast<double>(z.at(e, 0));
    return logits_.data();
  }

  void backward(int64_t n, const double* by_logit, bool wants_weights,
                double* grad_events) override {
    const EventKernels& k = network_.events_;
    const Level& z = layers_.outputs();
    for (int64_t e = 0; e < kTile; ++e) z.at(e, 0) = static_cast<float>(by_logit[e]);
    const bool wants_events = grad_events != nullptr;
    const float* grad_inputs =
        layers_.backward(n, wants_weights ? grad_.data() : nullptr, wants_events);
    if (!wants_events) return;
    const int64_t n_inputs = network_.lift_.n_products;
    double* grad_products = events_.grad_products.data();
    if (network_.lift_.is_lifted) {
      k.to_doubles(n_inputs * kTile, grad_inputs, lifted_.data());
      k.multiply_transposed_triangle(n_inputs, network_.plan_.lift_matrix.data(), lifted_.data(),
                                     grad_products);
    } else {
      k.to_doubles(n_inputs * kTile, grad_inputs, grad_products);
    }
    k.differentiate_products(network_.lift_, &events_);
    write_grad_events(network_.plan_, n, grad_events);
  }

  void clear_gradient() override { grad_.assign(at(network_.gradient_size()), 0.0f); }
  void add_gradient_to(double* total, Sum sum) const override {
    const auto add = sum == Sum::kBegins ? network_.events_.to_doubles : network_.products_.add;
    add(static_cast<int64_t>(grad_.size()), grad_.data(), total);
  }

  void write_gradient(View<float> grad) const override {
    cpu::unpack(network_.layout_, network_.products_, grad_.data(), grad);
  }

 private:
  const Perceptron& network_;
  Layers layers_;
  MemoryVector<float> grad_;
  AlignedVector<double> lifted_, logits_;
};

std::unique_ptr<Tile> Perceptron::make_tile() const {
  return std::make_unique<PerceptronTile>(*this);
}

}  // namespace

void Tile::write_grad_events(const NetworkPlan& plan, int64_t n, double* grad_events) const {
  const int64_t y_count = plan.n_observables();
  for (int64_t y = 0; y < y_count; ++y) {
    const double scale = plan.scale.empty() ? 1 : plan.scale[at(y)];
    const double* grad = events_.grad_x.data() + y * kTile;
    for (int64_t e = 0; e < n; ++e) grad_events[e * y_count + y] = grad[e] * scale;
  }
}

std::unique_ptr<TileNetwork> make_perceptron(const NetworkPlan& plan, View<const float> params,
                                             Simd simd, Want want, Memory* memory) {
  return std::make_unique<Perceptron>(plan, params, simd, want, memory);
}

std::unique_ptr<TileNetwork> make_tile_network(const NetworkPlan& plan, View<const float> params,
                                               Simd simd, Want want, Memory* memory) {
  return plan.n_layers() == 1 ? make_linear(plan, params, simd)
                              : make_perceptron(plan, params, simd, want, memory);
}

}  // namespace sagips::cpu
