// SPDX-License-Identifier: BSD-3-Clause
#include "device_cases/device_cases.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "device/device.h"
#include "objective/lift_plan.h"

namespace sagips {
namespace {

const Loss kSquares = Loss::kLeastSquares, kBce = Loss::kBinaryCrossEntropy;

using W = Weighting;

// Around the sizes of tiles (48), of shards (256), and 3 more than a power of two.
const std::vector<int64_t> kAll = {1, 2, 7, 47, 48, 49, 255, 256, 257, 1000, 4099};
const std::vector<int64_t> kLarge = {1, 7, 48, 257, 4099};  // networks of the paper's size
const std::vector<int64_t> kHuge = {1, 49, 257};            // networks of 10^5 parameters and more
const std::vector<int64_t> kOdd = {1, 2, 7, 49, 256, 1000};

std::vector<DeviceCase> make_cases() {
  return {
      // What is trained.
      {"fast", {13, 1}, kAll, W::kNone, kBce, 0.2, true, 2, 6, 2},
      {"fast_lost_squares", {13, 1}, kAll, W::kSomeLost, kSquares, 0.2, true, 2, 6, 2},
      {"paper", {2, 128, 128, 128, 128, 1}, kLarge, W::kNone, kBce, 0.2, true},
      {"paper_generator", {6, 128, 128, 128, 128, 6}, kLarge},
      {"fast_generator", {6, 32, 32, 6}, kAll},
      {"direct_generator", {0, 6}, kAll},  // biases only
      // The smallest.
      {"one_one", {1, 1}, kAll, W::kRandom},
      {"two_one", {2, 1}, kAll, W::kSomeLost, kSquares},
      {"one_of_everything", {1, 1, 1}, kOdd, W::kSomeNegative},
      // Widths beside those of vectors and tiles.
      {"odd_7_13", {7, 13, 1}, kAll, W::kSomeLost, kBce, 0.01, true},
      {"odd_5_31_17_3", {5, 31, 17, 3, 1}, kAll, W::kSomeNegative, kSquares, 0.5, true},
      {"odd_2_33", {2, 33, 1}, kOdd, W::kRandom, kBce, 0},
      {"even_3_64_64", {3, 64, 64, 1}, kOdd, W::kSomeLost, kBce, 0.2, true},
      {"many_inputs", {40, 8, 1}, kOdd, W::kNone, kSquares},
      {"many_outputs", {6, 20, 40}, kOdd},
      // One to three features, or most of a vector, beside whole vectors.
      {"rest_33_34", {2, 33, 34, 1}, kOdd, W::kSomeLost, kBce, 0.2, true},
      {"rest_35_37", {3, 35, 37, 1}, kOdd, W::kRandom, kSquares, 0.1, true},
      {"rest_41_49", {1, 41, 49, 1}, kOdd, W::kSomeNegative},
      {"rest_65_67_129", {2, 65, 67, 129, 1}, kLarge, W::kNone, kBce, 0.2, true},
      {"rest_generator", {5, 17, 33}, kOdd},
      // Large ones.
      {"wide_2_512_512", {2, 512, 512, 1}, kHuge, W::kRandom, kBce, 0.2, true},
      {"wide_1_1000", {1, 1000, 1}, kOdd, W::kSomeNegative},
      {"deep", {3, 16, 16, 16, 16, 16, 16, 16, 1}, kOdd, W::kSomeLost, kSquares, 0.1, true},
      // Lifts beside that of `fast`.
      {"lift_hidden", {13, 24, 1}, kOdd, W::kRandom, kBce, 0.2, true, 2, 6, 2},
      {"lift_clipped", {12, 9, 1}, kOdd, W::kSomeLost, kSquares, 0.2, false, 3, 3, 2, 0.8},
      {"lift_of_one", {5, 1}, kOdd, W::kSomeNegative, kBce, 0.2, true, 1, 5},
      {"lift_triple", {13, 4, 1}, kOdd, W::kNone, kBce, 0.2, true, 3, 1, 3},
  };
}

/// Places and widths of observables, some far from 0 in units of their width.
double centre(int64_t y) { return 0.25 - 1.5 * static_cast<double>(y % 7); }
double spread(int64_t y) { return 0.5 + 0.25 * static_cast<double>(y % 5); }

/// Observables from standard normals; a case that is not standardised takes those as they are.
void place(const DeviceCase& c, bool is_real, int64_t y_count, std::vector<double>* events) {
  const double offset = is_real ? 0.3 : 0;
  for (size_t i = 0; i < events->size(); ++i) {
    const int64_t y = static_cast<int64_t>(i) % y_count;
    double& x = (*events)[i];
    x = c.is_standardised ? centre(y) + spread(y) * (x + offset) : x + offset;
  }
}

int32_t observables_of(const DeviceCase& c) {
  return c.has_lift() ? c.n_observables : c.widths.front();
}

/// How near inputs of the first layer come to a kink: the smallest |sum| / sum |term| of all hidden
/// neurons.
double nearest_kink(const NetworkPlan& plan, const std::vector<float>& params,
                    std::vector<double> h) {
  double nearest = 1;
  for (int32_t l = 0; l + 1 < plan.n_layers(); ++l) {
    const float* w = params.data() + plan.weight_offset(l);
    std::vector<double> next;
    for (int64_t o = 0; o < plan.outputs_of_layer(l); ++o) {
      double sum = params[at(plan.bias_offset(l) + o)], terms = std::abs(sum);
      for (const double x : h) {
        const double term = x * static_cast<double>(*w++);
        sum += term;
        terms += std::abs(term);
      }
      if (terms > 0) nearest = std::min(nearest, std::abs(sum) / terms);
      next.push_back(sum > 0 ? sum : plan.slope * sum);
    }
    h.swap(next);
  }
  return nearest;
}

/// Rows (n, width) that is_near(row) says to draw anew, until there are none.
template <typename IsNear>
void redraw(int64_t n, int64_t width, const IsNear& is_near, std::vector<double>* rows) {
  constexpr int kTries = 50;  // hundredths of the rows are near, even of the largest networks
  for (int64_t r = 0; r < n; ++r) {
    double* row = rows->data() + r * width;
    const std::vector<double> drawn(row, row + width);
    for (uint64_t i = 0; i < kTries && is_near(r, row); ++i) {
      // Nearby, so that it stays where events are: a percent of its size away.
      const std::vector<double> z = normals(width, static_cast<uint64_t>(r) * kTries + i);
      for (int64_t k = 0; k < width; ++k) row[k] = drawn[at(k)] + 0.01 * z[at(k)];
    }
    if (is_near(r, row)) throw std::logic_error("every event of a case is near a kink");
  }
}

}  // namespace

const std::vector<DeviceCase>& device_cases() {
  static const std::vector<DeviceCase> cases = make_cases();
  return cases;
}

const DeviceCase& device_case(const std::string& name) {
  for (const DeviceCase& c : device_cases())
    if (c.name == name) return c;
  throw std::logic_error("no case " + name);
}

NetworkPlan plan_of(const DeviceCase& c) {
  constexpr int64_t kPlanEvents = 5000;
  NetworkPlan plan;
  plan.widths = c.widths;
  plan.slope = c.slope;
  plan.loss = c.loss;
  if (!c.is_standardised && !c.has_lift()) return plan;
  const int32_t y_count = observables_of(c);
  std::vector<double> events = normals(kPlanEvents * y_count, 1);
  place(c, true, y_count, &events);
  const std::vector<double> weights(kPlanEvents, 1);
  if (c.is_standardised) plan_standardisation(events, weights, c.name, &plan);
  if (c.has_lift() && plan_lift({c.degree, c.cross_degree, c.clip}, events, weights, y_count,
                                &plan) != c.widths.front())
    throw std::logic_error("case " + c.name + ": widths[0] is not what its lift has");
  return plan;
}

std::vector<float> parameters_of(const NetworkPlan& plan, uint64_t seed) {
  const std::vector<double> z = normals(plan.n_parameters(), seed);
  std::vector<float> params;
  for (int32_t l = 0; l < plan.n_layers(); ++l) {
    const auto fan_in = static_cast<double>(std::max<int64_t>(plan.inputs_of_layer(l), 1));
    const double sigma = std::sqrt(2 / ((1 + plan.slope * plan.slope) * fan_in));
    for (int64_t i = 0; i < plan.weights_in_layer(l); ++i)
      params.push_back(static_cast<float>(sigma * z[params.size()]));
  }
  while (params.size() < z.size()) params.push_back(static_cast<float>(0.3 * z[params.size()]));
  return params;
}

Sample events_of(const DeviceCase& c, int64_t n_events, bool is_real) {
  const int32_t y_count = observables_of(c);
  Sample sample = make_sample(n_events, y_count, c.weighting, is_real ? 11 : 12);
  place(c, is_real, y_count, &sample.events);
  return sample;
}

std::vector<double> noise_of(const DeviceCase& c, int64_t n_rows) {
  return normals(n_rows * c.widths.front(), 13);
}

void move_off_kinks(const NetworkPlan& plan, const std::vector<float>& params, Sample* sample) {
  const Parallel serial;
  const auto device = make_reference_device(&serial);
  std::vector<double> inputs(at(plan.n_inputs()));
  const auto is_near = [&](int64_t e, const double* event) {
    if (sample->weights[at(e)] == 0) return false;  // lost
    if (plan.n_layers() == 1) return false;
    device->lift_events(plan, BufferSource(event, nullptr, 1, plan.n_observables()), inputs);
    return nearest_kink(plan, params, inputs) < kKinkMargin;
  };
  redraw(sample->size(), plan.n_observables(), is_near, &sample->events);
}

void move_off_kinks(const NetworkPlan& plan, const std::vector<float>& params,
                    std::vector<double>* inputs) {
  const int64_t width = plan.n_inputs();
  if (width == 0 || plan.n_layers() == 1) return;
  const auto is_near = [&](int64_t, const double* row) {
    return nearest_kink(plan, params, {row, row + width}) < kKinkMargin;
  };
  redraw(static_cast<int64_t>(inputs->size()) / width, width, is_near, inputs);
}

}  // namespace sagips
