// SPDX-License-Identifier: BSD-3-Clause
// bench_engine: how fast is the arithmetic of a training, against what the machine can do and
// against what others make of it? Everything is measured in this run, and what is compared takes
// turns. This process measures nothing itself: it starts workers and asks them.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/settings.h"
#include "machine.h"
#include "sagips.h"
#include "statistics.h"
#include "tool/abi.h"
#include "tool/files.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::UsageError;
using Words = std::vector<std::string>;

constexpr char kUsage[] =
    "Usage: bench_engine [--device cpu|reference] [--simd auto|portable|avx2|avx512|neon]\n"
    "                    [--part peak|accuracy|epoch|sweep] [--rounds N] [--out FILE]\n"
    "Without --part it runs all; --rounds is 7 and --out is out/bench/engine.json unless given.\n"
    "SAGIPS_BENCH_PYTHON names pythons with torch, separated by colons.\n";

struct Part {
  const char* name;
  Json (*run)(const EngineSettings& settings);
};
constexpr Part kParts[] = {
    {"peak", peak_part}, {"accuracy", accuracy_part}, {"epoch", epoch_part}, {"sweep", sweep_part}};

struct WorkerKind {
  const char* name;
  void (*serve)(const Words& words);
};
constexpr WorkerKind kWorkers[] = {
    {"peak", serve_peak}, {"epoch", serve_epoch}, {"sweep", serve_sweep}};

struct Arguments {
  std::string part, simd = "auto", out = "out/bench/engine.json";
  EngineSettings settings;
};

Arguments read_arguments(const Words& words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::string& flag = words[i];
    if (i + 1 == words.size()) throw UsageError(flag + " needs a value");
    const std::string& value = words[i + 1];
    int64_t rounds = arguments.settings.rounds;
    if (flag == "--device") {
      arguments.settings.device = value;
    } else if (flag == "--simd") {
      arguments.simd = value;
    } else if (flag == "--part") {
      arguments.part = value;
    } else if (flag == "--out") {
      arguments.out = value;
    } else if (flag != "--rounds" || !sagips_tool::parse(value, &rounds) || rounds < 1) {
      throw UsageError("there is no " + flag + " " + value);
    }
    arguments.settings.rounds = static_cast<int>(rounds);
  }
  const bool is_known = std::any_of(std::begin(kParts), std::end(kParts), [&](const Part& part) {
    return arguments.part.empty() || arguments.part == part.name;
  });
  if (!is_known) throw UsageError("no part is called \"" + arguments.part + "\"");
  const std::string& device = arguments.settings.device;
  if (device != "cpu" && device != "reference") {
    throw UsageError("no device is called \"" + device + "\"");
  }
  arguments.settings.simd = sagips::choose_simd(arguments.simd);
  return arguments;
}

void write_json(const std::string& path, const Json& json) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) sagips_tool::make_folder(folder);
  sagips_tool::write_file(path, json.dump(1) + "\n");
}

void run(const Arguments& arguments) {
  const Stopwatch watch;
  Json json = {{"machine", describe_machine()},
               {"device", arguments.settings.device},
               {"simd", sagips::simd_name(arguments.settings.simd)},
               {"rounds", arguments.settings.rounds}};
  std::printf("SAGIPS %s, %s\n%s, %ld cores, load %.1f; device %s, %s\n\n", sagips_version_string(),
              json["machine"]["date"].get<std::string>().c_str(),
              json["machine"]["processor"].get<std::string>().c_str(),
              json["machine"]["cores"].get<long>(), load_average(),
              arguments.settings.device.c_str(), sagips::simd_name(arguments.settings.simd));
  for (const Part& part : kParts) {
    if (!arguments.part.empty() && arguments.part != part.name) continue;
    json.update(part.run(arguments.settings));
    json["load_at_end"] = load_average();
    write_json(arguments.out, json);  // after each part: a run cut short leaves what it had
  }
  std::printf("Total %s; load at the end %.1f. Written: %s\n",
              sagips_tool::duration(watch.wall()).c_str(), load_average(), arguments.out.c_str());
}

void run_worker(const Words& words) {
  for (const WorkerKind& kind : kWorkers) {
    if (words.at(0) == kind.name) return kind.serve(Words(words.begin() + 1, words.end()));
  }
  throw UsageError("no worker is called \"" + words[0] + "\"");
}

}  // namespace
}  // namespace sagips_bench

int main(int argc, char** argv) {
  using namespace sagips_bench;
  const Words words(argv + 1, argv + argc);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a table is in the log as soon as it is known
  try {
    if (!words.empty() && words[0] == "--help") {
      std::fputs(kUsage, stdout);
    } else if (words.size() > 1 && words[0] == "--worker") {
      run_worker(Words(words.begin() + 1, words.end()));
    } else {
      run(read_arguments(words));
    }
    return 0;
  } catch (const sagips_tool::UsageError& error) {
    std::fprintf(stderr, "bench_engine: %s\n%s", error.what(), kUsage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_engine: %s\n", error.what());
    return 1;
  }
}
