// SPDX-License-Identifier: BSD-3-Clause
#include "run_log.h"

#include <fstream>

#include "tool/abi.h"

namespace sagips_bench {

RunLog::RunLog(const std::string& path, bool keeps) : path_(path) {
  if (!keeps) {
    std::ofstream(path, std::ios::trunc);
    return;
  }
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const Json row = Json::parse(line, nullptr, false);
    if (row.is_discarded()) continue;  // torn by the end of a process: made anew
    known_[row["key"].dump()] = row["result"];
  }
}

RunLog::Json RunLog::get(const Json& key, const std::function<Json()>& make) {
  const std::string name = key.dump();
  if (known_.count(name) > 0) return known_[name];
  Json row = {{"key", key}, {"result", make()}};
  std::ofstream file(path_, std::ios::app);
  file << row.dump() + "\n" << std::flush;  // one write: lines of two processes do not mix
  if (!file) throw sagips_tool::Failure("cannot write " + path_);
  return known_[name] = std::move(row["result"]);
}

}  // namespace sagips_bench
