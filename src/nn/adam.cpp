// SPDX-License-Identifier: BSD-3-Clause
#include "nn/adam.h"

#include <cmath>

namespace sagips {

void Adam::update(Network* network, View<const float> grad, double rate) const {
  const auto t = static_cast<double>(++network->updates);
  const double unbias1 = 1 - std::pow(beta1, t);
  const double unbias2 = 1 - std::pow(beta2, t);
  for (int64_t i = 0; i < grad.size(); ++i) {
    const auto k = static_cast<size_t>(i);
    const double g = grad[i];
    const double m = beta1 * static_cast<double>(network->first_moment[k]) + (1 - beta1) * g;
    const double v = beta2 * static_cast<double>(network->second_moment[k]) + (1 - beta2) * g * g;
    network->first_moment[k] = static_cast<float>(m);
    network->second_moment[k] = static_cast<float>(v);
    const double step = rate * (m / unbias1) / (std::sqrt(v / unbias2) + epsilon);
    network->parameters[k] = static_cast<float>(static_cast<double>(network->parameters[k]) - step);
  }
}

}  // namespace sagips
