// SPDX-License-Identifier: BSD-3-Clause
// One list of networks and batches that every device is judged on, in three modes:
//   parity     each call of Device against the reference tests/unit/device/cpu_parity_test gradient
//   against differences of the reference's loss         tests/unit/device/cpu_gradient_test speed
//   how long each call takes                            bench/
// Shapes are odd on purpose: one of everything, one more and one less than any tile or vector, no
// inputs at all, and those that the presets `paper` and `fast` train.
#ifndef SAGIPS_TESTS_DEVICE_CASES_DEVICE_CASES_H_
#define SAGIPS_TESTS_DEVICE_CASES_DEVICE_CASES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "device/network_plan.h"
#include "device_cases/sample.h"

namespace sagips {

struct DeviceCase {
  std::string name;             // letters, digits and underscores: it is part of a test's name
  std::vector<int32_t> widths;  // with a lift, widths[0] is the number of products
  std::vector<int64_t> batches;
  Weighting weighting = Weighting::kNone;
  Loss loss = Loss::kBinaryCrossEntropy;
  double slope = 0.2;
  bool is_standardised = false;
  int32_t n_observables = 0;             // 0: widths[0], which is no lift
  int32_t degree = 1, cross_degree = 0;  // of the lift, as in the options
  double clip = 4;

  bool has_lift() const { return n_observables != 0; }
  /// Whether it can be a discriminator: it has a logit, and events to look at. All are generators.
  bool is_discriminator() const { return widths.back() == 1 && widths.front() > 0; }
};

const std::vector<DeviceCase>& device_cases();

/// By name; must be in the list.
const DeviceCase& device_case(const std::string& name);

/// The network of a case, standardised and whitened on random events as a training's is on data.
NetworkPlan plan_of(const DeviceCase& c);

/// Weights of variance 2 / ((1 + slope^2) fan_in), biases around 0.3: every neuron takes part.
std::vector<float> parameters_of(const NetworkPlan& plan, uint64_t seed);

/// B events of a case, in units of the observables. Real ones lie a little beside synthetic ones.
Sample events_of(const DeviceCase& c, int64_t n_events, bool is_real);

/// Inputs (N, widths[0]) of a generator.
std::vector<double> noise_of(const DeviceCase& c, int64_t n_rows);

// A leaky ReLU has a kink: where a neuron's sum cancels to less than its rounding error, single
// precision may sit on the other side, and one event's gradient differs by percents with neither
// side wrong. Parity is asked where no sum cancels to less than this part of its terms' absolute
// sum: 64 times the rounding of a float, enough for sums of a thousand terms in eight layers.
constexpr double kKinkMargin = 4e-6;

/// Draw anew the events of a sample that are nearer than kKinkMargin to a kink. The lift has none.
void move_off_kinks(const NetworkPlan& plan, const std::vector<float>& params, Sample* sample);

/// The same for inputs of a generator.
void move_off_kinks(const NetworkPlan& plan, const std::vector<float>& params,
                    std::vector<double>* inputs);

}  // namespace sagips

#endif  // SAGIPS_TESTS_DEVICE_CASES_DEVICE_CASES_H_
