// SPDX-License-Identifier: BSD-3-Clause
// First weights: their variances, their shape, what is 0, and that nothing else is.
#include "nn/initialize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sagips {
namespace {

const Sequence kSequence{3, Stream::kInitialWeights, 0, 0, 0};

NetworkPlan make_plan(std::vector<int32_t> widths, double slope = 0.2) {
  NetworkPlan plan;
  plan.widths = std::move(widths);
  plan.slope = slope;
  return plan;
}

struct Moments {
  double mean = 0, variance = 0, kurtosis = 0, largest = 0;
};

Moments moments_of(const std::vector<float>& values, int64_t first, int64_t n) {
  Moments m;
  for (int64_t i = first; i < first + n; ++i) {
    const double x = values[static_cast<size_t>(i)];
    m.mean += x / static_cast<double>(n);
    m.variance += x * x / static_cast<double>(n);
    m.kurtosis += x * x * x * x / static_cast<double>(n);
    m.largest = std::max(m.largest, std::abs(x));
  }
  m.kurtosis /= m.variance * m.variance;
  return m;
}

TEST(InitialWeights, HaveTheVarianceOfTheirScheme) {
  const NetworkPlan plan = make_plan({60, 70, 80, 50}, 0.2);
  for (const char* scheme :
       {"kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform"}) {
    const bool is_normal = std::string(scheme).find("normal") != std::string::npos;
    const bool is_kaiming = std::string(scheme).find("kaiming") != std::string::npos;
    const std::vector<float> params = initial_parameters(plan, scheme, 1, kSequence);
    for (int32_t l = 0; l < plan.n_layers(); ++l) {
      const double in = static_cast<double>(plan.inputs_of_layer(l));
      const double out = static_cast<double>(plan.outputs_of_layer(l));
      const double expected = is_kaiming ? 2 / (1.04 * in) : 2 / (in + out);
      const int64_t n = plan.weights_in_layer(l);
      const Moments m = moments_of(params, plan.weight_offset(l), n);
      // n x^2/variance is chi-square with n degrees: relative sd sqrt((kurtosis - 1)/n); five of
      // it.
      const double kurtosis = is_normal ? 3 : 1.8;
      const double root = std::sqrt(static_cast<double>(n));
      EXPECT_NEAR(m.variance / expected, 1, 5 * std::sqrt(kurtosis - 1) / root) << scheme << l;
      EXPECT_NEAR(m.mean, 0, 5 * std::sqrt(expected) / root) << scheme << l;
      EXPECT_NEAR(m.kurtosis, kurtosis, 0.5) << scheme << l;
      const double bound = is_normal ? 6 : std::sqrt(3.0);  // uniform: half of sqrt(12)
      EXPECT_LE(m.largest, std::sqrt(expected) * bound * (1 + 1e-6)) << scheme;
    }
  }
}

TEST(InitialWeights, BiasesAreZeroAndWeightsAreNot) {
  const NetworkPlan plan = make_plan({6, 13, 1});
  const std::vector<float> params = initial_parameters(plan, "kaiming_normal", 1, kSequence);
  ASSERT_EQ(static_cast<int64_t>(params.size()), plan.n_parameters());
  for (int64_t i = 0; i < plan.n_parameters(); ++i)
    EXPECT_EQ(params[static_cast<size_t>(i)] == 0, i >= plan.n_weights()) << i;
}

TEST(InitialWeights, OutputScaleActsOnTheLastLayerAlone) {
  const NetworkPlan plan = make_plan({6, 13, 7, 5});
  const std::vector<float> one = initial_parameters(plan, "xavier_uniform", 1, kSequence);
  for (const double scale : {0.0, 0.25, 2.0}) {
    const std::vector<float> scaled = initial_parameters(plan, "xavier_uniform", scale, kSequence);
    for (int64_t i = 0; i < plan.n_parameters(); ++i) {
      const double factor = i >= plan.weight_offset(2) ? scale : 1;
      EXPECT_NEAR(scaled[static_cast<size_t>(i)],
                  factor * static_cast<double>(one[static_cast<size_t>(i)]),
                  1e-7);  // rounding to float
    }
  }
}

TEST(InitialWeights, AreTheirSequences) {
  const NetworkPlan plan = make_plan({6, 13, 1});
  const auto draw = [&](uint64_t seed, int64_t row) {
    return initial_parameters(plan, "kaiming_normal", 1,
                              {seed, Stream::kInitialWeights, 0, row, 0});
  };
  EXPECT_EQ(draw(1, 0), draw(1, 0));
  EXPECT_NE(draw(1, 0), draw(2, 0));
  EXPECT_NE(draw(1, 0), draw(1, 1));
}

TEST(InitialWeights, NoInputsMeanNoWeights) {
  const std::vector<float> params =
      initial_parameters(make_plan({0, 6}), "kaiming_normal", 1, kSequence);
  EXPECT_EQ(params, std::vector<float>(6, 0));
}

}  // namespace
}  // namespace sagips
