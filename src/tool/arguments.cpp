// SPDX-License-Identifier: BSD-3-Clause
// Resolution of the command line, and its comparison with a recorded run. Names and ranges of
// options are the library's business; its sentences are passed on.

#include "tool/arguments.h"

#include <algorithm>
#include <cmath>

#include "tool/closure.h"
#include "tool/files.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr const char* kDefaultProblem = "proxy1d";
constexpr const char* kDefaultPreset = "fast";
constexpr int64_t kDefaultEvents = 1000000;
constexpr uint64_t kDefaultDataSeed = 1;
constexpr int64_t kCheckpointsPerRun = 20;
constexpr const char* kEvery = "checkpoint.every";

// Results do not depend on these.
const std::vector<std::string> kMayChange = {"threads", "checkpoint.every", "checkpoint.keep",
                                             "checkpoint.folder"};

int64_t count(const char* flag, const std::string& text) {
  int64_t value = 0;
  double real = 0.0;
  const bool whole = parse(text, &value);
  if (!whole && parse(text, &real) && std::fabs(real) < 1e18 && real == std::floor(real)) {
    value = static_cast<int64_t>(real);
  }
  if (value < 1) {
    throw UsageError(std::string(flag) + " is \"" + text +
                     "\" (must be a whole number of at least 1); give for example 1000000");
  }
  return value;
}

uint64_t seed(const char* flag, const std::string& text) {
  uint64_t value = 0;
  if (parse(text, &value)) return value;
  throw UsageError(std::string(flag) + " is \"" + text +
                   "\" (must be a whole number from 0 to 2^64 - 1); give for example 7");
}

std::vector<double> values(const std::string& text) {
  std::vector<double> read;
  for (const std::string& part : split(text, ',')) {
    double value = 0.0;
    if (!parse(trimmed(part), &value)) {
      throw UsageError("--truth holds \"" + part +
                       "\" (not a number); give all values separated by commas");
    }
    read.push_back(value);
  }
  return read;
}

void must(sagips_status status) {
  if (status != SAGIPS_OK) throw UsageError(last_error());
}

void set(sagips_options* options, const char* key, const std::optional<std::string>& text) {
  if (text) must(sagips_options_set(options, key, text->c_str()));
}

void set_integer(sagips_options* options, const char* key, int64_t value) {
  must(sagips_options_set_integer(options, key, value));
}

// Everything that the command line says about options, in the order of precedence.
void apply(const RunArguments& arguments, sagips_options* options) {
  if (arguments.config) must(sagips_options_load_toml(options, arguments.config->c_str()));
  if (arguments.epochs) {
    set_integer(options, "epochs", count("--epochs", *arguments.epochs));
  }
  set(options, "ensemble.members", arguments.members);
  set(options, "threads", arguments.threads);
  set(options, "seed", arguments.seed);
  for (const std::string& pair : arguments.set) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError("--set has \"" + pair +
                       "\" (not a key=value pair); give for example --set generator.rate=2e-4");
    }
    must(sagips_options_set(options, trimmed(pair.substr(0, equals)).c_str(),
                            trimmed(pair.substr(equals + 1)).c_str()));
  }
}

// Whether the command line chooses a preset other than by --preset: by `preset = ` before the first
// [table] of the file, or by --set.
bool has_preset_inside(const RunArguments& arguments) {
  for (const std::string& pair : arguments.set) {
    if (trimmed(pair.substr(0, pair.find('='))) == "preset") return true;
  }
  if (!arguments.config) return false;
  for (const std::string& raw : split(read_file(*arguments.config), '\n')) {
    const std::string line = trimmed(raw);
    if (!line.empty() && line[0] == '[') return false;
    if (trimmed(line.substr(0, line.find('='))) == "preset") return true;
  }
  return false;
}

// A checkpoint every twentieth of the run, unless the command line says otherwise: lay that down
// first, then apply the command line. A preset chosen inside of it wipes this out; then the
// preset's own value is taken for "not said".
Options resolved_options(const RunArguments& arguments) {
  const std::string preset = arguments.preset.value_or(kDefaultPreset);
  Options options = make_options(preset);
  apply(arguments, options.get());
  int64_t epochs = 0;
  parse(option_value(options.get(), "epochs"), &epochs);
  const int64_t every = std::max<int64_t>(1, epochs / kCheckpointsPerRun);

  const std::string last_preset = option_value(options.get(), "preset");
  options = make_options(preset);
  set_integer(options.get(), kEvery, every);
  apply(arguments, options.get());
  const std::string untouched = option_value(make_options(last_preset).get(), kEvery);
  if (has_preset_inside(arguments) && option_value(options.get(), kEvery) == untouched) {
    set_integer(options.get(), kEvery, every);
  }
  set(options.get(), "checkpoint.folder", kCheckpoints);
  return options;
}

std::string values_as_text(const std::vector<double>& numbers) {
  std::vector<std::string> parts;
  for (double number : numbers) parts.push_back(shortest(number));
  return join(parts, ",");
}

// Collects "events is 20000 in the record and 30000 on the command line".
class Differences {
 public:
  void compare(const std::string& name, const std::string& recorded, const std::string& asked) {
    if (recorded == asked) return;
    found_.push_back(name + " is " + recorded + " in the record and " + asked +
                     " on the command line");
  }
  void throw_if_any(const std::string& folder) const {
    if (found_.empty()) return;
    throw UsageError("the run in " + folder + " cannot be resumed: " + join(found_, "; ") +
                     "; leave these flags out, or choose another --out");
  }

 private:
  std::vector<std::string> found_;
};

}  // namespace

RunSettings new_settings(const RunArguments& arguments) {
  RunSettings settings;
  settings.problem = arguments.problem.value_or(kDefaultProblem);
  const ClosureSpec& spec = closure_spec(settings.problem);
  settings.truth = arguments.truth ? values(*arguments.truth) : spec.truth;
  check_truth(spec, settings.truth);
  settings.events = arguments.events ? count("--events", *arguments.events) : kDefaultEvents;
  settings.data_seed =
      arguments.data_seed ? seed("--data-seed", *arguments.data_seed) : kDefaultDataSeed;

  const Options options = resolved_options(arguments);
  settings.preset = option_value(options.get(), "preset");
  settings.options = options_as_toml(options.get());
  return settings;
}

RunSettings resumed_settings(const RunArguments& arguments, const RunSettings& recorded) {
  // 1. The problem and its data.
  Differences differences;
  differences.compare("problem", recorded.problem, arguments.problem.value_or(recorded.problem));
  differences.compare("preset", recorded.preset, arguments.preset.value_or(recorded.preset));
  const std::vector<double> truth = arguments.truth ? values(*arguments.truth) : recorded.truth;
  differences.compare("truth", values_as_text(recorded.truth), values_as_text(truth));
  const int64_t events = arguments.events ? count("--events", *arguments.events) : recorded.events;
  differences.compare("events", std::to_string(recorded.events), std::to_string(events));
  const uint64_t data_seed =
      arguments.data_seed ? seed("--data-seed", *arguments.data_seed) : recorded.data_seed;
  differences.compare("data seed", std::to_string(recorded.data_seed), std::to_string(data_seed));

  // 2. Options: those recorded, with the command line on top, must come out the same.
  const Options before = recorded_options(recorded);
  const Options after = recorded_options(recorded);
  apply(arguments, after.get());
  set(after.get(), "checkpoint.folder", kCheckpoints);
  for (const OptionRow& row : option_table()) {
    if (std::find(kMayChange.begin(), kMayChange.end(), row.key) != kMayChange.end()) continue;
    differences.compare(row.key, option_value(before.get(), row.key),
                        option_value(after.get(), row.key));
  }
  differences.throw_if_any(arguments.out);

  RunSettings settings = recorded;
  settings.options = options_as_toml(after.get());
  return settings;
}

}  // namespace sagips_tool
