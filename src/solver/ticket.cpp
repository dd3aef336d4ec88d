// SPDX-License-Identifier: BSD-3-Clause
#include "solver/ticket.h"

#include <algorithm>

#include "core/error.h"
#include "pipeline/pieces.h"

namespace sagips {
namespace {

/// visit(address of an array, its length, whether the host writes it) for every array of doubles.
template <typename Visit>
void visit_arrays(sagips_batch* b, const Visit& visit) {
  const int64_t rows = b->n_rows, events = rows * b->n_events;
  const bool is_forward = b->request == SAGIPS_FORWARD;
  const bool is_backward = b->request == SAGIPS_BACKWARD;
  visit(&b->parameters, rows * b->n_parameters, false);
  visit(&b->inputs, events * b->n_inputs, false);
  visit(&b->weight_in, events, false);
  visit(&b->uniforms, events * b->n_uniforms, false);
  visit(&b->grad_outputs, events * b->n_outputs, false);
  visit(&b->grad_weight, events, false);
  visit(&b->grad_auxiliary, rows * b->n_auxiliary, false);
  visit(&b->outputs, events * b->n_outputs, is_forward);
  visit(&b->weight, events, is_forward);
  visit(&b->auxiliary, rows * b->n_auxiliary, is_forward);
  visit(&b->tape, rows * b->n_tape, is_forward);
  visit(&b->grad_inputs, events * b->n_inputs, is_backward);
  visit(&b->grad_parameters, rows * b->n_parameters, is_backward);
  visit(&b->log_probability, events, b->request == SAGIPS_LOG_PROBABILITY);
}

sagips_batch rows_of(const sagips_batch& whole, const TicketPlace& place) {
  return part_of(whole, {place.first_row, place.n_rows, 0, whole.n_events});
}

}  // namespace

Ticket::Ticket(uint64_t number, const TicketPlace& place, const sagips_batch& whole)
    : place_(place), batch_(rows_of(whole, place)), issued_(std::chrono::steady_clock::now()) {
  batch_.ticket = number;
  visit_arrays(&batch_, [this](auto** array, int64_t size, bool) {
    if (*array == nullptr) return;
    arrays_.emplace_back(*array, *array + size);
    *array = arrays_.back().data();
  });
  if (batch_.row_key != nullptr) {
    row_key_.assign(batch_.row_key, batch_.row_key + batch_.n_rows);
    batch_.row_key = row_key_.data();
  }
  row_status_.assign(batch_.row_status, batch_.row_status + batch_.n_rows);
  batch_.row_status = row_status_.data();
}

double Ticket::age() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - issued_).count();
}

void Ticket::fail_rows(int32_t status) {
  std::fill(row_status_.begin(), row_status_.end(), status);
}

TicketAnswer Ticket::answer() const {
  TicketAnswer answer{place_, 0, {}, {row_status_.begin(), row_status_.end()}};
  sagips_batch batch = batch_;
  visit_arrays(&batch, [&](auto** array, int64_t size, bool is_written) {
    if (is_written && *array != nullptr)
      answer.values.insert(answer.values.end(), *array, *array + size);
  });
  return answer;
}

void write_answer(const TicketAnswer& answer, const sagips_batch& whole) {
  sagips_batch batch = rows_of(whole, answer.place);
  int64_t room = 0;
  visit_arrays(&batch, [&](auto** array, int64_t size, bool is_written) {
    if (is_written && *array != nullptr) room += size;
  });
  if (room != static_cast<int64_t>(answer.values.size()) ||
      batch.n_rows != static_cast<int64_t>(answer.status.size()))
    fail(SAGIPS_ERROR_MISMATCH, "the answer to a ticket has ", answer.values.size(),
         " numbers, but its rows take ", room,
         "; make the solver with the pipeline and options that the checkpoint was written with");
  const double* next = answer.values.data();
  visit_arrays(&batch, [&](auto** array, int64_t size, bool is_written) {
    if (!is_written || *array == nullptr) return;
    std::copy_n(next, size, const_cast<double*>(*array));  // those that are written are not const
    next += size;
  });
  for (int64_t n = 0; n < batch.n_rows; ++n)
    batch.row_status[n] = static_cast<int32_t>(answer.status[static_cast<size_t>(n)]);
}

}  // namespace sagips
