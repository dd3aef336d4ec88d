// SPDX-License-Identifier: BSD-3-Clause
// Pictures of an ensemble.

#include "tool/report/members.h"

#include <algorithm>
#include <cmath>

#include "tool/report/plot.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr double kWidth = 380, kHeight = 250;
constexpr Box kBox = {52, 34, 370, 206};
constexpr double kSquareWidth = 500, kSquareHeight = 340;
constexpr Box kSquareBox = {62, 44, 490, 292};

// Residuals of a parameter, by number of the member.
std::vector<Point> residuals_of(const EnsembleResult& all, double truth, size_t parameter) {
  std::vector<Point> points;
  for (size_t k = 0; k < all.size(); ++k) {
    const double estimate = all.members[k * all.n_parameters() + parameter];
    points.push_back({static_cast<double>(all.first) + static_cast<double>(k),
                      100.0 * (truth - estimate) / truth});
  }
  return points;
}

}  // namespace

std::string member_chart(const Summary& summary, size_t parameter) {
  const EnsembleResult& all = summary.ensemble;
  if (all.size() < 2) return "";
  const ParameterResult& result = summary.parameters[parameter];
  const MemberErrors& errors = all.errors[parameter];
  const std::vector<Point> points = residuals_of(all, result.truth, parameter);
  double low = 0.0, high = 0.0;
  std::vector<std::string> hints;
  for (const Point& point : points) {
    low = std::min(low, point.y);
    high = std::max(high, point.y);
    hints.push_back("member " + shortest(point.x) + ": " + label_of(point.y, 2) + " %");
  }
  const double room = std::max(0.08 * (high - low), 1e-6);

  Svg svg("members-" + result.name, "Members' residuals of " + result.name,
          "Residual of " + result.name + " in percent for each of " + std::to_string(all.size()) +
              " members; their mean is " + with_sign(errors.residual_percent, 2) +
              " and their standard deviation " + fixed(errors.spread_percent, 2) + " percent.",
          kWidth, kHeight);
  Plot plot(&svg, kBox, Scale(ScaleKind::kLinear, points.front().x - 0.7, points.back().x + 0.7),
            Scale(ScaleKind::kLinear, low - room, high + room));
  plot.begin();
  plot.band(errors.residual_percent - errors.spread_percent,
            errors.residual_percent + errors.spread_percent, "synthetic-area");
  plot.end();
  plot.axes("member", "residual / %", 20.0);
  plot.begin();
  plot.rule(0.0, "data");
  plot.rule(errors.residual_percent, "estimate");
  plot.dots(points, 3.4, "dot", hints);
  plot.end();
  plot.frame();
  svg.text({kBox.left, 20}, Anchor::kStart, "heading", result.name);
  svg.text({kBox.right, 20}, Anchor::kEnd, "key",
           "mean " + label_of(errors.residual_percent, 2) + " \u00b1 " +
               label_of(errors.spread_percent, 2) + " %");
  return svg.finish();
}

std::string error_spread_chart(const Summary& summary) {
  const EnsembleResult& all = summary.ensemble;
  if (all.size() < 2) return "";
  double low = 1e9, high = 1e-6;
  for (const MemberErrors& one : all.errors) {
    for (const double value : {one.rmse_percent, one.spread_percent}) {
      if (value > 0) low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  low = std::min(low, high) / 1.6;
  high *= 1.6;
  Svg svg("error-spread", "Error against spread",
          "Root mean square residual of a member against the spread of the members, one point for "
          "each parameter.",
          kSquareWidth, kSquareHeight);
  Plot plot(&svg, kSquareBox, Scale(ScaleKind::kLog, low, high), Scale(ScaleKind::kLog, low, high));
  plot.axes("spread \u03c3 of the members / %", "RMSE of a member / %");
  plot.begin();
  plot.curve({{low, low}, {high, high}}, "limit");
  plot.end();
  for (size_t i = 0; i < all.errors.size(); ++i) {
    const Point at =
        plot.at(std::max(all.errors[i].spread_percent, low), all.errors[i].rmse_percent);
    const std::string& name = summary.parameters[i].name;
    svg.circle(at, 4.5, "estimate filled",
               name + ": RMSE " + label_of(all.errors[i].rmse_percent, 2) + " %, spread " +
                   label_of(all.errors[i].spread_percent, 2) + " %");
    svg.text({at.x - 9, at.y + 4}, Anchor::kEnd, "key", name);
  }
  plot.frame();
  draw_legend(&svg, {kSquareBox.left, 24},
              {{"dot", "estimate filled", "a parameter"},
               {"line", "limit", "every error is a member's own"}});
  return svg.finish();
}

}  // namespace sagips_tool
