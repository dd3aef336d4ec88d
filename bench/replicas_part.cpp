// SPDX-License-Identifier: BSD-3-Clause
// The noise of the training, apart from that of the data: several trainings on one data set differ
// in their seeds alone. Within a data set, the scatter W of the replicas is what the stated
// training part T should be; the mean of the replicas, which has hardly any of it left, should
// scatter around the truth as the statistical part S says. Many events, so that W is not hidden.

#include <cmath>
#include <cstdio>
#include <optional>

#include "described_run.h"
#include "ensemble_parts.h"
#include "quoted.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

constexpr int kDataSets = 3;
constexpr int kReplicas = 5;
constexpr int64_t kEvents = 1000000;
constexpr uint64_t kDataSeed = 5200;
constexpr uint64_t kTrainingSeed = 6200;

// Of one data set, for each parameter.
struct Noise {
  Vector scatter, stated;    // variances W and T, over the squared limit
  Vector mean_pull, mean_e;  // of the mean of the replicas: by sqrt(S); from the fit by limit
};

Noise compare(const std::vector<Json>& replicas) {
  Noise noise;
  const Vector truth = replicas[0]["truth"], fit = replicas[0]["fit"], limit = replicas[0]["limit"];
  const auto n = static_cast<double>(replicas.size());
  for (size_t j = 0; j < truth.size(); ++j) {
    double center = 0, squares = 0, stated = 0, statistical = 0;
    for (const Json& one : replicas) {
      center += one["mean"][j].get<double>() / n;
      stated += std::pow(sigmas(one["training"])[j], 2) / n;
      statistical += std::pow(sigmas(one["statistical"])[j], 2) / n;
    }
    for (const Json& one : replicas) squares += std::pow(one["mean"][j].get<double>() - center, 2);
    noise.scatter.push_back(squares / (n - 1) / (limit[j] * limit[j]));
    noise.stated.push_back(stated / (limit[j] * limit[j]));
    noise.mean_pull.push_back((center - truth[j]) / std::sqrt(statistical));
    noise.mean_e.push_back((center - fit[j]) / limit[j]);
  }
  return noise;
}

double root_mean(const Rows& rows) { return std::sqrt(mean_of(rows)); }

// Rows of scatter and stated variances, one behind the other.
double root_ratio(const Rows& rows) {
  double scatter = 0, stated = 0;
  for (const Vector& row : rows) {
    for (size_t j = 0; j < row.size() / 2; ++j) scatter += row[j];
    for (size_t j = row.size() / 2; j < row.size(); ++j) stated += row[j];
  }
  return std::sqrt(scatter / stated);
}

}  // namespace

Json replicas_part(const std::string& problem, const EnsembleSettings& settings) {
  const int n_sets = settings.data_sets(kDataSets), n_replicas = settings.members(kReplicas);
  const int64_t n_events = settings.events(kEvents);
  std::printf("== Replicas, %s: %d trainings on each of %d data sets of %s events\n\n",
              problem.c_str(), n_replicas, n_sets, sagips_tool::grouped(n_events, ",").c_str());
  Rows scatter, stated, both, mean_pulls, mean_e;
  for (int set = 1; set <= n_sets; ++set) {
    std::optional<DataSet> data;
    std::vector<Json> replicas;
    for (int r = 1; r <= n_replicas; ++r) {
      show_progress("replicas " + problem + " " + std::to_string(set) + "." + std::to_string(r));
      Json key = key_of("replicas", problem, settings, n_events);
      key["set"] = set;
      key["replica"] = r;
      replicas.push_back(settings.log->get(key, [&] {
        const auto k = static_cast<uint64_t>(set);
        const Vector& truth = sagips_tool::closure_spec(problem).truth;
        if (!data) data = make_data_set(problem, truth, n_events, kDataSeed + k);
        return describe_run(*data, settings.length(),
                            kTrainingSeed + 100 * k + static_cast<uint64_t>(r));
      }));
      if (replicas.back().contains("failure")) replicas.pop_back();
    }
    if (replicas.size() < 2) continue;
    const Noise noise = compare(replicas);
    scatter.push_back(noise.scatter);
    stated.push_back(noise.stated);
    both.push_back(noise.scatter);
    both.back().insert(both.back().end(), noise.stated.begin(), noise.stated.end());
    mean_pulls.push_back(noise.mean_pull);
    mean_e.push_back(noise.mean_e);
  }
  show_progress("");
  Json json = {{"n_data_sets", n_sets}, {"n_replicas", n_replicas}, {"n_events", n_events}};
  std::vector<std::vector<std::string>> table = {
      {problem, "p0", "p1", "p2", "p3", "p4", "p5", "all"}};
  const auto tell = [&](const char* key, const char* name, const Rows& rows,
                        double (*statistic)(const Rows&)) {
    std::vector<std::string> cells;
    for (size_t j = 0; !rows.empty() && j < rows.front().size(); ++j) {
      const Quoted one = jackknife(column(rows, j), statistic);
      json[key].push_back(as_json(one));
      cells.push_back(sagips_tool::cell(one.value, 2));
    }
    const Quoted all = jackknife(rows, statistic);
    json[std::string(key) + "_all"] = as_json(all);
    cells.push_back(text_of(all, 2));
    table.push_back(text_row(name, cells));
  };
  tell("scatter", "scatter of replicas/limit", scatter, root_mean);
  tell("stated", "stated training part/limit", stated, root_mean);
  tell("mean_e", "rms (mean of replicas - fit)/limit", mean_e, rms_of);
  tell("mean_pull", "rms (mean of replicas - truth)/statistical part", mean_pulls, rms_of);
  const Quoted ratio = jackknife(both, root_ratio);
  json["scatter_over_stated"] = as_json(ratio);
  std::printf("%s  scatter over stated training part: %s\n\n",
              sagips_tool::aligned(table, "lrrrrrrr").c_str(), text_of(ratio, 2).c_str());
  return json;
}

}  // namespace sagips_bench
