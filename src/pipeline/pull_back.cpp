// SPDX-License-Identifier: BSD-3-Clause
// The way back through stages that hand cotangents on: from those of a stage's outputs, weight and
// auxiliaries to those of its inputs and parameters.
#include <algorithm>

#include "core/error.h"
#include "pipeline/callback.h"
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
  way_back_ = WayBack();
  has_no_gradient_.assign(at(rows_.n_rows), 0);
}

void Evaluation::begin_pull_back(size_t begin, size_t end) {
  calls_.clear();
  place_ = 0;
  is_waiting_ = false;
  for (size_t s = end; s-- > begin;) {
    const GradientRoute route = pipeline_->stages()[s].route();
    if (route == GradientRoute::kScore && pipeline_->stages()[s].n_auxiliary > 0)
      calls_.push_back({Kind::kAuxiliary, s});  // of which its law does not tell
    calls_.push_back({route == GradientRoute::kVjp     ? Kind::kBackward
                      : route == GradientRoute::kScore ? Kind::kScore
                                                       : Kind::kDifferences,
                      s});
  }
}

void Evaluation::set_input_cotangent(size_t stage, std::vector<double> cotangent) {
  Cotangents* c = &cotangents_;
  c->outputs_room = std::move(cotangent);
  clear_lost(stage, &c->outputs_room);
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

bool Evaluation::is_lost_before(size_t stage, int64_t event) const {
  const double* before = weights_before(stage);
  return before != nullptr && before[event] == 0;
}

bool Evaluation::is_lost_behind(size_t stage, int64_t event) const {
  if (is_lost_before(stage, event)) return true;
  return weighs(stage) && buffers_[stage].weight[at(event)] == 0;
}

/// Whatever the cotangent of the inputs of a stage is, for events lost before they came there it is
/// not used. Those lost there or later have one where the loss itself is differenced: they may come
/// back.
void Evaluation::clear_lost(size_t stage, std::vector<double>* cotangent) const {
  const int64_t width = pipeline_->stages()[stage].n_inputs;
  for (int64_t e = 0; e < n_events(); ++e)
    if (is_lost_before(stage, e)) std::fill_n(cotangent->begin() + e * width, width, 0.0);
}

void Evaluation::note_failures_on_the_way_back(const StageCall& call) {
  const bool is_shifted = call.kind != Kind::kBackward;
  if (is_shifted) way_back_.rows_run += batch_.n_rows;
  if (call_.failures == FailurePolicy::kError) return;
  for (int64_t r = 0; r < batch_.n_rows; ++r) {
    if (batch_.row_status[r] == 0 || (!is_shifted && has_failed(r))) continue;
    if (!is_shifted) has_no_gradient_[at(r)] = 1;
    if (way_back_.rows_failed++ == 0)
      way_back_.failure = concatenate("stage '", pipeline_->stages()[call.stage].name,
                                      "' reports failure ", batch_.row_status[r],
                                      " on the way back on row ", r, ", ", describe_row(batch_, r));
  }
}

void Evaluation::set_weight_cotangent(size_t index) {
  Cotangents* c = &cotangents_;
  c->weight = grad_weights_.data();
  if (n_weighting_ < 2 || !pipeline_->stages()[index].may_weight()) return;
  c->weight_room.assign(grad_weights_.begin(), grad_weights_.end());
  for (size_t other = 0; other < buffers_.size(); ++other)
    if (other != index && weighs(other))
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
    if (has_no_gradient_[at(n)] != 0) {  // nor has it what later stages gave
      std::fill_n(gradient_.begin() + n * p_count, p_count, 0.0);
      continue;
    }
    for (int64_t k = 0; k < own; ++k)
      gradient_[at(n * p_count + stage.column(k))] += c->parameters[at(n * own + k)];
  }
  if (index == 0) return;
  std::swap(c->outputs_room, c->inputs);
  c->outputs = c->outputs_room.data();
  clear_lost(index, &c->outputs_room);
}

}  // namespace sagips
