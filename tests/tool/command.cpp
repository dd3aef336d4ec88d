// SPDX-License-Identifier: BSD-3-Clause
// fork and exec; both streams go to files, so that no pipe can fill up.

#include "command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace tool_test {

TemporaryFolder::TemporaryFolder() {
  path_ = (std::filesystem::temp_directory_path() / "sagips-tool-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Command::Command(const Words& words) {
  const std::string out = folder_ / "out";
  const std::string err = folder_ / "err";
  std::vector<char*> arguments = {const_cast<char*>(SAGIPS_COMMAND)};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("no process");
  if (process_ > 0) return;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  dup2(open(out.c_str(), flags, 0600), STDOUT_FILENO);
  dup2(open(err.c_str(), flags, 0600), STDERR_FILENO);
  execv(SAGIPS_COMMAND, arguments.data());
  _exit(127);
}

void Command::send(int signal) { kill(process_, signal); }

Result Command::wait() {
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  Result result;
  if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.out = read(folder_ / "out");
  result.err = read(folder_ / "err");
  return result;
}

Result call(const Words& words) { return Command(words).wait(); }

std::string checkpoint_of(const std::string& folder, int epoch) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/checkpoints", none)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("epoch-", 0) == 0 && std::stoi(name.substr(6)) == epoch) return entry.path();
  }
  return "";
}

bool checkpoint_appears(const std::string& folder, int epoch) {
  for (int i = 0; i < 60000; ++i) {
    if (!checkpoint_of(folder, epoch).empty()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

nlohmann::json read_json(const std::string& path) { return nlohmann::json::parse(read(path)); }

Words tiny_run(const std::string& folder, const Words& more) {
  Words words = {"run", "--events", "20000", "--out", folder};
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {"--set", "generator.hidden=8,8", "discriminator.hidden=8,8",
                             "assess.epochs=20", "assess.hidden=16", "uncertainty.events=4096"});
  return words;
}

}  // namespace tool_test
