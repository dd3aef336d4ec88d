// SPDX-License-Identifier: BSD-3-Clause
#include "engine/flops.h"

namespace sagips_bench {

double step_flops(const sagips::NetworkPlan& plan, int64_t n) {
  return static_cast<double>((6 * plan.n_weights() - 2 * plan.weights_in_layer(0)) * n);
}

double event_gradient_flops(const sagips::NetworkPlan& plan, int64_t n) {
  return static_cast<double>(4 * plan.n_weights() * n);
}

double epoch_flops(const sagips::NetworkPlan& generator, const sagips::NetworkPlan& discriminator,
                   int64_t rows, int64_t events) {
  const int64_t batch = rows * events;
  return step_flops(generator, rows) + step_flops(discriminator, 2 * batch) +
         event_gradient_flops(discriminator, batch);
}

}  // namespace sagips_bench
