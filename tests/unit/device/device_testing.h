// SPDX-License-Identifier: BSD-3-Clause
// What the tests of a device share: every call of Device on one network and its batches, the
// outputs by name, and two ways to compare them: by their norm, and bit by bit.
#ifndef SAGIPS_TESTS_UNIT_DEVICE_DEVICE_TESTING_H_
#define SAGIPS_TESTS_UNIT_DEVICE_DEVICE_TESTING_H_

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/simd.h"
#include "device/device.h"
#include "device_cases/device_cases.h"

namespace sagips {

/// A network, its parameters and its batches.
struct Workload {
  std::string name;
  NetworkPlan plan;
  std::vector<float> params;
  Sample real, synthetic;         // empty: it is no discriminator
  int64_t n_rows = 0;             // N
  std::vector<double> noise;      // (N, widths[0])
  std::vector<double> cotangent;  // (N, P) derivative by the generator's outputs
};

/// The real batch is larger than the synthetic one, so that their shards differ.
inline Workload make_workload(const DeviceCase& c, int64_t batch) {
  Workload w{c.name + ", batch " + std::to_string(batch), plan_of(c), {}, {}, {}, batch, {}, {}};
  w.params = parameters_of(w.plan, 5);
  if (c.is_discriminator()) {
    w.real = events_of(c, batch + batch / 3, true);
    w.synthetic = events_of(c, batch, false);
    move_off_kinks(w.plan, w.params, &w.real);
    move_off_kinks(w.plan, w.params, &w.synthetic);
  }
  w.noise = noise_of(c, batch);
  move_off_kinks(w.plan, w.params, &w.noise);
  w.cotangent = normals(batch * w.plan.n_outputs(), 14);
  return w;
}

/// Outputs of all calls, in double.
struct Output {
  std::string name;
  std::vector<double> values;
  double scale = 0;  // size of what was summed to a value, where the sum may cancel
};
using Outputs = std::vector<Output>;

inline double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x * x;
  return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

/// Gradients layer by layer, weights and biases by themselves. The gradient of a single number may
/// cancel by chance, so that the scale is that of the whole layer.
inline void append_layers(const std::string& call, const NetworkPlan& plan,
                          const std::vector<float>& grad, Outputs* out) {
  for (int32_t l = 0; l < plan.n_layers(); ++l) {
    const auto w = grad.begin() + plan.weight_offset(l), b = grad.begin() + plan.bias_offset(l);
    const std::vector<double> weights(w, w + plan.weights_in_layer(l));
    const std::vector<double> biases(b, b + plan.outputs_of_layer(l));
    const double scale = std::max(root_mean_square(weights), root_mean_square(biases));
    const std::string layer = " of layer " + std::to_string(l);
    out->push_back({call + " weights" + layer, weights, scale});
    out->push_back({call + " biases" + layer, biases, scale});
  }
}

inline Outputs run_discriminator(Device* device, const Workload& w) {
  constexpr double kUnwritten = -12345;
  const size_t n = w.synthetic.weights.size();
  std::vector<float> grad(w.params.size(), static_cast<float>(kUnwritten));
  std::vector<double> by_event(w.synthetic.events.size(), kUnwritten), losses(n, kUnwritten);
  std::vector<double> logits(n, kUnwritten), inputs(n * at(w.plan.n_inputs()), kUnwritten);
  Outputs out;
  const double loss =
      device->discriminator_step(w.plan, w.params, w.real.source(), w.synthetic.source(), grad);
  out.push_back({"discriminator_step loss", {loss}});
  append_layers("discriminator_step", w.plan, grad, &out);
  const double generator_loss =
      device->event_gradient(w.plan, w.params, w.synthetic.source(), by_event, losses);
  out.push_back({"event_gradient loss", {generator_loss}});
  out.push_back({"event_gradient grad_events", by_event});
  out.push_back({"event_gradient event_loss", losses});
  device->event_logits(w.plan, w.params, w.synthetic.source(), logits);
  out.push_back({"event_logits", logits, 1});  // parameters_of() makes outputs of order 1
  device->lift_events(w.plan, w.synthetic.source(), inputs);
  out.push_back({"lift_events", inputs});
  return out;
}

inline Outputs run_generator(Device* device, const Workload& w) {
  std::vector<double> outputs(w.cotangent.size());
  std::vector<float> grad(w.params.size());
  Outputs out;
  device->generator_forward(w.plan, w.params, w.n_rows, w.noise, outputs);
  out.push_back({"generator_forward", outputs, 1});
  device->generator_backward(w.plan, w.params, w.n_rows, w.noise, w.cotangent, grad);
  append_layers("generator_backward", w.plan, grad, &out);
  return out;
}

/// Every call of Device.
inline Outputs run_all(Device* device, const Workload& w) {
  Outputs out = run_generator(device, w);
  if (w.synthetic.size() == 0) return out;
  for (Output& output : run_discriminator(device, w)) out.push_back(std::move(output));
  return out;
}

/// |ours - wanted| / |wanted|, or relative to the scale where that is larger; infinite if there is
/// anything but numbers.
inline double relative_error(const std::vector<double>& ours, const Output& wanted) {
  std::vector<double> difference(wanted.values);
  for (size_t i = 0; i < difference.size(); ++i) difference[i] -= ours[i];
  const double error = root_mean_square(difference);
  if (error == 0) return 0;
  const double relative = error / std::max(root_mean_square(wanted.values), wanted.scale);
  return std::isfinite(relative) ? relative : std::numeric_limits<double>::infinity();
}

inline bool has_same_bits(const Outputs& a, const Outputs& b, std::string* where) {
  for (size_t i = 0; i < b.size(); ++i) {
    *where = b[i].name;
    if (a[i].values.size() != b[i].values.size()) return false;
    if (b[i].values.empty()) continue;
    if (std::memcmp(a[i].values.data(), b[i].values.data(), b[i].values.size() * sizeof(double)))
      return false;
  }
  return a.size() == b.size();
}

/// The vectorised device for each instruction set of this machine.
inline void for_each_simd(const std::function<void(Simd)>& body) {
  for (const Simd simd : supported_simd()) body(simd);
}

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_DEVICE_DEVICE_TESTING_H_
