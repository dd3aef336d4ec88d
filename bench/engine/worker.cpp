// SPDX-License-Identifier: BSD-3-Clause
#include "engine/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tool/abi.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::Failure;

constexpr int kPatience = 180000;  // milliseconds; compiling PyTorch's graphs takes a minute

// In the child: ends of pipes become stdin and stdout, and the program takes over.
[[noreturn]] void become(const std::vector<std::string>& words,
                         const std::vector<std::string>& environment, int in, int out) {
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  for (const std::string& entry : environment) {
    const size_t equals = entry.find('=');
    setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
  }
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

Worker::Worker(const std::vector<std::string>& words, const std::vector<std::string>& environment)
    : name_(sagips_tool::join(words, " ")) {
  signal(SIGPIPE, SIG_IGN);  // a worker that died is heard of as a failed write
  int down[2], up[2];
  if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) {
    throw Failure("no pipe to a worker could be made");
  }
  pid_ = fork();
  if (pid_ == 0) become(words, environment, down[0], up[1]);
  close(down[0]);
  close(up[1]);
  if (pid_ < 0) throw Failure("no worker could be started: " + name_);
  to_ = down[1];
  from_ = up[0];
  try {
    hello_ = hear();
  } catch (...) {
    end();
    throw;
  }
}

Worker::~Worker() { end(); }

void Worker::end() {
  close(to_);  // a worker ends when its input does
  close(from_);
  waitpid(pid_, nullptr, 0);
}

void Worker::tell(const std::string& line) {
  const std::string text = line + "\n";  // shorter than a pipe is deep: written at once
  if (write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw Failure("this worker has gone: " + name_);
  }
}

std::string Worker::hear_line() {
  size_t end = heard_.find('\n');
  while (end == std::string::npos) {
    pollfd waiting = {from_, POLLIN, 0};
    if (poll(&waiting, 1, kPatience) == 0) {
      kill(pid_, SIGKILL);
      throw Failure("this worker did not answer in time: " + name_);
    }
    char buffer[4096];
    const ssize_t n = read(from_, buffer, sizeof(buffer));
    if (n <= 0) throw Failure("this worker ended without an answer: " + name_);
    heard_.append(buffer, static_cast<size_t>(n));
    end = heard_.find('\n');
  }
  const std::string line = heard_.substr(0, end);
  heard_.erase(0, end + 1);
  return line;
}

// What is no JSON is chatter of a library.
Json Worker::hear() {
  Json json;
  while (!json.is_object()) json = Json::parse(hear_line(), nullptr, false);
  return json;
}

Json Worker::ask(const std::string& line) {
  tell(line);
  return hear();
}

std::vector<std::string> own_worker(const std::vector<std::string>& words) {
  std::vector<std::string> all = {std::filesystem::read_symlink("/proc/self/exe").string(),
                                  "--worker"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

void serve(const Json& hello, const std::function<Json(const std::vector<std::string>&)>& answer) {
  std::cout << hello.dump() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer(sagips_tool::split(line, ' ')).dump() << std::endl;
  }
}

}  // namespace sagips_bench
