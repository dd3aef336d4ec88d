// SPDX-License-Identifier: BSD-3-Clause
// The Adam update rule (Kingma, Ba 2015), with bias correction:
//   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
//   w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
// Moments are computed in double and kept in float, the step is computed in float. Only operations
// that IEEE 754 rounds rightly, and no fused ones: every instruction set gives the same bits.
#ifndef SAGIPS_NN_ADAM_H_
#define SAGIPS_NN_ADAM_H_

#include <cstdint>
#include <vector>

#include "core/simd.h"
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
  Simd simd = Simd::kPortable;

  /// @param to may be `from` itself
  /// @return whether all that was written is finite
  bool update(const Network& from, View<const float> grad, double rate, Network* to) const;
  bool update(Network* network, View<const float> grad, double rate) const {
    return update(*network, grad, rate, network);
  }
};

}  // namespace sagips

#endif  // SAGIPS_NN_ADAM_H_
