// SPDX-License-Identifier: BSD-3-Clause
// A few standard normal numbers from a seed: SplitMix64 (Steele, Lea, Flood 2014), made normal by
// Box and Muller (1958). They smear the measured norms of a closure test, nothing else.

#ifndef SAGIPS_TOOL_RANDOM_H_
#define SAGIPS_TOOL_RANDOM_H_

#include <cmath>
#include <cstdint>

namespace sagips_tool {

class NormalNumbers {
 public:
  explicit NormalNumbers(uint64_t seed) : state_(seed) {}

  double next() {
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    return radius * std::cos(2.0 * std::acos(-1.0) * uniform());
  }

 private:
  uint64_t word() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // In (0, 1]: the logarithm stays finite.
  double uniform() { return (static_cast<double>(word() >> 11) + 1.0) * 0x1p-53; }

  uint64_t state_;
};

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_RANDOM_H_
