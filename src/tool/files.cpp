// SPDX-License-Identifier: BSD-3-Clause
// POSIX calls behind files.h; every one is checked, and EINTR is not an error.

#include "tool/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "tool/abi.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, const char* action, int error) {
  throw Failure(path + " cannot be " + action + " (" +
                std::error_code(error, std::generic_category()).message() +
                "); check that its folder exists and may be written");
}

// Owns a file descriptor for the time of one operation.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, const char* action) : path_(path) {
    do {
      number_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    } while (number_ < 0 && errno == EINTR);
    if (number_ < 0) fail(path, action, errno);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  void write(const std::string& text) {
    for (size_t done = 0; done < text.size();) {
      const ssize_t n = ::write(number_, text.data() + done, text.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_, "written", errno);
      done += static_cast<size_t>(n);
    }
  }
  void sync() {
    if (::fsync(number_) != 0 && errno != EINVAL) fail(path_, "written", errno);
  }
  void close() {
    const int number = number_;
    number_ = -1;
    if (::close(number) != 0 && errno != EINTR) fail(path_, "written", errno);
  }
  std::string read() {
    std::string text;
    char buffer[1 << 16];
    while (true) {
      const ssize_t n = ::read(number_, buffer, sizeof(buffer));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_, "read", errno);
      if (n == 0) return text;
      text.append(buffer, static_cast<size_t>(n));
    }
  }

 private:
  std::string path_;
  int number_ = -1;
};

}  // namespace

std::string read_file(const std::string& path) { return Descriptor(path, O_RDONLY, "read").read(); }

void write_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp-" + std::to_string(::getpid());
  try {
    Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC, "written");
    file.write(text);
    file.sync();
    file.close();
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail(path, "written", errno);
  } catch (const Failure&) {
    ::unlink(temporary.c_str());
    throw;
  }
  const std::string parent = fs::path(path).parent_path().string();
  Descriptor(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY, "written").sync();
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!fs::is_directory(path)) fail(path, "made a folder", error ? error.value() : ENOTDIR);
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::vector<CheckpointFolder> list_checkpoints(const std::string& folder) {
  constexpr std::string_view kPrefix = "epoch-";
  std::vector<CheckpointFolder> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    int64_t epoch = 0;
    if (name.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    if (!parse(std::string_view(name).substr(kPrefix.size()), &epoch)) continue;
    if (entry.is_directory(error)) found.push_back({epoch, entry.path().string()});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& left, const auto& right) { return left.epoch < right.epoch; });
  return found;
}

void remove_run(const std::string& folder) {
  std::vector<std::string> parts = {record_path(folder), metrics_path(folder), summary_path(folder),
                                    report_path(folder)};
  for (const CheckpointFolder& one : list_checkpoints(checkpoint_folder(folder))) {
    parts.push_back(one.path);
  }
  for (const std::string& part : parts) {
    std::error_code error;
    fs::remove_all(part, error);
    if (error) fail(part, "removed", error.value());
  }
}

int64_t folder_bytes(const std::string& folder) {
  int64_t bytes = 0;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored)) bytes += static_cast<int64_t>(entry.file_size(ignored));
  }
  return bytes;
}

}  // namespace sagips_tool
