// SPDX-License-Identifier: BSD-3-Clause
// Part 4. The same model, the same data and the same preset, with the gradient by each of its
// routes: what does it cost not to write a derivative? Data sets of their own, on which nothing was
// chosen.

#include <cstdio>

#include "parts.h"
#include "route_model.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::fixed;

constexpr int kDataSets = 5;
constexpr int kFirstSeed = 8001;

std::vector<Route> make_routes(const std::string& problem) {
  std::vector<Route> routes = {
      {"vjp", true},
      {"event differences", false, true},
      {"objective differences, central"},
      {"objective differences, one-sided", false, false, false, SAGIPS_ONE_SIDED},
      {"smoothed differences", false, false, false, SAGIPS_SMOOTHED}};
  if (problem == "kuma6") routes.push_back({"score", false, false, true});
  return routes;
}

// What one route did on the data sets of one problem.
struct Result {
  Vector e, seconds_cpu, events_made, laws_told;
  int failures = 0;

  void add(const DataSet& data, const Run& run, const Asked& asked) {
    if (!run.failure.empty()) {
      ++failures;
      return;
    }
    for (const double one : in_sigmas(data, run.estimate, data.fit.estimate)) e.push_back(one);
    seconds_cpu.push_back(run.seconds_cpu);
    events_made.push_back(static_cast<double>(asked.events_made));
    laws_told.push_back(static_cast<double>(asked.laws_told));
  }
};

std::vector<std::string> row_of(const std::string& name, const Result& result) {
  std::vector<std::string> row = table_row(name, {rms(result.e), largest_abs(result.e)}, 2);
  row.push_back(fixed(median(result.events_made) / 1e6, 0));
  row.push_back(fixed(median(result.laws_told) / 1e6, 0));
  row.push_back(fixed(median(result.seconds_cpu), 2));
  row.push_back(result.failures > 0 ? std::to_string(result.failures) + " failed" : "");
  return row;
}

}  // namespace

Json routes_part(const PartSettings& settings) {
  const int n_sets = settings.data_sets(kDataSets);
  std::printf("== Routes of the gradient, as callbacks: %s events, data seeds %d to %d\n\n",
              sagips_tool::grouped(settings.n_events, ",").c_str(), kFirstSeed,
              kFirstSeed + n_sets - 1);
  Json json = {
      {"n_events", settings.n_events}, {"n_data_sets", n_sets}, {"first_seed", kFirstSeed}};
  for (const std::string& problem : sagips_tool::closure_names()) {
    if (!settings.problem.empty() && settings.problem != problem) continue;
    const Vector& truth = sagips_tool::closure_spec(problem).truth;
    const std::vector<Route> routes = make_routes(problem);
    std::vector<Result> results(routes.size());
    std::vector<Json> runs(routes.size(), Json::array());
    for (int set = 0; set < n_sets; ++set) {
      const auto seed = static_cast<uint64_t>(kFirstSeed + set);
      Asked asked[8];  // outlives the pipelines
      DataSet data = make_data_set(problem, truth, settings.n_events, seed);
      for (size_t r = 0; r < routes.size(); ++r) {
        show_progress(problem + ", " + routes[r].name + " " + std::to_string(set + 1));
        use_callbacks(routes[r], &asked[r], &data);
        const Run run = train(data, {}, seed, Uncertainty::kLeftOut);
        results[r].add(data, run, asked[r]);
        Json one = run_as_json(data, run);
        one["events_made"] = asked[r].events_made.load();
        one["events_pulled_back"] = asked[r].events_pulled_back.load();
        one["laws_told"] = asked[r].laws_told.load();
        runs[r].push_back(std::move(one));
      }
    }
    show_progress("");
    std::vector<std::vector<std::string>> table = {
        {problem, "rms e", "largest |e|", "1e6 events made", "1e6 laws told", "cpu seconds", ""}};
    for (size_t r = 0; r < routes.size(); ++r) {
      table.push_back(row_of(routes[r].name, results[r]));
      Json& entry = json[problem][routes[r].name];
      entry["rms_e"] = rms(results[r].e);
      entry["largest_abs_e"] = largest_abs(results[r].e);
      entry["median_seconds_cpu"] = median(results[r].seconds_cpu);
      entry["median_events_made"] = median(results[r].events_made);
      entry["median_laws_told"] = median(results[r].laws_told);
      entry["failures"] = results[r].failures;
      entry["runs"] = std::move(runs[r]);
    }
    std::printf("%s\n", sagips_tool::aligned(table, "lrrrrrl").c_str());
  }
  return json;
}

}  // namespace sagips_bench
