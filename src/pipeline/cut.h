// SPDX-License-Identifier: BSD-3-Clause
// Events are kept where lower <= y < upper, y one observable. How training sees the two edges:
//
//   soft, width d > 0   weight a b with the logistic edges a = 1/(1 + exp(-(y - lower)/d)) and
//                       b = 1/(1 + exp(-(upper - y)/d)), whose derivative is a b (b - a)/d. It
//                       is exact for this softened cut, which is not that of the data: events
//                       of one or two widths around an edge are kept in other shares.
//   hard, width 0       weight 0 or 1, as in the data. The mean of l over survivors then changes
//                       also by those that cross, rho the density at the edge:
//                         d/dp sum w l = sum w dl/dp + E l rho dy/dp (lower)  or  - ... (upper)
//                       Survivors within `kernel` h of an edge carry this term, weighted with
//                         K(t) = (4 - 6 t/h)/h,  t >= 0 the distance from the edge,
//                       which has the integral 1 and the mean 0, so that an error of order h is
//                       absent and one of order h^2 remains. With h = 0 the term is left out.
//
// Outside of training the cut is hard, as it was for the data.
#ifndef SAGIPS_PIPELINE_CUT_H_
#define SAGIPS_PIPELINE_CUT_H_

#include <cstdint>

#include "pipeline/stage.h"
#include "pipeline/stage_settings.h"

namespace sagips {

/// Keys: observable; lower, upper, or one of them; width or kernel, all in units of the observable.
constexpr char kCutKeys[] = "observable,lower,upper,width,kernel";
Stage make_cut(const StageSettings& settings, int32_t n_inputs);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_CUT_H_
