// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/callback.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/finite.h"
#include "core/float_environment.h"
#include "core/view.h"
#include "pipeline/pieces.h"

namespace sagips {
namespace {

int32_t call_guarded(const Stage& stage, sagips_stage_fn fn, sagips_batch* batch) {
  std::string what = "of unknown type";
  try {
    const HostFloats host;
    return fn(stage.user.get(), batch);
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
  }
  fail(SAGIPS_ERROR_EXCEPTION, "stage '", stage.name, "' threw an exception (", what,
       "), which may not leave a callback; catch it there and return a status");
}

const char* request_name(int32_t request) {
  if (request == SAGIPS_LOG_PROBABILITY) return "log-probability";
  return request == SAGIPS_FORWARD ? "forward" : "backward";
}

sagips_stage_fn function_of(const Stage& stage, int32_t request) {
  if (request == SAGIPS_LOG_PROBABILITY) return stage.log_probability;
  return request == SAGIPS_FORWARD ? stage.forward : stage.backward;
}

/// Some rows in each of several calls. The answer of the first rows that have one other than 0 is
/// that of all; so is the first exception, which goes before answers.
int32_t call_in_threads(const Stage& stage, sagips_stage_fn fn, const sagips_batch& batch,
                        const Parallel& parallel) {
  constexpr int64_t kCalls = 32;
  const int64_t n_calls = std::min(batch.n_rows, kCalls);
  std::vector<int32_t> answers(static_cast<size_t>(n_calls));
  std::vector<std::exception_ptr> exceptions(static_cast<size_t>(n_calls));
  parallel.for_each(n_calls, [&](int64_t i) {
    const int64_t first = batch.n_rows * i / n_calls, last = batch.n_rows * (i + 1) / n_calls;
    sagips_batch part = part_of(batch, {first, last - first, 0, batch.n_events});
    try {
      answers[static_cast<size_t>(i)] = call_guarded(stage, fn, &part);
    } catch (...) {
      exceptions[static_cast<size_t>(i)] = std::current_exception();
    }
  });
  for (const std::exception_ptr& exception : exceptions)
    if (exception) std::rethrow_exception(exception);
  for (const int32_t answer : answers)
    if (answer != 0) return answer;
  return 0;
}

enum class Per { kRow, kEvent };

void check_finite(const Stage& stage, const sagips_batch& batch, const char* what,
                  const double* values, Per per, int64_t width, const double* weight) {
  const int64_t per_row = per == Per::kEvent ? batch.n_events : 1;
  if (all_finite(View<const double>(values, batch.n_rows * per_row * width))) return;
  for (int64_t n = 0; n < batch.n_rows; ++n)
    for (int64_t e = 0; e < per_row; ++e) {
      const int64_t i = n * per_row + e;
      if (weight != nullptr && weight[i] == 0) continue;
      if (batch.weight_in != nullptr && per == Per::kEvent && batch.weight_in[i] == 0) continue;
      for (int64_t k = 0; k < width; ++k)
        if (!std::isfinite(values[i * width + k]))
          fail(SAGIPS_ERROR_NONFINITE, "stage '", stage.name, "' wrote ", values[i * width + k],
               " to ", what, " ", k, " of event ", e, " of row ", n, ", ", describe_row(batch, n),
               " (must be finite); give a lost event the weight 0, or a failed row a row_status");
    }
}

void check_rows(const Stage& stage, const sagips_batch& batch) {
  for (int64_t n = 0; n < batch.n_rows; ++n)
    if (batch.row_status[n] != 0)
      fail(
          SAGIPS_ERROR_ROW, "stage '", stage.name, "' reports failure ", batch.row_status[n],
          " on row ", n, ", ", describe_row(batch, n),
          "; set the option failure.policy to skip or resample such rows, narrow the bounds of the "
          "parameters, or let the model give lost events weight 0");
}

/// A row of which nothing may be read.
void clear_row(const sagips_batch& batch, int64_t row) {
  const auto clear = [row](double* values, int64_t per_row) {
    if (values != nullptr) std::fill_n(values + row * per_row, per_row, 0.0);
  };
  const int64_t events = batch.n_events;
  if (batch.request == SAGIPS_FORWARD) {
    clear(batch.outputs, events * batch.n_outputs);
    clear(batch.weight, events);
    clear(batch.auxiliary, batch.n_auxiliary);
  }
  clear(batch.log_probability, events);
  clear(batch.grad_parameters, batch.n_parameters);
  clear(batch.grad_inputs, events * batch.n_inputs);
}

void check_forward(const Stage& stage, const sagips_batch& batch) {
  if (batch.weight != nullptr)
    check_finite(stage, batch, "weight", batch.weight, Per::kEvent, 1, nullptr);
  check_finite(stage, batch, "output", batch.outputs, Per::kEvent, batch.n_outputs, batch.weight);
  check_finite(stage, batch, "auxiliary", batch.auxiliary, Per::kRow, batch.n_auxiliary, nullptr);
}

void check_backward(const Stage& stage, const sagips_batch& batch) {
  check_finite(stage, batch, "grad_parameters", batch.grad_parameters, Per::kRow,
               batch.n_parameters, nullptr);
  check_finite(stage, batch, "grad_inputs", batch.grad_inputs, Per::kEvent, batch.n_inputs,
               batch.weight);
}

/// Of lost events, whose outputs nobody wrote, it is never read.
void check_log_probability(const Stage& stage, const sagips_batch& batch) {
  for (int64_t i = 0; i < batch.n_rows * batch.n_events; ++i) {
    const double value = batch.log_probability[i];
    const bool is_lost = batch.weight_in != nullptr && batch.weight_in[i] == 0;
    if (is_lost || std::isfinite(value) || value == -std::numeric_limits<double>::infinity())
      continue;
    fail(SAGIPS_ERROR_NONFINITE, "stage '", stage.name, "' wrote ", value,
         " to log_probability of event ", i % batch.n_events, ", ",
         describe_row(batch, i / batch.n_events),
         " (must be finite, or -infinity where the law forbids the event)");
  }
}

}  // namespace

std::string describe_row(const sagips_batch& batch, int64_t row) {
  std::string text = "parameters (";
  for (int32_t p = 0; p < batch.n_parameters; ++p)
    text += (p > 0 ? ", " : "") + to_text(batch.parameters[row * batch.n_parameters + p]);
  return text + ")";
}

void check_written(const Stage& stage, const sagips_batch& batch, FailurePolicy failures) {
  if (failures == FailurePolicy::kError) check_rows(stage, batch);
  for (int64_t n = 0; n < batch.n_rows; ++n)
    if (batch.row_status[n] != 0) clear_row(batch, n);
  if (batch.request == SAGIPS_FORWARD) check_forward(stage, batch);
  if (batch.request == SAGIPS_BACKWARD) check_backward(stage, batch);
  if (batch.request == SAGIPS_LOG_PROBABILITY) check_log_probability(stage, batch);
}

void check_answer(const Stage& stage, const sagips_batch& batch, int32_t result) {
  if (result > 0)
    throw SkipEpoch{
        concatenate("stage '", stage.name, "' returned ", result, " (skip this epoch)")};
  if (result < 0)
    fail(SAGIPS_ERROR_CALLBACK, "stage '", stage.name, "' returned ", result,
         " (< 0 stops) in its ", request_name(batch.request),
         " callback; see what the model reports");
}

void call_stage(const Stage& stage, sagips_batch* batch, FailurePolicy failures,
                const Parallel* parallel, CallbackMeter* meter) {
  const sagips_stage_fn fn = function_of(stage, batch->request);
  if (fn == nullptr)
    fail(SAGIPS_ERROR_STATE, "stage '", stage.name, "' has no ", request_name(batch->request),
         " callback, since the host serves it in training; give it one for what happens outside");
  batch->ticket = ++meter->tickets;
  const auto start = std::chrono::steady_clock::now();
  const bool is_shared_out =
      stage.is_concurrent && parallel != nullptr && parallel->is_used() && batch->n_rows > 1;
  const int32_t result = is_shared_out ? call_in_threads(stage, fn, *batch, *parallel)
                                       : call_guarded(stage, fn, batch);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  meter->seconds += taken.count();
  check_answer(stage, *batch, result);
  check_written(stage, *batch, failures);
}

}  // namespace sagips
