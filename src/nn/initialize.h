// SPDX-License-Identifier: BSD-3-Clause
// Initial weights; biases start at zero.
//   Kaiming (He et al. 2015):  variance gain^2 / fan_in,  gain^2 = 2/(1 + slope^2)  in every layer
//   Xavier (Glorot, Bengio 2010):  variance 2 / (fan_in + fan_out)
// normal, or uniform with the same variance.
#ifndef SAGIPS_NN_INITIALIZE_H_
#define SAGIPS_NN_INITIALIZE_H_

#include <string_view>
#include <vector>

#include "core/philox.h"
#include "device/network_plan.h"

namespace sagips {

/// The flat buffer [all weights | all biases] of a new network.
/// @param scheme "kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform"
/// @param output_scale factor on the last layer's weights
std::vector<float> initial_parameters(const NetworkPlan& plan, std::string_view scheme,
                                      double output_scale, const Sequence& sequence);

}  // namespace sagips

#endif  // SAGIPS_NN_INITIALIZE_H_
