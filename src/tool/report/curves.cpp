// SPDX-License-Identifier: BSD-3-Clause
// Time on x in the unit that suits the run. Lines come from metrics.csv, dots from checkpoints;
// where there is no metrics.csv, the dots are joined instead.

#include "tool/report/curves.h"

#include <algorithm>
#include <cmath>

#include "tool/report/plot.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

struct Format {
  double width, height;
  Box box;
};
constexpr Format kWide = {500, 340, {58, 44, 490, 292}};
constexpr Format kMedium = {400, 262, {58, 34, 390, 216}};
constexpr Format kSmall = {330, 236, {58, 34, 320, 190}};
constexpr double kRoomOnTheRight = 1.015;  // so that the last dot is whole

struct TimeAxis {
  double unit;  // seconds
  std::string label;
  double high;
};

TimeAxis time_axis(const ReportData& data) {
  double last = 1e-3;
  if (!data.reports.empty()) last = std::max(last, data.reports.back().seconds);
  if (!data.checkpoints.empty()) last = std::max(last, data.checkpoints.back().seconds);
  const double high = kRoomOnTheRight * last;
  if (last > 7200) return {3600, "training time / h", high / 3600};
  if (last > 300) return {60, "training time / min", high / 60};
  return {1, "training time / s", high};
}

template <typename Row, typename Value>
std::vector<Point> against_time(const std::vector<Row>& rows, const TimeAxis& time, Value value) {
  std::vector<Point> points;
  for (const Row& row : rows) {
    const double y = value(row);
    if (std::isfinite(y)) points.push_back({row.seconds / time.unit, y});
  }
  return points;
}

std::vector<std::string> checkpoint_hints(const ReportData& data, const std::vector<Point>& dots) {
  std::vector<std::string> hints;
  for (size_t i = 0; i < dots.size() && i < data.checkpoints.size(); ++i) {
    hints.push_back("epoch " + std::to_string(data.checkpoints[i].epoch) + ", " +
                    duration(data.checkpoints[i].seconds) + ": " + label_of(dots[i].y, 2) + " %");
  }
  return hints;
}

struct Extent {
  double low, high;
  void include(const std::vector<Point>& points) {
    for (const Point& point : points) {
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
};

// Median over a window that slides along the points: what a noisy curve does, whatever its scale.
std::vector<Point> running_median(const std::vector<Point>& points) {
  const size_t reach = std::max<size_t>(1, points.size() / 60);
  std::vector<Point> smooth;
  for (size_t i = reach; i + reach < points.size(); ++i) {
    std::vector<double> window;
    for (size_t j = i - reach; j <= i + reach; ++j) window.push_back(points[j].y);
    std::nth_element(window.begin(), window.begin() + static_cast<std::ptrdiff_t>(reach),
                     window.end());
    smooth.push_back({points[i].x, window[reach]});
  }
  return smooth;
}

// From the 1 % to the 99 % quantile: a first transient must not flatten all that follows.
Extent bulk(const std::vector<Point>& points) {
  std::vector<double> values;
  for (const Point& point : points) values.push_back(point.y);
  std::sort(values.begin(), values.end());
  const size_t cut = values.size() / 100;
  return {values[cut], values[values.size() - 1 - cut]};
}

Scale scale_for(const Extent& extent, bool is_logarithmic) {
  if (is_logarithmic) return Scale(ScaleKind::kLog, extent.low / 1.3, extent.high * 1.3);
  const double size = std::max(std::fabs(extent.low), std::fabs(extent.high));
  const double room = std::max({0.08 * (extent.high - extent.low), 0.002 * size, 1e-12});
  return Scale(ScaleKind::kLinear, extent.low - room, extent.high + room);
}

// A chart of one column of metrics.csv.
template <typename Value>
std::string metrics_chart(const ReportData& data, const std::string& id, const std::string& title,
                          const std::string& y_label, bool is_logarithmic, Value value) {
  constexpr size_t kNoisy = 120;  // more points than this get a median
  const TimeAxis time = time_axis(data);
  std::vector<Point> points = against_time(data.reports, time, value);
  if (is_logarithmic) {
    points.erase(std::remove_if(points.begin(), points.end(),
                                [](const Point& point) { return !(point.y > 0); }),
                 points.end());
  }
  if (points.size() < 2) return "";
  Svg svg(id, title,
          title + " against training time, last " + significant(points.back().y, 4) + ".",
          kSmall.width, kSmall.height);
  Plot plot(&svg, kSmall.box, Scale(ScaleKind::kLinear, 0.0, time.high),
            scale_for(bulk(points), is_logarithmic));
  plot.axes(time.label, y_label);
  plot.begin();
  plot.curve(points, points.size() > kNoisy ? "curve faint" : "curve");
  if (points.size() > kNoisy) plot.curve(running_median(points), "curve");
  plot.end();
  plot.frame();
  svg.text({kSmall.box.left, 20}, Anchor::kStart, "heading", title);
  return svg.finish();
}

}  // namespace

std::string residual_chart(const ReportData& data, size_t parameter) {
  const ParameterResult& result = data.summary.parameters[parameter];
  const TimeAxis time = time_axis(data);
  const auto lines =
      against_time(data.reports, time, [&](const Report& row) { return row.residual[parameter]; });
  const auto dots = against_time(
      data.checkpoints, time, [&](const CheckpointState& row) { return row.residual[parameter]; });

  const bool has_limit = std::isfinite(result.limit_percent);
  const double bend = has_limit ? result.limit_percent : 1.0;
  Extent extent{-3 * bend, 3 * bend};
  extent.include(lines);
  extent.include(dots);

  Svg svg("residual-" + result.name, "Residual of " + result.name,
          "Residual of " + result.name + " in percent against training time. It ends at " +
              with_sign(result.residual_percent, 2) +
              " percent; one sigma of the Cramer-Rao limit is " + cell(result.limit_percent, 2) +
              " percent.",
          kMedium.width, kMedium.height);
  Plot plot(&svg, kMedium.box, Scale(ScaleKind::kLinear, 0.0, time.high),
            Scale(ScaleKind::kAsinh, extent.low * 1.15, extent.high * 1.15, bend));
  plot.begin();
  if (has_limit) plot.band(-bend, bend, "band");
  plot.end();
  plot.axes(time.label, "residual / %", 20.0);
  plot.begin();
  plot.rule(0.0, "zero");
  plot.curve(lines.empty() ? dots : lines, "curve");
  plot.dots(dots, 3.2, "dot", checkpoint_hints(data, dots));
  plot.end();
  plot.frame();
  svg.text({kMedium.box.left, 20}, Anchor::kStart, "heading", result.name);
  std::string ends = "ends at " + label_of(result.residual_percent, 2) + " %";
  if (has_limit) ends += ", limit \u00b1" + label_of(bend, 2) + " %";
  svg.text({kMedium.box.right, 20}, Anchor::kEnd, "key", ends);
  return svg.finish();
}

std::string mean_residual_chart(const ReportData& data) {
  const TimeAxis time = time_axis(data);
  const auto lines =
      against_time(data.reports, time, [](const Report& row) { return row.mean_abs_residual; });
  const auto dots = against_time(data.checkpoints, time,
                                 [](const CheckpointState& row) { return row.mean_abs_residual; });
  const double expected = data.summary.expected_mean_abs_at_limit_percent;
  const bool has_limit = std::isfinite(expected);
  const double last = data.summary.mean_abs_residual_percent;
  Extent extent{std::max(last, 1e-6), std::max(last, 1e-6)};
  extent.include(lines);
  extent.include(dots);
  if (has_limit) extent.include({{0, expected}});

  Svg svg("mean-residual", "Mean absolute residual",
          "Mean absolute residual in percent against training time; it ends at " + fixed(last, 2) +
              " percent, and " + cell(expected, 2) + " percent is expected at the limit.",
          kWide.width, kWide.height);
  Plot plot(&svg, kWide.box, Scale(ScaleKind::kLinear, 0.0, time.high),
            Scale(ScaleKind::kLog, std::max(extent.low, 1e-6) * 0.7, extent.high * 1.4));
  plot.axes(time.label, "mean |residual| / %");
  plot.begin();
  if (has_limit) plot.rule(expected, "limit");
  plot.curve(lines.empty() ? dots : lines, "curve");
  plot.dots(dots, 3.6, "dot", checkpoint_hints(data, dots));
  plot.end();
  plot.frame();
  std::vector<Key> keys;
  if (!lines.empty()) keys.push_back({"line", "curve", "training"});
  keys.push_back({"dot", "dot", "checkpoint"});
  if (has_limit) {
    keys.push_back({"line", "limit", "expected at the limit: " + fixed(expected, 2) + " %"});
  }
  draw_legend(&svg, {kWide.box.left, 24}, keys);
  return svg.finish();
}

std::string discriminator_loss_chart(const ReportData& data) {
  return metrics_chart(data, "loss-discriminator", "Discriminator loss", "loss", false,
                       [](const Report& row) { return row.loss_discriminator; });
}

std::string generator_loss_chart(const ReportData& data) {
  return metrics_chart(data, "loss-generator", "Generator loss", "loss", false,
                       [](const Report& row) { return row.loss_generator; });
}

std::string auxiliary_loss_chart(const ReportData& data) {
  return metrics_chart(data, "loss-auxiliary", "Penalty of norms and priors", "loss", true,
                       [](const Report& row) { return row.loss_auxiliary; });
}

std::string speed_chart(const ReportData& data) {
  return metrics_chart(data, "speed", "Synthetic events per second", "10\u2076 events / s", false,
                       [](const Report& row) { return row.events_per_second / 1e6; });
}

}  // namespace sagips_tool
