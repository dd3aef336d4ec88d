// SPDX-License-Identifier: BSD-3-Clause
#include "nn/schedule.h"

#include <cmath>

namespace sagips {

double Schedule::at(int64_t epoch) const {
  constexpr double kPi = 3.141592653589793;
  const double x = static_cast<double>(epoch) / static_cast<double>(epochs);
  double value = rate;
  if (form == Form::kCosine) value *= floor + (1 - floor) * 0.5 * (1 + std::cos(kPi * x));
  if (form == Form::kExponential) value *= std::pow(floor, x);
  if (epoch < warmup) value *= static_cast<double>(epoch + 1) / static_cast<double>(warmup);
  return value;
}

}  // namespace sagips
