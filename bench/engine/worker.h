// SPDX-License-Identifier: BSD-3-Clause
// A worker: a process of its own that measures on demand. It says what it is in one line of JSON,
// and then answers each line it is told with another. Programs to be compared are started side by
// side and asked in turn, so that what else runs on the machine hits them all; and memory is
// counted from the first page on, since nothing else ever ran in a worker.

#ifndef SAGIPS_BENCH_ENGINE_WORKER_H_
#define SAGIPS_BENCH_ENGINE_WORKER_H_

#include <sys/types.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sagips_bench {

using Json = nlohmann::ordered_json;

class Worker {
 public:
  // words: the program and its arguments; environment: "NAME=value", on top of ours.
  Worker(const std::vector<std::string>& words, const std::vector<std::string>& environment);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const Json& hello() const { return hello_; }

  // All throw a Failure once the process has gone, or has not answered for three minutes.
  void tell(const std::string& line);
  Json hear();
  Json ask(const std::string& line);

 private:
  void end();
  std::string hear_line();

  std::string name_;
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  std::string heard_;  // beyond the latest line
  Json hello_;
};

// This program again, as `bench_engine --worker words...`.
std::vector<std::string> own_worker(const std::vector<std::string>& words);

// The other side: says hello, and answers each line until there are no more.
void serve(const Json& hello, const std::function<Json(const std::vector<std::string>&)>& answer);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_WORKER_H_
