// SPDX-License-Identifier: BSD-3-Clause
#include "optimizer/parameter_space.h"

#include <algorithm>

namespace sagips {
namespace {
double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }
}  // namespace

double ParameterSpace::physical(int32_t i, double z) const {
  const Parameter& p = parameters_[static_cast<size_t>(i)];
  if (p.is_fixed) return p.fixed_value;
  const double t = sigmoid(z);
  const double value = p.scale == SAGIPS_LOGARITHMIC ? p.lower * std::pow(p.upper / p.lower, t)
                                                     : p.lower + (p.upper - p.lower) * t;
  return std::clamp(value, p.lower, p.upper);
}

double ParameterSpace::unit_slope(int32_t i, double z) const {
  const double t = sigmoid(z);
  return parameters_[static_cast<size_t>(i)].is_fixed ? 0 : t * (1 - t);
}

double ParameterSpace::range_slope(int32_t i, double p) const {
  const Parameter& parameter = parameters_[static_cast<size_t>(i)];
  return parameter.scale == SAGIPS_LOGARITHMIC ? p * std::log(parameter.upper / parameter.lower)
                                               : parameter.upper - parameter.lower;
}

double ParameterSpace::start(int32_t i) const {
  const Parameter& p = parameters_[static_cast<size_t>(i)];
  if (p.is_fixed || std::isnan(p.start)) return 0;
  const double t = p.scale == SAGIPS_LOGARITHMIC
                       ? std::log(p.start / p.lower) / std::log(p.upper / p.lower)
                       : (p.start - p.lower) / (p.upper - p.lower);
  return std::log(t / (1 - t));
}

}  // namespace sagips
