// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/response.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace sagips {
namespace {

// --------------------------------------------------------------------------------------- response

struct Response {
  std::vector<double> matrix;  // (Y, n_inputs)
  std::vector<double> offset;  // (Y)
};

int32_t response_forward(void* user, sagips_batch* b) {
  const Response& r = *static_cast<const Response*>(user);
  const int64_t width = b->n_inputs;
  for (int64_t e = 0; e < b->n_rows * b->n_events; ++e) {
    const double* x = b->inputs + e * width;
    double* out = b->outputs + e * b->n_outputs;
    for (int64_t y = 0; y < b->n_outputs; ++y) {
      const double* row = r.matrix.data() + y * width;
      double sum = r.offset[static_cast<size_t>(y)];
      for (int64_t k = 0; k < width; ++k) sum += row[k] * x[k];
      out[y] = sum;
    }
  }
  return 0;
}

int32_t response_backward(void* user, sagips_batch* b) {
  const Response& r = *static_cast<const Response*>(user);
  const int64_t width = b->n_inputs;
  for (int64_t e = 0; e < b->n_rows * b->n_events; ++e) {
    const double* grad = b->grad_outputs + e * b->n_outputs;
    double* out = b->grad_inputs + e * width;
    for (int64_t y = 0; y < b->n_outputs; ++y) {
      const double* row = r.matrix.data() + y * width;
      for (int64_t k = 0; k < width; ++k) out[k] += row[k] * grad[y];
    }
  }
  return 0;
}

// ----------------------------------------------------------------------------------------- select

int32_t select_forward(void* user, sagips_batch* b) {
  const auto& chosen = *static_cast<const std::vector<int32_t>*>(user);
  for (int64_t e = 0; e < b->n_rows * b->n_events; ++e)
    for (int64_t y = 0; y < b->n_outputs; ++y)
      b->outputs[e * b->n_outputs + y] =
          b->inputs[e * b->n_inputs + chosen[static_cast<size_t>(y)]];
  return 0;
}

int32_t select_backward(void* user, sagips_batch* b) {
  const auto& chosen = *static_cast<const std::vector<int32_t>*>(user);
  for (int64_t e = 0; e < b->n_rows * b->n_events; ++e)
    for (int64_t y = 0; y < b->n_outputs; ++y)
      b->grad_inputs[e * b->n_inputs + chosen[static_cast<size_t>(y)]] +=
          b->grad_outputs[e * b->n_outputs + y];
  return 0;
}

}  // namespace

Stage make_response(const StageSettings& settings, int32_t n_inputs) {
  if (!settings.has("matrix"))
    fail(SAGIPS_ERROR_STATE,
         "built-in 'response' has no matrix; set matrix=..., its rows separated by semicolons");
  const StageSettings::Matrix matrix = settings.matrix("matrix");
  if (matrix.n_rows == 0 || matrix.n_columns != n_inputs)
    settings.refuse(SAGIPS_ERROR_SHAPE, "matrix", "has ", matrix.n_columns,
                    " columns, but the stages before it deliver ", n_inputs,
                    " observables; give each row as many numbers");
  for (int32_t y = 0; y < matrix.n_rows; ++y) {
    const auto first = matrix.values.begin() + int64_t{y} * n_inputs;
    if (std::all_of(first, first + n_inputs, [](double v) { return v == 0; }))
      settings.refuse(SAGIPS_ERROR_RANGE, "matrix", "has only zeros in row ", y,
                      ", which makes a constant observable; leave the row out");
  }
  auto response = std::make_shared<Response>();
  response->matrix = matrix.values;
  response->offset = settings.has("offset")
                         ? settings.numbers("offset")
                         : std::vector<double>(static_cast<size_t>(matrix.n_rows));
  if (response->offset.size() != static_cast<size_t>(matrix.n_rows))
    settings.refuse(SAGIPS_ERROR_SHAPE, "offset", "holds ", response->offset.size(),
                    " numbers, but the matrix has ", matrix.n_rows, " rows; give one for each");
  Stage stage;
  stage.n_outputs = matrix.n_rows;
  stage.forward = response_forward;
  stage.backward = response_backward;
  stage.user = response;
  stage.is_smooth = true;
  return stage;
}

Stage make_select(const StageSettings& settings, int32_t n_inputs) {
  if (!settings.has("observables"))
    fail(SAGIPS_ERROR_STATE,
         "built-in 'select' is not told which observables go on; set observables=...");
  auto chosen =
      std::make_shared<std::vector<int32_t>>(settings.observables("observables", n_inputs));
  if (chosen->empty())
    settings.refuse(SAGIPS_ERROR_SHAPE, "observables", "names none; name at least one");
  Stage stage;
  stage.n_outputs = static_cast<int32_t>(chosen->size());
  stage.forward = select_forward;
  stage.backward = select_backward;
  stage.user = chosen;
  stage.is_smooth = true;
  return stage;
}

}  // namespace sagips
