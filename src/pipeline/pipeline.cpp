// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/pipeline.h"

#include <algorithm>

#include "core/error.h"
#include "pipeline/callback.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

const char* gradient_route_name(GradientRoute route) {
  switch (route) {
    case GradientRoute::kVjp:
      return "vjp";
    case GradientRoute::kEventDifferences:
      return "event differences";
    default:
      return "objective differences";
  }
}

void Pipeline::add(Stage stage) {
  if (stage.forward == nullptr || stage.n_outputs == 0)
    fail(SAGIPS_ERROR_STATE, "stage '", stage.name, "' has no ",
         stage.forward == nullptr ? "forward model" : "shape",
         " yet; set it before adding the stage");
  if (stage.n_inputs != n_outputs())
    fail(SAGIPS_ERROR_SHAPE, "stage '", stage.name, "' takes ", stage.n_inputs,
         " observables, but the stages before it deliver ", n_outputs(),
         is_empty() ? " (a first stage takes 0)" : "", "; correct its shape");
  stages_.push_back(std::move(stage));
}

int32_t Pipeline::n_auxiliary() const {
  int32_t n = 0;
  for (const Stage& stage : stages_) n += stage.n_auxiliary;
  return n;
}

GradientRoute Pipeline::gradient_route() const {
  GradientRoute route = GradientRoute::kVjp;
  for (const Stage& stage : stages_) {
    if (stage.backward != nullptr) continue;
    if (!stage.is_smooth) return GradientRoute::kObjectiveDifferences;
    route = GradientRoute::kEventDifferences;
  }
  return route;
}

void Pipeline::check_columns(int32_t n_parameters) const {
  for (const Stage& stage : stages_)
    for (const int32_t column : stage.columns)
      if (column >= n_parameters)
        fail(SAGIPS_ERROR_SHAPE, "stage '", stage.name, "' asks for parameter ", column,
             ", but there are only ", n_parameters, "; add parameters or correct its list");
}

// ---------------------------------------------------------------------------------- forward pass

void Evaluation::prepare(const Stage& stage, size_t index, const Rows& rows, Buffers* b) const {
  const int64_t n = rows.n_rows, e = rows.n_events;
  const auto p_count = static_cast<int64_t>(rows.n_parameters);
  b->parameters.clear();
  for (int64_t r = 0; r < n; ++r) {
    const double* row = rows.parameters.data() + r * p_count;
    if (stage.columns.empty())
      b->parameters.insert(b->parameters.end(), row, row + p_count);
    else
      for (const int32_t column : stage.columns) b->parameters.push_back(row[column]);
  }
  b->uniforms.resize(at(n * e * stage.n_uniforms));
  b->row_key.resize(at(n));
  for (int64_t r = 0; r < n; ++r) {
    const int64_t draw = pipeline_row(call_.dataset, static_cast<int64_t>(index), rows.draw[at(r)]);
    const int64_t width = e * stage.n_uniforms;
    const bool is_repeat = r > 0 && rows.draw[at(r)] == rows.draw[at(r - 1)];
    double* uniforms = b->uniforms.data() + r * width;
    if (is_repeat)
      std::copy_n(uniforms - width, width, uniforms);
    else
      fill_uniform({call_.seed, call_.uniforms, call_.member, draw, call_.epoch},
                   {uniforms, width});
    b->row_key[at(r)] = philox_bits({call_.seed, call_.keys, call_.member, draw, call_.epoch});
  }
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

void Evaluation::run_forward(const Stage& stage, const Rows& rows, Buffers* b,
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

void Evaluation::forward(const Call& call, Rows rows) {
  const auto& stages = pipeline_->stages();
  call_ = call;
  rows_ = std::move(rows);
  buffers_.resize(stages.size());
  weights_.assign(at(n_events()), 1);
  auxiliary_.assign(at(rows_.n_rows * pipeline_->n_auxiliary()), 0);
  int64_t first_auxiliary = 0;
  for (size_t s = 0; s < stages.size(); ++s) {
    Buffers* b = &buffers_[s];
    prepare(stages[s], s, rows_, b);
    if (s > 0) b->weight_in = weights_;
    run_forward(stages[s], rows_, b, inputs_of(s));
    for (size_t i = 0; i < weights_.size(); ++i) {
      if (weights_[i] == 0) b->weight[i] = 0;  // whatever a later stage says of a lost event
      weights_[i] *= b->weight[i];
    }
    for (int64_t n = 0; n < rows_.n_rows; ++n)
      std::copy_n(b->auxiliary.data() + n * stages[s].n_auxiliary, stages[s].n_auxiliary,
                  auxiliary_.data() + n * pipeline_->n_auxiliary() + first_auxiliary);
    first_auxiliary += stages[s].n_auxiliary;
  }
}

// --------------------------------------------------------------------------------- backward pass

std::vector<double> Evaluation::pull_back(View<const double> grad_events,
                                          View<const double> grad_weights,
                                          View<const double> grad_auxiliary) {
  const auto& stages = pipeline_->stages();
  const int64_t n_rows = rows_.n_rows, p_count = rows_.n_parameters;
  std::vector<double> grad(at(n_rows * p_count));
  Cotangents c;
  c.outputs.assign(grad_events.begin(), grad_events.end());
  int64_t first_auxiliary = pipeline_->n_auxiliary();
  for (size_t s = stages.size(); s-- > 0;) {
    const Stage& stage = stages[s];
    // The product rule: the derivative by one factor is that by the product, times the other
    // factors.
    c.weight.assign(grad_weights.begin(), grad_weights.end());
    for (size_t other = 0; other < stages.size(); ++other)
      if (other != s)
        for (size_t i = 0; i < c.weight.size(); ++i) c.weight[i] *= buffers_[other].weight[i];
    first_auxiliary -= stage.n_auxiliary;
    c.auxiliary.resize(at(n_rows * stage.n_auxiliary));
    for (int64_t n = 0; n < n_rows; ++n)
      std::copy_n(grad_auxiliary.data() + n * pipeline_->n_auxiliary() + first_auxiliary,
                  stage.n_auxiliary, c.auxiliary.data() + n * stage.n_auxiliary);

    if (stage.backward != nullptr)
      run_backward(s, &c);
    else
      difference_events(s, &c);

    const int64_t own =
        stage.columns.empty() ? p_count : static_cast<int64_t>(stage.columns.size());
    for (int64_t n = 0; n < n_rows; ++n)
      for (int64_t k = 0; k < own; ++k) {
        const int64_t column = stage.columns.empty() ? k : stage.columns[at(k)];
        grad[at(n * p_count + column)] += c.parameters[at(n * own + k)];
      }
    c.outputs = c.inputs;
    for (int64_t e = 0; e < n_events();
         ++e)  // whatever a lost event's derivative is, it is not used
      if (weights_[at(e)] == 0)
        std::fill_n(c.outputs.begin() + e * stage.n_inputs, stage.n_inputs, 0.0);
  }
  return grad;
}

void Evaluation::run_backward(size_t index, Cotangents* c) {
  const Stage& stage = pipeline_->stages()[index];
  sagips_batch batch = make_batch(stage, rows_, &buffers_[index], inputs_of(index));
  batch.request = SAGIPS_BACKWARD;
  c->inputs.assign(at(n_events() * stage.n_inputs), 0);
  c->parameters.assign(at(rows_.n_rows * batch.n_parameters), 0);
  batch.grad_outputs = c->outputs.data();
  batch.grad_weight = c->weight.data();
  batch.grad_auxiliary = c->auxiliary.empty() ? nullptr : c->auxiliary.data();
  batch.grad_inputs = c->inputs.empty() ? nullptr : c->inputs.data();
  batch.grad_parameters = c->parameters.data();
  call_stage(stage, &batch, meter_);
}

}  // namespace sagips
