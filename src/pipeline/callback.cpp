// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/callback.h"

#include <chrono>
#include <cmath>
#include <exception>

#include "core/error.h"
#include "core/finite.h"
#include "core/float_environment.h"
#include "core/view.h"

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

void check_forward(const Stage& stage, const sagips_batch& batch) {
  for (int64_t n = 0; n < batch.n_rows; ++n)
    if (batch.row_status[n] != 0)
      fail(SAGIPS_ERROR_ROW, "stage '", stage.name, "' reports failure ", batch.row_status[n],
           " on row ", n, ", ", describe_row(batch, n),
           "; narrow the bounds of the parameters, or let the model give lost events weight 0");
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

}  // namespace

std::string describe_row(const sagips_batch& batch, int64_t row) {
  std::string text = "parameters (";
  for (int32_t p = 0; p < batch.n_parameters; ++p)
    text += (p > 0 ? ", " : "") + to_text(batch.parameters[row * batch.n_parameters + p]);
  return text + ")";
}

void check_written(const Stage& stage, const sagips_batch& batch) {
  if (batch.request == SAGIPS_FORWARD)
    check_forward(stage, batch);
  else
    check_backward(stage, batch);
}

void check_answer(const Stage& stage, const sagips_batch& batch, int32_t result) {
  if (result > 0)
    throw SkipEpoch{
        concatenate("stage '", stage.name, "' returned ", result, " (skip this epoch)")};
  if (result < 0)
    fail(SAGIPS_ERROR_CALLBACK, "stage '", stage.name, "' returned ", result,
         " (< 0 stops) in its ", batch.request == SAGIPS_FORWARD ? "forward" : "backward",
         " callback; see what the model reports");
}

void call_stage(const Stage& stage, sagips_batch* batch, CallbackMeter* meter) {
  const bool is_forward = batch->request == SAGIPS_FORWARD;
  batch->ticket = ++meter->tickets;
  const auto start = std::chrono::steady_clock::now();
  const int32_t result = call_guarded(stage, is_forward ? stage.forward : stage.backward, batch);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  meter->seconds += taken.count();
  check_answer(stage, *batch, result);
  check_written(stage, *batch);
}

}  // namespace sagips
