// SPDX-License-Identifier: BSD-3-Clause
// Gradients of the vectorised device against central differences of the losses' formulas in double
// precision: what parity says if the reference were wrong as well.
#include <gtest/gtest.h>

#include "core/text.h"
#include "unit/device/device_testing.h"
#include "unit/device/network_testing.h"

namespace sagips {
namespace {

// Single precision as in cpu_parity_test.cpp, and as much again for the differences: whitened
// powers multiply their rounding of 2e-10 by up to 1e4.
constexpr double kGradientError = 2e-5;

struct Place {
  const char* name;
  int64_t batch;
};
const Place kPlaces[] = {
    {"fast", 49},        {"one_one", 7},     {"one_of_everything", 257}, {"odd_7_13", 49},
    {"many_inputs", 49}, {"lift_of_one", 7}, {"lift_clipped", 49},       {"lift_triple", 49},
    {"lift_hidden", 7},  {"odd_2_33", 49},   {"odd_5_31_17_3", 2},
    {"rest_33_34", 7},
};

class CpuGradient : public testing::TestWithParam<Place> {
 protected:
  Workload w_ = make_workload(device_case(GetParam().name), GetParam().batch);
  Parallel parallel_;
};

TEST_P(CpuGradient, DiscriminatorStepIsTheDerivativeByEveryParameter) {
  std::vector<double> params = in_double(w_.params);
  std::vector<float> wanted;
  for (double& p : params)
    wanted.push_back(static_cast<float>(difference(&p, [&] {
      return naive_mean_loss(w_.plan, params, w_.real, true) +
             naive_mean_loss(w_.plan, params, w_.synthetic, false);
    })));
  Outputs layers;
  append_layers("", w_.plan, wanted, &layers);
  for_each_simd([&](Simd simd) {
    std::vector<float> grad(params.size());
    make_cpu_device(&parallel_, simd)
        ->discriminator_step(w_.plan, w_.params, w_.real.source(), w_.synthetic.source(), grad);
    Outputs ours;
    append_layers("", w_.plan, grad, &ours);
    for (size_t i = 0; i < layers.size(); ++i)
      EXPECT_LT(relative_error(ours[i].values, layers[i]), kGradientError)
          << layers[i].name << ", " << simd_name(simd);
  });
}

TEST_P(CpuGradient, EventGradientIsTheDerivativeByEveryObservable) {
  const std::vector<double> params = in_double(w_.params);
  Sample moved = w_.synthetic;
  std::vector<double> wanted;
  for (size_t i = 0; i < moved.events.size(); ++i) {
    const size_t e = i / at(moved.n_observables);
    // The loss of one event is enough: the others do not depend on it.
    const double* event = moved.events.data() + e * at(moved.n_observables);
    const double unit = moved.weights[e] / w_.synthetic.source().total_weight();
    wanted.push_back(unit * difference(&moved.events[i], [&] {
                       return naive_loss(w_.plan.loss, true, naive_logit(w_.plan, params, event));
                     }));
  }
  for_each_simd([&](Simd simd) {
    std::vector<double> grad(wanted.size()), losses(moved.weights.size());
    make_cpu_device(&parallel_, simd)
        ->event_gradient(w_.plan, w_.params, w_.synthetic.source(), grad, losses);
    EXPECT_LT(relative_error(grad, {"", wanted}), kGradientError) << simd_name(simd);
  });
}

std::string case_name(const testing::TestParamInfo<Place>& place) {
  return std::string(place.param.name) + "_" + std::to_string(place.param.batch);
}
INSTANTIATE_TEST_SUITE_P(Cases, CpuGradient, testing::ValuesIn(kPlaces), case_name);

}  // namespace
}  // namespace sagips
