// SPDX-License-Identifier: BSD-3-Clause
// Adam against the formulas of the paper, written down once more in double precision.
#include "nn/adam.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/simd.h"

namespace sagips {
namespace {

/// A gradient that changes its size and sign from step to step.
std::vector<float> gradient(int64_t step, size_t n) {
  std::vector<float> g;
  for (size_t i = 0; i < n; ++i)
    g.push_back(
        static_cast<float>(std::sin(0.7 * static_cast<double>(step) + static_cast<double>(i)) *
                           std::pow(10.0, static_cast<double>(i % 7) - 3)));
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

/// The rule one weight at a time, in the precisions of nn/adam.h.
void update_plainly(const Adam& adam, Network* network, const std::vector<float>& grad,
                    double rate) {
  const auto t = static_cast<double>(++network->updates);
  const auto scaled_rate = static_cast<float>(rate / (1 - std::pow(adam.beta1, t)));
  const auto unbias = static_cast<float>(1 / std::sqrt(1 - std::pow(adam.beta2, t)));
  const auto epsilon = static_cast<float>(adam.epsilon);
  for (size_t i = 0; i < grad.size(); ++i) {
    const double g = grad[i];
    float &m = network->first_moment[i], &v = network->second_moment[i];
    m = static_cast<float>(adam.beta1 * static_cast<double>(m) + (1 - adam.beta1) * g);
    v = static_cast<float>(adam.beta2 * static_cast<double>(v) + (1 - adam.beta2) * g * g);
    const float size = std::sqrt(std::max(v, std::numeric_limits<float>::min()));
    network->parameters[i] -= scaled_rate * m / (size * unbias + epsilon);
  }
}

/// Weights of all sizes.
Network some_network(size_t n) {
  Network network(gradient(3, n));
  network.first_moment = gradient(5, n);
  network.second_moment = gradient(7, n);
  for (float& v : network.second_moment) v *= v;
  return network;
}

bool are_equal(const Network& a, const Network& b) {
  return a.parameters == b.parameters && a.first_moment == b.first_moment &&
         a.second_moment == b.second_moment && a.updates == b.updates;
}

TEST(Adam, EveryInstructionSetGivesTheBitsOfThePlainLoop) {
  for (const Simd simd : supported_simd())
    for (const size_t n : {1, 3, 7, 8, 9, 16, 31}) {
      const Adam adam{0.9, 0.999, 1e-8, simd};
      Network plain = some_network(n), vectorised = plain;
      for (int64_t t = 1; t <= 20; ++t) {
        update_plainly(adam, &plain, gradient(t, n), 0.01);
        EXPECT_TRUE(adam.update(&vectorised, gradient(t, n), 0.01));
        EXPECT_TRUE(are_equal(plain, vectorised)) << simd_name(simd) << ", " << n << ", step " << t;
      }
    }
}

TEST(Adam, FromOneNetworkToAnotherGivesTheSameBitsAndLeavesTheFirst) {
  constexpr size_t kSize = 37;
  for (const Simd simd : supported_simd()) {
    const Adam adam{0.9, 0.999, 1e-8, simd};
    const Network from = some_network(kSize);
    Network kept = from, in_place = from, to;
    EXPECT_TRUE(adam.update(from, gradient(1, kSize), 0.01, &to));
    EXPECT_TRUE(adam.update(&in_place, gradient(1, kSize), 0.01));
    EXPECT_TRUE(are_equal(to, in_place)) << simd_name(simd);
    EXPECT_TRUE(are_equal(from, kept)) << simd_name(simd);
  }
}

TEST(Adam, TellsWhatLeavesTheFiniteNumbers) {
  constexpr size_t kSize = 21;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float no_number = std::numeric_limits<float>::quiet_NaN();
  for (const Simd simd : supported_simd())
    for (size_t i = 0; i < kSize; ++i)
      for (const float bad : {kInfinity, -kInfinity, no_number, 3e38F}) {  // whose square overflows
        const Adam adam{0.9, 0.999, 1e-8, simd};
        Network network(std::vector<float>(kSize, 1));
        std::vector<float> grad(kSize, 1);
        EXPECT_TRUE(adam.update(&network, grad, 0.01));
        grad[i] = bad;
        EXPECT_FALSE(adam.update(&network, grad, 0.01)) << simd_name(simd) << ", " << i;
      }
}

TEST(Adam, ATinyGradientMakesNoStepLargerThanAnother) {
  for (const Simd simd : supported_simd()) {
    const Adam adam{0.9, 0.999, 1e-300, simd};  // nothing of it is left in a float
    Network network(std::vector<float>{0, 0, 0, 0});
    for (int t = 0; t < 3; ++t)
      EXPECT_TRUE(adam.update(&network, std::vector<float>{0, 1e-35F, -1e-20F, 1e-3F}, 0.125));
    for (const float w : network.parameters) EXPECT_LE(std::abs(w), 0.375 * 1.001);
    EXPECT_EQ(network.parameters[0], 0);
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
