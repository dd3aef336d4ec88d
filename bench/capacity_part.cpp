// SPDX-License-Identifier: BSD-3-Clause
// Figure 8 of the paper: what do wider networks and larger batches bring? Both networks have two
// hidden layers of H neurons, an epoch has B synthetic and B measured events, all trainings have
// the same number of epochs, and the members of an ensemble see the same data, as in the paper.
// Beside them the discriminator that the preset has, a line in the lift. A line and a network want
// different learning rates: each width has its own, tuned at one batch on another data set.
//
//   spread   eq. 8 over the truth, rms over the parameters       residual   eq. 6 of eq. 7,
//   likewise

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "described_run.h"
#include "ensemble_parts.h"
#include "picture.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::fixed;

constexpr int kMembers = 6;
constexpr int64_t kEvents = 1000000, kEpochs = 2000;
constexpr uint64_t kDataSeed = 5501, kTuningSeed = 105;
constexpr int kWidths[] = {0, 8, 32, 128};  // 0: the line
constexpr int kBatches[] = {64, 256, 1024, 4096};
constexpr int kTuningBatch = 1024;
const char* const kRates[] = {"0.05", "0.01", "0.002"};

std::string name_of(int width) {
  return width == 0 ? "a line on the lift" : "H = " + std::to_string(width);
}

std::vector<Setting> options_of(int width, int batch, const std::string& rate, int64_t epochs,
                                int members) {
  std::vector<Setting> options = {{"epochs", std::to_string(epochs)},
                                  {"rows", "1"},
                                  {"events", std::to_string(batch)},
                                  {"growth.factor", "1"},
                                  {"ensemble.members", std::to_string(members)},
                                  {"ensemble.bootstrap", "false"},
                                  {"discriminator.rate", rate}};
  if (width == 0) return options;
  const std::string hidden = std::to_string(width) + "," + std::to_string(width);
  options.push_back({"generator.hidden", hidden});
  options.push_back({"discriminator.hidden", hidden});
  options.push_back({"discriminator.output_scale", "1"});
  return options;
}

// What the picture shows of one ensemble, in percent; NaN where it failed.
struct Cell {
  double spread = std::nan(""), residual = std::nan(""), first = std::nan("");
  double fit_residual = std::nan("");
  double e = std::nan("");  // of the mean, in limits
};

Cell cell_of(const Json& run) {
  Cell cell;
  const Vector truth = run["truth"], fit = run["fit"], limit = run["limit"];
  cell.fit_residual = rms(sagips_tool::residuals_percent(truth, fit));
  if (run.contains("failure")) return cell;
  const Vector mean = run["mean"];
  const auto m = static_cast<double>(run["members"].size()) / static_cast<double>(truth.size());
  const Vector residual = sagips_tool::residuals_percent(truth, mean);
  Vector spread = sigmas(run["spread"]), e;
  for (size_t j = 0; j < truth.size(); ++j) {
    spread[j] *= 100 * std::sqrt((m - 1) / m) / std::fabs(truth[j]);
    e.push_back((mean[j] - fit[j]) / limit[j]);
  }
  cell.spread = rms(spread);
  cell.residual = rms(residual);
  cell.first = residual[0];
  cell.e = rms(e);
  return cell;
}

class Study {
 public:
  Study(const std::string& problem, const EnsembleSettings& settings)
      : problem_(problem),
        settings_(settings),
        epochs_(settings.epochs > 0 ? settings.epochs : kEpochs) {}

  int64_t epochs() const { return epochs_; }

  Cell cell(const DataSet& data, int width, int batch, const std::string& rate, int members) {
    show_progress("capacity, " + name_of(width) + ", batch " + std::to_string(batch));
    Json key = key_of("capacity", problem_, settings_, data.n_events);
    key["seed"] = data.seed;
    key["width"] = width;
    key["batch"] = batch;
    key["rate"] = rate;
    key["epochs"] = epochs_;
    key["members"] = members;
    return cell_of(settings_.log->get(key, [&] {
      return describe_run(data, options_of(width, batch, rate, epochs_, members), data.seed);
    }));
  }

 private:
  std::string problem_;
  const EnsembleSettings& settings_;
  int64_t epochs_;
};

// A rate for each width: that with the smallest e of the mean of two members.
std::vector<std::string> tune(const DataSet& data, Study* study, Json* json) {
  std::vector<std::string> best;
  for (const int width : kWidths) {
    double least = INFINITY;
    std::string line;
    best.emplace_back(kRates[0]);
    for (const char* const rate : kRates) {
      const double e = study->cell(data, width, kTuningBatch, rate, 2).e;
      (*json)["tuning"][name_of(width)][rate] = e;
      line += std::string("  ") + rate + ": " + sagips_tool::cell(e, 2);
      if (e < least) {
        least = e;
        best.back() = rate;
      }
    }
    show_progress("");
    std::printf("  rms e by the discriminator's rate, %-20s%s\n", name_of(width).c_str(),
                line.c_str());
  }
  return best;
}

void draw(const std::string& path, const std::vector<std::vector<Cell>>& cells, int64_t epochs,
          int n_members) {
  using namespace sagips_tool;
  double low = INFINITY, high = 0;
  for (const auto& row : cells) {
    for (const Cell& cell : row) {
      for (const double value : {cell.spread, cell.residual, cell.fit_residual}) {
        if (!(value > 0)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
      }
    }
  }
  Svg svg("capacity", "Spread and residual against batch and width",
          "Two charts against the events of a batch, a line for each width of the networks: above "
          "the spread of the members, below the residual of their mean.",
          640, 620);
  const Scale x(ScaleKind::kLog, kBatches[0] / 1.3, kBatches[3] * 1.3);
  const Scale y(ScaleKind::kLog, low / 1.3, high * 1.3);
  const auto panel = [&](const Box& box, const char* label, double Cell::*quantity, bool is_last) {
    Plot plot(&svg, box, x, y);
    plot.axes(is_last ? "events of a batch" : "", label);
    plot.begin();
    if (is_last) {
      const double fit = cells[0][0].fit_residual;
      plot.curve({{x.low(), fit}, {x.high(), fit}}, "limit");
    }
    for (size_t w = 0; w < cells.size(); ++w) {
      std::vector<Point> points;
      std::vector<std::string> hints;
      for (size_t b = 0; b < cells[w].size(); ++b) {
        if (std::isnan(cells[w][b].*quantity)) continue;
        points.push_back({static_cast<double>(kBatches[b]), cells[w][b].*quantity});
        hints.push_back(name_of(kWidths[w]) + ": " + significant(cells[w][b].*quantity, 3) + " %");
      }
      plot.curve(points, "line " + series(w));
      plot.dots(points, 4, "spot " + series(w), hints);
    }
    plot.end();
    plot.frame();
  };
  svg.text({70, 24}, Anchor::kStart, "heading",
           std::to_string(n_members) + " trainings of " + std::to_string(epochs) + " epochs each");
  for (size_t w = 0; w < cells.size(); ++w) {
    draw_key(&svg, {70 + (w == 0 ? 0 : 60 + 120 * static_cast<double>(w)), 50}, w,
             name_of(kWidths[w]));
  }
  panel({70, 64, 620, 300}, "spread of members / %", &Cell::spread, false);
  panel({70, 330, 620, 566}, "residual of their mean / %", &Cell::residual, true);
  svg.line({70, 600}, {96, 600}, "limit");
  svg.text({103, 604}, Anchor::kStart, "key", "maximum-likelihood fit of the same data");
  write_picture(path, svg);
}

}  // namespace

Json capacity_part(const std::string& problem, const EnsembleSettings& settings) {
  const int n_members = settings.members(kMembers);
  const int64_t n_events = settings.events(kEvents);
  Study study(problem, settings);
  std::printf("== Capacity (figure 8), %s: %d members on the same %s events, %lld epochs\n\n",
              problem.c_str(), n_members, sagips_tool::grouped(n_events, ",").c_str(),
              static_cast<long long>(study.epochs()));
  Json json = {{"n_members", n_members}, {"n_events", n_events}, {"epochs", study.epochs()}};
  const Vector& truth = sagips_tool::closure_spec(problem).truth;
  const std::vector<std::string> rates =
      tune(make_data_set(problem, truth, n_events, kTuningSeed), &study, &json);
  const DataSet data = make_data_set(problem, truth, n_events, kDataSeed);
  std::vector<std::vector<Cell>> cells;
  std::vector<std::vector<std::string>> table = {
      {problem, "batch", "rate", "spread/%", "residual/%", "of p0/%", "rms e"}};
  for (size_t w = 0; w < rates.size(); ++w) {
    cells.emplace_back();
    for (const int batch : kBatches) {
      const Cell one = study.cell(data, kWidths[w], batch, rates[w], n_members);
      cells.back().push_back(one);
      table.push_back({name_of(kWidths[w]), std::to_string(batch), rates[w],
                       sagips_tool::cell(one.spread, 2), sagips_tool::cell(one.residual, 2),
                       sagips_tool::cell(one.first, 2), sagips_tool::cell(one.e, 2)});
      json["cells"].push_back({{"width", kWidths[w]},
                               {"name", name_of(kWidths[w])},
                               {"batch", batch},
                               {"rate", rates[w]},
                               {"spread_percent", one.spread},
                               {"residual_percent", one.residual},
                               {"residual_p0_percent", one.first},
                               {"rms_e", one.e}});
    }
  }
  show_progress("");
  json["fit_residual_percent"] = cells[0][0].fit_residual;
  std::printf("\n%s  residual of the maximum-likelihood fit of the same data: %s %%\n\n",
              sagips_tool::aligned(table, "lrrrrrr").c_str(),
              fixed(cells[0][0].fit_residual, 2).c_str());
  draw(settings.folder + "/capacity.svg", cells, study.epochs(), n_members);
  return json;
}

}  // namespace sagips_bench
