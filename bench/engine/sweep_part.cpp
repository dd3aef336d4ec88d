// SPDX-License-Identifier: BSD-3-Clause
// One discriminator step over widths, depths and batches, against the best that Eigen and oneDNN
// make of it. Two goals: half of the peak for widths 32 to 512 from 4096 events on, and nowhere
// slower than the best of the others.

#include <algorithm>
#include <cstdio>
#include <limits>

#include "engine/settings.h"
#include "progress.h"
#include "statistics.h"
#include "tool/result_table.h"

namespace sagips_bench {
namespace {

constexpr int kWidths[] = {8, 16, 24, 32, 33, 48, 64, 100, 128, 200, 256, 509, 512};
constexpr int64_t kBatches[] = {64, 256, 1024, 4096, 16384};
constexpr int kDepth = 3;
constexpr double kMostWork = 16e9;  // floating-point operations: larger shapes take too long
constexpr double kPeakGoal = 50;    // percent

struct SweepCase {
  int width, depth;
  int64_t batch;
  int threads;
};

// All widths by all batches at one depth; other depths at three widths; two threads at a few.
std::vector<SweepCase> sweep_cases() {
  std::vector<SweepCase> cases;
  for (const int width : kWidths)
    for (const int64_t batch : kBatches) {
      const double work = 6.0 * width * width * (kDepth - 1) * static_cast<double>(batch);
      if (work < kMostWork) cases.push_back({width, kDepth, batch, 1});
    }
  for (const int depth : {1, 2, 4})
    for (const int width : {33, 64, 256})
      for (const int64_t batch : {256, 4096}) cases.push_back({width, depth, batch, 1});
  for (const int width : {33, 64, 128, 256})
    for (const int64_t batch : {256, 4096, 16384}) cases.push_back({width, kDepth, batch, 2});
  return cases;
}

// The library's fastest way; null where it is not here.
Json best_other(const Json& result) {
  Json best;
  if (!result.contains("others")) return best;
  for (const Json& one : result["others"]) {
    if (best.is_null() || one["ratio"] < best["ratio"]) best = one;
  }
  return best;
}

// Half of the peak is asked where there are products of matrices to speak of: one hidden layer
// alone has none.
bool has_peak_goal(const Json& one) {
  return one["width"] >= 32 && one["depth"] >= 2 && one["batch"] >= 4096 && one["threads"] == 1;
}

Json summary_of(const Json& cases) {
  double least_ratio = std::numeric_limits<double>::infinity();
  double least_percent = least_ratio, largest_error = 0;
  int slower = 0, with_goal = 0, below_goal = 0;
  for (const Json& one : cases) {
    largest_error = std::max(largest_error, one["error"].get<double>());
    if (has_peak_goal(one)) {
      const double percent = one["percent_of_peak"];
      least_percent = std::min(least_percent, percent);
      ++with_goal;
      below_goal += percent < kPeakGoal ? 1 : 0;
    }
    if (one["ratio"].is_null()) continue;
    least_ratio = std::min(least_ratio, one["ratio"].get<double>());
    slower += one["ratio"] < 1.0 ? 1 : 0;
  }
  return {{"cases", cases.size()},
          {"cases_slower", slower},
          {"least_ratio", least_ratio},
          {"cases_with_peak_goal", with_goal},
          {"cases_below_peak_goal", below_goal},
          {"least_percent_of_peak", least_percent},
          {"largest_error", largest_error}};
}

std::string scientific(const Json& value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1e", value.get<double>());
  return text;
}

const std::vector<std::string> kHead = {"width",      "depth",     "batch",     "threads",
                                        "us",         "GFLOP/s",   "% of peak", "error",
                                        "best other", "its error", "times ours"};

std::vector<std::string> row_of(const Json& one) {
  std::vector<std::string> row;
  for (const char* key : {"width", "depth", "batch", "threads"}) row.push_back(one[key].dump());
  for (const char* key : {"us", "gflops", "percent_of_peak"}) {
    row.push_back(sagips_tool::cell(one[key], 1));
  }
  row.push_back(scientific(one["error"]));
  const Json best = best_other(one);
  if (best.is_null()) {
    row.insert(row.end(), 3, "-");
    return row;
  }
  row.push_back(best["name"]);
  row.push_back(scientific(best["error"]));
  row.push_back(sagips_tool::cell(best["ratio"], 2));
  return row;
}

void print_summary(const Json& s) {
  std::printf("Slower than the best other: %d of %d cases, at worst %.2f times as fast.\n",
              s["cases_slower"].get<int>(), s["cases"].get<int>(), s["least_ratio"].get<double>());
  std::printf(
      "Below %.0f %% of the peak from width 32, depth 2 and 4096 events on: %d of %d cases, "
      "the lowest %.1f %%.\nLargest relative error %.1e.\n\n",
      kPeakGoal, s["cases_below_peak_goal"].get<int>(), s["cases_with_peak_goal"].get<int>(),
      s["least_percent_of_peak"].get<double>(), s["largest_error"].get<double>());
}

}  // namespace

Json sweep_part(const EngineSettings& settings) {
  std::printf(
      "== Discriminator step, 2 - width x depth - 1, against the best of Eigen and oneDNN\n\n");
  std::vector<std::unique_ptr<Worker>> workers;  // for 1 and for 2 threads
  for (const std::string threads : {"1", "2"}) {
    workers.push_back(std::make_unique<Worker>(
        own_worker({"sweep", threads, settings.device, sagips::simd_name(settings.simd)}),
        std::vector<std::string>{"OMP_NUM_THREADS=" + threads}));
  }
  Json json = {{"libraries", workers[0]->hello()["libraries"]}, {"cases", Json::array()}};
  std::vector<std::vector<std::string>> table = {kHead};
  for (const SweepCase& c : sweep_cases()) {
    const std::string line = "shape " + std::to_string(c.width) + " " + std::to_string(c.depth) +
                             " " + std::to_string(c.batch);
    show_progress(line);
    Json one = {{"width", c.width}, {"depth", c.depth}, {"batch", c.batch}, {"threads", c.threads}};
    one.update(workers[c.threads == 1 ? 0 : 1]->ask(line));
    const Json best = best_other(one);
    one["ratio"] = best.is_null() ? Json() : best["ratio"];
    table.push_back(row_of(one));
    json["cases"].push_back(one);
  }
  show_progress("");
  json["summary"] = summary_of(json["cases"]);
  std::printf("%s\n", sagips_tool::aligned(table, "rrrrrrrrlrr").c_str());
  print_summary(json["summary"]);
  return {{"sweep", json}};
}

}  // namespace sagips_bench
