// SPDX-License-Identifier: BSD-3-Clause
// What every benchmark's main() does: arguments in, exit status out.

#ifndef SAGIPS_BENCH_PROGRAM_H_
#define SAGIPS_BENCH_PROGRAM_H_

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "tool/abi.h"

namespace sagips_bench {

// 2 and the usage for arguments that `read` refuses, 1 for what goes wrong later.
template <typename Read, typename Run>
int run_program(const char* name, const char* usage, int argc, char** argv, const Read& read,
                const Run& run) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a table is in the log as soon as it is known
  try {
    const auto arguments = read(std::vector<std::string>(argv + 1, argv + argc));
    if (arguments.asks_for_help) {
      std::fputs(usage, stdout);
      return 0;
    }
    return run(arguments);
  } catch (const sagips_tool::UsageError& error) {
    std::fprintf(stderr, "%s: %s\n%s", name, error.what(), usage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_PROGRAM_H_
