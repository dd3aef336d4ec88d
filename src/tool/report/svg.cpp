// SPDX-License-Identifier: BSD-3-Clause
// Elements of SVG as text. Coordinates are rounded to a tenth of a pixel.

#include "tool/report/svg.h"

#include "tool/text.h"

namespace sagips_tool {
namespace {

std::string number(double value) {
  std::string text = fixed(value, 1);
  if (text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0) text.resize(text.size() - 2);
  return text;
}

std::string attribute(const char* name, double value) {
  return std::string(" ") + name + "=\"" + number(value) + "\"";
}

std::string css_class(const std::string& css) { return " class=\"" + css + "\""; }

// "M x y L x y x y ..."
std::string route(const std::vector<Point>& points) {
  std::string text;
  for (size_t i = 0; i < points.size(); ++i) {
    text += (i == 0 ? "M" : i == 1 ? "L" : " ") + number(points[i].x) + " " + number(points[i].y);
  }
  return text;
}

const char* anchor_name(Anchor anchor) {
  return anchor == Anchor::kStart ? "start" : anchor == Anchor::kMiddle ? "middle" : "end";
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string safe;
  for (char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '"') {
      safe += "&quot;";
    } else {
      safe += c;
    }
  }
  return safe;
}

Svg::Svg(const std::string& id, const std::string& title, const std::string& description,
         double width, double height)
    : id_(id), width_(width), height_(height) {
  body_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " +
          number(height) + "\" role=\"img\" aria-labelledby=\"" + id + "-title " + id +
          "-desc\">\n<title id=\"" + id + "-title\">" + escaped(title) + "</title><desc id=\"" +
          id + "-desc\">" + escaped(description) + "</desc>\n";
}

void Svg::line(Point from, Point to, const std::string& css) {
  body_ += "<line" + css_class(css) + attribute("x1", from.x) + attribute("y1", from.y) +
           attribute("x2", to.x) + attribute("y2", to.y) + "/>\n";
}

void Svg::path(const std::vector<Point>& points, const std::string& css) {
  if (points.size() < 2) return;
  body_ += "<path" + css_class(css) + " d=\"" + route(points) + "\"/>\n";
}

void Svg::polygon(const std::vector<Point>& points, const std::string& css) {
  body_ += "<path" + css_class(css) + " d=\"" + route(points) + "Z\"/>\n";
}

void Svg::rectangle(Point corner, double width, double height, const std::string& css) {
  body_ += "<rect" + css_class(css) + attribute("x", corner.x) + attribute("y", corner.y) +
           attribute("width", width) + attribute("height", height) + "/>\n";
}

void Svg::tile(Point corner, double width, double height, double opacity, const std::string& css) {
  body_ += "<rect" + css_class(css) + attribute("x", corner.x) + attribute("y", corner.y) +
           attribute("width", width) + attribute("height", height) + " fill-opacity=\"" +
           fixed(opacity, 2) + "\"/>\n";
}

void Svg::circle(Point center, double radius, const std::string& css, const std::string& hint) {
  body_ += "<circle" + css_class(css) + attribute("cx", center.x) + attribute("cy", center.y) +
           attribute("r", radius);
  body_ += hint.empty() ? "/>\n" : "><title>" + escaped(hint) + "</title></circle>\n";
}

void Svg::text(Point at, Anchor anchor, const std::string& css, const std::string& words) {
  body_ += "<text" + css_class(css) + attribute("x", at.x) + attribute("y", at.y) +
           " text-anchor=\"" + anchor_name(anchor) + "\">" + escaped(words) + "</text>\n";
}

void Svg::upright_text(Point at, const std::string& css, const std::string& words) {
  body_ += "<text" + css_class(css) + " text-anchor=\"middle\" transform=\"translate(" +
           number(at.x) + " " + number(at.y) + ") rotate(-90)\">" + escaped(words) + "</text>\n";
}

void Svg::begin_clip(Point corner, double width, double height) {
  const std::string name = id_ + "-clip" + std::to_string(clips_++);
  body_ += "<clipPath id=\"" + name + "\"><rect" + attribute("x", corner.x) +
           attribute("y", corner.y) + attribute("width", width) + attribute("height", height) +
           "/></clipPath>\n<g clip-path=\"url(#" + name + ")\">\n";
}

void Svg::end_clip() { body_ += "</g>\n"; }

}  // namespace sagips_tool
