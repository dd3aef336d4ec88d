// SPDX-License-Identifier: BSD-3-Clause
// Linear maps of an event's observables. A linear response of a detector,
//
//   y = A x + b        dL/dx = A^T dL/dy
//
// A with as many columns as observables come in and as many rows as go out; and the selection of
// some observables in a new order, which is such a map of ones and zeros.
#ifndef SAGIPS_PIPELINE_RESPONSE_H_
#define SAGIPS_PIPELINE_RESPONSE_H_

#include <cstdint>

#include "pipeline/stage.h"
#include "pipeline/stage_settings.h"

namespace sagips {

/// Keys: matrix; offset, 0 without it.
constexpr char kResponseKeys[] = "matrix,offset";
Stage make_response(const StageSettings& settings, int32_t n_inputs);

/// Key: observables, the indices of those that go on.
constexpr char kSelectKeys[] = "observables";
Stage make_select(const StageSettings& settings, int32_t n_inputs);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_RESPONSE_H_
