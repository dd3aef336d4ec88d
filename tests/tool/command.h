// SPDX-License-Identifier: BSD-3-Clause
// Calls the command `sagips` in a process of its own, and reads what it leaves.

#ifndef SAGIPS_TESTS_TOOL_COMMAND_H_
#define SAGIPS_TESTS_TOOL_COMMAND_H_

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tool_test {

using Words = std::vector<std::string>;

struct Result {
  int code = -1;    // exit code, or -1
  int signal = 0;   // that ended it, or 0
  std::string out;  // stdout
  std::string err;  // stderr
};

// A folder that is removed with its content.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A call in progress.
class Command {
 public:
  explicit Command(const Words& words);
  void send(int signal);
  Result wait();

 private:
  TemporaryFolder folder_;
  pid_t process_ = -1;
};

Result call(const Words& words);

// The folder of a checkpoint of the run in `folder`, or "".
std::string checkpoint_of(const std::string& folder, int epoch);
// Waits for it, up to a minute; false if it never comes.
bool checkpoint_appears(const std::string& folder, int epoch);

std::string read(const std::string& path);
void write(const std::string& path, const std::string& text);
nlohmann::json read_json(const std::string& path);

// `sagips run` with tiny networks and 20,000 events into `folder`, and more words.
Words tiny_run(const std::string& folder, const Words& more);

}  // namespace tool_test

#endif  // SAGIPS_TESTS_TOOL_COMMAND_H_
