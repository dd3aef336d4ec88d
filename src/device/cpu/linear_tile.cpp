// SPDX-License-Identifier: BSD-3-Clause
// A discriminator without hidden layers, z = b + w . T (m - mean): whitening belongs to the weights
// and not to the events, so that it costs nothing a tile,
//
//   v = T^T w,   z = b + sum_k v_k (m_k - mean_k),   dw = T sum_e g_e (m_e - mean)
//
// all in double precision, since v may hold large numbers that cancel.
#include <algorithm>

#include "device/cpu/tile.h"

namespace sagips::cpu {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

class Linear : public TileNetwork {
 public:
  Linear(const NetworkPlan& plan, View<const float> params, Simd simd)
      : plan_(plan),
        lift_(plan),
        kernels_(event_kernels(simd)),
        weights_(at(plan.n_inputs())),
        bias_(static_cast<double>(params[plan.bias_offset(0)])) {
    const int64_t k_count = plan.n_inputs();
    for (int64_t k = 0; k < k_count; ++k)
      for (int64_t j = 0; j <= k; ++j)
        weights_[at(j)] += triangle(k, j) * static_cast<double>(params[k]);
  }

  std::unique_ptr<Tile> make_tile() const override;
  int64_t gradient_size() const override { return plan_.n_inputs() + 1; }
  void unpack(const double* total, View<float> grad) const override {
    const int64_t k_count = plan_.n_inputs();
    for (int64_t k = 0; k < k_count; ++k) {
      double sum = 0;
      for (int64_t j = 0; j <= k; ++j) sum += triangle(k, j) * total[j];
      grad[k] = static_cast<float>(sum);
    }
    grad[k_count] = static_cast<float>(total[k_count]);
  }

 private:
  friend class LinearTile;
  double triangle(int64_t k, int64_t j) const {
    if (!lift_.is_lifted) return k == j ? 1 : 0;
    return plan_.lift_matrix[at(k * plan_.n_inputs() + j)];
  }

  const NetworkPlan& plan_;
  LiftTable lift_;
  const EventKernels& kernels_;
  std::vector<double> weights_;  // v
  double bias_;
};

class LinearTile : public Tile {
 public:
  explicit LinearTile(const Linear& network)
      : Tile(network.lift_),
        network_(network),
        logits_(at(kTile)),
        sums_(at(network.gradient_size())) {}

  const double* forward(int64_t n) override {
    const EventKernels& k = network_.kernels_;
    k.standardise(network_.plan_, n, &events_);
    k.make_products(network_.lift_, &events_);
    k.combine(network_.lift_.n_products, network_.weights_.data(), network_.bias_,
              events_.products.data(), logits_.data());
    return logits_.data();
  }

  void backward(int64_t n, const double* by_logit, bool wants_weights,
                double* grad_events) override {
    const EventKernels& k = network_.kernels_;
    const int64_t k_count = network_.lift_.n_products;
    if (wants_weights) {
      k.contract(k_count, by_logit, events_.products.data(), sums_.data());
      for (int64_t e = 0; e < n; ++e) sums_[at(k_count)] += by_logit[e];
    }
    if (grad_events == nullptr) return;
    k.spread(k_count, network_.weights_.data(), by_logit, events_.grad_products.data());
    k.differentiate_products(network_.lift_, &events_);
    write_grad_events(network_.plan_, n, grad_events);
  }

  void clear_gradient() override { std::fill(sums_.begin(), sums_.end(), 0.0); }
  void add_gradient_to(double* total, Sum sum) const override {
    for (size_t i = 0; i < sums_.size(); ++i)
      total[i] = sum == Sum::kBegins ? sums_[i] : total[i] + sums_[i];
  }

  void write_gradient(View<float> grad) const override { network_.unpack(sums_.data(), grad); }

 private:
  const Linear& network_;
  AlignedVector<double> logits_, sums_;
};

std::unique_ptr<Tile> Linear::make_tile() const { return std::make_unique<LinearTile>(*this); }

}  // namespace

std::unique_ptr<TileNetwork> make_linear(const NetworkPlan& plan, View<const float> params,
                                         Simd simd) {
  return std::make_unique<Linear>(plan, params, simd);
}

}  // namespace sagips::cpu
