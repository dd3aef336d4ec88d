// SPDX-License-Identifier: BSD-3-Clause
// The parameters of the theory, and the map from a generator's outputs z to them:
//   t = 1/(1 + exp(-z)) in (0, 1);   p = lower + (upper - lower) t,   or lower (upper/lower)^t
// A fixed parameter is its value, whatever z.
#ifndef SAGIPS_OPTIMIZER_PARAMETER_SPACE_H_
#define SAGIPS_OPTIMIZER_PARAMETER_SPACE_H_

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "sagips.h"

namespace sagips {

struct Parameter {
  std::string name, unit;
  double lower = 0, upper = 1;
  int32_t scale = SAGIPS_LINEAR;
  bool is_fixed = false;
  double fixed_value = 0;
  double start = std::nan("");             // NaN: the middle of the range
  double prior_mean = 0, prior_sigma = 0;  // sigma 0: no prior
};

class ParameterSpace {
 public:
  explicit ParameterSpace(std::vector<Parameter> parameters) : parameters_(std::move(parameters)) {}

  int32_t size() const { return static_cast<int32_t>(parameters_.size()); }
  const std::vector<Parameter>& parameters() const { return parameters_; }

  /// p(z) of parameter i.
  double physical(int32_t i, double z) const;
  /// dt/dz at z; 0 for a fixed parameter.
  double unit_slope(int32_t i, double z) const;
  /// dp/dt at p, the size of a step through the whole range.
  double range_slope(int32_t i, double p) const;
  /// z where p(z) is the start value.
  double start(int32_t i) const;

 private:
  std::vector<Parameter> parameters_;
};

}  // namespace sagips

#endif  // SAGIPS_OPTIMIZER_PARAMETER_SPACE_H_
