// SPDX-License-Identifier: BSD-3-Clause
// From the words of a `sagips run` command line to the settings of a run. Later ones win:
// preset < --config < dedicated flags < --set.

#ifndef SAGIPS_TOOL_ARGUMENTS_H_
#define SAGIPS_TOOL_ARGUMENTS_H_

#include <optional>
#include <string>
#include <vector>

#include "tool/settings.h"

namespace sagips_tool {

// As typed. Numbers are texts until they are resolved, so that 1e6 counts as a whole number.
struct RunArguments {
  std::optional<std::string> problem, preset, truth, config;
  std::optional<std::string> events, seed, data_seed, epochs, members, threads;
  std::vector<std::string> set;  // "key=value"
  std::string out = "out/run";
  bool resume = false;
  bool overwrite = false;
  std::string command;  // the whole line, for the record
};

// Settings of a new run. Throws a UsageError that tells what is wrong.
RunSettings new_settings(const RunArguments& arguments);

// Settings of a run that goes on: those recorded, with what may change taken from the command line
// (threads, and when checkpoints are written). Throws a UsageError that names every setting that
// the command line gives another value than the record.
RunSettings resumed_settings(const RunArguments& arguments, const RunSettings& recorded);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_ARGUMENTS_H_
