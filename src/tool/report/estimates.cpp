// SPDX-License-Identifier: BSD-3-Clause
// Pulls and correlations.

#include "tool/report/estimates.h"

#include <algorithm>
#include <cmath>

#include "tool/report/plot.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr double kWidth = 500, kHeight = 340;
constexpr Box kBox = {58, 44, 490, 292};
constexpr double kStrong = 0.62;  // above, light text is read more easily

// The solver's own uncertainty in units of the limit.
double bar_of(const ParameterResult& one) {
  const double sigma = one.limit_percent / 100.0 * std::fabs(one.truth);
  return std::isfinite(one.uncertainty) ? one.uncertainty / sigma : 0.0;
}

double pull_reach(const Summary& summary) {
  double reach = 2.8;
  for (const ParameterResult& one : summary.parameters) {
    if (std::isfinite(one.pull)) reach = std::max(reach, std::fabs(one.pull) + bar_of(one));
  }
  return std::min(1.08 * reach, 200.0);
}

void draw_pulls(Svg* svg, const Plot& plot, const Summary& summary) {
  const double step = (kBox.bottom - kBox.top) / static_cast<double>(summary.parameters.size());
  for (size_t i = 0; i < summary.parameters.size(); ++i) {
    const ParameterResult& one = summary.parameters[i];
    const double y = kBox.top + step * (static_cast<double>(i) + 0.5);
    svg->text({kBox.left - 10, y + 4}, Anchor::kEnd, "name", one.name);
    if (!std::isfinite(one.pull)) continue;
    const double bar = bar_of(one);
    const Point low = {plot.x()(one.pull - bar), y};
    const Point high = {plot.x()(one.pull + bar), y};
    svg->line(low, high, "estimate");
    svg->line({low.x, y - 5}, {low.x, y + 5}, "estimate");
    svg->line({high.x, y - 5}, {high.x, y + 5}, "estimate");
    svg->circle({plot.x()(one.pull), y}, 4.5, "estimate filled",
                one.name + ": pull " + label_of(one.pull, 2) + ", own uncertainty " +
                    fixed(bar, 2) + " of the limit's sigma");
  }
}

// One correlation: its number on a colour as strong as it is.
void draw_tile(Svg* svg, Point corner, double width, double height, double rho) {
  const bool is_known = std::isfinite(rho);
  const double strength = is_known ? std::min(1.0, std::fabs(rho)) : 0.0;
  const Point inner = {corner.x + 1, corner.y + 1};
  svg->tile(inner, width - 2, height - 2, strength, rho < 0 ? "tile negative" : "tile positive");
  svg->rectangle(inner, width - 2, height - 2, "tile-edge");
  svg->text({corner.x + width / 2, corner.y + height / 2 + 4}, Anchor::kMiddle,
            strength > kStrong ? "number strong" : "number",
            is_known ? label_of(rho, 2) : "\u2013");
}

}  // namespace

std::string pull_chart(const Summary& summary) {
  const bool has_limit =
      std::any_of(summary.parameters.begin(), summary.parameters.end(),
                  [](const ParameterResult& one) { return std::isfinite(one.pull); });
  if (!has_limit) return "";
  Svg svg("pulls", "Estimates against the truth",
          "Distance of each estimate from its truth in units of the Cramer-Rao sigma.", kWidth,
          kHeight);
  const double reach = pull_reach(summary);
  Plot plot(&svg, kBox, Scale(ScaleKind::kLinear, -reach, reach),
            Scale(ScaleKind::kLinear, 0.0, 1.0));
  plot.begin();
  plot.upright_band(-2.0, 2.0, "band");
  plot.upright_band(-1.0, 1.0, "band");
  plot.end();
  plot.x_axis("(estimate \u2212 truth) / \u03c3 of the limit");
  plot.begin();
  plot.upright_rule(0.0, "zero");
  plot.end();
  draw_pulls(&svg, plot, summary);
  plot.frame();
  draw_legend(&svg, {kBox.left, 24},
              {{"dot", "estimate filled", "estimate"},
               {"line", "estimate", "its own uncertainty"},
               {"band", "band double", "\u00b11\u03c3"},
               {"band", "band", "\u00b12\u03c3"}});
  return svg.finish();
}

std::string correlation_chart(const std::string& id, const std::string& title,
                              const std::vector<std::string>& names,
                              const std::vector<double>& covariance) {
  constexpr double kLeft = 50, kTop = 62, kTile = 84, kTileHeight = 46;
  const size_t n = names.size();
  Svg svg(id, "Correlations: " + title, "Correlation matrix of the parameters. " + title + ".",
          kLeft + kTile * static_cast<double>(n) + 6,
          kTop + kTileHeight * static_cast<double>(n) + 6);
  svg.text({kLeft, 22}, Anchor::kStart, "heading", title);
  for (size_t i = 0; i < n; ++i) {
    const double y = kTop + kTileHeight * static_cast<double>(i);
    svg.text({kLeft + kTile * (static_cast<double>(i) + 0.5), kTop - 10}, Anchor::kMiddle, "name",
             names[i]);
    svg.text({kLeft - 10, y + kTileHeight / 2 + 4}, Anchor::kEnd, "name", names[i]);
    for (size_t j = 0; j < n; ++j) {
      const double rho =
          covariance[i * n + j] / std::sqrt(covariance[i * n + i] * covariance[j * n + j]);
      draw_tile(&svg, {kLeft + kTile * static_cast<double>(j), y}, kTile, kTileHeight, rho);
    }
  }
  return svg.finish();
}

}  // namespace sagips_tool
