// SPDX-License-Identifier: BSD-3-Clause
#include "engine/interpreters.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "tool/text.h"

namespace sagips_bench {
namespace {

// First line that a command prints; "" if it fails.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string line;
  for (int c = std::fgetc(pipe.get()); c != EOF && c != '\n'; c = std::fgetc(pipe.get())) {
    line += static_cast<char>(c);
  }
  return line;
}

}  // namespace

std::vector<std::string> find_interpreters() {
  std::vector<std::string> names = {"python3", "/usr/bin/python3"};
  if (const char* given = std::getenv("SAGIPS_BENCH_PYTHON"); given != nullptr && *given != 0) {
    names = sagips_tool::split(given, ':');
  }
  std::vector<std::string> found;
  std::vector<std::string> places;  // of torch: two names may be one build
  for (const std::string& name : names) {
    const std::string place =
        output_of("'" + name + "' -c 'import torch; print(torch.__file__)' 2> /dev/null");
    if (place.empty() || std::count(places.begin(), places.end(), place) > 0) continue;
    places.push_back(place);
    found.push_back(name);
  }
  return found;
}

const std::vector<TorchMode>& torch_modes() {
  // glibc hands large blocks back to the system at once and faults them in again in the next epoch.
  static const std::vector<std::string> tuned = {"MALLOC_MMAP_THRESHOLD_=4294967296",
                                                 "MALLOC_TRIM_THRESHOLD_=8589934592",
                                                 "MALLOC_TOP_PAD_=1073741824"};
  static const std::vector<TorchMode> modes = {
      {"eager", "eager", {}}, {"tuned", "eager", tuned}, {"compile", "compile", tuned}};
  return modes;
}

}  // namespace sagips_bench
