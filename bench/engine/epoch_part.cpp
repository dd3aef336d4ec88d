// SPDX-License-Identifier: BSD-3-Clause
// Epochs of the paper, ours and PyTorch's. For each case all contestants are started first, and
// then take turns, with the peak among them; ratios and percentages are those of one round, and
// their median over rounds is reported.

#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/interpreters.h"
#include "engine/settings.h"
#include "machine.h"
#include "progress.h"
#include "statistics.h"
#include "tool/abi.h"
#include "tool/result_table.h"

namespace sagips_bench {
namespace {

enum class Compiled { kLeftOut, kIncluded };

struct EpochCase {
  int64_t rows, events;
  int threads;
  Compiled compiled;  // compiling takes a minute
};

constexpr EpochCase kCases[] = {
    {1024, 100, 1, Compiled::kIncluded}, {1024, 100, 2, Compiled::kIncluded},
    {51, 100, 1, Compiled::kIncluded},   {51, 100, 2, Compiled::kLeftOut},
    {64, 25, 1, Compiled::kIncluded},    {64, 25, 2, Compiled::kLeftOut},
    {1, 1, 1, Compiled::kLeftOut},
};

// One program in the race.
struct Contestant {
  std::string python, mode;  // python is empty for us
  std::unique_ptr<Worker> worker;
  std::vector<double> ms, cpu_ms;  // (rounds) medians
  double least_ms = 1e30;
  double rss_mb = 0;

  void take_turn() {
    const Json answer = worker->ask("run 0.3");
    const auto all = answer["ms"].get<std::vector<double>>();
    ms.push_back(median(all));
    cpu_ms.push_back(median(answer["cpu_ms"].get<std::vector<double>>()));
    least_ms = std::min(least_ms, *std::min_element(all.begin(), all.end()));
    rss_mb = std::max(rss_mb, answer["rss_mb"].get<double>());
  }
  Json json() const {
    Json out = {
        {"ms", median(ms)}, {"ms_min", least_ms}, {"cpu_ms", median(cpu_ms)}, {"rss_mb", rss_mb}};
    if (python.empty()) return out;
    out["python"] = python;
    out["mode"] = mode;
    out["torch"] = worker->hello()["torch"];
    out["blas"] = worker->hello()["blas"];
    return out;
  }
};

std::vector<std::string> words_of(const EpochCase& c) {
  return {std::to_string(c.rows), std::to_string(c.events), std::to_string(c.threads)};
}

Contestant ourselves(const EpochCase& c, const EngineSettings& settings) {
  std::vector<std::string> words = words_of(c);
  words.insert(words.begin(), "epoch");
  words.push_back(settings.device);
  words.push_back(sagips::simd_name(settings.simd));
  return {"", "", std::make_unique<Worker>(own_worker(words), std::vector<std::string>{}), {}, {}};
}

// A build of PyTorch, and how it is run.
struct Build {
  std::string python;
  TorchMode mode;
};

// Starts all of them; one that does not work is left out, and forgotten.
std::vector<Contestant> others(const EpochCase& c, std::vector<Build>* builds) {
  std::vector<Contestant> found;
  for (auto build = builds->begin(); build != builds->end();) {
    const std::string name = build->mode.name;
    std::vector<std::string> words = words_of(c), environment = build->mode.environment;
    words.insert(words.begin(), {build->python, SAGIPS_BENCH_FOLDER "/torch_epoch.py"});
    words.push_back(build->mode.argument);
    environment.push_back("OMP_NUM_THREADS=" + std::to_string(c.threads));
    if (name == "compile" && c.compiled == Compiled::kLeftOut) {
      ++build;
      continue;
    }
    show_progress("starting " + build->python + ", " + name);
    try {
      found.push_back({build->python, name, std::make_unique<Worker>(words, environment), {}, {}});
      ++build;
    } catch (const sagips_tool::Failure& failure) {
      std::fprintf(stderr, "bench_engine: left out: %s\n", failure.what());
      build = builds->erase(build);
    }
  }
  show_progress("");
  return found;
}

std::vector<double> quotients_of(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out;
  for (size_t i = 0; i < a.size(); ++i) out.push_back(a[i] / b[i]);
  return out;
}

// The fastest build in one mode; nullptr where it could not be run.
const Contestant* fastest(const std::vector<Contestant>& all, const std::string& mode) {
  const Contestant* best = nullptr;
  for (const Contestant& one : all) {
    const bool is_faster = best == nullptr || median(one.ms) < median(best->ms);
    if (one.mode == mode && is_faster) best = &one;
  }
  return best;
}

// Peaks of as many processes as there are threads, in each round.
class PeakMeter {
 public:
  PeakMeter(int n, const std::string& simd) {
    for (int i = 0; i < n; ++i) {
      workers_.push_back(
          std::make_unique<Worker>(own_worker({"peak", simd}), std::vector<std::string>{}));
    }
  }
  void take_turn() {
    for (auto& worker : workers_) worker->tell("run 0.15");
    double sum = 0, sum_by_cpu = 0;
    for (auto& worker : workers_) {
      const Json answer = worker->hear();
      sum += answer["gflops"].get<double>();
      sum_by_cpu += answer["by_cpu"].get<double>();
    }
    gflops.push_back(sum);
    by_cpu.push_back(sum_by_cpu);
  }
  std::vector<double> gflops, by_cpu;  // (rounds) sums over processes

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

// One that fails leaves the race.
void take_turns(std::vector<Contestant>* all) {
  for (auto one = all->begin(); one != all->end();) {
    try {
      one->take_turn();
      ++one;
    } catch (const sagips_tool::Failure& failure) {
      std::fprintf(stderr, "bench_engine: %s\n", failure.what());
      one = all->erase(one);
    }
  }
}

// Median over rounds of work / time / peak.
double percent_of_peak(double gflop, const std::vector<double>& ms,
                       const std::vector<double>& peaks) {
  std::vector<double> percent;
  for (size_t i = 0; i < ms.size(); ++i) percent.push_back(1e5 * gflop / ms[i] / peaks[i]);
  return median(percent);
}

void compare(const Contestant& us, const std::vector<Contestant>& torch, Json* json) {
  for (const TorchMode& mode : torch_modes()) {
    const Contestant* best = fastest(torch, mode.name);
    const std::string suffix = mode.name;
    const bool is_there = best != nullptr;
    (*json)["ratio_torch_" + suffix] =
        is_there ? Json(median(quotients_of(best->ms, us.ms))) : Json();
    (*json)["ratio_cpu_torch_" + suffix] =
        is_there ? Json(median(quotients_of(best->cpu_ms, us.cpu_ms))) : Json();
    (*json)["ratio_memory_" + suffix] = is_there ? Json(best->rss_mb / us.rss_mb) : Json();
  }
}

Json run_case(const EpochCase& c, const EngineSettings& settings, std::vector<Build>* builds) {
  PeakMeter meter(c.threads, sagips::simd_name(settings.simd));
  Contestant us = ourselves(c, settings);
  std::vector<Contestant> torch = others(c, builds);
  for (int round = 0; round < settings.rounds; ++round) {
    show_progress("round " + std::to_string(round + 1));
    meter.take_turn();
    us.take_turn();
    take_turns(&torch);
  }
  show_progress("");
  const double gflop = 1e-9 * us.worker->ask("flops 0")["flops"].get<double>();

  Json json = {{"rows", c.rows}, {"events", c.events}, {"threads", c.threads}};
  json.update(us.json());
  json["gflop"] = gflop;
  json["gflops"] = 1e3 * gflop / median(us.ms);
  json["peak_gflops"] = median(meter.gflops);
  json["percent_of_peak"] = percent_of_peak(gflop, us.ms, meter.gflops);
  if (c.threads == 1) {  // where threads wait for each other, processor time hides it
    json["percent_of_peak_cpu"] = percent_of_peak(gflop, us.cpu_ms, meter.by_cpu);
  }
  compare(us, torch, &json);
  json["load"] = load_average();
  json["phases_ms"] = us.worker->ask("phases 0.5");
  json["torch"] = Json::array();
  for (const Contestant& one : torch) json["torch"].push_back(one.json());
  return json;
}

std::string text(const Json& value, int digits) {
  return value.is_null() ? "-" : sagips_tool::cell(value.get<double>(), digits);
}

void print_case(const Json& json) {
  std::vector<std::vector<std::string>> table = {
      {"", "ms", "least", "processor ms", "GFLOP/s", "MB", "times ours", "by processor"}};
  const auto add = [&](const std::string& name, const Json& one) {
    const double rate = 1e3 * json["gflop"].get<double>() / one["ms"].get<double>();
    table.push_back(
        {name, text(one["ms"], 2), text(one["ms_min"], 2), text(one["cpu_ms"], 2),
         sagips_tool::cell(rate, 1), text(one["rss_mb"], 2),
         sagips_tool::cell(one["ms"].get<double>() / json["ms"].get<double>(), 2),
         sagips_tool::cell(one["cpu_ms"].get<double>() / json["cpu_ms"].get<double>(), 2)});
  };
  add("sagips", json);
  for (const Json& one : json["torch"]) {
    add("torch " + one["torch"].get<std::string>() + " " + one["mode"].get<std::string>(), one);
  }
  std::printf("%s rows x %s events, threads: %s; load %s\n%s", json["rows"].dump().c_str(),
              json["events"].dump().c_str(), json["threads"].dump().c_str(),
              text(json["load"], 1).c_str(), sagips_tool::aligned(table, "lrrrrrrr").c_str());
  std::printf("of the peak %s %%, by processor time %s %%; ",
              text(json["percent_of_peak"], 1).c_str(),
              text(json.value("percent_of_peak_cpu", Json()), 1).c_str());
  std::string phases;
  for (const auto& [name, ms] : json["phases_ms"].items()) {
    phases += (phases.empty() ? "" : ", ") + name + " " + text(ms, 3);
  }
  std::printf("phases, ms: %s\n\n", phases.c_str());
}

}  // namespace

Json epoch_part(const EngineSettings& settings) {
  std::printf("== The paper's epoch on proxy1d, ours and PyTorch's in turn, %d rounds\n\n",
              settings.rounds);
  const std::vector<std::string> interpreters = find_interpreters();
  if (interpreters.empty()) {
    std::printf(
        "No python here can import torch: there is nothing to compare with. Name one in "
        "SAGIPS_BENCH_PYTHON.\n\n");
  }
  Json json = {{"torch_found", !interpreters.empty()}, {"interpreters", interpreters}};
  json["cases"] = Json::array();
  std::vector<Build> builds;
  for (const std::string& python : interpreters)
    for (const TorchMode& mode : torch_modes()) builds.push_back({python, mode});
  for (const EpochCase& c : kCases) {
    json["cases"].push_back(run_case(c, settings, &builds));
    print_case(json["cases"].back());
    std::fflush(stdout);
  }
  return json;
}

}  // namespace sagips_bench
