// SPDX-License-Identifier: BSD-3-Clause
#include "nn/adam.h"

#include <cmath>

#include "nn/adam_kernels.h"

namespace sagips {

bool Adam::update(const Network& from, View<const float> grad, double rate, Network* to) const {
  const size_t n = from.parameters.size();
  for (auto* values : {&to->parameters, &to->first_moment, &to->second_moment}) values->resize(n);
  to->updates = from.updates + 1;
  const auto t = static_cast<double>(to->updates);
  const AdamFactors factors{beta1, beta2, static_cast<float>(rate / (1 - std::pow(beta1, t))),
                            static_cast<float>(1 / std::sqrt(1 - std::pow(beta2, t))),
                            static_cast<float>(epsilon)};
  return adam_kernels(simd).update(
      factors, static_cast<int64_t>(n), grad.data(),
      {from.parameters.data(), from.first_moment.data(), from.second_moment.data()},
      {to->parameters.data(), to->first_moment.data(), to->second_moment.data()});
}

}  // namespace sagips
