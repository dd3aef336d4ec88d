// SPDX-License-Identifier: BSD-3-Clause
// A multilayer perceptron on one tile of events, forward and backward, in double precision.
//
//   h_0 = transform(event),  h_{l+1} = f(W_l h_l + b_l),  f(x) = max(x, slope x), linear at the end
//   backward: g_l = (W_l^T g_{l+1}) * f'(h_l),  dW_l = g_{l+1} h_l^T,  db_l = sum g_{l+1}
//
// f' is read off the sign of h_l, so activations are all that is kept.
#ifndef SAGIPS_DEVICE_REFERENCE_PERCEPTRON_H_
#define SAGIPS_DEVICE_REFERENCE_PERCEPTRON_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "core/view.h"
#include "device/network_plan.h"
#include "device/reference/lift.h"

namespace sagips::reference {

/// The parameters in double, weights also transposed.
struct Weights {
  Weights(const NetworkPlan& plan, View<const float> params);
  std::vector<double> flat;        // as in the plan
  std::vector<double> transposed;  // each W_l as (inputs, outputs)
};

/// Room for a tile, and what forward leaves in it for backward.
class Tile {
 public:
  Tile(const NetworkPlan& plan, int64_t capacity);

  /// First layer's inputs from raw events; those of weight 0 become zeros.
  void set_events(int64_t n, const double* events, const double* weights);
  /// First layer's inputs as they are.
  void set_inputs(int64_t n, const double* inputs);

  const double* inputs() const { return layers_.front().data(); }

  /// Outputs (n, widths.back()) of the last layer.
  const double* forward(const Weights& weights);

  /// From the derivative by the outputs. Adds to grad (flat, may be nullptr) and fills grad_events
  /// (n, Y), the derivative by the raw events (may be nullptr).
  void backward(const Weights& weights, const double* grad_outputs, double* grad,
                double* grad_events);

 private:
  void transform(const double* events, const double* weights);
  void transform_backward(const double* grad_inputs, double* grad_events);

  const NetworkPlan& plan_;
  std::optional<Lift> lift_;
  int64_t n_ = 0;
  std::vector<std::vector<double>> layers_;  // h_0 .. h_L
  std::vector<double> standardised_;         // (n, Y) of the events, before the lift
  std::vector<double> grad_, grad_next_;
};

}  // namespace sagips::reference

#endif  // SAGIPS_DEVICE_REFERENCE_PERCEPTRON_H_
