// SPDX-License-Identifier: BSD-3-Clause
// Every call of the device against the reference in double precision, on the list of networks and
// batches that the tests use; the largest relative error of a network over its batches and calls.

#include <algorithm>
#include <cstdio>

#include "engine/settings.h"
#include "engine/timed_device.h"
#include "progress.h"
#include "tool/result_table.h"
#include "tool/text.h"
#include "unit/device/device_testing.h"

namespace sagips_bench {
namespace {

struct Worst {
  double error = 0;
  std::string where;
};

// Shapes by their widths: "2-128-128-1".
std::string shape_of(const sagips::DeviceCase& c) {
  std::vector<std::string> words;
  for (const int32_t width : c.widths) words.push_back(std::to_string(width));
  return sagips_tool::join(words, "-");
}

void compare(const sagips::Outputs& ours, const sagips::Outputs& wanted, Worst* worst) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double error = sagips::relative_error(ours[i].values, wanted[i]);
    if (error >= worst->error) *worst = {error, wanted[i].name};
  }
}

}  // namespace

Json accuracy_part(const EngineSettings& settings) {
  std::printf("== Largest relative error by the reference in double precision (1e-5 allowed)\n\n");
  const std::vector<sagips::Simd> targets = sagips::supported_simd();
  std::vector<std::vector<std::string>> table = {{"network", "widths"}};
  for (const sagips::Simd simd : targets) table[0].emplace_back(sagips::simd_name(simd));
  table[0].emplace_back("the largest is that of");
  const sagips::Parallel parallel;
  Json json;
  double largest = 0;
  for (const sagips::DeviceCase& c : sagips::device_cases()) {
    show_progress("accuracy " + c.name);
    std::vector<Worst> worst(targets.size());
    for (const int64_t batch : c.batches) {
      const sagips::Workload w = sagips::make_workload(c, batch);
      const auto wanted = run_all(sagips::make_reference_device(&parallel).get(), w);
      for (size_t t = 0; t < targets.size(); ++t) {
        compare(run_all(make_device(settings.device, targets[t], &parallel).get(), w), wanted,
                &worst[t]);
      }
    }
    std::vector<std::string> row = {c.name, shape_of(c)};
    Worst of_all;
    for (size_t t = 0; t < targets.size(); ++t) {
      if (worst[t].error >= of_all.error) of_all = worst[t];
      char text[32];
      std::snprintf(text, sizeof(text), "%.1e", worst[t].error);
      row.emplace_back(text);
      json["cases"][c.name][sagips::simd_name(targets[t])] = {{"error", worst[t].error},
                                                              {"where", worst[t].where}};
    }
    json["cases"][c.name]["widths"] = shape_of(c);
    row.push_back(of_all.where);
    table.push_back(row);
    largest = std::max(largest, of_all.error);
  }
  show_progress("");
  json["largest"] = largest;
  std::printf("%sLargest of all: %.1e\n\n",
              sagips_tool::aligned(table, "ll" + std::string(targets.size(), 'r') + "l").c_str(),
              largest);
  return {{"accuracy", json}};
}

}  // namespace sagips_bench
