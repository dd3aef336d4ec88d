// SPDX-License-Identifier: BSD-3-Clause
// A picture in SVG, made of few elements. Looks come from CSS classes of the page, so that one
// picture serves light, dark and paper; every picture has a title and a description to be read out.

#ifndef SAGIPS_TOOL_REPORT_SVG_H_
#define SAGIPS_TOOL_REPORT_SVG_H_

#include <string>
#include <vector>

namespace sagips_tool {

struct Point {
  double x, y;
};

// Text with & < > " replaced.
std::string escaped(const std::string& text);

enum class Anchor { kStart, kMiddle, kEnd };

class Svg {
 public:
  // `id` is unique in the page.
  Svg(const std::string& id, const std::string& title, const std::string& description, double width,
      double height);

  // All in pixels; `css` names classes.
  void line(Point from, Point to, const std::string& css);
  void path(const std::vector<Point>& points, const std::string& css);
  void polygon(const std::vector<Point>& points, const std::string& css);
  void rectangle(Point corner, double width, double height, const std::string& css);
  // A rectangle of some opacity in [0, 1].
  void tile(Point corner, double width, double height, double opacity, const std::string& css);
  // `hint` appears under the mouse; may be empty.
  void circle(Point center, double radius, const std::string& css, const std::string& hint);
  void text(Point at, Anchor anchor, const std::string& css, const std::string& words);
  // Reads upwards, centred at the point.
  void upright_text(Point at, const std::string& css, const std::string& words);

  // What follows until end_clip() is cut to a rectangle.
  void begin_clip(Point corner, double width, double height);
  void end_clip();

  double width() const { return width_; }
  double height() const { return height_; }
  std::string finish() const { return body_ + "</svg>\n"; }

 private:
  std::string id_;
  double width_, height_;
  int clips_ = 0;
  std::string body_;
};

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_SVG_H_
