// SPDX-License-Identifier: BSD-3-Clause
// How often does the truth lie within 1 and 1.96 stated standard deviations of the estimate of a
// single training? On fresh data sets with fresh training seeds:
//
//   pull_j = (estimate - truth)_j / stated sigma_j,   its mean and rms, and the fractions below
//
// The slope of estimate - truth on fit - truth, fit the maximum-likelihood fit of the same events,
// tells whether the training follows its data in full (1) or lags behind them (less).

#include <cmath>
#include <cstdio>

#include "described_run.h"
#include "ensemble_parts.h"
#include "quoted.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

constexpr int kDataSets = 100;
constexpr int64_t kEvents = 100000;
constexpr uint64_t kDataSeed = 5000;      // data seeds follow it; nothing was tuned on them
constexpr uint64_t kTrainingSeed = 6000;  // so do the trainings'

struct Columns {
  Rows pulls, fit_pulls;   // by the stated sigma; by the limit
  Rows in_limits;          // (estimate - truth)/limit
  Rows statistical_pulls;  // by the statistical part alone
  Rows e, own_over_limit;
  int failures = 0;
};

void add(const Json& run, Columns* c) {
  if (run.contains("failure")) {
    ++c->failures;
    return;
  }
  const Vector truth = run["truth"], fit = run["fit"], limit = run["limit"], mean = run["mean"];
  const Vector own = sigmas(run["total"]), statistical = sigmas(run["statistical"]);
  Rows rows(6);
  for (size_t j = 0; j < truth.size(); ++j) {
    rows[0].push_back((mean[j] - truth[j]) / own[j]);
    rows[1].push_back((fit[j] - truth[j]) / limit[j]);
    rows[2].push_back((mean[j] - truth[j]) / limit[j]);
    rows[3].push_back((mean[j] - truth[j]) / statistical[j]);
    rows[4].push_back((mean[j] - fit[j]) / limit[j]);
    rows[5].push_back(own[j] / limit[j]);
  }
  c->pulls.push_back(rows[0]);
  c->fit_pulls.push_back(rows[1]);
  c->in_limits.push_back(rows[2]);
  c->statistical_pulls.push_back(rows[3]);
  c->e.push_back(rows[4]);
  c->own_over_limit.push_back(rows[5]);
}

std::function<double(const Rows&)> within(double bound) {
  return [bound](const Rows& rows) { return fraction_within(bound, flat(rows)); };
}

// The statistic for each parameter, then for all; printed and kept.
void tell(const char* key, const char* name, const Rows& rows, int digits, double factor,
          const std::function<double(const Rows&)>& statistic, Json* json,
          std::vector<std::vector<std::string>>* table) {
  std::vector<std::string> cells;
  for (size_t j = 0; !rows.empty() && j < rows.front().size(); ++j) {
    const Quoted one = jackknife(column(rows, j), statistic);
    (*json)[key].push_back(as_json(one));
    cells.push_back(sagips_tool::cell(factor * one.value, digits));
  }
  const Quoted all = jackknife(rows, statistic);
  (*json)[std::string(key) + "_all"] = as_json(all);
  cells.push_back(text_of(all, digits, factor));
  table->push_back(text_row(name, cells));
}

// Of estimate - truth on fit - truth, rows of pairs (fit, estimate).
double slope(const Rows& rows) {
  double xy = 0, xx = 0;
  for (const Vector& row : rows) {
    for (size_t j = 0; j + 1 < row.size(); j += 2) {
      xy += row[j] * row[j + 1];
      xx += row[j] * row[j];
    }
  }
  return xy / xx;
}

Quoted slope_on_fit(const Columns& c) {
  Rows pairs;
  for (size_t k = 0; k < c.in_limits.size(); ++k) {
    pairs.emplace_back();
    for (size_t j = 0; j < c.in_limits[k].size(); ++j) {
      pairs.back().push_back(c.fit_pulls[k][j]);
      pairs.back().push_back(c.in_limits[k][j]);
    }
  }
  return jackknife(pairs, slope);
}

Json judge(const std::string& problem, const Columns& c) {
  Json json;
  std::vector<std::vector<std::string>> table = {
      {problem, "p0", "p1", "p2", "p3", "p4", "p5", "all"}};
  tell("within_1_sigma", "truth within 1 sigma, % (68.3)", c.pulls, 0, 100, within(1), &json,
       &table);
  tell("within_196_sigma", "within 1.96 sigma, % (95.0)", c.pulls, 0, 100, within(1.96), &json,
       &table);
  tell("mean_pull", "mean pull", c.pulls, 2, 1, mean_of, &json, &table);
  tell("rms_pull", "rms pull", c.pulls, 2, 1, rms_of, &json, &table);
  tell("rms_pull_statistical", "rms pull by the statistical part", c.statistical_pulls, 2, 1,
       rms_of, &json, &table);
  tell("rms_pull_fit", "rms (fit - truth)/limit", c.fit_pulls, 2, 1, rms_of, &json, &table);
  tell("fit_within_1_limit", "fit within 1 limit, %", c.fit_pulls, 0, 100, within(1), &json,
       &table);
  tell("rms_e", "rms e = (estimate - fit)/limit", c.e, 2, 1, rms_of, &json, &table);
  tell("own_over_limit", "stated sigma/limit", c.own_over_limit, 2, 1, mean_of, &json, &table);
  const Quoted follows = slope_on_fit(c);
  json["slope_on_fit"] = as_json(follows);
  json["failures"] = c.failures;
  std::printf("%s  slope of estimate - truth on fit - truth: %s\n",
              sagips_tool::aligned(table, "lrrrrrrr").c_str(), text_of(follows, 3).c_str());
  if (c.failures > 0) std::printf("  TRAININGS THAT FAILED, left out: %d\n", c.failures);
  return json;
}

}  // namespace

Json calibration_part(const std::string& problem, const EnsembleSettings& settings) {
  const int n_sets = settings.data_sets(kDataSets);
  const int64_t n_events = settings.events(kEvents);
  std::printf(
      "== Calibration, %s: %d data sets of %s events, data seeds %d and on; +- by jackknife "
      "over data sets\n\n",
      problem.c_str(), n_sets, sagips_tool::grouped(n_events, ",").c_str(),
      static_cast<int>(kDataSeed + 1));
  Columns columns;
  for (int set = 1; set <= n_sets; ++set) {
    show_progress("calibration " + problem + " " + std::to_string(set));
    const auto k = static_cast<uint64_t>(set);
    Json key = key_of("calibration", problem, settings, n_events);
    key["set"] = set;
    add(settings.log->get(key,
                          [&] {
                            const Vector& truth = sagips_tool::closure_spec(problem).truth;
                            const DataSet data =
                                make_data_set(problem, truth, n_events, kDataSeed + k);
                            return describe_run(data, settings.length(), kTrainingSeed + k);
                          }),
        &columns);
  }
  show_progress("");
  Json json = judge(problem, columns);
  json["n_data_sets"] = n_sets;
  json["n_events"] = n_events;
  return json;
}

}  // namespace sagips_bench
