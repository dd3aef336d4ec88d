// SPDX-License-Identifier: BSD-3-Clause
#include "objective/measurement.h"

#include "sagips.h"

namespace sagips {

double likelihood_share(Loss loss) { return loss == Loss::kBinaryCrossEntropy ? 0.5 : 0.25; }

double penalty_of(const Measurement& m, double value, double* derivative) {
  const double z = (value - m.target) / m.sigma;
  const bool is_idle =
      (m.penalty == SAGIPS_UPPER_LIMIT && z < 0) || (m.penalty == SAGIPS_LOWER_LIMIT && z > 0);
  *derivative = is_idle ? 0 : z / m.sigma;
  return is_idle ? 0 : 0.5 * z * z;
}

}  // namespace sagips
