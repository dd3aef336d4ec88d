// SPDX-License-Identifier: BSD-3-Clause
// Gaussian resolution of a detector, for each observable
//
//   y = x + s z,   s = sqrt(sigma^2 + (relative x)^2),   z normal
//
// `sigma` is in units of the observable, `relative` a fraction of it. With z held,
//
//   dy/dx = 1 + z relative^2 x/s,   dy/dsigma = z sigma/s,   dy/drelative = z relative x^2/s
//
// where s = 0 the limits from above: 1, z and z |x|. Normals by Box and Muller, two of two
// uniforms.
#ifndef SAGIPS_PIPELINE_SMEAR_H_
#define SAGIPS_PIPELINE_SMEAR_H_

#include <cstdint>

#include "pipeline/stage.h"
#include "pipeline/stage_settings.h"

namespace sagips {

/// Keys: sigma, relative (one number for each observable, or one for all); parameters,
/// relative_parameters: the problem's parameters that sigma, relative are, in their place. A row
/// fails (row_status 1) where a parameter is negative or not finite.
constexpr char kSmearKeys[] = "sigma,relative,parameters,relative_parameters";
Stage make_smear(const StageSettings& settings, int32_t n_inputs);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_SMEAR_H_
