// SPDX-License-Identifier: BSD-3-Clause
// The forward pass, and the list of calls that every pass is.
#include "pipeline/evaluation.h"

#include <algorithm>
#include <cassert>

#include "core/error.h"
#include "pipeline/callback.h"
#include "pipeline/pieces.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }

const Parallel kHere;

/// For uniforms that a user's model waits for. Some processors lower their clock for 512-bit
/// vectors, for longer than it takes to draw a few numbers: the model would be slower by more than
/// was won.
Simd simd_for(Simd simd, int64_t n_numbers) {
  constexpr int64_t kFew = 4096;
  return simd == Simd::kAvx512 && n_numbers <= kFew ? Simd::kAvx2 : simd;
}
}  // namespace

// ----------------------------------------------------------------------------- the list of calls

void Evaluation::begin(const Call& call, Rows rows, Section section) {
  const auto& stages = pipeline_->stages();
  call_ = call;
  rows_ = std::move(rows);
  section_ = std::move(section);
  buffers_.resize(stages.size());
  n_weighting_ = 0;
  if (!section_.weights.empty()) {
    n_weighting_ = 1;
    last_weighting_ = SIZE_MAX;  // nobody's here
    product_ = section_.weights;
  }
  auxiliary_ = section_.auxiliary;
  auxiliary_.resize(at(rows_.n_rows * pipeline_->n_auxiliary()));
  failed_.clear();
  failure_.clear();
  calls_.clear();
  place_ = 0;
  is_waiting_ = false;
  for (size_t s = section_.begin; s < stages.size(); ++s) calls_.push_back({Kind::kForward, s});
}

sagips_batch* Evaluation::run() {
  for (; place_ < calls_.size(); ++place_) {
    const StageCall& call = calls_[place_];
    if (!is_waiting_) prepare(call);
    const Stage& stage = pipeline_->stages()[call.stage];
    // No rows where nothing moves: a stage without parameters behind one that looks at values.
    if (batch_.n_rows > 0) {
      is_waiting_ = stage.is_external && call_.is_training;
      if (is_waiting_) return &batch_;
      serve(call);
    }
    finish(call);
  }
  return nullptr;
}

void Evaluation::accept(int32_t answer) {
  const StageCall& call = calls_[place_];
  is_waiting_ = false;
  check_answer(waiting_for(), batch_, answer);
  check_written(waiting_for(), batch_, call_.failures);
  finish(call);
  ++place_;
}

void Evaluation::forward(const Call& call, Rows rows) {
  begin(call, std::move(rows));
  if (run() != nullptr)
    fail(SAGIPS_ERROR_STATE, "stage '", waiting_for().name,
         "' is served by the host: train with sagips_solver_ask and sagips_solver_tell");
}

void Evaluation::prepare(const StageCall& call) {
  if (call.kind == Kind::kForward) prepare_forward(call.stage);
  if (call.kind == Kind::kBackward) prepare_backward(call.stage);
  if (call.kind == Kind::kDifferences) prepare_differences(call.stage, hands_on(call.stage));
  if (call.kind == Kind::kAuxiliary) prepare_differences(call.stage, false);
  if (call.kind == Kind::kScore) prepare_score(call.stage);
}

void Evaluation::serve(const StageCall& call) {
  const Stage& stage = pipeline_->stages()[call.stage];
  const bool is_whole = call.kind == Kind::kForward || call.kind == Kind::kBackward;
  if (!stage.is_builtin || !is_whole) {
    call_stage(stage, &batch_, call_.failures, parallel_, meter_);
    return;
  }
  const Draws draws{&call_, static_cast<int64_t>(call.stage), rows_.draw.data(), rows_.n_events,
                    pipeline_->simd()};
  call_builtin(stage, draws, call_.failures, parallel_, &batch_, meter_);
}

void Evaluation::finish(const StageCall& call) {
  if (call.kind == Kind::kForward) {
    finish_forward(call.stage);
    return;
  }
  note_failures_on_the_way_back(call);
  if (call.kind == Kind::kAuxiliary) {
    finish_auxiliary(call.stage);
    return;
  }
  if (call.kind == Kind::kDifferences) finish_differences(call.stage);
  if (call.kind == Kind::kScore) finish_score(call.stage);
  hand_on(call.stage);
}

// ---------------------------------------------------------------------------------- forward pass

const std::vector<double>& Evaluation::weights() const {
  if (n_weighting_ == 0) {
    ones_.resize(at(n_events()), 1);
    return ones_;
  }
  return n_weighting_ == 1 && last_weighting_ != SIZE_MAX ? buffers_[last_weighting_].weight
                                                          : product_;
}

const double* Evaluation::inputs_of(size_t stage) const {
  if (stage == 0) return nullptr;
  if (stage == section_.begin) return section_.inputs.data();
  return buffers_[stage - 1].outputs.data();
}

const double* Evaluation::weights_before(size_t stage) const {
  const std::vector<double>& weights = buffers_[stage].weight_in;
  return stage == 0 || weights.empty() ? nullptr : weights.data();
}

void Evaluation::select_columns(size_t index, Buffers* b) const {
  const Stage& stage = pipeline_->stages()[index];
  const std::vector<double>& all = index < section_.end ? rows_.parameters : section_.parameters;
  if (stage.sees_all()) {
    b->parameters.assign(all.begin(), all.end());
    return;
  }
  b->parameters.clear();
  const int64_t own = stage.n_parameters(rows_.n_parameters);
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    for (int64_t k = 0; k < own; ++k)
      b->parameters.push_back(all[at(n * rows_.n_parameters + stage.column(k))]);
}

sagips_batch Evaluation::make_batch(const Stage& stage, const Rows& rows, Buffers* b,
                                    const double* inputs) const {
  sagips_batch batch{};
  batch.struct_size = sizeof(batch);
  batch.member = call_.member;
  batch.dataset = static_cast<int32_t>(call_.dataset);
  batch.training = call_.is_training ? 1 : 0;
  batch.epoch = call_.epoch;
  batch.stage = static_cast<int32_t>(&stage - pipeline_->stages().data());
  batch.n_rows = rows.n_rows;
  batch.n_events = rows.n_events;
  batch.n_parameters = static_cast<int32_t>(stage.n_parameters(rows.n_parameters));
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
  batch.log_probability = pointer(b->log_probability);
  return batch;
}

void Evaluation::draw(const Stage& stage, size_t index, Buffers* b) const {
  const int64_t events = rows_.n_events;
  b->uniforms.resize(at(n_events() * stage.n_uniforms));
  b->row_key.resize(at(rows_.n_rows));
  const Draws draws{&call_, static_cast<int64_t>(index), rows_.draw.data(), rows_.n_events,
                    simd_for(pipeline_->simd(), n_events() * stage.n_uniforms)};
  const Pieces pieces(rows_.n_rows, events);
  (parallel_ == nullptr ? kHere : *parallel_).for_each(pieces.size(), [&](int64_t i) {
    const Piece piece = pieces[i];
    draw_piece(draws, piece, stage.n_uniforms,
               b->uniforms.data() + (piece.row * events + piece.event) * stage.n_uniforms,
               b->row_key.data());
  });
}

void Evaluation::prepare_forward(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  Buffers* b = &buffers_[index];
  check_sequence(rows_.n_events * stage.n_uniforms);
  select_columns(index, b);
  if (!stage.is_builtin) draw(stage, index, b);
  if (index > 0 && (stage.may_weight() || n_weighting_ > 0))
    b->weight_in = weights();
  else
    b->weight_in.clear();
  // What nobody has written must not be an old number; a built-in writes all.
  const size_t n_outputs = at(n_events() * stage.n_outputs);
  if (stage.is_builtin)
    b->outputs.resize(n_outputs);
  else
    b->outputs.assign(n_outputs, 0);
  b->weight.assign(at(stage.may_weight() ? n_events() : 0), 1);
  b->auxiliary.assign(at(rows_.n_rows * stage.n_auxiliary), 0);
  b->tape.assign(at(rows_.n_rows * stage.n_tape), 0);
  b->row_status.assign(at(rows_.n_rows), 0);
  batch_ = make_batch(stage, rows_, b, inputs_of(index));
  batch_.request = SAGIPS_FORWARD;
}

void Evaluation::finish_forward(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  Buffers* b = &buffers_[index];
  mark_failures(index);
  if (weighs(index)) {
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
  const int64_t width = stage.n_auxiliary, n_auxiliary = pipeline_->n_auxiliary();
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    std::copy_n(
        b->auxiliary.data() + n * width, width,
        auxiliary_.data() + n * n_auxiliary + static_cast<int64_t>(auxiliary_offset(index)));
}

// check_written() has let them pass, and made their events lost.
void Evaluation::mark_failures(size_t index) {
  if (call_.failures == FailurePolicy::kError) return;
  const Buffers& b = buffers_[index];
  for (int64_t n = 0; n < rows_.n_rows; ++n) {
    if (b.row_status[at(n)] == 0) continue;
    if (failed_.empty()) {
      failed_.assign(at(rows_.n_rows), 0);
      failure_ = concatenate("stage '", pipeline_->stages()[index].name, "' reports failure ",
                             b.row_status[at(n)], " on row ", n, ", ", describe_row(batch_, n));
    }
    failed_[at(n)] = b.row_status[at(n)];
  }
  if (!failed_.empty()) lose_failed_rows(index);
}

/// The factor of a stage that writes none: 0 for the rows that it failed on.
void Evaluation::lose_failed_rows(size_t index) {
  Buffers* b = &buffers_[index];
  const bool is_whole = std::all_of(b->row_status.begin(), b->row_status.end(),
                                    [](int32_t status) { return status == 0; });
  if (is_whole || weighs(index)) return;
  b->weight.assign(at(n_events()), 1);
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    if (b->row_status[at(n)] != 0)
      std::fill_n(b->weight.begin() + n * rows_.n_events, rows_.n_events, 0.0);
}

void Evaluation::replace_failed(const Evaluation& other) {
  const auto& stages = pipeline_->stages();
  int64_t from = 0;
  for (int64_t n = 0; n < rows_.n_rows; ++n) {
    if (!has_failed(n)) continue;
    const auto copy = [&](const auto& source, auto* target) {
      const auto width = static_cast<int64_t>(target->size()) / rows_.n_rows;
      // A built-in fails by a row's parameters, so that here as there it has a weight or none.
      assert(static_cast<int64_t>(source.size()) == width * other.rows_.n_rows);
      std::copy_n(source.begin() + from * width, width, target->begin() + n * width);
    };
    for (size_t s = 0; s < stages.size(); ++s) {
      const Buffers& theirs = other.buffers_[s];
      Buffers* ours = &buffers_[s];
      copy(theirs.uniforms, &ours->uniforms);
      copy(theirs.row_key, &ours->row_key);
      copy(theirs.weight_in, &ours->weight_in);
      copy(theirs.outputs, &ours->outputs);
      copy(theirs.weight, &ours->weight);
      copy(theirs.tape, &ours->tape);
      copy(theirs.row_status, &ours->row_status);
      copy(theirs.auxiliary, &ours->auxiliary);
    }
    if (n_weighting_ > 1) copy(other.product_, &product_);
    copy(other.auxiliary_, &auxiliary_);
    copy(other.rows_.draw, &rows_.draw);
    failed_[at(n)] = other.failed_.empty() ? 0 : other.failed_[at(from)];
    ++from;
  }
  if (std::all_of(failed_.begin(), failed_.end(), [](int32_t s) { return s == 0; }))
    failed_.clear();
}

}  // namespace sagips
