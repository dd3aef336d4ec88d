// SPDX-License-Identifier: BSD-3-Clause
#include "engine/library_step.h"

#include <algorithm>
#include <cmath>
#include <thread>

namespace sagips_bench {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

void activate(int64_t rows, int64_t n, const Activation& activation, float* __restrict h) {
  const float* __restrict bias = activation.bias;
  const float slope = activation.slope;
  for (int64_t r = 0; r < rows; ++r, h += n)
    for (int64_t j = 0; j < n; ++j) {
      const float x = h[j] + bias[j];
      h[j] = std::max(x, slope * x);
    }
}

// g *= f'(h), read off the sign of h.
void apply_slope(int64_t count, const float* __restrict h, float slope, float* __restrict g) {
  for (int64_t i = 0; i < count; ++i) g[i] *= h[i] > 0 ? 1.0F : slope;
}

void add_columns(int64_t rows, int64_t n, const float* __restrict g, float* __restrict sum) {
  for (int64_t r = 0; r < rows; ++r, g += n)
    for (int64_t j = 0; j < n; ++j) sum[j] += g[j];
}

}  // namespace

struct LibraryStep::Room {
  std::vector<std::vector<float>> layers;  // h_0 .. h_L, (tile, width)
  std::vector<float> grad_above, grad_below;
  std::vector<double> events, weights;
  std::vector<float> grad;  // flat
  double loss = 0;
};

LibraryStep::LibraryStep(const GemmLibrary* library, const sagips::NetworkPlan& plan, int64_t tile,
                         int threads)
    : library_(library), plan_(plan), tile_(tile), threads_(threads) {
  rooms_.resize(at(tile == 0 ? 1 : threads));
}

LibraryStep::~LibraryStep() = default;

double LibraryStep::run(const std::vector<float>& params, const sagips::EventSource& real,
                        const sagips::EventSource& synthetic, std::vector<float>* grad) {
  const auto n_rooms = static_cast<int64_t>(rooms_.size());
  const auto work = [&](int64_t r) {
    Room* room = &rooms_[at(r)];
    library_->use_threads(tile_ == 0 ? threads_ : 1);
    room->grad.assign(at(plan_.n_parameters()), 0);
    room->loss = 0;
    for (const sagips::EventSource* source : {&real, &synthetic}) {
      run_part(params, *source, source == &real, source->size() * r / n_rooms,
               source->size() * (r + 1) / n_rooms, room);
    }
  };
  std::vector<std::thread> others;
  for (int64_t r = 1; r < n_rooms; ++r) others.emplace_back(work, r);
  work(0);
  for (std::thread& other : others) other.join();
  grad->assign(at(plan_.n_parameters()), 0);
  double loss = 0;
  for (const Room& room : rooms_) {
    loss += room.loss;
    for (size_t i = 0; i < grad->size(); ++i) (*grad)[i] += room.grad[i];
  }
  return loss;
}

void LibraryStep::run_part(const std::vector<float>& params, const sagips::EventSource& source,
                           bool is_real, int64_t first, int64_t last, Room* room) const {
  const int64_t step = tile_ == 0 ? std::max<int64_t>(last - first, 1) : tile_;
  for (; first < last; first += step) {
    const int64_t n = std::min(step, last - first);
    load(source, first, n, room);
    forward(params, n, room);
    differentiate_loss(is_real, n, 1 / source.total_weight(), room);
    backward(params, n, room);
  }
}

void LibraryStep::load(const sagips::EventSource& source, int64_t first, int64_t n,
                       Room* room) const {
  room->events.resize(at(n * plan_.n_inputs()));
  room->weights.resize(at(n));
  room->layers.resize(plan_.widths.size());
  source.fill(first, n, {room->events.data(), room->weights.data()});
  room->layers[0].resize(room->events.size());
  std::transform(room->events.begin(), room->events.end(), room->layers[0].begin(),
                 [](double x) { return static_cast<float>(x); });
}

void LibraryStep::forward(const std::vector<float>& params, int64_t n, Room* room) const {
  for (int32_t l = 0; l < plan_.n_layers(); ++l) {
    const int64_t n_in = plan_.inputs_of_layer(l), n_out = plan_.outputs_of_layer(l);
    std::vector<float>& out = room->layers[at(l + 1)];
    out.resize(at(n * n_out));
    const Product product = {n,         n_out,
                             n_in,      room->layers[at(l)].data(),
                             false,     params.data() + plan_.weight_offset(l),
                             true,      0,
                             out.data()};
    const bool is_last = l + 1 == plan_.n_layers();
    const Activation activation = {params.data() + plan_.bias_offset(l),
                                   is_last ? 1.0F : static_cast<float>(plan_.slope)};
    if (library_->multiply_and_activate != nullptr) {
      library_->multiply_and_activate(product, activation);
      continue;
    }
    library_->multiply(product);
    activate(n, n_out, activation, out.data());
  }
}

// Into grad_above, the derivative by the logits.
void LibraryStep::differentiate_loss(bool is_real, int64_t n, double unit, Room* room) const {
  const std::vector<float>& logits = room->layers.back();
  const float target = is_real ? 1 : 0;
  room->grad_above.resize(at(n));
  float loss = 0;
  for (int64_t e = 0; e < n; ++e) {
    const float s = 1 / (1 + std::exp(-logits[at(e)]));
    const auto w = static_cast<float>(room->weights[at(e)] * unit);
    room->grad_above[at(e)] = w * 2 * (s - target) * s * (1 - s);
    loss += w * (s - target) * (s - target);
  }
  room->loss += static_cast<double>(loss);
}

void LibraryStep::backward(const std::vector<float>& params, int64_t n, Room* room) const {
  for (int32_t l = plan_.n_layers() - 1; l >= 0; --l) {
    const int64_t n_in = plan_.inputs_of_layer(l), n_out = plan_.outputs_of_layer(l);
    const std::vector<float>& below = room->layers[at(l)];
    library_->multiply({n_out, n_in, n, room->grad_above.data(), true, below.data(), false, 1,
                        room->grad.data() + plan_.weight_offset(l)});
    add_columns(n, n_out, room->grad_above.data(), room->grad.data() + plan_.bias_offset(l));
    if (l == 0) break;
    room->grad_below.resize(at(n * n_in));
    library_->multiply({n, n_in, n_out, room->grad_above.data(), false,
                        params.data() + plan_.weight_offset(l), false, 0, room->grad_below.data()});
    apply_slope(n * n_in, below.data(), static_cast<float>(plan_.slope), room->grad_below.data());
    std::swap(room->grad_above, room->grad_below);
  }
}

}  // namespace sagips_bench
