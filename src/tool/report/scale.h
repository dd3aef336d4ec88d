// SPDX-License-Identifier: BSD-3-Clause
// Scales of an axis, from values to pixels, and the ticks that suit them.
//
//   linear   v                  log   ln v                  asinh   asinh(v / bend)
//
// asinh is linear within +-bend and logarithmic beyond: it shows a residual both at its start, some
// 100 %, and at its end, below one percent, with its sign.

#ifndef SAGIPS_TOOL_REPORT_SCALE_H_
#define SAGIPS_TOOL_REPORT_SCALE_H_

#include <string>
#include <vector>

namespace sagips_tool {

enum class ScaleKind { kLinear, kLog, kAsinh };

struct Tick {
  double value;
  std::string label;  // empty for a minor one
};

class Scale {
 public:
  // Values low < high; bend matters for asinh only.
  Scale(ScaleKind kind, double low, double high, double bend = 1.0);

  // Puts `low` and `high` at these pixels.
  void place(double pixel_low, double pixel_high);

  // Pixel of a value, held within a quarter of the axis beyond its ends.
  double operator()(double value) const;
  bool contains(double value) const { return value >= low_ && value <= high_; }

  // Labelled ticks are at least `gap` pixels apart.
  std::vector<Tick> ticks(double gap) const;

  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double bent(double value) const;
  std::vector<Tick> linear_ticks(double gap) const;
  std::vector<Tick> log_ticks(double gap) const;
  std::vector<Tick> asinh_ticks(double gap) const;

  ScaleKind kind_;
  double low_, high_, bend_;
  double pixel_low_ = 0.0, pixel_high_ = 1.0;
};

// A number as a label: a true minus sign, powers of ten where digits would be many.
std::string label_of(double value);
// With a fixed number of digits and a true minus sign.
std::string label_of(double value, int digits);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_SCALE_H_
