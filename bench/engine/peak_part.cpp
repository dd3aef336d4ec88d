// SPDX-License-Identifier: BSD-3-Clause
// The peak of one core, and of two processes at once, for each instruction set. Two processes share
// what two threads share, except for memory, so they are what two threads can hope for.

#include <cstdio>

#include "engine/fma_peak.h"
#include "engine/settings.h"
#include "statistics.h"
#include "tool/result_table.h"

namespace sagips_bench {

void serve_peak(const std::vector<std::string>& words) {
  const sagips::Simd simd = sagips::choose_simd(words.at(0));
  measure_peak(simd, 0.05);  // clocks settle
  serve({{"simd", sagips::simd_name(simd)}}, [&](const std::vector<std::string>& line) -> Json {
    const Peak peak = measure_peak(simd, std::stod(line.at(1)));
    return {{"gflops", peak.gflops}, {"by_cpu", peak.by_cpu}, {"best", peak.best}};
  });
}

Json peak_part(const EngineSettings& settings) {
  std::printf(
      "== Peak of fused multiply-adds, single precision, GFLOP/s: median (best window)\n\n");
  std::vector<std::vector<std::string>> table = {{"", "one core", "two processes, sum"}};
  Json json;
  for (const sagips::Simd simd : sagips::supported_simd()) {
    const std::string name = sagips::simd_name(simd);
    Worker a(own_worker({"peak", name}), {}), b(own_worker({"peak", name}), {});
    std::vector<double> one, two;
    double best_one = 0, best_two = 0;
    for (int round = 0; round < settings.rounds; ++round) {
      const Json alone = a.ask("run 0.2");
      one.push_back(alone["gflops"]);
      best_one = std::max(best_one, alone["best"].get<double>());
      a.tell("run 0.2");
      b.tell("run 0.2");
      const Json first = a.hear(), second = b.hear();
      two.push_back(first["gflops"].get<double>() + second["gflops"].get<double>());
      best_two = std::max(best_two, first["best"].get<double>() + second["best"].get<double>());
    }
    json[name] = {
        {"one", median(one)}, {"one_best", best_one}, {"two", median(two)}, {"two_best", best_two}};
    const auto text = [](double middle, double best) {
      return sagips_tool::cell(middle, 1) + " (" + sagips_tool::cell(best, 1) + ")";
    };
    table.push_back({name, text(median(one), best_one), text(median(two), best_two)});
  }
  std::printf("%s\n", sagips_tool::aligned(table, "lrr").c_str());
  return {{"fma_peak_gflops", json}};
}

}  // namespace sagips_bench
