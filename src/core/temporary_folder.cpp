// SPDX-License-Identifier: BSD-3-Clause
// Folders that appear by a rename; see temporary_folder.h.
#include "core/temporary_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace sagips {
namespace {

constexpr std::string_view kTemporary = ".tmp-sagips-";
// What is being replaced, where a file system cannot swap two names at once.
constexpr std::string_view kAside = ".old-sagips-";
constexpr size_t kLongestPurpose = 100;  // of the 255 bytes that a name may have

bool lock(const Descriptor& folder) {
  return uninterrupted([&] { return ::flock(folder.get(), LOCK_EX | LOCK_NB); }) == 0;
}

bool exists(int folder, const std::string& name) {
  struct stat status;
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

void clean_one(int parent, const std::string& name) {
  const bool temporary = starts_with(name, kTemporary);
  const bool aside = starts_with(name, kAside) && name.size() > kAside.size();
  if (!temporary && !aside) return;
  // No lock: its run lives, or the file system has no locks and nobody can tell.
  const Descriptor folder = open_folder_in(parent, name);
  if (!folder.is_open() || !lock(folder)) return;
  const std::string original = name.substr(aside ? kAside.size() : 0);
  if (aside && !exists(parent, original)) {
    ::renameat(parent, name.c_str(), parent, original.c_str());
  } else {
    remove_tree(parent, name);
  }
}

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& parent, std::string_view purpose)
    : parent_(parent), parent_fd_(open_folder(parent)) {
  constexpr int kMostTries = 10000;
  if (!parent_fd_.is_open()) fail_io("open the folder", parent_, errno);
  const std::string start = concatenate(kTemporary, purpose.substr(0, kLongestPurpose), "-",
                                        static_cast<int64_t>(::getpid()), "-");
  for (int i = 0; i < kMostTries; ++i) {
    if (make(start + to_text(int64_t{i}))) return;
  }
  fail_io("make a temporary folder in", parent_, EEXIST);
}

// False if the name is taken, or if somebody cleaning up was faster than our lock.
bool TemporaryFolder::make(const std::string& name) {
  name_ = name;
  if (::mkdirat(parent_fd_.get(), name_.c_str(), 0777) != 0) {
    if (errno == EEXIST) return false;
    fail_io("make the folder", path(), errno);
  }
  fd_ = open_folder_in(parent_fd_.get(), name_);
  if (!fd_.is_open()) {
    const int error = errno;
    ::unlinkat(parent_fd_.get(), name_.c_str(), AT_REMOVEDIR);
    if (error == ENOENT) return false;
    fail_io("open the folder", path(), error);
  }
  const bool taken = !lock(fd_) && errno == EWOULDBLOCK;
  return !taken && is_ours();
}

// Whether our name still is that of the folder we hold open.
bool TemporaryFolder::is_ours() const {
  struct stat named;
  struct stat held;
  return ::fstatat(parent_fd_.get(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstat(fd_.get(), &held) == 0 && named.st_ino == held.st_ino &&
         named.st_dev == held.st_dev;
}

TemporaryFolder::~TemporaryFolder() {
  // What cannot be removed, be it for lack of memory, goes with the next clean_folder().
  try {
    if (!name_.empty()) remove_tree(parent_fd_.get(), name_);
  } catch (...) {
  }
}

void TemporaryFolder::rename_to(const std::string& name) {
  const int parent = parent_fd_.get();
  const std::string target = concatenate(parent_, "/", name);
  flush_folder(fd_.get(), path());
  struct stat status;
  const bool replaces = ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (replaces) {
    if (!S_ISDIR(status.st_mode)) fail_io("replace", target, ENOTDIR);
    swap_with(name);
  } else if (::renameat(parent, name_.c_str(), parent, name.c_str()) != 0) {
    fail_io("rename to", target, errno);
  }
  try {
    flush_folder(parent, parent_);
  } catch (...) {
    // Back to what was before: nobody knows whether the new name is on the disk.
    ::renameat2(parent, name.c_str(), parent, name_.c_str(), replaces ? RENAME_EXCHANGE : 0);
    throw;
  }
  // Without a replaced folder that has it, our name is free for others from now on.
  if (!replaces) name_.clear();
}

void TemporaryFolder::swap_with(const std::string& name) {
  const int parent = parent_fd_.get();
  const std::string target = concatenate(parent_, "/", name);
  // 1. In one step, after which our name is that of the old folder.
  if (::renameat2(parent, name_.c_str(), parent, name.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail_io("replace", target, errno);

  // 2. Or in three, with a lock on the old folder, so that nobody takes it for left over. If we end
  // after the first, clean_folder() gives the old folder its name back.
  const std::string aside = concatenate(kAside, name);
  remove_tree(parent, aside);
  const Descriptor old = open_folder_in(parent, name);
  if (!old.is_open()) fail_io("open the folder", target, errno);
  lock(old);
  if (::renameat(parent, name.c_str(), parent, aside.c_str()) != 0) {
    fail_io("rename", target, errno);
  }
  if (::renameat(parent, name_.c_str(), parent, name.c_str()) != 0) {
    const int error = errno;
    ::renameat(parent, aside.c_str(), parent, name.c_str());
    fail_io("rename to", target, error);
  }
  ::renameat(parent, aside.c_str(), parent, name_.c_str());
}

void clean_folder(const std::string& parent) {
  const Descriptor folder = open_folder(parent);
  std::vector<std::string> names;
  if (!folder.is_open() || read_names(folder.get(), &names) != 0) return;
  for (const std::string& name : names) clean_one(folder.get(), name);
}

}  // namespace sagips
