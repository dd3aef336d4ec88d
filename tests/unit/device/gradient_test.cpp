// SPDX-License-Identifier: BSD-3-Clause
// Losses and gradients of the reference device against the formulas taken literally, and against
// central differences of them: by weights, biases and events, over depths, odd widths, lifts,
// standardisation, clipping, both losses, and weights that are zero or negative.
#include <gtest/gtest.h>

#include "unit/device/network_testing.h"

namespace sagips {
namespace {

const Loss kBce = Loss::kBinaryCrossEntropy, kSquares = Loss::kLeastSquares;

std::vector<NetworkCase> cases() {
  return {
      {"depth 0", {}, 2},
      {"depth 0, one observable, squares", {}, 1, 1, 1, 0, 4, false, 0.2, kSquares},
      {"depth 1", {13}, 2},
      {"width one", {1}, 3},
      {"depth 2, no slope", {7, 5}, 2, 1, 1, 0, 4, false, 0},
      {"depth 3, squares", {3, 8, 5}, 2, 1, 1, 0, 4, true, 0.2, kSquares},
      {"depth 4", {5, 13, 4, 3}, 3, 1, 1, 0, 4, true, 0.5},
      {"lift", {}, 2, 1, 6, 2, 4, true},
      {"lift of one observable", {5}, 1, 1, 5, 0, 4, true},
      {"lift with triple products", {5}, 3, 1, 3, 3, 4, true, 0.2, kSquares},
      {"lift, not standardised, clipped", {4}, 2, 1, 4, 2, 0.8, false},
      {"products alone, clipped", {13, 3}, 2, 1, 1, 2, 0.8, true},
  };
}

class Gradient : public testing::TestWithParam<std::tuple<size_t, Weighting>> {
 protected:
  Gradient()
      : network_(cases()[std::get<0>(GetParam())]),
        plan_(make_plan(network_, 3)),
        params_(random_parameters(plan_, 5)),
        device_(make_reference_device(&parallel_)) {
    // 70 events are two shards, one of them more than half a tile; 7 are less than one.
    real_ = make_sample(7, network_.n_observables, std::get<1>(GetParam()), 11);
    synthetic_ = make_sample(70, network_.n_observables, std::get<1>(GetParam()), 12);
  }
  NetworkCase network_;
  NetworkPlan plan_;
  std::vector<float> params_;
  Parallel parallel_;
  std::unique_ptr<Device> device_;
  Sample real_, synthetic_;
};

TEST_P(Gradient, DiscriminatorStepIsTheDerivativeByEveryParameter) {
  std::vector<float> grad(params_.size());
  const double loss =
      device_->discriminator_step(plan_, params_, real_.source(), synthetic_.source(), grad);
  std::vector<double> params = in_double(params_);
  const auto naive = [&] {
    return naive_mean_loss(plan_, params, real_, true) +
           naive_mean_loss(plan_, params, synthetic_, false);
  };
  EXPECT_NEAR(loss, naive(), 1e-12 * std::max(1.0, std::abs(loss))) << network_.name;
  double largest = 0;
  for (const float g : grad) largest = std::max(largest, std::abs(static_cast<double>(g)));
  ASSERT_GT(largest, 1e-3);  // there is something to compare
  for (size_t i = 0; i < params.size(); ++i)
    EXPECT_NEAR(grad[i], difference(&params[i], naive),
                (kDifferenceError + kFloatRounding) * std::max(1.0, largest))
        << network_.name << ", parameter " << i << " of " << params.size();
}

TEST_P(Gradient, EventGradientIsTheDerivativeByEveryObservable) {
  std::vector<double> grad(synthetic_.events.size()), losses(synthetic_.weights.size());
  const double loss = device_->event_gradient(plan_, params_, synthetic_.source(), grad, losses);
  const std::vector<double> params = in_double(params_);
  const auto naive = [&] { return naive_mean_loss(plan_, params, synthetic_, true); };
  EXPECT_NEAR(loss, naive(), 1e-12 * std::max(1.0, std::abs(loss))) << network_.name;
  double largest = 0;
  for (const double g : grad) largest = std::max(largest, std::abs(g));
  ASSERT_GT(largest, 1e-4);
  for (size_t i = 0; i < grad.size(); ++i) {
    const size_t e = i / at(network_.n_observables);
    if (synthetic_.weights[e] == 0)
      EXPECT_EQ(grad[i], 0) << "a lost event";
    else
      EXPECT_NEAR(grad[i], difference(&synthetic_.events[i], naive),
                  kDifferenceError * std::max(1.0, largest))
          << network_.name << ", event " << e;
  }
  for (int64_t e = 0; e < synthetic_.size(); ++e) {
    const double* event = synthetic_.events.data() + e * network_.n_observables;
    const double expected = synthetic_.weights[at(e)] == 0
                                ? 0
                                : naive_loss(plan_.loss, true, naive_logit(plan_, params, event));
    EXPECT_NEAR(losses[at(e)], expected, 1e-12 * std::max(1.0, expected));
  }
}

TEST_P(Gradient, LogitsAndLiftAreTheFormulas) {
  std::vector<double> logits(synthetic_.weights.size());
  std::vector<double> inputs(logits.size() * at(plan_.n_inputs()));
  device_->event_logits(plan_, params_, synthetic_.source(), logits);
  device_->lift_events(plan_, synthetic_.source(), inputs);
  const std::vector<double> params = in_double(params_);
  const std::vector<double> mean =
      plan_.scale.empty() ? std::vector<double>(at(network_.n_observables), 0) : plan_.shift;
  for (int64_t e = 0; e < synthetic_.size(); ++e) {
    const bool is_lost = synthetic_.weights[at(e)] == 0;
    const double* event =
        is_lost ? mean.data() : synthetic_.events.data() + e * network_.n_observables;
    const double expected = is_lost ? 0 : naive_logit(plan_, params, event);
    EXPECT_NEAR(logits[at(e)], expected, 1e-11 * std::max(1.0, std::abs(expected)));
    const std::vector<double> lifted = naive_inputs(plan_, event);
    for (int64_t k = 0; k < plan_.n_inputs(); ++k)
      EXPECT_NEAR(inputs[at(e * plan_.n_inputs() + k)], lifted[at(k)],
                  1e-11 * std::max(1.0, std::abs(lifted[at(k)])));
  }
}

std::string case_name(const testing::TestParamInfo<std::tuple<size_t, Weighting>>& info) {
  std::string name = cases()[std::get<0>(info.param)].name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  const char* kWeightings[] = {"", "_lost", "_negative"};
  return name + kWeightings[static_cast<int>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(Networks, Gradient,
                         testing::Combine(testing::Range<size_t>(0, cases().size()),
                                          testing::Values(Weighting::kOne, Weighting::kSomeLost,
                                                          Weighting::kSomeNegative)),
                         case_name);

// ------------------------------------------------------------------------------- the generator

TEST(GeneratorNetwork, BackwardIsTheDerivativeOfAWeightedSumOfOutputs) {
  const Parallel parallel;
  const auto device = make_reference_device(&parallel);
  const std::vector<NetworkCase> networks = {{"direct", {}, 0, 6},
                                             {"depth 0", {}, 3, 2},
                                             {"one of everything", {1}, 1, 1},
                                             {"odd", {13, 7}, 6, 5}};
  for (const NetworkCase& c : networks)
    for (const int64_t n : {1, 7, 70}) {
      SCOPED_TRACE(c.name);
      const NetworkPlan plan = make_plan(c, 1);
      const std::vector<float> params = random_parameters(plan, 2);
      const std::vector<double> inputs = normals(n * c.n_observables, 3);
      const std::vector<double> cotangent = normals(n * c.n_outputs, 4);
      std::vector<double> outputs(cotangent.size());
      device->generator_forward(plan, params, n, inputs, outputs);
      std::vector<float> grad(params.size());
      device->generator_backward(plan, params, n, inputs, cotangent, grad);

      std::vector<double> moved = in_double(params);
      const auto row = [&](int64_t r) {
        return naive_outputs(
            plan, moved,
            {inputs.begin() + r * c.n_observables, inputs.begin() + (r + 1) * c.n_observables});
      };
      const auto weighted_sum = [&] {
        double sum = 0;
        for (int64_t r = 0; r < n; ++r) {
          const std::vector<double> z = row(r);
          for (int64_t o = 0; o < c.n_outputs; ++o)
            sum += cotangent[at(r * c.n_outputs + o)] * z[at(o)];
        }
        return sum;
      };
      for (int64_t r = 0; r < n; ++r)
        for (int64_t o = 0; o < c.n_outputs; ++o)
          EXPECT_NEAR(outputs[at(r * c.n_outputs + o)], row(r)[at(o)], 1e-12);
      for (size_t i = 0; i < moved.size(); ++i)
        EXPECT_NEAR(grad[i], difference(&moved[i], weighted_sum),
                    // A sum over n rows, so that rounding and values grow with n.
                    (kDifferenceError + kFloatRounding) * static_cast<double>(10 + n));
    }
}

}  // namespace
}  // namespace sagips
