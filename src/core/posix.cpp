// SPDX-License-Identifier: BSD-3-Clause
// System calls on files; see posix.h.
#include "core/posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "sagips.h"

namespace sagips {
namespace {

// What to do about an error.
struct Advice {
  int error;
  const char* text;
};
constexpr Advice kAdvice[] = {
    {EACCES, "check the permissions of the path"},
    {EPERM, "check the permissions of the path"},
    {EROFS, "choose a folder that can be written"},
    {ENOENT, "check the path"},
    {ENOTDIR, "check the path"},
    {EISDIR, "give the path of a file"},
    {EINVAL, "check the name"},
    {EEXIST, "remove what is there or choose another name"},
    {ENOTEMPTY, "remove what is there or choose another name"},
    {ENAMETOOLONG, "choose a shorter path"},
    {ELOOP, "give the path itself instead of a symbolic link"},
    {ENOSPC, "free some space or choose another folder"},
    {EDQUOT, "free some of your quota or choose another folder"},
    {EFBIG, "raise the limit on the size of files (ulimit -f)"},
    {EMFILE, "raise the limit on open files (ulimit -n)"},
    {EIO, "check the disk or the file system, and choose another folder"},
};

const char* advice_for(int error) {
  for (const Advice& advice : kAdvice) {
    if (advice.error == error) return advice.text;
  }
  return "check the path and its file system";
}

// strerror_r exists in two forms; which one is declared depends on the C library.
[[maybe_unused]] const char* message(int result, const char* buffer) {
  return result == 0 ? buffer : "unknown error";
}
[[maybe_unused]] const char* message(const char* result, const char*) { return result; }

// While it lives, a write beyond RLIMIT_FSIZE fails with EFBIG in this thread and does not kill the
// process by SIGXFSZ. The signal is sent to the writing thread itself, so blocking it here is
// enough; what came of our writes is taken away before the host's mask returns.
class FileSizeSignalBlock {
 public:
  FileSizeSignalBlock() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    pending_before_ = is_pending();
    pthread_sigmask(SIG_BLOCK, &signal_, &mask_);
  }
  ~FileSizeSignalBlock() {
    const timespec at_once{0, 0};
    if (!pending_before_ && is_pending()) {
      uninterrupted([&] { return sigtimedwait(&signal_, nullptr, &at_once); });
    }
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }
  FileSizeSignalBlock(const FileSizeSignalBlock&) = delete;
  FileSizeSignalBlock& operator=(const FileSizeSignalBlock&) = delete;

 private:
  static bool is_pending() {
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1;
  }

  sigset_t signal_;
  sigset_t mask_;
  bool pending_before_;
};

// @return 0 or the error
int write_all(int fd, const void* bytes, size_t size) {
  const FileSizeSignalBlock block;
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t n = uninterrupted([&] { return ::write(fd, next, size); });
    if (n < 0) return errno;
    if (n == 0) return EIO;  // no disk answers so; without this the loop might not end
    next += n;
    size -= static_cast<size_t>(n);
  }
  return uninterrupted([&] { return ::fsync(fd); }) == 0 ? 0 : errno;
}

int remove_tree_at_depth(int folder, const std::string& name, int depth) {
  constexpr int kDeepest = 32;  // each level holds a descriptor; our folders have one or two
  if (::unlinkat(folder, name.c_str(), 0) == 0) return 0;
  const int unlink_error = errno;  // of a folder, Linux says EISDIR, POSIX EPERM
  if (unlink_error != EISDIR && unlink_error != EPERM) return unlink_error;
  if (depth == kDeepest) return ELOOP;
  const Descriptor inner = open_folder_in(folder, name);
  if (!inner.is_open()) return errno == ENOTDIR ? unlink_error : errno;
  std::vector<std::string> names;
  int first_error = read_names(inner.get(), &names);
  for (const std::string& inner_name : names) {
    const int error = remove_tree_at_depth(inner.get(), inner_name, depth + 1);
    if (first_error == 0) first_error = error;
  }
  if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0 && first_error == 0) first_error = errno;
  return first_error;
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

int Descriptor::close() {
  if (fd_ < 0) return 0;
  // On Linux the descriptor is gone whatever close answers: a second call could hit another
  // thread's.
  const int result = ::close(std::exchange(fd_, -1));
  return result == 0 || errno == EINTR ? 0 : errno;
}

void fail_io(std::string_view action, std::string_view path, int error) {
  char buffer[256] = "";
  const char* reason = message(::strerror_r(error, buffer, sizeof(buffer)), buffer);
  fail(SAGIPS_ERROR_IO, "cannot ", action, " '", path, "' (", reason, "); ", advice_for(error));
}

Descriptor open_folder(const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  return Descriptor(uninterrupted([&] { return ::open(path.c_str(), kFlags); }));
}

Descriptor open_folder_in(int folder, const std::string& name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  return Descriptor(uninterrupted([&] { return ::openat(folder, name.c_str(), kFlags); }));
}

void flush_folder(int folder, std::string_view path) {
  if (uninterrupted([&] { return ::fsync(folder); }) == 0) return;
  if (errno != EINVAL && errno != ENOTSUP) fail_io("flush the folder", path, errno);
}

void write_new_file(int folder, std::string_view path, const std::string& name, const void* bytes,
                    size_t size) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const std::string whole = concatenate(path, "/", name);
  Descriptor file(uninterrupted([&] { return ::openat(folder, name.c_str(), kFlags, 0666); }));
  if (!file.is_open()) fail_io("create", whole, errno);
  int error = write_all(file.get(), bytes, size);
  const int close_error = file.close();
  if (error == 0) error = close_error;
  if (error == 0) return;
  ::unlinkat(folder, name.c_str(), 0);
  fail_io("write", whole, error);
}

int read_names(int folder, std::vector<std::string>* names) {
  // A descriptor of its own: closedir closes it, and the position in `folder` stays.
  const int fd =
      uninterrupted([&] { return ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return errno;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd), ::closedir);
  if (stream == nullptr) {
    const int error = errno;
    ::close(fd);
    return error;
  }
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names->emplace_back(name);
  }
  if (errno != 0) return errno;
  std::sort(names->begin(), names->end());
  return 0;
}

int remove_tree(int folder, const std::string& name) {
  return remove_tree_at_depth(folder, name, 0);
}

}  // namespace sagips
