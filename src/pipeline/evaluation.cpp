// SPDX-License-Identifier: BSD-3-Clause
// One forward pass and the way back. Weights are a product over stages,
//
//   w = prod_s f_s,   dL/df_s = dL/dw prod_{r != s} f_r,
//
// which is kept as one only where two stages or more write a factor.
#include <algorithm>

#include "core/error.h"
#include "pipeline/callback.h"
#include "pipeline/pieces.h"
#include "pipeline/pipeline.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

const std::vector<double>& Evaluation::weights() const {
  if (n_weighting_ == 0) {
    ones_.resize(at(n_events()), 1);
    return ones_;
  }
  return n_weighting_ == 1 ? buffers_[last_weighting_].weight : product_;
}

// ---------------------------------------------------------------------------------- forward pass

void Evaluation::select_columns(const Stage& stage, Buffers* b) const {
  if (stage.columns.empty()) {
    b->parameters = rows_.parameters;
    return;
  }
  b->parameters.clear();
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    for (const int32_t column : stage.columns)
      b->parameters.push_back(rows_.parameters[at(n * rows_.n_parameters + column)]);
}

sagips_batch Evaluation::make_batch(const Stage& stage, const Rows& rows, Buffers* b,
                                    const double* inputs) const {
  sagips_batch batch{};
  batch.struct_size = sizeof(batch);
  batch.member = call_.member;
  batch.dataset = static_cast<int32_t>(call_.dataset);
  batch.training = call_.is_training ? 1 : 0;
  batch.epoch = call_.epoch;
  batch.n_rows = rows.n_rows;
  batch.n_events = rows.n_events;
  batch.n_parameters =
      stage.columns.empty() ? rows.n_parameters : static_cast<int32_t>(stage.columns.size());
  batch.n_inputs = stage.n_inputs;
  batch.n_outputs = stage.n_outputs;
  batch.n_auxiliary = stage.n_auxiliary;
  batch.n_uniforms = stage.n_uniforms;
  batch.n_tape = stage.n_tape;
  const auto pointer = [](auto& values) { return values.empty() ? nullptr : values.data(); };
  batch.parameters = pointer(b->parameters);
  batch.inputs = inputs;
  batch.weight_in = pointer(b->weight_in);
  batch.uniforms = pointer(b->uniforms);
  batch.row_key = pointer(b->row_key);
  batch.outputs = pointer(b->outputs);
  batch.weight = pointer(b->weight);
  batch.auxiliary = pointer(b->auxiliary);
  batch.tape = pointer(b->tape);
  batch.row_status = pointer(b->row_status);
  return batch;
}

void Evaluation::draw(const Stage& stage, size_t index, Buffers* b) const {
  const int64_t events = rows_.n_events;
  b->uniforms.resize(at(n_events() * stage.n_uniforms));
  b->row_key.resize(at(rows_.n_rows));
  const Draws draws{&call_, static_cast<int64_t>(index), rows_.draw.data(), pipeline_->simd()};
  const Pieces pieces(rows_.n_rows, events);
  const Parallel here;
  (parallel_ == nullptr ? here : *parallel_).for_each(pieces.size(), [&](int64_t i) {
    const Piece piece = pieces[i];
    draw_piece(draws, piece, stage.n_uniforms,
               b->uniforms.data() + (piece.row * events + piece.event) * stage.n_uniforms,
               b->row_key.data());
  });
}

void Evaluation::run_builtin(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  Buffers* b = &buffers_[index];
  b->outputs.resize(at(n_events() * stage.n_outputs));
  b->auxiliary.assign(at(rows_.n_rows * stage.n_auxiliary), 0);
  b->row_status.assign(at(rows_.n_rows), 0);
  sagips_batch batch = make_batch(stage, rows_, b, inputs_of(index));
  batch.request = SAGIPS_FORWARD;
  const Draws draws{&call_, static_cast<int64_t>(index), rows_.draw.data(), pipeline_->simd()};
  call_builtin(stage, draws, parallel_, &batch, meter_);
}

void Evaluation::call_forward(const Stage& stage, const Rows& rows, Buffers* b,
                              const double* inputs) {
  const int64_t n = rows.n_rows, events = rows.n_rows * rows.n_events;
  b->outputs.assign(at(events * stage.n_outputs), 0);
  b->weight.assign(at(events), 1);
  b->auxiliary.assign(at(n * stage.n_auxiliary), 0);
  b->tape.assign(at(n * stage.n_tape), 0);
  b->row_status.assign(at(n), 0);
  sagips_batch batch = make_batch(stage, rows, b, inputs);
  batch.request = SAGIPS_FORWARD;
  call_stage(stage, &batch, meter_);
}

void Evaluation::run_users(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  Buffers* b = &buffers_[index];
  draw(stage, index, b);
  if (index > 0) b->weight_in = weights();
  call_forward(stage, rows_, b, inputs_of(index));
  if (n_weighting_ > 0) {
    const std::vector<double>& before = b->weight_in;
    product_.resize(before.size());
    for (size_t i = 0; i < before.size(); ++i) {
      if (before[i] == 0) b->weight[i] = 0;  // whatever a later stage says of a lost event
      product_[i] = before[i] * b->weight[i];
    }
  }
  ++n_weighting_;
  last_weighting_ = index;
}

void Evaluation::forward(const Call& call, Rows rows) {
  const auto& stages = pipeline_->stages();
  const int64_t n_auxiliary = pipeline_->n_auxiliary();
  call_ = call;
  rows_ = std::move(rows);
  buffers_.resize(stages.size());
  n_weighting_ = 0;
  auxiliary_.assign(at(rows_.n_rows * n_auxiliary), 0);
  int64_t first_auxiliary = 0;
  for (size_t s = 0; s < stages.size(); ++s) {
    check_sequence(rows_.n_events * stages[s].n_uniforms);
    select_columns(stages[s], &buffers_[s]);
    if (stages[s].is_builtin)
      run_builtin(s);
    else
      run_users(s);
    const int64_t width = stages[s].n_auxiliary;
    for (int64_t n = 0; n < rows_.n_rows; ++n)
      std::copy_n(buffers_[s].auxiliary.data() + n * width, width,
                  auxiliary_.data() + n * n_auxiliary + first_auxiliary);
    first_auxiliary += width;
  }
}

// --------------------------------------------------------------------------------- backward pass

void Evaluation::set_weight_cotangent(size_t index, View<const double> grad_weights) {
  Cotangents* c = &cotangents_;
  c->weight = grad_weights.data();
  if (n_weighting_ < 2 || pipeline_->stages()[index].is_builtin) return;
  c->weight_room.assign(grad_weights.begin(), grad_weights.end());
  for (size_t other = 0; other < buffers_.size(); ++other)
    if (other != index && !pipeline_->stages()[other].is_builtin)
      for (size_t i = 0; i < c->weight_room.size(); ++i)
        c->weight_room[i] *= buffers_[other].weight[i];
  c->weight = c->weight_room.data();
}

/// What a stage made its inputs' cotangent is that of the outputs of the stage before.
void Evaluation::hand_on_cotangent(const Stage& stage) {
  Cotangents* c = &cotangents_;
  std::swap(c->outputs_room, c->inputs);
  c->outputs = c->outputs_room.data();
  if (n_weighting_ == 0) return;
  const std::vector<double>& w = weights();
  for (int64_t e = 0; e < n_events(); ++e)  // whatever a lost event's is, it is not used
    if (w[at(e)] == 0)
      std::fill_n(c->outputs_room.begin() + e * stage.n_inputs, stage.n_inputs, 0.0);
}

std::vector<double> Evaluation::pull_back(View<const double> grad_events,
                                          View<const double> grad_weights,
                                          View<const double> grad_auxiliary) {
  const auto& stages = pipeline_->stages();
  const int64_t n_rows = rows_.n_rows, p_count = rows_.n_parameters;
  std::vector<double> grad(at(n_rows * p_count));
  Cotangents* c = &cotangents_;
  c->outputs = grad_events.data();
  int64_t first_auxiliary = pipeline_->n_auxiliary();
  for (size_t s = stages.size(); s-- > 0;) {
    const Stage& stage = stages[s];
    set_weight_cotangent(s, grad_weights);
    first_auxiliary -= stage.n_auxiliary;
    c->auxiliary.resize(at(n_rows * stage.n_auxiliary));
    for (int64_t n = 0; n < n_rows; ++n)
      std::copy_n(grad_auxiliary.data() + n * pipeline_->n_auxiliary() + first_auxiliary,
                  stage.n_auxiliary, c->auxiliary.data() + n * stage.n_auxiliary);

    if (stage.backward != nullptr)
      run_backward(s, c);
    else
      difference_events(s, c);

    const int64_t own =
        stage.columns.empty() ? p_count : static_cast<int64_t>(stage.columns.size());
    for (int64_t n = 0; n < n_rows; ++n)
      for (int64_t k = 0; k < own; ++k) {
        const int64_t column = stage.columns.empty() ? k : stage.columns[at(k)];
        grad[at(n * p_count + column)] += c->parameters[at(n * own + k)];
      }
    if (s > 0) hand_on_cotangent(stage);
  }
  return grad;
}

void Evaluation::run_backward(size_t index, Cotangents* c) {
  const Stage& stage = pipeline_->stages()[index];
  sagips_batch batch = make_batch(stage, rows_, &buffers_[index], inputs_of(index));
  batch.request = SAGIPS_BACKWARD;
  c->inputs.assign(at(n_events() * stage.n_inputs), 0);
  c->parameters.assign(at(rows_.n_rows * batch.n_parameters), 0);
  batch.grad_outputs = c->outputs;
  batch.grad_weight = c->weight;
  batch.grad_auxiliary = c->auxiliary.empty() ? nullptr : c->auxiliary.data();
  batch.grad_inputs = c->inputs.empty() ? nullptr : c->inputs.data();
  batch.grad_parameters = c->parameters.data();
  if (!stage.is_builtin) {
    call_stage(stage, &batch, meter_);
    return;
  }
  const Draws draws{&call_, static_cast<int64_t>(index), rows_.draw.data(), pipeline_->simd()};
  call_builtin(stage, draws, parallel_, &batch, meter_);
}

}  // namespace sagips
