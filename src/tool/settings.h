// SPDX-License-Identifier: BSD-3-Clause
// Everything that decides the outcome of a run. It is written to run.json before the first epoch,
// and is all that resuming, and rebuilding a report, need besides the checkpoints.

#ifndef SAGIPS_TOOL_SETTINGS_H_
#define SAGIPS_TOOL_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tool/abi.h"

namespace sagips_tool {

// One start of the command on this run: the first, and each resumption.
struct Invocation {
  std::string command;
  std::string started;  // UTC, "2026-01-31T12:00:00Z"
};

struct RunSettings {
  std::string problem;
  std::string preset;
  std::vector<double> truth;  // (P)
  int64_t events = 0;         // size of the data
  uint64_t data_seed = 0;
  std::string options;  // the whole table, as TOML; checkpoint.folder as seen from the run's folder
  std::vector<Invocation> invocations;
};

std::string settings_as_json(const RunSettings& settings);
// Reads DIR/run.json. Throws a Failure that names the file if it is missing or damaged.
RunSettings read_settings(const std::string& folder);

// The option table of a run as it is recorded: a run may be moved, so its checkpoints are named
// relative to its folder.
Options recorded_options(const RunSettings& settings);
// The same for a solver, the checkpoints kept below `folder`.
Options make_options(const RunSettings& settings, const std::string& folder);

// The moment as UTC, "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_SETTINGS_H_
