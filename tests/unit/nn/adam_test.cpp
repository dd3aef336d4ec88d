// SPDX-License-Identifier: BSD-3-Clause
// Adam against the formulas of the paper, written down once more in double precision.
#include "nn/adam.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sagips {
namespace {

/// A gradient that changes its size and sign from step to step.
std::vector<float> gradient(int64_t step, size_t n) {
  std::vector<float> g;
  for (size_t i = 0; i < n; ++i)
    g.push_back(
        static_cast<float>(std::sin(0.7 * static_cast<double>(step) + static_cast<double>(i)) *
                           std::pow(10.0, static_cast<double>(i) - 3)));
  return g;
}

TEST(Adam, IsTheRuleOfKingmaAndBa) {
  constexpr size_t kSize = 7;
  for (const Adam adam : {Adam{0.9, 0.999, 1e-8}, Adam{0.5, 0.99, 1e-3}, Adam{0, 0, 1e-8}}) {
    Network network(std::vector<float>(kSize, 1));
    std::vector<double> w(kSize, 1), m(kSize), v(kSize);
    for (int64_t t = 1; t <= 12; ++t) {
      const double rate = 0.01 / static_cast<double>(t);
      const std::vector<float> g = gradient(t, kSize);
      adam.update(&network, g, rate);
      EXPECT_EQ(network.updates, t);
      for (size_t i = 0; i < kSize; ++i) {
        const double x = g[i];
        m[i] = adam.beta1 * m[i] + (1 - adam.beta1) * x;
        v[i] = adam.beta2 * v[i] + (1 - adam.beta2) * x * x;
        const double m_hat = m[i] / (1 - std::pow(adam.beta1, t));
        const double v_hat = v[i] / (1 - std::pow(adam.beta2, t));
        w[i] -= rate * m_hat / (std::sqrt(v_hat) + adam.epsilon);
        // Each step rounds a weight of 1 to float, 6e-8, and its moments to one part in 2^24.
        EXPECT_NEAR(network.parameters[i], w[i], 7e-8 * static_cast<double>(t)) << "step " << t;
        EXPECT_NEAR(network.first_moment[i], m[i], 1e-6 * std::abs(m[i]) + 1e-7 * std::abs(x));
        EXPECT_NEAR(network.second_moment[i], v[i], 2e-6 * v[i]);
      }
    }
  }
}

TEST(Adam, FirstStepHasTheLengthOfTheRateWhateverTheGradient) {
  for (const float g : {1e-4F, -3.0F, 1e6F}) {
    Network network(std::vector<float>{0});
    Adam{}.update(&network, std::vector<float>{g}, 0.125);
    EXPECT_NEAR(network.parameters[0], g > 0 ? -0.125 : 0.125, 0.125 * 1e-4 + 1e-8);  // epsilon/g
  }
}

TEST(Adam, WithoutAGradientNothingMoves) {
  Network network(std::vector<float>{0.5F, -2});
  for (int i = 0; i < 3; ++i) Adam{}.update(&network, std::vector<float>{0, 0}, 1);
  EXPECT_EQ(network.parameters, (std::vector<float>{0.5F, -2}));
  EXPECT_EQ(network.updates, 3);
}

TEST(Adam, AnEmptyNetworkOnlyCounts) {
  Network network;
  Adam{}.update(&network, std::vector<float>{}, 1);
  EXPECT_EQ(network.updates, 1);
}

TEST(Adam, FindsTheBottomOfABowl) {
  Network network(std::vector<float>{3, -4});
  for (int i = 0; i < 3000; ++i)
    Adam{}.update(&network,
                  std::vector<float>{2 * (network.parameters[0] - 1), 20 * network.parameters[1]},
                  0.01);
  EXPECT_NEAR(network.parameters[0], 1, 1e-3);
  EXPECT_NEAR(network.parameters[1], 0, 1e-3);
}

}  // namespace
}  // namespace sagips
