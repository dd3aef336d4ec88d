// SPDX-License-Identifier: BSD-3-Clause
// A small forward model for tests of routes and verdicts: two independent exponentials with
// smearing,
//   y_j = -mu_j ln(1 - u_j) (1 + s (2 v_j - 1)),   s = relative smearing, known
// with an optional grid (events rounded: they jump) and an optional acceptance that loses events.
#ifndef SAGIPS_TESTS_PHYSICS_TOY_H_
#define SAGIPS_TESTS_PHYSICS_TOY_H_

#include <cstdint>
#include <vector>

#include "sagips.h"

namespace toy {

constexpr int32_t kParameters = 2;
constexpr double kLower = 0.2, kUpper = 3;
constexpr double kTruth[kParameters] = {0.7, 1.8};

struct Model {
  double smearing = 0;
  double grid = 0;  // 0: none
  bool has_backward = true;
  bool is_smooth = false;
};

/// Events (n, 2) at the truth.
std::vector<double> generate(const Model& model, int64_t n, uint64_t seed);

/// What a training gave.
struct Outcome {
  double estimate[kParameters] = {};
  double sigma[kParameters] = {};  // its own statement
  sagips_assessment assessment = {};
  char route[64] = "";
};

/// Train `model` on events (n, 2) with the preset `fast` over `epochs`.
Outcome train(const Model& model, const std::vector<double>& events, uint64_t seed, int64_t epochs,
              bool assess);

}  // namespace toy

#endif  // SAGIPS_TESTS_PHYSICS_TOY_H_
