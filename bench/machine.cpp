// SPDX-License-Identifier: BSD-3-Clause
#include "machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <string>

#include "sagips.h"

namespace sagips_bench {
namespace {

// The value of the first line "key   : value" of a file; "" if there is none.
std::string value_in_file(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (line.compare(0, key.size(), key) != 0 || colon == std::string::npos) continue;
    const size_t first = line.find_first_not_of(" \t", colon + 1);
    return first == std::string::npos ? "" : line.substr(first);
  }
  return "";
}

std::string utc_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const size_t n = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, n);
}

}  // namespace

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : std::numeric_limits<double>::quiet_NaN();
}

nlohmann::ordered_json describe_machine() {
  utsname system{};
  uname(&system);
  nlohmann::ordered_json json;
  json["processor"] = value_in_file("/proc/cpuinfo", "model name");
  // Makers sell different processors under one name, above all to clouds.
  json["processor_family_model"] = value_in_file("/proc/cpuinfo", "cpu family") + "/" +
                                   value_in_file("/proc/cpuinfo", "model\t");
  json["cores"] = sysconf(_SC_NPROCESSORS_ONLN);
  json["memory"] = value_in_file("/proc/meminfo", "MemTotal");
  json["architecture"] = system.machine;
  json["system"] = std::string(system.sysname) + " " + system.release;
  json["load_at_start"] = load_average();
  json["date"] = utc_date();
  json["version"] = sagips_version_string();
  json["build"] = sagips_build_info();
  json["compiler"] = __VERSION__;  // of this program
  return json;
}

}  // namespace sagips_bench
