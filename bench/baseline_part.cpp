// SPDX-License-Identifier: BSD-3-Clause
// What the recipe is worth: processor time until a training closes, with the preset `fast`, with
// what it was before the vectorised engine, and with the paper's own recipe, whose batch and
// learning rates were tuned for it. A ratio of these is one of recipes, not of implementations: all
// of them run on the same library.
//
//   closes   from the first moment on which the mean |residual| stays at or below 1.7 times what
//            is expected at the limit; where the data themselves fluctuated beyond that, never
//   follows  the same for rms e <= 1, in which the fluctuation of the data cancels

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "baseline_tuning.h"
#include "ensemble_parts.h"
#include "statistics.h"
#include "timed_run.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::cell;
using sagips_tool::fixed;

constexpr int kFastSets = 10, kBaselineSets = 3;
constexpr double kTimes = 10;
constexpr int64_t kEvents = 1000000;
constexpr double kAllowedTimesLimit = 1.7, kFollows = 1;
constexpr double kForever = 1e9;

struct Row {
  std::string name;
  Vector seconds, closes, follows;  // the last two of those that did
  Vector fit_seconds;
  std::vector<TimedRun> runs;
  int fits_within = 0;  // data sets on which the fit itself is within what closes
};

// Trains on data seeds 1 to n.
Row run_row(const std::string& problem, const EnsembleSettings& settings, const std::string& name,
            const std::vector<Setting>& options, int n_sets, double most_seconds) {
  Row row;
  row.name = name;
  for (int set = 1; set <= n_sets; ++set) {
    show_progress(problem + ", " + name + " " + std::to_string(set));
    const auto seed = static_cast<uint64_t>(set);
    Json key = key_of("timed", problem, settings, kEvents);
    key["name"] = name;
    key["set"] = set;
    key["seconds"] = most_seconds;
    const Json result = settings.log->get(key, [&] {
      const Vector& truth = sagips_tool::closure_spec(problem).truth;
      const DataSet data = make_data_set(problem, truth, kEvents, seed);
      const TimedRun run = train_timed(data, options, seed, most_seconds);
      const double allowed =
          kAllowedTimesLimit * sagips_tool::expected_mean_abs_percent(data.limit, data.truth);
      Json json = timed_run_as_json(run);
      json["allowed_percent"] = allowed;
      json["closes"] = seconds_until_below(allowed, &Moment::mean_abs_percent, run);
      json["follows"] = seconds_until_below(kFollows, &Moment::rms_e, run);
      json["fit_seconds"] = data.fit.seconds;
      json["fit_percent"] = mean_abs_percent(data, data.fit.estimate);
      return json;
    });
    const TimedRun run = timed_run_from(result);
    const double allowed = result["allowed_percent"];
    row.fit_seconds.push_back(result["fit_seconds"]);
    row.fits_within += result["fit_percent"].get<double>() <= allowed ? 1 : 0;
    row.seconds.push_back(run.seconds);
    const double closes = result["closes"], follows = result["follows"];
    if (closes >= 0) row.closes.push_back(closes);
    if (follows >= 0) row.follows.push_back(follows);
    row.runs.push_back(run);
  }
  show_progress("");
  return row;
}

Json as_json(const Row& row) {
  Json json = {{"name", row.name},
               {"n_data_sets", row.seconds.size()},
               {"fits_within", row.fits_within},
               {"median_seconds", median(row.seconds)},
               {"closed", row.closes.size()},
               {"median_seconds_to_close", median(row.closes)},
               {"followed", row.follows.size()},
               {"median_seconds_to_follow", median(row.follows)}};
  for (const TimedRun& run : row.runs) json["runs"].push_back(timed_run_as_json(run));
  return json;
}

std::vector<std::string> cells(const Row& row) {
  const auto count = [](const Vector& some) { return " (" + std::to_string(some.size()) + ")"; };
  return {row.name,
          std::to_string(row.seconds.size()),
          cell(median(row.seconds), 2),
          cell(median(row.closes), 2) + count(row.closes),
          cell(median(row.follows), 2) + count(row.follows),
          cell(median(row.fit_seconds), 2)};
}

// Where the baseline stands at 1, 10 and 100 times the seconds of fast, as far as it ran.
Json milestones(const Row& baseline, double fast_seconds, double times) {
  Json json = Json::array();
  for (const double at : {1.0, 10.0, 100.0, 1000.0}) {
    if (at > times) break;
    Vector e, percent;
    for (const TimedRun& run : baseline.runs) {
      const Moment moment = run.state_at(at * fast_seconds);
      e.push_back(moment.rms_e);
      percent.push_back(moment.mean_abs_percent);
    }
    json.push_back({{"times", at},
                    {"seconds", at * fast_seconds},
                    {"median_rms_e", median(e)},
                    {"rms_e", e},
                    {"median_percent", median(percent)}});
    std::printf(
        "  paper's recipe at %4.0f times the seconds of fast (%.1f s): rms e %s, median "
        "%.1f; mean |residual| %.1f %%\n",
        at, at * fast_seconds,
        [&e] {
          std::string all;
          for (const double one : e) all += (all.empty() ? "" : ", ") + fixed(one, 1);
          return all;
        }()
            .c_str(),
        median(e), median(percent));
  }
  return json;
}

}  // namespace

Json baseline_part(const std::string& problem, const EnsembleSettings& settings) {
  const double times = settings.times > 0 ? settings.times : kTimes;
  const int n_fast = settings.data_sets(kFastSets), n_baseline = settings.members(kBaselineSets);
  std::printf(
      "== Baseline, %s: seconds of processor time, medians (and how many got there), "
      "1,000,000 events, data seeds 1 and on\n\n",
      problem.c_str());
  const Row fast = run_row(problem, settings, "preset fast", settings.length(), n_fast, kForever);
  std::vector<Setting> before = settings.length();
  before.push_back({"growth.factor", "4"});
  before.push_back({"lift.degree", "6"});
  const Row old =
      run_row(problem, settings, "growth.factor 4, lift.degree 6", before, n_fast, kForever);
  const double seconds = median(fast.seconds);
  // Rounded, so that a run that goes on finds the trainings that were limited by it.
  const double unit = std::max(0.1, std::round(10 * seconds) / 10);
  Json json;
  const Recipe recipe = tune_baseline(problem, settings, unit, times, &json["tuning"]);
  const Row baseline = run_row(problem, settings, "paper's recipe, " + recipe.name(),
                               recipe.settings(), n_baseline, times * unit);
  std::printf("\n%s\n",
              sagips_tool::aligned({{problem, "sets", "in all", "closes", "follows", "ML fit"},
                                    cells(fast),
                                    cells(old),
                                    cells(baseline)},
                                   "lrrrrr")
                  .c_str());
  std::printf("  (the fit itself is within what closes on %d of %d)\n", fast.fits_within, n_fast);
  json["milestones"] = milestones(baseline, unit, times);
  Vector fast_e;
  for (const TimedRun& run : fast.runs) fast_e.push_back(run.moments.back().rms_e);
  json["fast_rms_e"] = median(fast_e);
  std::printf("  fast at its end: rms e, median %.2f\n\n", median(fast_e));
  json["times"] = times;
  json["unit_seconds"] = unit;
  json["fit_seconds"] = median(fast.fit_seconds);
  for (const Row* row : {&fast, &old, &baseline}) json["rows"].push_back(as_json(*row));
  return json;
}

}  // namespace sagips_bench
