// SPDX-License-Identifier: BSD-3-Clause
#include "device/reference/perceptron.h"

#include <algorithm>
#include <cmath>

#include "device/reference/matrix.h"

namespace sagips::reference {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

Weights::Weights(const NetworkPlan& plan, View<const float> params)
    : flat(params.begin(), params.end()), transposed(at(plan.n_weights())) {
  for (int32_t l = 0; l < plan.n_layers(); ++l) {
    const int64_t in = plan.inputs_of_layer(l), out = plan.outputs_of_layer(l);
    const double* w = flat.data() + plan.weight_offset(l);
    double* t = transposed.data() + plan.weight_offset(l);
    for (int64_t o = 0; o < out; ++o)
      for (int64_t i = 0; i < in; ++i) t[i * out + o] = w[o * in + i];
  }
}

Tile::Tile(const NetworkPlan& plan, int64_t capacity) : plan_(plan) {
  int64_t widest = 1;
  for (const int32_t width : plan.widths) {
    layers_.emplace_back(at(capacity * width));
    widest = std::max<int64_t>(widest, width);
  }
  standardised_.resize(at(capacity * plan.n_observables()));
  if (plan.is_lifted()) lift_.emplace(plan);
  grad_.resize(at(capacity * widest));
  grad_next_.resize(at(capacity * widest));
}

void Tile::set_events(int64_t n, const double* events, const double* weights) {
  n_ = n;
  transform(events, weights);
}

void Tile::set_inputs(int64_t n, const double* inputs) {
  n_ = n;
  std::copy_n(inputs, n * plan_.widths.front(), layers_.front().data());
}

void Tile::transform(const double* events, const double* weights) {
  const int64_t y_count = plan_.n_observables();
  for (int64_t e = 0; e < n_; ++e)
    for (int64_t y = 0; y < y_count; ++y) {
      const double value = events[e * y_count + y];
      double& x = standardised_[at(e * y_count + y)];
      if (weights[e] == 0)
        x = 0;  // lost: whatever it holds is not read
      else
        x = plan_.scale.empty() ? value : (value - plan_.shift[at(y)]) * plan_.scale[at(y)];
    }
  if (!lift_)
    std::copy_n(standardised_.data(), n_ * y_count, layers_.front().data());
  else
    lift_->forward(n_, standardised_.data(), layers_.front().data());
}

void Tile::transform_backward(const double* grad_inputs, double* grad_events) {
  const int64_t y_count = plan_.n_observables();
  if (!lift_)
    std::copy_n(grad_inputs, n_ * y_count, grad_events);
  else
    lift_->backward(n_, standardised_.data(), grad_inputs, grad_events);
  if (plan_.scale.empty()) return;
  for (int64_t e = 0; e < n_; ++e)
    for (int64_t y = 0; y < y_count; ++y) grad_events[e * y_count + y] *= plan_.scale[at(y)];
}

const double* Tile::forward(const Weights& weights) {
  for (int32_t l = 0; l < plan_.n_layers(); ++l) {
    const int64_t in = plan_.inputs_of_layer(l), out = plan_.outputs_of_layer(l);
    const double* bias = weights.flat.data() + plan_.bias_offset(l);
    double* h = layers_[at(l) + 1].data();
    for (int64_t e = 0; e < n_; ++e) std::copy_n(bias, out, h + e * out);
    multiply_add(n_, out, in, {layers_[at(l)].data(), in, 1},
                 weights.transposed.data() + plan_.weight_offset(l), h);
    if (l + 1 < plan_.n_layers())
      for (int64_t i = 0; i < n_ * out; ++i) h[i] = h[i] > 0 ? h[i] : plan_.slope * h[i];
  }
  return layers_.back().data();
}

void Tile::backward(const Weights& weights, const double* grad_outputs, double* grad,
                    double* grad_events) {
  std::copy_n(grad_outputs, n_ * plan_.n_outputs(), grad_.data());
  for (int32_t l = plan_.n_layers() - 1; l >= 0; --l) {
    const int64_t in = plan_.inputs_of_layer(l), out = plan_.outputs_of_layer(l);
    const double* h = layers_[at(l)].data();
    if (grad != nullptr) {
      multiply_add(out, in, n_, {grad_.data(), 1, out}, h, grad + plan_.weight_offset(l));
      double* bias = grad + plan_.bias_offset(l);
      for (int64_t e = 0; e < n_; ++e)
        for (int64_t o = 0; o < out; ++o) bias[o] += grad_[at(e * out + o)];
    }
    if (l == 0 && grad_events == nullptr) break;
    std::fill_n(grad_next_.data(), n_ * in, 0.0);
    multiply_add(n_, in, out, {grad_.data(), out, 1}, weights.flat.data() + plan_.weight_offset(l),
                 grad_next_.data());
    if (l > 0)
      for (int64_t i = 0; i < n_ * in; ++i) grad_next_[at(i)] *= h[i] > 0 ? 1 : plan_.slope;
    grad_.swap(grad_next_);
  }
  if (grad_events != nullptr) transform_backward(grad_.data(), grad_events);
}

}  // namespace sagips::reference
