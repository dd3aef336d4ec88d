// SPDX-License-Identifier: BSD-3-Clause
// One spectrum in two detectors, for tests of joint estimates: a Weibull law with the scale tau and
// the shape k,
//   y = tau (-ln u)^(1/k),
// of which `near` loses what is below 1.4 and `far` what is above 0.9, each with an edge of width
// 0.1: A(y) = 1/(1 + exp(-+(y - edge)/0.1)). Alone, either leaves a combination of tau and k badly
// known, and not the same one.
#ifndef SAGIPS_TESTS_PHYSICS_TWO_DETECTORS_H_
#define SAGIPS_TESTS_PHYSICS_TWO_DETECTORS_H_

#include <array>
#include <cstdint>
#include <vector>

namespace two {

constexpr int32_t kP = 2;
constexpr double kTruth[kP] = {1.0, 1.3};
constexpr double kLower[kP] = {0.4, 0.6}, kUpper[kP] = {2.0, 2.4};

struct Detector {
  const char* name;
  double edge;
  int sign;  // +1: loses below the edge, -1: above it
};
constexpr Detector kNear{"near", 1.4, +1}, kFar{"far", 0.9, -1};

/// A detector and how many events it measured.
struct Sample {
  Detector detector;
  int64_t n;
  double weight = 1;  // of the data set
};

using Matrix = std::array<double, kP * kP>;

/// Fisher information of one accepted event, by the trapezoidal rule.
Matrix information(const Detector& detector);
/// Inverse of the information of all samples: what no unbiased estimate is better than.
Matrix limit(const std::vector<Sample>& samples);

struct Outcome {
  std::array<double, kP> estimate, sigma;  // and what it says of itself
};
/// Generate the samples with `seed` and train on them together.
Outcome train(const std::vector<Sample>& samples, int64_t seed);

}  // namespace two

#endif  // SAGIPS_TESTS_PHYSICS_TWO_DETECTORS_H_
