// SPDX-License-Identifier: BSD-3-Clause
// What is known besides the events: auxiliary outputs of a pipeline that were measured
// (cross-section norms), and priors of parameters. Each is a penalty on z = (value - target)/sigma.
//
// How much it weighs beside the discriminator: near the solution the logit is D =
// log(p_data/p_model), so the generator's loss pulls with c I dp, I the Fisher information of one
// event and c = 1/2 for the cross entropy, 1/4 for least squares; in the likelihood of N events
// they pull with N I dp. So a measurement enters with c/N times its negative log-likelihood
// ("likelihood"). The lineage of the paper takes (value - target)^2 times a weight instead
// ("absolute").
#ifndef SAGIPS_OBJECTIVE_MEASUREMENT_H_
#define SAGIPS_OBJECTIVE_MEASUREMENT_H_

#include <cstdint>

#include "device/network_plan.h"

namespace sagips {

struct Measurement {
  int32_t index = 0;  // of the auxiliary output
  double target = 0, sigma = 1;
  int32_t penalty = 0;  // SAGIPS_GAUSSIAN, SAGIPS_UPPER_LIMIT, SAGIPS_LOWER_LIMIT
};

/// c of the text above.
double likelihood_share(Loss loss);

/// z^2/2 where the penalty holds, and its derivative by the value.
double penalty_of(const Measurement& m, double value, double* derivative);

}  // namespace sagips

#endif  // SAGIPS_OBJECTIVE_MEASUREMENT_H_
