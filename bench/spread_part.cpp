// SPDX-License-Identifier: BSD-3-Clause
// Figure 9 of the paper: error against spread, for ensembles of M = 2 to 20 drawn from the same 20
// trainings, 300 times each. All over the truth and rms over the parameters:
//
//   spread   eq. 8 over the subset              RMSE   eq. 6 of the subset's mean, eq. 7
//
// Once with members that each draw the data anew, once with members that differ in their seeds
// alone: the spread of the latter knows nothing of the data's fluctuation, and their error is that.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

#include "described_run.h"
#include "ensemble_parts.h"
#include "picture.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::Point;

constexpr int kMembers = 20, kDraws = 300;
constexpr int64_t kEvents = 1000000;
constexpr uint64_t kDataSeed = 5601;
constexpr double kChi95 = 5.991;  // 95 % of two normal numbers lie within this chi2

// Spread (x) and RMSE (y) of one subset, in percent.
Point judge(const std::vector<Vector>& members, const std::vector<size_t>& subset,
            const Vector& truth) {
  const auto m = static_cast<double>(subset.size());
  double spread = 0, error = 0;
  for (size_t j = 0; j < truth.size(); ++j) {
    double mean = 0, squares = 0;
    for (const size_t k : subset) mean += members[k][j] / m;
    for (const size_t k : subset) squares += (members[k][j] - mean) * (members[k][j] - mean) / m;
    spread += squares / (truth[j] * truth[j]);
    error += (truth[j] - mean) * (truth[j] - mean) / (truth[j] * truth[j]);
  }
  const auto p = static_cast<double>(truth.size());
  return {100 * std::sqrt(spread / p), 100 * std::sqrt(error / p)};
}

// All subsets of one size.
struct Cloud {
  size_t m = 0;
  std::vector<Point> points;
  double x = 0, y = 0, xx = 0, xy = 0, yy = 0;  // means and covariance

  void summarise() {
    const auto n = static_cast<double>(points.size());
    for (const Point& at : points) {
      x += at.x / n;
      y += at.y / n;
    }
    for (const Point& at : points) {
      xx += (at.x - x) * (at.x - x) / (n - 1);
      xy += (at.x - x) * (at.y - y) / (n - 1);
      yy += (at.y - y) * (at.y - y) / (n - 1);
    }
  }

  // Where a normal law of this covariance holds 95 %.
  std::vector<Point> contour() const {
    std::vector<Point> out;
    const double a = std::sqrt(std::max(xx, 1e-12)), b = xy / a;
    const double c = std::sqrt(std::max(yy - b * b, 0.0)), r = std::sqrt(kChi95);
    for (int i = 0; i < 72; ++i) {
      const double angle = 2 * 3.14159265358979 * i / 72;
      out.push_back(
          {x + r * a * std::cos(angle), y + r * (b * std::cos(angle) + c * std::sin(angle))});
    }
    return out;
  }
};

std::vector<Cloud> draw_subsets(const Json& run) {
  const Vector truth = run["truth"], flat_members = run["members"];
  const size_t p = truth.size(), n = flat_members.size() / p;
  std::vector<Vector> members;
  for (size_t k = 0; k < n; ++k) {
    members.emplace_back(flat_members.begin() + static_cast<std::ptrdiff_t>(k * p),
                         flat_members.begin() + static_cast<std::ptrdiff_t>((k + 1) * p));
  }
  std::mt19937_64 engine(9);  // its numbers are the same everywhere
  std::vector<Cloud> clouds;
  for (size_t m = 2; m <= n; ++m) {
    Cloud cloud;
    cloud.m = m;
    for (int draw = 0; draw < (m < n ? kDraws : 1); ++draw) {
      std::vector<size_t> subset(n);
      std::iota(subset.begin(), subset.end(), size_t{0});
      for (size_t k = 0; k < m; ++k) std::swap(subset[k], subset[k + engine() % (n - k)]);
      subset.resize(m);
      cloud.points.push_back(judge(members, subset, truth));
    }
    cloud.summarise();
    clouds.push_back(cloud);
  }
  return clouds;
}

struct Kind {
  std::string name;
  std::vector<Cloud> clouds;
};

void draw_kind(sagips_tool::Svg* svg, const sagips_tool::Box& box, const Kind& kind, double top,
               double fit) {
  using namespace sagips_tool;
  Plot plot(svg, box, Scale(ScaleKind::kLinear, 0, top), Scale(ScaleKind::kLinear, 0, top));
  plot.axes("spread of the members, eq. 8 / %", "RMSE of their mean / %");
  plot.begin();
  plot.curve({{0, fit}, {top, fit}}, "limit");
  size_t look = 0;
  for (const Cloud& cloud : kind.clouds) {
    const bool is_shown = cloud.m == 2 || cloud.m == 4 || cloud.m == 8 || cloud.m == 16;
    if (!is_shown) continue;
    std::vector<Point> contour;
    for (const Point& at : cloud.contour()) contour.push_back(plot.at(at.x, at.y));
    svg->polygon(contour, "area " + series(look++));
  }
  std::vector<Point> path;
  for (const Cloud& cloud : kind.clouds) path.push_back({cloud.x, cloud.y});
  plot.curve(path, "line s0");
  plot.dots({path.back()}, 4, "spot s0", {"all members"});
  plot.end();
  plot.frame();
  svg->text({box.left, box.top - 10}, Anchor::kStart, "heading", kind.name);
}

void draw(const std::string& path, const std::vector<Kind>& kinds, double fit) {
  using namespace sagips_tool;
  double top = fit;
  for (const Kind& kind : kinds) {
    for (const Point& at : kind.clouds.front().points) top = std::max({top, at.x, at.y});
  }
  Svg svg("spread", "Error against spread",
          "For ensembles of 2, 4, 8 and 16 members the region that holds 95 percent of the "
          "subsets, and the way of their centre from 2 members to all.",
          880, 460);
  draw_kind(&svg, {66, 40, 426, 380}, kinds[0], 1.05 * top, fit);
  draw_kind(&svg, {506, 40, 866, 380}, kinds[1], 1.05 * top, fit);
  for (size_t i = 0; i < 4; ++i) {
    draw_key(&svg, {66 + 110 * static_cast<double>(i), 446}, i, "M = " + std::to_string(2 << i));
  }
  svg.line({520, 442}, {546, 442}, "limit");
  svg.text({553, 446}, Anchor::kStart, "key", "maximum-likelihood fit of the same data");
  write_picture(path, svg);
}

Json as_json(const Cloud& cloud) {
  Vector spread, rmse;
  for (const Point& at : cloud.points) {
    spread.push_back(at.x);
    rmse.push_back(at.y);
  }
  const auto quantile = [](Vector values, double q) {
    std::sort(values.begin(), values.end());
    return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
  };
  return {{"members", cloud.m},
          {"spread", {median(spread), quantile(spread, 0.025), quantile(spread, 0.975)}},
          {"rmse", {median(rmse), quantile(rmse, 0.025), quantile(rmse, 0.975)}}};
}

}  // namespace

Json spread_part(const std::string& problem, const EnsembleSettings& settings) {
  const int n_members = settings.members(kMembers);
  const int64_t n_events = settings.events(kEvents);
  std::printf(
      "== Spread (figure 9), %s: %d subsets of each size from %d members on %s events; "
      "median [95 %%], percent\n\n",
      problem.c_str(), kDraws, n_members, sagips_tool::grouped(n_events, ",").c_str());
  const DataSet data =
      make_data_set(problem, sagips_tool::closure_spec(problem).truth, n_events, kDataSeed);
  Json json = {{"n_members", n_members}, {"n_events", n_events}, {"n_draws", kDraws}};
  const double fit = rms(sagips_tool::residuals_percent(data.truth, data.fit.estimate));
  json["fit_rmse"] = fit;
  std::vector<Kind> kinds;
  for (const bool draws_anew : {true, false}) {
    show_progress("spread, " + std::to_string(kinds.size()));
    std::vector<Setting> options = settings.length();
    options.push_back({"ensemble.members", std::to_string(n_members)});
    options.push_back({"ensemble.bootstrap", draws_anew ? "true" : "false"});
    Json key = key_of("spread", problem, settings, n_events);
    key["members"] = n_members;
    key["bootstrap"] = draws_anew;
    const Json run = settings.log->get(key, [&] { return describe_run(data, options, kDataSeed); });
    show_progress("");
    if (run.contains("failure")) throw sagips_tool::Failure(run["failure"].get<std::string>());
    kinds.push_back({draws_anew ? "each on its own draw of the data" : "all on the same data",
                     draw_subsets(run)});
    std::vector<std::vector<std::string>> table = {{kinds.back().name, "spread", "", "RMSE", ""}};
    for (const Cloud& cloud : kinds.back().clouds) {
      const Json one = as_json(cloud);
      json[draws_anew ? "bootstrap" : "same_data"].push_back(one);
      const auto text = [](const Json& of, size_t i) {
        return sagips_tool::fixed(of[i].get<double>(), 2);
      };
      const auto range = [&text](const Json& of) {
        return "[" + text(of, 1) + ", " + text(of, 2) + "]";
      };
      table.push_back({"M = " + std::to_string(cloud.m), text(one["spread"], 0),
                       range(one["spread"]), text(one["rmse"], 0), range(one["rmse"])});
    }
    std::printf("%s\n", sagips_tool::aligned(table, "lrlrl").c_str());
  }
  std::printf("  RMSE of the maximum-likelihood fit of the same data: %.2f %%\n\n", fit);
  draw(settings.folder + "/spread.svg", kinds, fit);
  return json;
}

}  // namespace sagips_bench
