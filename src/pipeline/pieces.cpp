// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/pieces.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "core/finite.h"
#include "core/latin_hypercube.h"
#include "pipeline/callback.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kPieceEvents = 2048;  // 32 KB of two uniforms each: they stay in the cache

template <typename T>
void advance(T** values, int64_t distance) {
  if (*values != nullptr) *values += distance;
}

bool wrote_finite(const sagips_batch& b) {
  const int64_t events = b.n_rows * b.n_events;
  if (b.request == SAGIPS_BACKWARD)
    return all_finite(View<const double>(b.grad_parameters, b.n_rows * b.n_parameters)) &&
           all_finite(View<const double>(b.grad_inputs, events * b.n_inputs));
  return all_finite(View<const double>(b.outputs, events * b.n_outputs)) &&
         all_finite(View<const double>(b.auxiliary, b.n_rows * b.n_auxiliary));
}

/// What the pieces of one row would all write: room for those of the second and later ones, and the
/// parts of the gradient, summed in order when all are there.
class RowNumbers {
 public:
  RowNumbers(const sagips_batch& whole, int64_t n_pieces)
      : n_auxiliary_(whole.n_auxiliary),
        n_parameters_(whole.n_parameters),
        auxiliary_(at(n_pieces * n_auxiliary_)),
        status_(at(n_pieces)) {
    if (whole.request == SAGIPS_BACKWARD) grads_.resize(at(n_pieces * n_parameters_));
  }
  void lend(int64_t i, const Piece& piece, sagips_batch* part) {
    if (part->request == SAGIPS_BACKWARD) part->grad_parameters = grads_.data() + i * n_parameters_;
    if (piece.event == 0) return;
    part->row_status = status_.data() + i;
    if (n_auxiliary_ == 0) return;
    part->auxiliary = auxiliary_.data() + i * n_auxiliary_;
    if (part->request == SAGIPS_BACKWARD) part->grad_auxiliary = part->auxiliary;  // zeros
  }
  void add_to(const Pieces& pieces, double* grad_parameters) const {
    for (int64_t i = 0; i < pieces.size() && !grads_.empty(); ++i)
      for (int64_t p = 0; p < n_parameters_; ++p)
        grad_parameters[pieces[i].row * n_parameters_ + p] += grads_[at(i * n_parameters_ + p)];
  }

 private:
  int64_t n_auxiliary_, n_parameters_;
  std::vector<double> auxiliary_, grads_;
  std::vector<int32_t> status_;
};

}  // namespace

Pieces::Pieces(int64_t n_rows, int64_t n_events)
    : n_rows_(n_rows),
      n_events_(n_events),
      cuts_((n_events + kPieceEvents - 1) / kPieceEvents),
      rows_each_(std::max<int64_t>(1, kPieceEvents / std::max<int64_t>(1, n_events))),
      n_(cuts_ > 1 ? n_rows * cuts_ : (n_rows + rows_each_ - 1) / rows_each_) {}

Piece Pieces::operator[](int64_t i) const {
  if (cuts_ > 1) {
    const int64_t event = i % cuts_ * kPieceEvents;
    return {i / cuts_, 1, event, std::min(kPieceEvents, n_events_ - event)};
  }
  const int64_t row = i * rows_each_;
  return {row, std::min(rows_each_, n_rows_ - row), 0, n_events_};
}

sagips_batch part_of(const sagips_batch& whole, const Piece& piece) {
  sagips_batch b = whole;
  b.n_rows = piece.n_rows;
  b.n_events = piece.n_events;
  const int64_t row = piece.row, event = row * whole.n_events + piece.event;
  advance(&b.parameters, row * b.n_parameters);
  advance(&b.auxiliary, row * b.n_auxiliary);
  advance(&b.grad_auxiliary, row * b.n_auxiliary);
  advance(&b.grad_parameters, row * b.n_parameters);
  advance(&b.row_status, row);
  advance(&b.row_key, row);
  advance(&b.tape, row * b.n_tape);
  advance(&b.inputs, event * b.n_inputs);
  advance(&b.weight_in, event);
  advance(&b.uniforms, event * b.n_uniforms);
  advance(&b.outputs, event * b.n_outputs);
  advance(&b.weight, event);
  advance(&b.log_probability, event);
  advance(&b.grad_outputs, event * b.n_outputs);
  advance(&b.grad_weight, event);
  advance(&b.grad_inputs, event * b.n_inputs);
  return b;
}

namespace {

void draw_row(const Draws& draws, int64_t row, int64_t first_event, int32_t n_uniforms,
              View<double> uniforms) {
  const Call& call = *draws.call;
  fill_uniform({call.seed, call.uniforms, call.member, row, call.epoch}, uniforms,
               first_event / 2 * n_uniforms, draws.simd);
  if (!call.is_latin) return;
  const Stream orders =
      call.uniforms == Stream::kShifted ? Stream::kShiftedOrders : Stream::kOrders;
  stratify({{call.seed, orders, call.member, row, call.epoch}, draws.n_events, n_uniforms},
           first_event, uniforms, draws.simd);
}

}  // namespace

void draw_piece(const Draws& draws, const Piece& piece, int32_t n_uniforms, double* uniforms,
                uint64_t* row_key) {
  const Call& call = *draws.call;
  const int64_t width = piece.n_events * n_uniforms;
  for (int64_t n = piece.row; n < piece.row + piece.n_rows; ++n, uniforms += width) {
    const int64_t draw = pipeline_row(call.dataset, draws.stage, draws.draw[n]);
    if (n > piece.row && draws.draw[n] == draws.draw[n - 1])
      std::copy_n(uniforms - width, width, uniforms);
    else
      draw_row(draws, draw, piece.event, n_uniforms, {uniforms, width});
    if (row_key != nullptr && piece.event == 0)
      row_key[n] = philox_bits({call.seed, call.keys, call.member, draw, call.epoch});
  }
}

void call_builtin(const Stage& stage, const Draws& draws, FailurePolicy failures,
                  const Parallel* parallel, sagips_batch* batch, CallbackMeter* meter) {
  const sagips_stage_fn fn = batch->request == SAGIPS_FORWARD ? stage.forward : stage.backward;
  const Pieces pieces(batch->n_rows, batch->n_events);
  batch->ticket = ++meter->tickets;
  const auto start = std::chrono::steady_clock::now();
  RowNumbers numbers(*batch, pieces.are_parts_of_rows() ? pieces.size() : 0);
  std::atomic<bool> is_suspicious{false};
  std::atomic<int32_t> answer{0};
  const Parallel here;
  (parallel == nullptr ? here : *parallel).for_each(pieces.size(), [&](int64_t i) {
    const Piece piece = pieces[i];
    sagips_batch part = part_of(*batch, piece);
    const int64_t n = piece.n_rows * piece.n_events * stage.n_uniforms;
    const std::unique_ptr<double[]> uniforms(new double[at(n)]);
    draw_piece(draws, piece, stage.n_uniforms, uniforms.get(), nullptr);
    part.uniforms = uniforms.get();
    if (pieces.are_parts_of_rows()) numbers.lend(i, piece, &part);
    if (const int32_t result = fn(stage.user.get(), &part); result != 0) answer = result;
    if (!wrote_finite(part)) is_suspicious = true;
  });
  if (pieces.are_parts_of_rows()) numbers.add_to(pieces, batch->grad_parameters);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  meter->seconds += taken.count();
  check_answer(stage, *batch, answer);
  for (int64_t n = 0; n < batch->n_rows; ++n)
    if (batch->row_status[n] != 0) is_suspicious = true;
  if (is_suspicious) check_written(stage, *batch, failures);
}

}  // namespace sagips
