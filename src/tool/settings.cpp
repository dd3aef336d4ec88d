// SPDX-License-Identifier: BSD-3-Clause
// run.json, written and read.

#include "tool/settings.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "tool/closure.h"
#include "tool/files.h"

namespace sagips_tool {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

RunSettings settings_from_json(const Json& json) {
  RunSettings settings;
  settings.problem = json.at("problem").get<std::string>();
  settings.preset = json.at("preset").get<std::string>();
  settings.truth = json.at("truth").get<std::vector<double>>();
  settings.events = json.at("events").get<int64_t>();
  settings.data_seed = json.at("data_seed").get<uint64_t>();
  settings.options = json.at("options").get<std::string>();
  for (const Json& one : json.at("invocations")) {
    settings.invocations.push_back(
        {one.at("command").get<std::string>(), one.at("started").get<std::string>()});
  }
  return settings;
}

}  // namespace

std::string settings_as_json(const RunSettings& settings) {
  Json json;
  json["format"] = kFormat;
  json["problem"] = settings.problem;
  json["preset"] = settings.preset;
  json["truth"] = settings.truth;
  json["events"] = settings.events;
  json["data_seed"] = settings.data_seed;
  json["norm_information"] = closure_spec(settings.problem).norm_information();
  json["options"] = settings.options;
  json["version"] = sagips_version_string();
  json["build"] = sagips_build_info();
  json["invocations"] = Json::array();
  for (const Invocation& one : settings.invocations) {
    json["invocations"].push_back({{"command", one.command}, {"started", one.started}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

RunSettings read_settings(const std::string& folder) {
  const std::string path = record_path(folder);
  if (!exists(path)) {
    throw Failure(folder +
                  " holds no run (there is no run.json in it); name the folder given to"
                  " `sagips run --out`");
  }
  RunSettings settings;
  try {
    const Json json = Json::parse(read_file(path));
    if (json.at("format").get<int>() > kFormat) {
      throw Failure(path + " was written by a newer version; use that version");
    }
    settings = settings_from_json(json);
  } catch (const Json::exception& error) {
    throw Failure(path + " is damaged (" + error.what() + "); start the run again");
  }
  try {  // the file may have been edited: hold it to what the command line is held to
    check_truth(closure_spec(settings.problem), settings.truth);
  } catch (const UsageError& error) {
    throw Failure(path + ": " + error.what());
  }
  return settings;
}

Options recorded_options(const RunSettings& settings) {
  Options options = make_options(settings.preset);
  check(sagips_options_read_toml(options.get(), settings.options.c_str()));
  check(sagips_options_set(options.get(), "checkpoint.folder", kCheckpoints));
  return options;
}

Options make_options(const RunSettings& settings, const std::string& folder) {
  Options options = recorded_options(settings);
  check(sagips_options_set(options.get(), "checkpoint.folder", checkpoint_folder(folder).c_str()));
  return options;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace sagips_tool
