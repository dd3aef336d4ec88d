// SPDX-License-Identifier: BSD-3-Clause
// An ensemble of members, each on its own draw of the data. Its mean is judged by the truth with
// the stated uncertainty, and the members' covariance C by what their draws explain:
//
//   C = B + T,   B = I^-1 I_events I^-1,   which is S = I^-1 only where nothing but events is
//                measured: numbers measured beside them are not drawn anew
//
// Diagonals have M - 1 degrees of freedom, and correlations of 0.99 make six of them two, so a
// single ensemble tells C/B to a third at best. tr(S^-1 C)/tr(S^-1 B) uses all directions.
//
// B is told of a member, at its own estimate. Of proxy1d's covariances the short axes turn from
// there to the mean, so B/S and tr(S^-1 B) are formed with the S of that member.

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

constexpr int kDataSets = 4;
constexpr int kMembers = 20;
constexpr int64_t kEvents = 100000;
constexpr uint64_t kDataSeed = 5300;
constexpr uint64_t kTrainingSeed = 6300;

struct Columns {
  Rows pulls, e;                     // of the mean
  Rows over_statistical, over_draw;  // diag C by diag S, by diag B
  Rows trace_ratio;                  // (1) tr(S^-1 C)/tr(S^-1 B)
  Rows draw_over_statistical;
  int failures = 0;
};

double trace_of_product(const Vector& a, const Vector& b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) sum += a[i * n + j] * b[j * n + i];
  }
  return sum;
}

void add(const Json& run, Columns* c) {
  if (run.contains("failure")) {
    ++c->failures;
    return;
  }
  const Vector truth = run["truth"], fit = run["fit"], limit = run["limit"], mean = run["mean"];
  const Vector own = sigmas(run["total"]);
  const Vector statistical = run["statistical"], spread = run["spread"];
  const Vector draw = run["draw"], draw_statistical = run["draw_statistical"];
  const size_t p = truth.size();
  Rows rows(5);
  for (size_t j = 0; j < p; ++j) {
    const size_t at = j * p + j;
    rows[0].push_back((mean[j] - truth[j]) / own[j]);
    rows[1].push_back((mean[j] - fit[j]) / limit[j]);
    rows[2].push_back(spread[at] / statistical[at]);
    rows[4].push_back(draw[at] / draw_statistical[at]);
    rows[3].push_back(rows[2].back() / rows[4].back());
  }
  c->pulls.push_back(rows[0]);
  c->e.push_back(rows[1]);
  c->over_statistical.push_back(rows[2]);
  c->over_draw.push_back(rows[3]);
  c->draw_over_statistical.push_back(rows[4]);
  Vector information = statistical, draw_information = draw_statistical;
  if (sagips_tool::invert_symmetric(static_cast<int>(p), &information) &&
      sagips_tool::invert_symmetric(static_cast<int>(p), &draw_information)) {
    c->trace_ratio.push_back(
        {trace_of_product(information, spread, p) / trace_of_product(draw_information, draw, p)});
  }
}

Json judge(const std::string& problem, const Columns& c) {
  Json json;
  std::vector<std::vector<std::string>> table = {
      {problem, "p0", "p1", "p2", "p3", "p4", "p5", "all"}};
  const auto tell = [&](const char* key, const char* name, const Rows& rows, int digits,
                        double factor, const std::function<double(const Rows&)>& statistic) {
    std::vector<std::string> cells;
    for (size_t j = 0; !rows.empty() && j < rows.front().size(); ++j) {
      const Quoted one = jackknife(column(rows, j), statistic);
      json[key].push_back(as_json(one));
      cells.push_back(sagips_tool::cell(factor * one.value, digits));
    }
    const Quoted all = jackknife(rows, statistic);
    json[std::string(key) + "_all"] = as_json(all);
    cells.push_back(text_of(all, digits, factor));
    table.push_back(text_row(name, cells));
  };
  const auto within = [](double bound) {
    return [bound](const Rows& rows) { return fraction_within(bound, flat(rows)); };
  };
  tell("within_1_sigma", "truth within 1 sigma of the mean, %", c.pulls, 0, 100, within(1));
  tell("within_196_sigma", "within 1.96 sigma, %", c.pulls, 0, 100, within(1.96));
  tell("rms_pull", "rms pull", c.pulls, 2, 1, rms_of);
  tell("rms_e", "rms e of the mean", c.e, 2, 1, rms_of);
  tell("spread_over_statistical", "diag C/diag S", c.over_statistical, 2, 1, mean_of);
  tell("draw_over_statistical", "diag B/diag S", c.draw_over_statistical, 2, 1, mean_of);
  tell("spread_over_draw", "diag C/diag B", c.over_draw, 2, 1, mean_of);
  const Quoted trace = jackknife(c.trace_ratio, mean_of);
  json["trace_ratio"] = as_json(trace);
  json["failures"] = c.failures;
  std::printf("%s  tr(S^-1 C)/tr(S^-1 B): %s\n\n", sagips_tool::aligned(table, "lrrrrrrr").c_str(),
              text_of(trace, 2).c_str());
  if (c.failures > 0) std::printf("  ENSEMBLES THAT FAILED, left out: %d\n", c.failures);
  return json;
}

}  // namespace

Json members_part(const std::string& problem, const EnsembleSettings& settings) {
  const int n_sets = settings.data_sets(kDataSets), n_members = settings.members(kMembers);
  const int64_t n_events = settings.events(kEvents);
  std::printf("== Members, %s: ensembles of %d on %d data sets of %s events\n\n", problem.c_str(),
              n_members, n_sets, sagips_tool::grouped(n_events, ",").c_str());
  std::vector<Setting> options = settings.length();
  options.push_back({"ensemble.members", std::to_string(n_members)});
  Columns columns;
  for (int set = 1; set <= n_sets; ++set) {
    show_progress("members " + problem + " " + std::to_string(set));
    const auto k = static_cast<uint64_t>(set);
    Json key = key_of("members", problem, settings, n_events);
    key["set"] = set;
    key["members"] = n_members;
    add(settings.log->get(key,
                          [&] {
                            const Vector& truth = sagips_tool::closure_spec(problem).truth;
                            const DataSet data =
                                make_data_set(problem, truth, n_events, kDataSeed + k);
                            return describe_run(data, options, kTrainingSeed + k);
                          }),
        &columns);
  }
  show_progress("");
  Json json = judge(problem, columns);
  json["n_data_sets"] = n_sets;
  json["n_members"] = n_members;
  json["n_events"] = n_events;
  return json;
}

}  // namespace sagips_bench
