// SPDX-License-Identifier: BSD-3-Clause
// bench_ensemble: are the stated uncertainties true, of one training and of an ensemble; what do
// wider networks and larger batches bring (figures 8 and 9 of the paper); and how far does the
// paper's own recipe come in a multiple of the time? Every training is kept as it ends, so that
// a run may be cut into pieces: --resume goes on with what is kept.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "ensemble_parts.h"
#include "machine.h"
#include "program.h"
#include "statistics.h"
#include "tool/files.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::UsageError;

constexpr char kUsage[] =
    "Usage: bench_ensemble [--part calibration|replicas|members|capacity|spread|baseline]\n"
    "                      [--problem proxy1d|kuma6] [--datasets N] [--events N] [--members M]\n"
    "                      [--times T] [--epochs N] [--resume yes|no] [--out FILE]\n"
    "Without --part it runs all, without --problem both (capacity, spread and baseline: proxy1d);\n"
    "--datasets, --events, --members (of an ensemble, or replicas) and --epochs replace each "
    "part's\n"
    "own numbers. --times T trains the baseline for T times the time of `fast`, 10 unless given.\n"
    "Results join those in FILE, out/bench/ensemble.json unless given; single trainings are kept "
    "in\n"
    "FILE.runs, and pictures beside it.\n";

using Part = Json (*)(const std::string& problem, const EnsembleSettings& settings);

struct NamedPart {
  const char* name;
  Part run;
  std::vector<std::string> problems;  // unless one is asked for
};

const std::vector<NamedPart>& parts() {
  static const std::vector<NamedPart> all = {
      {"calibration", calibration_part, {"proxy1d", "kuma6"}},
      {"replicas", replicas_part, {"proxy1d", "kuma6"}},
      {"members", members_part, {"proxy1d", "kuma6"}},
      {"capacity", capacity_part, {"proxy1d"}},
      {"spread", spread_part, {"proxy1d"}},
      {"baseline", baseline_part, {"proxy1d"}},
  };
  return all;
}

struct Arguments {
  std::string part, problem, out = "out/bench/ensemble.json";
  bool resumes = false, asks_for_help = false;
  EnsembleSettings settings;
};

int64_t read_count(const std::string& flag, const std::string& text) {
  int64_t count = 0;
  if (!sagips_tool::parse(text, &count) || count < 1) {
    throw UsageError(flag + " is \"" + text + "\" (must be a positive integer)");
  }
  return count;
}

void check_part(const std::string& name) {
  for (const NamedPart& part : parts()) {
    if (part.name == name) return;
  }
  throw UsageError("no part is called \"" + name + "\"");
}

double read_times(const std::string& text) {
  double times = 0;
  if (!sagips_tool::parse(text, &times) || !(times > 0)) {
    throw UsageError("--times is \"" + text + "\" (must be a positive number)");
  }
  return times;
}

Arguments read_arguments(const std::vector<std::string>& words) {
  Arguments a;
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::string& flag = words[i];
    if (flag == "--help") {
      a.asks_for_help = true;
      return a;
    }
    if (i + 1 == words.size()) throw UsageError(flag + " needs a value");
    const std::string& value = words[i + 1];
    if (flag == "--part") {
      check_part(value);
      a.part = value;
    } else if (flag == "--problem") {
      a.problem = sagips_tool::closure_spec(value).name;
    } else if (flag == "--datasets") {
      a.settings.n_data_sets = static_cast<int>(read_count(flag, value));
    } else if (flag == "--events") {
      a.settings.n_events = read_count(flag, value);
    } else if (flag == "--members") {
      a.settings.n_members = static_cast<int>(read_count(flag, value));
    } else if (flag == "--epochs") {
      a.settings.epochs = read_count(flag, value);
    } else if (flag == "--times") {
      a.settings.times = read_times(value);
    } else if (flag == "--resume") {
      if (value != "yes" && value != "no") throw UsageError("--resume is yes or no");
      a.resumes = value == "yes";
    } else if (flag == "--out") {
      a.out = value;
    } else {
      throw UsageError("there is no " + flag);
    }
  }
  return a;
}

Json read_json(const std::string& path) {
  std::ifstream file(path);
  const Json json = file ? Json::parse(file, nullptr, false) : Json();
  return json.is_object() ? json : Json::object();
}

void run_part(const NamedPart& part, const Arguments& arguments) {
  std::vector<std::string> problems = part.problems;
  if (!arguments.problem.empty()) problems = {arguments.problem};
  for (const std::string& problem : problems) {
    const Stopwatch watch;
    const Json machine = describe_machine();
    Json result = part.run(problem, arguments.settings);
    result["machine"] = machine;
    result["seconds"] = watch.wall();
    result["seconds_cpu"] = watch.cpu();
    result["load_at_end"] = load_average();
    std::printf("(%s, %s: %s, of processor time %s)\n\n", part.name, problem.c_str(),
                sagips_tool::duration(watch.wall()).c_str(),
                sagips_tool::duration(watch.cpu()).c_str());
    Json all = read_json(arguments.out);
    all["ensemble_bench"][part.name][problem] = std::move(result);
    sagips_tool::write_file(arguments.out, all.dump(1) + "\n");
  }
}

int run(Arguments arguments) {
  const std::filesystem::path folder = std::filesystem::path(arguments.out).parent_path();
  if (!folder.empty()) sagips_tool::make_folder(folder.string());
  RunLog log(arguments.out + ".runs", arguments.resumes);
  arguments.settings.log = &log;
  arguments.settings.folder = folder.empty() ? "." : folder.string();
  for (const NamedPart& part : parts()) {
    if (arguments.part.empty() || arguments.part == part.name) run_part(part, arguments);
  }
  std::printf("Written: %s\n", arguments.out.c_str());
  return 0;
}

}  // namespace

Json key_of(const std::string& part, const std::string& problem, const EnsembleSettings& settings,
            int64_t n_events) {
  return {{"part", part},
          {"problem", problem},
          {"events", n_events},
          {"epochs", settings.epochs},
          {"version", sagips_version_string()}};
}

std::vector<std::string> text_row(const std::string& name, const std::vector<std::string>& cells) {
  std::vector<std::string> row = {name};
  row.insert(row.end(), cells.begin(), cells.end());
  return row;
}

}  // namespace sagips_bench

int main(int argc, char** argv) {
  return sagips_bench::run_program("bench_ensemble", sagips_bench::kUsage, argc, argv,
                                   sagips_bench::read_arguments, sagips_bench::run);
}
