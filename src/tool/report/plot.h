// SPDX-License-Identifier: BSD-3-Clause
// A pair of axes on a picture, and what can be drawn into it in units of these axes.

#ifndef SAGIPS_TOOL_REPORT_PLOT_H_
#define SAGIPS_TOOL_REPORT_PLOT_H_

#include <string>
#include <vector>

#include "tool/report/scale.h"
#include "tool/report/svg.h"

namespace sagips_tool {

struct Box {
  double left, top, right, bottom;  // pixels
};

// One entry of a legend. `shape` is "line", "dot", "band", "dash" or "cross".
struct Key {
  std::string shape, css, words;
};

class Plot {
 public:
  Plot(Svg* svg, const Box& box, const Scale& x, const Scale& y);

  // Grid lines and numbers; an empty label means that the axis is labelled elsewhere, and numbers
  // below are left out then too.
  void axes(const std::string& x_label, const std::string& y_label, double y_gap = 26.0);
  // Only what belongs to x.
  void x_axis(const std::string& x_label);
  // The frame, drawn last.
  void frame();

  // Everything between is cut at the frame.
  void begin();
  void end();

  void curve(const std::vector<Point>& points, const std::string& css);
  void dots(const std::vector<Point>& points, double radius, const std::string& css,
            const std::vector<std::string>& hints);
  // From y_low to y_high, all along x; and the other way round.
  void band(double y_low, double y_high, const std::string& css);
  void upright_band(double x_low, double x_high, const std::string& css);
  void rule(double y, const std::string& css);
  void upright_rule(double x, const std::string& css);
  void error_bar(double x, double y, double error, const std::string& css);

  const Scale& x() const { return x_; }
  const Scale& y() const { return y_; }
  const Box& box() const { return box_; }
  Point at(double x, double y) const { return {x_(x), y_(y)}; }

 private:
  Svg* svg_;
  Box box_;
  Scale x_, y_;
};

// Entries in a row, beginning at `at`.
void draw_legend(Svg* svg, Point at, const std::vector<Key>& keys);

// At most about 2 * `pixels` points with the same look: the extremes of each stretch of points.
std::vector<Point> thinned(const std::vector<Point>& points, size_t pixels);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_PLOT_H_
