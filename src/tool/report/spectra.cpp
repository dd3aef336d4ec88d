// SPDX-License-Identifier: BSD-3-Clause
// Data are dots with error bars, synthetic events a filled outline, as is the custom of the field.
// A density that spans more than two decades is shown on a logarithmic axis.

#include "tool/report/spectra.h"

#include <algorithm>
#include <cmath>

#include "tool/report/plot.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr double kWidth = 500, kHeight = 440;
constexpr Box kUpper = {62, 44, 490, 270};
constexpr Box kLower = {62, 286, 490, 392};

Scale density_scale(const std::vector<Bin>& bins) {
  double low = 1e300, high = 0.0;
  for (const Bin& bin : bins) {
    high = std::max({high, bin.data + bin.data_error, bin.synthetic});
    for (double density : {bin.data, bin.synthetic}) {
      if (density > 0) low = std::min(low, density);
    }
  }
  if (high > 100.0 * low) return Scale(ScaleKind::kLog, low / 2.0, high * 1.6);
  return Scale(ScaleKind::kLinear, 0.0, high * 1.08);
}

// Wide enough for nine tenths of the bins with their errors, symmetric about 1.
double ratio_reach(const std::vector<Bin>& bins) {
  std::vector<double> reach;
  for (const Bin& bin : bins) {
    if (std::isfinite(bin.ratio)) reach.push_back(std::fabs(bin.ratio - 1.0) + bin.ratio_error);
  }
  if (reach.empty()) return 0.1;
  std::sort(reach.begin(), reach.end());
  return std::clamp(1.25 * reach[reach.size() * 9 / 10], 0.002, 0.95);
}

// The outline of the synthetic histogram, closed along the bottom of the axis.
std::vector<Point> outline(const Plot& plot, const std::vector<Bin>& bins, bool is_closed) {
  std::vector<Point> points;
  if (is_closed) points.push_back({plot.x()(bins.front().low), plot.box().bottom});
  for (const Bin& bin : bins) {
    points.push_back(plot.at(bin.low, bin.synthetic));
    points.push_back(plot.at(bin.high, bin.synthetic));
  }
  if (is_closed) points.push_back({plot.x()(bins.back().high), plot.box().bottom});
  return points;
}

void draw_densities(Svg* svg, const Comparison& comparison, const Scale& x) {
  const std::vector<Bin>& bins = comparison.bins;
  Plot plot(svg, kUpper, x, density_scale(bins));
  plot.axes("", "(1/N) dN/d" + comparison.observable);
  plot.begin();
  svg->polygon(outline(plot, bins, true), "synthetic-area");
  svg->path(outline(plot, bins, false), "synthetic-line");
  std::vector<Point> dots;
  for (const Bin& bin : bins) {
    if (!(bin.data > 0)) continue;
    plot.error_bar(bin.center(), bin.data, bin.data_error, "data");
    dots.push_back({bin.center(), bin.data});
  }
  plot.dots(dots, 2.4, "data filled", {});
  plot.end();
  plot.frame();
}

// Ratios outside the axis are marked by a triangle at its edge.
void draw_ratios(Svg* svg, const Comparison& comparison, const Scale& x) {
  const double reach = ratio_reach(comparison.bins);
  Plot plot(svg, kLower, x, Scale(ScaleKind::kLinear, 1.0 - reach, 1.0 + reach));
  plot.axes(comparison.observable, "data / synthetic", 24.0);
  plot.begin();
  plot.rule(1.0, "synthetic-line");
  std::vector<Point> dots;
  for (const Bin& bin : comparison.bins) {
    if (!std::isfinite(bin.ratio)) continue;
    plot.error_bar(bin.center(), bin.ratio, bin.ratio_error, "data");
    if (plot.y().contains(bin.ratio)) {
      dots.push_back({bin.center(), bin.ratio});
      continue;
    }
    const bool is_above = bin.ratio > 1.0;
    const double tip = is_above ? kLower.top + 1 : kLower.bottom - 1;
    const double base = is_above ? tip + 7 : tip - 7;
    const double middle = plot.x()(bin.center());
    svg->polygon({{middle, tip}, {middle - 4, base}, {middle + 4, base}}, "data filled");
  }
  plot.dots(dots, 2.4, "data filled", {});
  plot.end();
  plot.frame();
}

}  // namespace

std::string comparison_chart(const Comparison& comparison) {
  if (comparison.bins.empty()) return "";
  const std::string chi2 = "\u03c7\u00b2 / bins = " + fixed(comparison.chi2, 1) + " / " +
                           std::to_string(comparison.degrees_of_freedom);
  Svg svg("events-" + comparison.observable,
          "Data and synthetic events in " + comparison.observable,
          "Densities of " + comparison.observable +
              " in data and in synthetic events, and their"
              " ratio. " +
              chi2 + ".",
          kWidth, kHeight);
  const Scale x(ScaleKind::kLinear, comparison.bins.front().low, comparison.bins.back().high);
  draw_densities(&svg, comparison, x);
  draw_ratios(&svg, comparison, x);
  draw_legend(&svg, {kUpper.left, 24},
              {{"cross", "data", "data"}, {"band", "synthetic-area outlined", "synthetic"}});
  svg.text({kUpper.right, 24}, Anchor::kEnd, "key", chi2);
  return svg.finish();
}

}  // namespace sagips_tool
