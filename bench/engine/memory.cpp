// SPDX-License-Identifier: BSD-3-Clause
#include "engine/memory.h"

#include <fstream>
#include <limits>
#include <string>

namespace sagips_bench {
namespace {

double status_mb(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, key.size() + 1, key + ":") == 0) {
      return std::stod(line.substr(key.size() + 1)) / 1024;  // in kB of 1024 bytes
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double resident_mb() { return status_mb("VmRSS"); }
double peak_mb() { return status_mb("VmHWM"); }
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace sagips_bench
