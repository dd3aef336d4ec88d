// SPDX-License-Identifier: BSD-3-Clause
// One stage with callbacks, events of it at a truth, and a training on them with the preset `fast`.
#ifndef SAGIPS_TESTS_PHYSICS_CALLBACK_PROBLEM_H_
#define SAGIPS_TESTS_PHYSICS_CALLBACK_PROBLEM_H_

#include <cstdint>
#include <vector>

#include "sagips.h"

namespace toy {

struct CallbackProblem {
  int32_t n_outputs = 1, n_uniforms = 1;
  std::vector<double> lower, upper, truth;  // (P)
  sagips_stage_fn forward = nullptr, backward = nullptr, log_probability = nullptr;
  bool is_smooth = false;
  int32_t scheme = SAGIPS_CENTRAL;
  double step = 0;  // 0: the default
};

/// n events at the truth; those that are lost are left out.
std::vector<double> generate(const CallbackProblem& problem, int64_t n, uint64_t seed);

struct Estimate {
  std::vector<double> mean, sigma;  // (P); sigma is the solver's own statement
};
Estimate train(const CallbackProblem& problem, const std::vector<double>& events, uint64_t seed,
               int64_t epochs);

}  // namespace toy

#endif  // SAGIPS_TESTS_PHYSICS_CALLBACK_PROBLEM_H_
