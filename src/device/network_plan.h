// SPDX-License-Identifier: BSD-3-Clause
// What a network is, as plain numbers: any device can be handed it.
//
//   y -> x = (y - shift) * scale -> lift -> W0 x + b0 -> leaky ReLU -> ... -> W_L h + b_L
//
// The lift (optional) replaces the standardised observables by K products of polynomials of their
// scores, whitened on the data: l = T (m - mean), m_k = prod_y p_n(g_y), n = degree_ky, T lower
// triangular. p_n are Hermite's polynomials for a normal law of unit variance, and their tangents
// beyond the ends of the curve,
//
//   p_0 = 1,  p_1 = c,  sqrt(n+1) p_n+1 = c p_n - sqrt(n) p_n-1,  p_n' = sqrt(n) p_n-1
//   p_n(g) = p_n(c) + p_n'(c) (g - c),    c = g clamped to the first and last point of its curve
//
// The last layer is linear; a loss reads it as a logit, a generator as unit coordinates through the
// sigmoid.
#ifndef SAGIPS_DEVICE_NETWORK_PLAN_H_
#define SAGIPS_DEVICE_NETWORK_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/score_curve.h"

namespace sagips {

/// Loss on the discriminator's logit z, with s = 1/(1 + exp(-z)).
enum class Loss {
  kBinaryCrossEntropy,  // real -log s, synthetic -log(1 - s); the generator minimises -log s
  kLeastSquares,        // real (1 - s)^2, synthetic s^2; the generator minimises (1 - s)^2
};

struct NetworkPlan {
  std::vector<int32_t> widths;  // of the layers: inputs, hidden.., outputs
  double slope = 0.2;           // of the leaky ReLU below zero
  Loss loss = Loss::kBinaryCrossEntropy;

  // How an event becomes the first layer's input; all empty: it is taken as it is.
  std::vector<double> shift, scale;     // (Y)
  std::vector<ScoreCurve> lift_curves;  // (Y); empty: no lift
  std::vector<int32_t> lift_degrees;    // (K, Y)
  std::vector<double> lift_mean;        // (K)
  std::vector<double> lift_matrix;      // (K, K)

  int32_t n_layers() const { return static_cast<int32_t>(widths.size()) - 1; }
  int32_t n_outputs() const { return widths.back(); }
  int32_t n_inputs() const { return widths.front(); }
  bool is_lifted() const { return !lift_curves.empty(); }
  int32_t n_observables() const {  // Y, before the lift
    return is_lifted() ? static_cast<int32_t>(lift_curves.size()) : n_inputs();
  }
  int64_t n_weights() const {
    int64_t n = 0;
    for (int32_t l = 0; l < n_layers(); ++l) n += weights_in_layer(l);
    return n;
  }
  int64_t n_biases() const {
    int64_t n = 0;
    for (int32_t l = 0; l < n_layers(); ++l) n += outputs_of_layer(l);
    return n;
  }
  /// Length of the one flat buffer [all weights | all biases], each weight matrix (outputs,
  /// inputs).
  int64_t n_parameters() const { return n_weights() + n_biases(); }

  int64_t inputs_of_layer(int32_t l) const { return widths[static_cast<size_t>(l)]; }
  int64_t outputs_of_layer(int32_t l) const { return widths[static_cast<size_t>(l) + 1]; }
  int64_t weights_in_layer(int32_t l) const { return inputs_of_layer(l) * outputs_of_layer(l); }
  int64_t weight_offset(int32_t layer) const {
    int64_t n = 0;
    for (int32_t l = 0; l < layer; ++l) n += weights_in_layer(l);
    return n;
  }
  int64_t bias_offset(int32_t layer) const {
    int64_t n = n_weights();
    for (int32_t l = 0; l < layer; ++l) n += outputs_of_layer(l);
    return n;
  }
};

}  // namespace sagips

#endif  // SAGIPS_DEVICE_NETWORK_PLAN_H_
