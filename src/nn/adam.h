// SPDX-License-Identifier: BSD-3-Clause
// The Adam update rule (Kingma, Ba 2015), with bias correction:
//   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
//   w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
// Computed in double, kept in float.
#ifndef SAGIPS_NN_ADAM_H_
#define SAGIPS_NN_ADAM_H_

#include <cstdint>
#include <vector>

#include "core/view.h"

namespace sagips {

/// A network in training: its flat parameters and Adam's moments.
struct Network {
  std::vector<float> parameters, first_moment, second_moment;
  int64_t updates = 0;  // t

  explicit Network(std::vector<float> initial = {})
      : parameters(std::move(initial)),
        first_moment(parameters.size()),
        second_moment(parameters.size()) {}
};

struct Adam {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

  void update(Network* network, View<const float> grad, double rate) const;
};

}  // namespace sagips

#endif  // SAGIPS_NN_ADAM_H_
