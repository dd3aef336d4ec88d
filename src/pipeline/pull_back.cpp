// SPDX-License-Identifier: BSD-3-Clause
// The way back through stages that hand cotangents on: from those of a stage's outputs, weight and
// auxiliaries to those of its inputs and parameters.
#include <algorithm>

#include "core/error.h"
#include "pipeline/evaluation.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

size_t Evaluation::auxiliary_offset(size_t index) const {
  int64_t offset = 0;
  for (size_t s = 0; s < index; ++s) offset += pipeline_->stages()[s].n_auxiliary;
  return at(offset);
}

void Evaluation::set_cotangents(View<const double> grad_events, View<const double> grad_weights,
                                View<const double> grad_auxiliary) {
  cotangents_.outputs = grad_events.data();
  grad_weights_ = grad_weights;
  grad_auxiliary_ = grad_auxiliary;
  gradient_.assign(at(rows_.n_rows * rows_.n_parameters), 0);
}

void Evaluation::begin_pull_back(size_t begin, size_t end) {
  calls_.clear();
  place_ = 0;
  is_waiting_ = false;
  for (size_t s = end; s-- > begin;) {
    const GradientRoute route = pipeline_->stages()[s].route();
    calls_.push_back({route == GradientRoute::kVjp     ? Kind::kBackward
                      : route == GradientRoute::kScore ? Kind::kScore
                                                       : Kind::kDifferences,
                      s});
  }
}

void Evaluation::set_input_cotangent(size_t stage, std::vector<double> cotangent) {
  Cotangents* c = &cotangents_;
  c->outputs_room = std::move(cotangent);
  clear_lost(pipeline_->stages()[stage].n_inputs, &c->outputs_room);
  c->outputs = c->outputs_room.data();
}

std::vector<double> Evaluation::pull_back(View<const double> grad_events,
                                          View<const double> grad_weights,
                                          View<const double> grad_auxiliary) {
  set_cotangents(grad_events, grad_weights, grad_auxiliary);
  begin_pull_back(0, pipeline_->stages().size());
  run();
  return gradient_;
}

/// Whatever a lost event's cotangent is, it is not used.
void Evaluation::clear_lost(int64_t width, std::vector<double>* cotangent) const {
  if (n_weighting_ == 0) return;
  const std::vector<double>& w = weights();
  for (int64_t e = 0; e < n_events(); ++e)
    if (w[at(e)] == 0) std::fill_n(cotangent->begin() + e * width, width, 0.0);
}

void Evaluation::set_weight_cotangent(size_t index) {
  Cotangents* c = &cotangents_;
  c->weight = grad_weights_.data();
  if (n_weighting_ < 2 || !pipeline_->stages()[index].may_weight()) return;
  c->weight_room.assign(grad_weights_.begin(), grad_weights_.end());
  for (size_t other = 0; other < buffers_.size(); ++other)
    if (other != index && pipeline_->stages()[other].may_weight())
      for (size_t i = 0; i < c->weight_room.size(); ++i)
        c->weight_room[i] *= buffers_[other].weight[i];
  c->weight = c->weight_room.data();
}

void Evaluation::prepare_backward(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  Cotangents* c = &cotangents_;
  set_weight_cotangent(index);
  const auto offset = static_cast<int64_t>(auxiliary_offset(index));
  c->auxiliary.resize(at(rows_.n_rows * stage.n_auxiliary));
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    std::copy_n(grad_auxiliary_.data() + n * pipeline_->n_auxiliary() + offset, stage.n_auxiliary,
                c->auxiliary.data() + n * stage.n_auxiliary);
  batch_ = make_batch(stage, rows_, &buffers_[index], inputs_of(index));
  batch_.request = SAGIPS_BACKWARD;
  c->inputs.assign(at(n_events() * stage.n_inputs), 0);
  c->parameters.assign(at(rows_.n_rows * batch_.n_parameters), 0);
  batch_.grad_outputs = c->outputs;
  batch_.grad_weight = c->weight;
  batch_.grad_auxiliary = c->auxiliary.empty() ? nullptr : c->auxiliary.data();
  batch_.grad_inputs = c->inputs.empty() ? nullptr : c->inputs.data();
  batch_.grad_parameters = c->parameters.empty() ? nullptr : c->parameters.data();
}

/// What a stage made its inputs' cotangent is that of the outputs of the stage before.
void Evaluation::hand_on(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  Cotangents* c = &cotangents_;
  const int64_t p_count = rows_.n_parameters, own = stage.n_parameters(p_count);
  for (int64_t n = 0; n < rows_.n_rows; ++n) {
    if (has_failed(n)) continue;
    for (int64_t k = 0; k < own; ++k)
      gradient_[at(n * p_count + stage.column(k))] += c->parameters[at(n * own + k)];
  }
  if (index == 0) return;
  std::swap(c->outputs_room, c->inputs);
  c->outputs = c->outputs_room.data();
  clear_lost(stage.n_inputs, &c->outputs_room);
}

}  // namespace sagips
