// SPDX-License-Identifier: BSD-3-Clause
// bench_closure: does the preset `fast` close, how well, how fast, and what does it cost? Every
// accuracy is judged by the maximum-likelihood fit of the same events; every number is measured in
// this run. Google Benchmark is not used: what is timed here lasts from microseconds in long loops
// to seconds, once each, and a stopwatch serves for both.

#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "machine.h"
#include "parts.h"
#include "program.h"
#include "statistics.h"
#include "tool/files.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::UsageError;

constexpr char kUsage[] =
    "Usage: bench_closure [--part closure|truths|variants|routes|overhead|ask] [--datasets N] "
    "[--events N]\n"
    "                     [--problem proxy1d|kuma6] [--first-seed S] [--out FILE]\n"
    "Without --part it runs all; --datasets replaces each part's own number of data sets;\n"
    "--problem is for the part `routes`, --first-seed, of data and training, for `closure`: 1 "
    "unless "
    "given;\n"
    "--events is 1000000 and --out is out/bench/closure.json unless given.\n";

struct Arguments {
  std::vector<std::string> parts = {"overhead", "ask", "closure", "truths", "variants", "routes"};
  PartSettings settings;
  std::string out = "out/bench/closure.json";
  bool asks_for_help = false;
};

int64_t read_count(const std::string& flag, const std::string& text) {
  int64_t count = 0;
  if (!sagips_tool::parse(text, &count) || count < 1) {
    throw UsageError(flag + " is \"" + text + "\" (must be a positive integer)");
  }
  return count;
}

Arguments read_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  const std::vector<std::string> known = arguments.parts;
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::string& flag = words[i];
    if (flag == "--help") {
      arguments.asks_for_help = true;
      return arguments;
    }
    if (i + 1 == words.size()) throw UsageError(flag + " needs a value");
    const std::string& value = words[i + 1];
    if (flag == "--part") {
      bool is_known = false;
      for (const std::string& name : known) is_known = is_known || name == value;
      if (!is_known) throw UsageError("no part is called \"" + value + "\"");
      arguments.parts = {value};
    } else if (flag == "--datasets") {
      arguments.settings.n_data_sets = static_cast<int>(read_count(flag, value));
    } else if (flag == "--events") {
      arguments.settings.n_events = read_count(flag, value);
    } else if (flag == "--problem") {
      arguments.settings.problem = sagips_tool::closure_spec(value).name;
    } else if (flag == "--first-seed") {
      arguments.settings.first_seed = read_count(flag, value);
    } else if (flag == "--out") {
      arguments.out = value;
    } else {
      throw UsageError("there is no " + flag);
    }
  }
  return arguments;
}

void write_json(const std::string& path, const Json& json) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) sagips_tool::make_folder(folder);
  sagips_tool::write_file(path, json.dump(1) + "\n");
}

// The whole preset, option by option: it changes between versions.
Json preset_as_json() {
  Json json;
  for (const sagips_tool::OptionRow& row : sagips_tool::option_table()) {
    json[row.key] = fast_value(row.key);
  }
  return json;
}

void run_part(const std::string& part, const PartSettings& settings, Json* json) {
  if (part == "closure") (*json)["closure"] = closure_part(settings);
  if (part == "truths") (*json)["truths"] = truths_part(settings);
  if (part == "variants") (*json)["variants"] = variants_part(settings);
  if (part == "routes") (*json)["routes"] = routes_part(settings);
  if (part == "ask") (*json)["ask"] = ask_part();
  if (part == "overhead") {
    (*json)["memory"] = memory_part(settings);
    (*json)["callback"] = callback_part();
  }
}

int run(const Arguments& arguments) {
  const Stopwatch watch;
  Json json;
  json["machine"] = describe_machine();
  json["preset"] = preset_as_json();
  std::printf("SAGIPS %s, %s\n%s, %ld cores, load %.1f\n\n", sagips_version_string(),
              json["machine"]["date"].get<std::string>().c_str(),
              json["machine"]["processor"].get<std::string>().c_str(),
              json["machine"]["cores"].get<long>(), load_average());
  for (const std::string& part : arguments.parts) {
    const Stopwatch part_watch;
    run_part(part, arguments.settings, &json);
    std::printf("(%s: %s, of processor time %s)\n\n", part.c_str(),
                sagips_tool::duration(part_watch.wall()).c_str(),
                sagips_tool::duration(part_watch.cpu()).c_str());
    std::fflush(stdout);
    json["seconds"][part] = part_watch.wall();
    json["seconds_cpu"][part] = part_watch.cpu();
    json["load_at_end"] = load_average();
    write_json(arguments.out, json);  // after each part: a run cut short leaves what it had
  }
  std::printf("Total %s, of processor time %s; load at the end %.1f. Written: %s\n",
              sagips_tool::duration(watch.wall()).c_str(),
              sagips_tool::duration(watch.cpu()).c_str(), load_average(), arguments.out.c_str());
  return 0;
}

}  // namespace

std::vector<std::string> table_row(const std::string& name, const Vector& values, int digits) {
  std::vector<std::string> row = {name};
  for (const double value : values) row.push_back(sagips_tool::cell(value, digits));
  return row;
}

}  // namespace sagips_bench

int main(int argc, char** argv) {
  return sagips_bench::run_program("bench_closure", sagips_bench::kUsage, argc, argv,
                                   sagips_bench::read_arguments, sagips_bench::run);
}
