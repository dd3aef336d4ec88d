// SPDX-License-Identifier: BSD-3-Clause
// Ticks: steps of 1, 2 or 5 times a power of ten; the rounder ones get their label first, and the
// others where there is room.

#include "tool/report/scale.h"

#include <algorithm>
#include <cmath>

#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr const char* kMinus = "\u2212";
constexpr const char* kRaised[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                   "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};

std::string with_minus(std::string text) {
  if (!text.empty() && text[0] == '-') text.replace(0, 1, kMinus);
  return text;
}

std::string power_of_ten(int exponent) {
  std::string text = exponent < 0 ? "10\u207b" : "10";
  for (char digit : std::to_string(std::abs(exponent))) text += kRaised[digit - '0'];
  return text;
}

}  // namespace

std::string label_of(double value) {
  const double size = std::fabs(value);
  if (size == 0.0 || (size > 0.99e-3 && size < 0.99e5)) return with_minus(shortest(value));
  const int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
  const double mantissa = size / std::pow(10.0, exponent);
  std::string text = value < 0 ? kMinus : "";
  if (std::fabs(mantissa - 1.0) > 1e-6) text += significant(mantissa, 1) + "\u00b7";
  return text + power_of_ten(exponent);
}

std::string label_of(double value, int digits) { return with_minus(fixed(value, digits)); }

Scale::Scale(ScaleKind kind, double low, double high, double bend)
    : kind_(kind), low_(low), high_(high), bend_(bend) {}

void Scale::place(double pixel_low, double pixel_high) {
  pixel_low_ = pixel_low;
  pixel_high_ = pixel_high;
}

double Scale::bent(double value) const {
  if (kind_ == ScaleKind::kLog) return std::log(std::max(value, low_ * 1e-6));
  return kind_ == ScaleKind::kAsinh ? std::asinh(value / bend_) : value;
}

double Scale::operator()(double value) const {
  const double share = (bent(value) - bent(low_)) / (bent(high_) - bent(low_));
  return pixel_low_ + std::clamp(share, -0.25, 1.25) * (pixel_high_ - pixel_low_);
}

std::vector<Tick> Scale::ticks(double gap) const {
  if (kind_ == ScaleKind::kLinear) return linear_ticks(gap);
  return kind_ == ScaleKind::kLog ? log_ticks(gap) : asinh_ticks(gap);
}

std::vector<Tick> Scale::linear_ticks(double gap) const {
  const double least = (high_ - low_) * gap / std::fabs(pixel_high_ - pixel_low_);
  const double decade = std::pow(10.0, std::floor(std::log10(least)));
  double step = 10.0 * decade;
  for (double factor : {5.0, 2.0, 1.0}) {
    if (factor * decade >= least) step = factor * decade;
  }
  const int digits = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  std::vector<Tick> ticks;
  const double slack = 1e-6 * step;
  for (double i = std::ceil((low_ - slack) / step); i * step <= high_ + slack; i += 1.0) {
    const double value = i * step;
    const bool is_long = std::fabs(high_) >= 1e5 || std::fabs(low_) >= 1e5;
    ticks.push_back({value, is_long ? label_of(value) : label_of(value, digits)});
  }
  return ticks;
}

std::vector<Tick> Scale::log_ticks(double gap) const {
  std::vector<Tick> ticks;
  std::vector<double> labelled;
  const int first = static_cast<int>(std::floor(std::log10(low_)));
  const int last = static_cast<int>(std::ceil(std::log10(high_)));
  for (int factor : {1, 5, 2, 3, 4, 6, 7, 8, 9}) {
    for (int exponent = first; exponent <= last; ++exponent) {
      const double value = factor * std::pow(10.0, exponent);
      if (!contains(value)) continue;
      const double pixel = (*this)(value);
      const bool is_free = std::all_of(labelled.begin(), labelled.end(),
                                       [&](double at) { return std::fabs(at - pixel) >= gap; });
      const bool is_round = factor == 1 || factor == 2 || factor == 5;
      if (is_round && is_free) labelled.push_back(pixel);
      ticks.push_back({value, is_round && is_free ? label_of(value) : ""});
    }
  }
  return ticks;
}

std::vector<Tick> Scale::asinh_ticks(double gap) const {
  // From the large decades, which are far apart, to the small ones; then the fives and the twos.
  std::vector<double> candidates = {0.0};
  for (double factor : {1.0, 5.0, 2.0}) {
    for (int exponent = 4; exponent >= -4; --exponent) {
      candidates.push_back(factor * std::pow(10.0, exponent));
      candidates.push_back(-factor * std::pow(10.0, exponent));
    }
  }
  std::vector<Tick> ticks;
  for (double value : candidates) {
    if (!contains(value)) continue;
    const double pixel = (*this)(value);
    const bool is_free = std::all_of(ticks.begin(), ticks.end(), [&](const Tick& tick) {
      return std::fabs((*this)(tick.value) - pixel) >= gap;
    });
    if (is_free) ticks.push_back({value, label_of(value)});
  }
  return ticks;
}

}  // namespace sagips_tool
