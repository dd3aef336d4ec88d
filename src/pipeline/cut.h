// SPDX-License-Identifier: BSD-3-Clause
// Events are kept where lower <= y < upper, y one observable. How training sees the two edges:
//
//   soft, width d > 0   weight a b with the logistic edges a = 1/(1 + exp(-(y - lower)/d)) and
//                       b = 1/(1 + exp(-(upper - y)/d)), whose derivative is a b (b - a)/d. It
//                       is exact for this softened cut, which is not that of the data: means are
//                       off by an order of d^2, and so is the estimate.
//   hard                weight 0 or 1, as in the data, and the stage is differenced: events are
//                       shifted, and what they are worth behind the cut tells what crosses an edge
//                       (section_differences.h). Two more passes an observable.
//
// Outside of training the cut is hard, as it was for the data.
#ifndef SAGIPS_PIPELINE_CUT_H_
#define SAGIPS_PIPELINE_CUT_H_

#include <cstdint>

#include "pipeline/stage.h"
#include "pipeline/stage_settings.h"

namespace sagips {

/// Keys: observable; lower, upper, or one of them; width, all in units of the observable.
constexpr char kCutKeys[] = "observable,lower,upper,width";
Stage make_cut(const StageSettings& settings, int32_t n_inputs);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_CUT_H_
