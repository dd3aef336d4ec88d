// SPDX-License-Identifier: BSD-3-Clause
// Reading, and durable writing; see files.h. The order that survives a power cut is: write what
// belongs to the new name, fsync it, rename, fsync the folder that holds the name. Without the
// first fsync the rename may reach the disk before the contents, and a power cut leaves a good name
// on an empty file.
#include "core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "core/error.h"
#include "core/posix.h"
#include "core/text.h"
#include "sagips.h"

namespace sagips {
namespace {

// Where a path's last name stands.
struct Place {
  std::string folder;
  std::string name;
};

Place place_of(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  const std::string whole = end == std::string::npos ? path : path.substr(0, end + 1);
  const size_t slash = whole.rfind('/');
  if (slash == std::string::npos) return {".", whole};
  return {slash == 0 ? "/" : whole.substr(0, slash), whole.substr(slash + 1)};
}

// A name that can be made or removed: not "", ".", "..", nor a path.
void check_name(std::string_view name, std::string_view path) {
  const bool path_like = name.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos;
  if (name.empty() || name == "." || name == ".." || path_like) fail_io("use", path, EINVAL);
}

// One folder of a path that has to be there.
void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0) {
    const int error = errno;
    if (is_folder(path)) return;
    fail_io("make the folder", path, error == EEXIST ? ENOTDIR : error);
  }
  const std::string above = place_of(path).folder;
  const Descriptor folder = open_folder(above);
  if (folder.is_open()) flush_folder(folder.get(), above);
}

const std::string& made_and_cleaned(const std::string& parent, const std::string& name) {
  check_name(name, name);
  make_folders(parent);
  clean_folder(parent);
  return parent;
}

}  // namespace

std::string read_file(const std::string& path, size_t cap) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const Descriptor file(uninterrupted([&] { return ::open(path.c_str(), kFlags); }));
  struct stat status;
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) fail_io("open", path, errno);
  if (S_ISDIR(status.st_mode)) fail_io("read", path, EISDIR);
  if (!S_ISREG(status.st_mode)) {
    fail(SAGIPS_ERROR_IO, "cannot read '", path, "' (it is no regular file); give a file's path");
  }
  std::string bytes;
  size_t used = 0;
  while (true) {
    // One byte more than is expected tells the end from a file that grows.
    const size_t expected = std::max(static_cast<size_t>(status.st_size), used);
    bytes.resize(std::min(expected, cap) + 1);
    const ssize_t n =
        uninterrupted([&] { return ::read(file.get(), bytes.data() + used, bytes.size() - used); });
    if (n < 0) fail_io("read", path, errno);
    if (n == 0) break;
    used += static_cast<size_t>(n);
    if (used > cap) {
      fail(SAGIPS_ERROR_FORMAT, "file '", path, "' is too large (more than ", cap,
           " bytes); is it the right file?");
    }
  }
  bytes.resize(used);
  return bytes;
}

void write_file_durably(const std::string& path, const void* bytes, size_t size) {
  const Place place = place_of(path);
  check_name(place.name, path);
  const TemporaryFolder temporary(place.folder, place.name);
  write_new_file(temporary.fd(), temporary.path(), place.name, bytes, size);
  const char* name = place.name.c_str();
  if (::renameat(temporary.fd(), name, temporary.parent_fd(), name) != 0) {
    fail_io("replace", path, errno);
  }
  flush_folder(temporary.parent_fd(), place.folder);
}

void make_folders(const std::string& path) {
  if (path.empty()) fail_io("make the folder", path, ENOENT);
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    make_folder(path.substr(0, end));
  }
  make_folder(path);
}

std::vector<std::string> list_folders(const std::string& parent, std::string_view prefix) {
  const Descriptor folder = open_folder(parent);
  if (!folder.is_open()) fail_io("open the folder", parent, errno);
  std::vector<std::string> names;
  const int error = read_names(folder.get(), &names);
  if (error != 0) fail_io("read the folder", parent, error);
  const auto is_other = [&](const std::string& name) {
    struct stat status;
    return name.compare(0, prefix.size(), prefix) != 0 ||
           ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
           !S_ISDIR(status.st_mode);
  };
  names.erase(std::remove_if(names.begin(), names.end(), is_other), names.end());
  std::stable_sort(names.begin(), names.end(),
                   [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  return names;
}

bool is_folder(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void remove_folder(const std::string& path) {
  const Place place = place_of(path);
  check_name(place.name, path);
  const TemporaryFolder temporary(place.folder, place.name);
  struct stat status;
  if (::fstatat(temporary.parent_fd(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    fail_io("remove", path, errno);
  }
  if (!S_ISDIR(status.st_mode)) fail_io("remove", path, ENOTDIR);
  const char* name = place.name.c_str();
  if (::renameat(temporary.parent_fd(), name, temporary.fd(), name) != 0) {
    fail_io("remove", path, errno);
  }
  flush_folder(temporary.parent_fd(), place.folder);
  const int error = remove_tree(temporary.fd(), place.name);
  if (error != 0) fail_io("remove", path, error);
}

FolderPublisher::FolderPublisher(const std::string& parent, const std::string& name)
    : name_(name), temporary_(made_and_cleaned(parent, name), name) {}

void FolderPublisher::write(const std::string& file, const void* bytes, size_t size) {
  check_name(file, file);
  write_new_file(temporary_.fd(), temporary_.path(), file, bytes, size);
}

void FolderPublisher::publish() { temporary_.rename_to(name_); }

}  // namespace sagips
