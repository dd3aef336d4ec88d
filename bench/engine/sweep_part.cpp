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
constexpr double kMostWork = 16e9;  // multiply-adds times two: larger shapes take too long

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

Json summary_of(const Json& cases) {
  double least_ratio = std::numeric_limits<double>::infinity();
  double least_percent = least_ratio, largest_error = 0;
  int slower = 0;
  for (const Json& one : cases) {
    largest_error = std::max(largest_error, one["error"].get<double>());
    const bool has_goal = one["width"] >= 32 && one["batch"] >= 4096 && one["threads"] == 1;
    if (has_goal) least_percent = std::min(least_percent, one["percent_of_peak"].get<double>());
    if (one["ratio"].is_null()) continue;
    least_ratio = std::min(least_ratio, one["ratio"].get<double>());
    slower += one["ratio"] < 1.0 ? 1 : 0;
  }
  return {{"least_ratio", least_ratio},
          {"cases_slower", slower},
          {"least_percent_of_peak_from_32_and_4096", least_percent},
          {"largest_error", largest_error}};
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
  std::vector<std::vector<std::string>> table = {{"width", "depth", "batch", "threads", "us",
                                                  "GFLOP/s", "% of peak", "error", "best other",
                                                  "its error", "times ours"}};
  for (const SweepCase& c : sweep_cases()) {
    const std::vector<int64_t> sizes = {c.width, c.depth, c.batch};
    std::string line = "shape";
    std::vector<std::string> row;
    for (const int64_t size : sizes) row.push_back(std::to_string(size));
    for (const std::string& size : row) line += " " + size;
    show_progress(line);
    const Json result = workers[c.threads == 1 ? 0 : 1]->ask(line);
    Json one = {{"width", c.width}, {"depth", c.depth}, {"batch", c.batch}, {"threads", c.threads}};
    one.update(result);
    const Json best = best_other(result);
    one["ratio"] = best.is_null() ? Json() : best["ratio"];
    json["cases"].push_back(one);
    const auto error_text = [](const Json& value) {
      char text[32];
      std::snprintf(text, sizeof(text), "%.1e", value.get<double>());
      return std::string(text);
    };
    row.push_back(std::to_string(c.threads));
    row.push_back(sagips_tool::cell(result["us"], 1));
    row.push_back(sagips_tool::cell(result["gflops"], 1));
    row.push_back(sagips_tool::cell(result["percent_of_peak"], 1));
    row.push_back(error_text(result["error"]));
    row.push_back(best.is_null() ? "-" : best["name"].get<std::string>());
    row.push_back(best.is_null() ? "-" : error_text(best["error"]));
    row.push_back(best.is_null() ? "-" : sagips_tool::cell(best["ratio"], 2));
    table.push_back(row);
  }
  show_progress("");
  json["summary"] = summary_of(json["cases"]);
  std::printf("%s%s\n\n", sagips_tool::aligned(table, "rrrrrrrrlrr").c_str(),
              json["summary"].dump().c_str());
  return json;
}

}  // namespace sagips_bench
