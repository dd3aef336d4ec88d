// SPDX-License-Identifier: BSD-3-Clause
#include "nn/initialize.h"

#include <cmath>

namespace sagips {
namespace {

double variance(const NetworkPlan& plan, int32_t layer, bool is_kaiming) {
  const auto in = static_cast<double>(plan.inputs_of_layer(layer));
  const auto out = static_cast<double>(plan.outputs_of_layer(layer));
  return is_kaiming ? 2 / (1 + plan.slope * plan.slope) / in : 2 / (in + out);
}

}  // namespace

std::vector<float> initial_parameters(const NetworkPlan& plan, std::string_view scheme,
                                      double output_scale, const Sequence& sequence) {
  const bool is_kaiming = scheme.substr(0, 7) == "kaiming";
  const bool is_normal = scheme.substr(scheme.size() - 6) == "normal";
  std::vector<double> draws(static_cast<size_t>(plan.n_weights()));
  if (is_normal)
    fill_normal(sequence, draws);
  else
    fill_uniform(sequence, draws);

  std::vector<float> parameters(static_cast<size_t>(plan.n_parameters()));
  size_t i = 0;
  for (int32_t l = 0; l < plan.n_layers(); ++l) {
    double scale = std::sqrt(variance(plan, l, is_kaiming));
    if (l + 1 == plan.n_layers()) scale *= output_scale;
    for (int64_t n = plan.weights_in_layer(l); n > 0; --n, ++i) {
      const double unit = is_normal ? draws[i] : std::sqrt(12.0) * (draws[i] - 0.5);
      parameters[i] = static_cast<float>(scale * unit);
    }
  }
  return parameters;
}

}  // namespace sagips
