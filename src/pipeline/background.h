// SPDX-License-Identifier: BSD-3-Clause
// Background out of a sample: each event that is delivered is, with probability f, replaced by one
// drawn from the sample, with replacement, in proportion to its weights.
//
//   u_0 < f   background: y = b_i, i drawn by u_1
//   else      signal:     y = x
//
// So f is the expected fraction of background among the events that reach this stage and were not
// lost before it, by number or, since an event keeps the weight of its place, by weight. An event's
// kind jumps with f, but a mixture has a density, q = f q_b + (1 - f) q_s, and the derivative of
// its mean is that of weights which are 1,
//
//   dw/df = 1/f for background, -1/(1 - f) for signal,     dL/df = sum dL/dw dw/df
//
// without bias (the score of the kind). Signal hands its cotangent on, background has none.
#ifndef SAGIPS_PIPELINE_BACKGROUND_H_
#define SAGIPS_PIPELINE_BACKGROUND_H_

#include <cstdint>

#include "pipeline/stage.h"
#include "pipeline/stage_settings.h"

namespace sagips {

/// A host's sample of background events.
struct BackgroundSample {
  const double* events;   // (n, n_observables)
  const double* weights;  // (n), or nullptr for equal ones
  int64_t n;
  int32_t n_observables;
};

/// Keys: fraction, or parameters: the one parameter of the problem that it is. The sample is
/// copied once; copies of the stage share it. A row fails (row_status 1) where the fraction is not
/// in [0, 1). Throws SAGIPS_ERROR_SHAPE, SAGIPS_ERROR_DATA for a sample that cannot be used.
constexpr char kBackgroundKeys[] = "fraction,parameters";
Stage make_background(const StageSettings& settings, const BackgroundSample& sample,
                      int32_t n_inputs);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_BACKGROUND_H_
