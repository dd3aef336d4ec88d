// SPDX-License-Identifier: BSD-3-Clause
// Results of single trainings, one line of JSON each, written as soon as they are known: a bench of
// many trainings that is cut short goes on where it was, and two processes may add to one file.

#ifndef SAGIPS_BENCH_RUN_LOG_H_
#define SAGIPS_BENCH_RUN_LOG_H_

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace sagips_bench {

class RunLog {
 public:
  using Json = nlohmann::ordered_json;

  // Reads what is there if `keeps` is true; empties the file otherwise.
  RunLog(const std::string& path, bool keeps);

  // What is known under the key; else what `make` returns, which is written.
  Json get(const Json& key, const std::function<Json()>& make);

 private:
  std::string path_;
  std::map<std::string, Json> known_;
};

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_RUN_LOG_H_
