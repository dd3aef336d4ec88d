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
//   hard, kernel h      the same without these passes. With rho the density at an edge and v =
//   dy/dp
//                       the velocity there, the sum of a function l over survivors has
//                         d/dp sum l = sum dl/dp + E rho v l (lower)  or  - E rho v l (upper),
//                       E events in all. Survivors at a distance t < h, the `kernel`, from the edge
//                       stand for the second term, with l continued to the edge by its slope:
//                         rho v l ~ 1/E sum K(t) v (l - t/3 dl/dt),
//                         K(t) = (9 - 36 s + 30 s^2)/h,   s = t/h
//                       K has the integral 1 and no first and second moment. With the third of the
//                       slope no derivative of l alone up to the third is left, and the error is
//                       h^3/20 times products of derivatives of rho v and of l. With h = 0 the
//                       whole term is left out.
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
