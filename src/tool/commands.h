// SPDX-License-Identifier: BSD-3-Clause
// The subcommands. Each returns the exit code, and throws a Failure (1) or a UsageError (2).

#ifndef SAGIPS_TOOL_COMMANDS_H_
#define SAGIPS_TOOL_COMMANDS_H_

#include <cstdint>
#include <string>

#include "tool/arguments.h"

namespace sagips_tool {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;
constexpr int kExitInterrupted = 130;  // 128 + SIGINT, as a shell reports it

// Trains a closure problem and writes everything about it to a folder.
int run_command(const RunArguments& arguments);

// Rebuilds the report of a run, to `output` or DIR/report.html if that is empty.
int report_command(const std::string& folder, const std::string& output);

// Prints the option table.
int options_command();

// Checks the pipeline of a built-in problem.
int check_command(const std::string& problem, uint64_t seed);

// Writes the skeleton of a project in `language` to `folder`, which must be empty or not there.
int new_command(const std::string& language, const std::string& folder);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_COMMANDS_H_
