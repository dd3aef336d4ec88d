// SPDX-License-Identifier: BSD-3-Clause
// Drawing in axes.

#include "tool/report/plot.h"

#include <algorithm>

namespace sagips_tool {
namespace {

constexpr double kXGap = 58.0;      // pixels between numbers on the x axis
constexpr double kCharacter = 6.3;  // mean width of one at the size of a legend

// Characters, not bytes.
size_t length(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

Plot::Plot(Svg* svg, const Box& box, const Scale& x, const Scale& y)
    : svg_(svg), box_(box), x_(x), y_(y) {
  x_.place(box.left, box.right);
  y_.place(box.bottom, box.top);
}

void Plot::x_axis(const std::string& x_label) {
  for (const Tick& tick : x_.ticks(kXGap)) {
    const double at = x_(tick.value);
    svg_->line({at, box_.top}, {at, box_.bottom}, "grid");
    if (x_label.empty()) continue;
    svg_->text({at, box_.bottom + 17}, Anchor::kMiddle, "tick", tick.label);
  }
  if (x_label.empty()) return;
  svg_->text({box_.right, box_.bottom + 37}, Anchor::kEnd, "label", x_label);
}

void Plot::axes(const std::string& x_label, const std::string& y_label, double y_gap) {
  x_axis(x_label);
  for (const Tick& tick : y_.ticks(y_gap)) {
    const double at = y_(tick.value);
    svg_->line({box_.left, at}, {box_.right, at}, tick.label.empty() ? "grid minor" : "grid");
    if (!tick.label.empty()) svg_->text({box_.left - 7, at + 4}, Anchor::kEnd, "tick", tick.label);
  }
  svg_->upright_text({13, 0.5 * (box_.top + box_.bottom)}, "label", y_label);
}

void Plot::frame() {
  svg_->rectangle({box_.left, box_.top}, box_.right - box_.left, box_.bottom - box_.top, "frame");
}

void Plot::begin() {
  svg_->begin_clip({box_.left, box_.top}, box_.right - box_.left, box_.bottom - box_.top);
}

void Plot::end() { svg_->end_clip(); }

void Plot::curve(const std::vector<Point>& points, const std::string& css) {
  std::vector<Point> pixels;
  for (const Point& point : points) pixels.push_back(at(point.x, point.y));
  svg_->path(thinned(pixels, static_cast<size_t>(box_.right - box_.left) / 2), css);
}

void Plot::dots(const std::vector<Point>& points, double radius, const std::string& css,
                const std::vector<std::string>& hints) {
  for (size_t i = 0; i < points.size(); ++i) {
    svg_->circle(at(points[i].x, points[i].y), radius, css, i < hints.size() ? hints[i] : "");
  }
}

void Plot::band(double y_low, double y_high, const std::string& css) {
  svg_->rectangle({box_.left, y_(y_high)}, box_.right - box_.left, y_(y_low) - y_(y_high), css);
}

void Plot::upright_band(double x_low, double x_high, const std::string& css) {
  svg_->rectangle({x_(x_low), box_.top}, x_(x_high) - x_(x_low), box_.bottom - box_.top, css);
}

void Plot::rule(double y, const std::string& css) {
  svg_->line({box_.left, y_(y)}, {box_.right, y_(y)}, css);
}

void Plot::upright_rule(double x, const std::string& css) {
  svg_->line({x_(x), box_.top}, {x_(x), box_.bottom}, css);
}

void Plot::error_bar(double x, double y, double error, const std::string& css) {
  svg_->line({x_(x), y_(y - error)}, {x_(x), y_(y + error)}, css);
}

void draw_legend(Svg* svg, Point at, const std::vector<Key>& keys) {
  constexpr double kSwatch = 22.0;
  for (const Key& key : keys) {
    const double middle = at.y - 4;
    if (key.shape == "band") {
      svg->rectangle({at.x, middle - 5}, kSwatch, 10, key.css);
    } else if (key.shape == "dot") {
      svg->circle({at.x + kSwatch / 2, middle}, 3.5, key.css, "");
    } else if (key.shape == "cross") {
      svg->line({at.x + kSwatch / 2, middle - 6}, {at.x + kSwatch / 2, middle + 6}, key.css);
      svg->circle({at.x + kSwatch / 2, middle}, 2.6, key.css + " filled", "");
    } else {
      svg->line({at.x, middle}, {at.x + kSwatch, middle}, key.css);
    }
    svg->text({at.x + kSwatch + 6, at.y}, Anchor::kStart, "key", key.words);
    at.x += kSwatch + 6 + kCharacter * static_cast<double>(length(key.words)) + 16;
  }
}

std::vector<Point> thinned(const std::vector<Point>& points, size_t pixels) {
  if (pixels == 0 || points.size() <= 2 * pixels) return points;
  std::vector<Point> kept;
  for (size_t i = 0; i < pixels; ++i) {
    const auto first = points.begin() + static_cast<std::ptrdiff_t>(points.size() * i / pixels);
    const auto last =
        points.begin() + static_cast<std::ptrdiff_t>(points.size() * (i + 1) / pixels);
    auto [low, high] = std::minmax_element(
        first, last, [](const Point& left, const Point& right) { return left.y < right.y; });
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (high != low) kept.push_back(*high);
  }
  if (kept.back().x < points.back().x) kept.push_back(points.back());
  return kept;
}

}  // namespace sagips_tool
