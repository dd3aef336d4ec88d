// SPDX-License-Identifier: BSD-3-Clause
// Every system call of a save fails once, and is once the last thing the process does. The calls
// below stand in for those of the C library in this test program, and hand on to the kernel unless
// it is their turn to fail; so the library is tested as it is, without a seam of its own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/posix.h"
#include "core/text.h"
#include "core_testing.h"

namespace {

enum class Fault { kNone, kError, kDeath, kTrickle };

// What shall happen. `countdown` calls go well before one does not.
Fault fault = Fault::kNone;
int countdown = 0;
int fault_error = 0;
bool no_exchange = false;  // a file system that cannot swap two names
bool no_locks = false;     // one that has no locks

// What reached the kernel of the calls that decide what a power cut leaves.
bool recording = false;
std::string record;

void note(const char* call) {
  if (recording) record += std::string(record.empty() ? "" : " ") + call;
}

// True if this call is the one to fail, with errno set.
bool call_fails() {
  if (fault != Fault::kError && fault != Fault::kDeath) return false;
  if (countdown-- != 0) return false;
  if (fault == Fault::kDeath) ::raise(SIGKILL);
  errno = fault_error;
  return true;
}

// Every other call that may be interrupted is, under kTrickle.
bool call_is_interrupted() {
  if (fault != Fault::kTrickle || countdown++ % 2 != 0) return false;
  errno = EINTR;
  return true;
}

template <typename... Arguments>
int kernel(long number, Arguments... arguments) {
  return static_cast<int>(::syscall(number, arguments...));
}

}  // namespace

extern "C" {

int openat(int folder, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (call_fails() || call_is_interrupted()) return -1;
  return kernel(SYS_openat, folder, path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (call_fails() || call_is_interrupted()) return -1;
  return kernel(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (call_fails() || call_is_interrupted()) return -1;
  note("write");
  const size_t most = fault == Fault::kTrickle ? 7 : size;
  return ::syscall(SYS_write, fd, bytes, size < most ? size : most);
}

int fsync(int fd) {
  if (call_fails() || call_is_interrupted()) return -1;
  note("fsync");
  return kernel(SYS_fsync, fd);
}

// The thread sanitizer keeps accounts of descriptors: there, its close() must hear of ours.
int __interceptor_close(int fd) __attribute__((weak));

// As on Linux, the descriptor is closed also where an error is told.
int close(int fd) {
  const bool fails = call_fails() || call_is_interrupted();
  const int error = errno;
  const int result =
      __interceptor_close != nullptr ? __interceptor_close(fd) : kernel(SYS_close, fd);
  if (!fails) return result;
  errno = error;
  return -1;
}

int flock(int fd, int operation) noexcept {
  if (no_locks) {
    errno = ENOLCK;
    return -1;
  }
  return call_fails() || call_is_interrupted() ? -1 : kernel(SYS_flock, fd, operation);
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return call_fails() ? -1 : kernel(SYS_mkdirat, folder, path, mode);
}

int mkdir(const char* path, mode_t mode) noexcept { return mkdirat(AT_FDCWD, path, mode); }

int unlinkat(int folder, const char* path, int flags) noexcept {
  return call_fails() ? -1 : kernel(SYS_unlinkat, folder, path, flags);
}

int renameat2(int folder, const char* from, int to_folder, const char* to,
              unsigned int flags) noexcept {
  if (no_exchange && (flags & RENAME_EXCHANGE) != 0) {
    errno = EINVAL;
    return -1;
  }
  if (call_fails()) return -1;
  note("rename");
  return kernel(SYS_renameat2, folder, from, to_folder, to, flags);
}

int renameat(int folder, const char* from, int to_folder, const char* to) noexcept {
  return renameat2(folder, from, to_folder, to, 0);
}

}  // extern "C"

namespace sagips {
namespace {

using Names = std::vector<std::string>;

// Arms the calls for its lifetime.
class ArmedFault {
 public:
  ArmedFault(Fault what, int calls_before, int error) {
    fault_error = error;
    countdown = calls_before;
    fault = what;
  }
  ~ArmedFault() { fault = Fault::kNone; }
  ArmedFault(const ArmedFault&) = delete;
  ArmedFault& operator=(const ArmedFault&) = delete;
};

Names names_in(const std::string& folder) {
  Names names;
  EXPECT_EQ(read_names(open_folder(folder).get(), &names), 0);
  return names;
}

const std::string kOld(1000, 'o');
const std::string kNew(2000, 'n');

void publish(const std::string& parent, const std::string& text) {
  FolderPublisher publisher(parent, "epoch-1");
  publisher.write("file", text.data(), text.size());
  publisher.write("manifest", text.data(), text.size());
  publisher.publish();
}

void write_file(const std::string& parent, const std::string& text) {
  write_file_durably(parent + "/file", text);
}

// What is found once everybody has gone: the text in the files, all of it of one save.
std::string published_text(const std::string& parent) {
  clean_folder(parent);
  EXPECT_EQ(names_in(parent), Names({"epoch-1"}));
  EXPECT_EQ(names_in(parent + "/epoch-1"), Names({"file", "manifest"}));
  const std::string text = read_file(parent + "/epoch-1/file", 10000);
  EXPECT_EQ(read_file(parent + "/epoch-1/manifest", 10000), text);
  return text;
}

std::string written_text(const std::string& parent) {
  clean_folder(parent);
  EXPECT_EQ(names_in(parent), Names({"file"}));
  return read_file(parent + "/file", 10000);
}

// A way to save, and to look at what was saved.
struct Way {
  const char* name;
  void (*save)(const std::string& parent, const std::string& text);
  std::string (*text_of)(const std::string& parent);
  bool no_exchange;
  bool old_survives_errors;
};
constexpr Way kWays[] = {
    {"a folder replaced by a swap", publish, published_text, false, true},
    {"a folder replaced in steps", publish, published_text, true, false},
    {"a file replaced", write_file, written_text, false, false},
};

size_t open_descriptors() { return names_in("/proc/self/fd").size(); }

TEST(FileFaults, EveryFailingCallLeavesTheOldOrTheNewAndNothingElse) {
  for (const Way& way : kWays) {
    no_exchange = way.no_exchange;
    for (const int code : {EIO, ENOSPC, EACCES}) {
      int calls = 0;
      int failures = 0;
      for (bool reached = true; reached; ++calls) {
        SCOPED_TRACE(concatenate(way.name, ", call ", calls, ", error ", code));
        const ScratchFolder scratch;
        way.save(scratch.path(), kOld);
        const size_t before = open_descriptors();
        Error error(SAGIPS_OK, "");
        {
          const ArmedFault armed(Fault::kError, calls, code);
          error = error_of([&] { way.save(scratch.path(), kNew); });
          reached = countdown < 0;
        }
        EXPECT_EQ(open_descriptors(), before);
        const std::string text = way.text_of(scratch.path());
        if (error.status() == SAGIPS_OK) {
          EXPECT_EQ(text, kNew);
          continue;
        }
        ++failures;
        EXPECT_EQ(error.status(), SAGIPS_ERROR_IO) << error.text();
        EXPECT_NE(error.text().find("; "), std::string::npos) << error.text();
        EXPECT_TRUE(text == kOld || (text == kNew && !way.old_survives_errors)) << error.text();
      }
      EXPECT_GE(calls, 15) << way.name;
      EXPECT_GE(failures, 8) << way.name;
    }
  }
  no_exchange = false;
}

TEST(FileFaults, DeathAtEveryCallLeavesTheOldOrTheNew) {
  for (const Way& way : kWays) {
    no_exchange = way.no_exchange;
    bool died = true;
    int calls = 0;
    int found_old = 0;
    int found_new = 0;
    for (; died; ++calls) {
      SCOPED_TRACE(concatenate(way.name, ", call ", calls));
      const ScratchFolder scratch;
      way.save(scratch.path(), kOld);
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        const ArmedFault armed(Fault::kDeath, calls, 0);
        const Error error = error_of([&] { way.save(scratch.path(), kNew); });
        ::_exit(error.status() == SAGIPS_OK ? 0 : 1);
      }
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      died = WIFSIGNALED(status);
      if (!died) {
        EXPECT_EQ(WEXITSTATUS(status), 0);
      }
      const std::string text = way.text_of(scratch.path());
      EXPECT_TRUE(text == kOld || text == kNew);
      ++(text == kOld ? found_old : found_new);
    }
    EXPECT_GE(found_old, 8) << way.name;
    EXPECT_GE(found_new, 2) << way.name;
  }
  no_exchange = false;
}

// kill -9 does not notice a missing fsync, and a power cut does: each file, then the folder that
// has its name, before the rename; the parent after it.
TEST(FileFaults, EverythingIsFlushedBeforeAndAfterTheRename) {
  const ScratchFolder scratch;
  for (const char* round : {"a new folder", "a replaced folder"}) {
    record.clear();
    recording = true;
    publish(scratch.path(), kNew);
    recording = false;
    EXPECT_EQ(record, "write fsync write fsync fsync rename fsync") << round;
  }
  record.clear();
  recording = true;
  write_file(scratch.path(), kNew);
  recording = false;
  EXPECT_EQ(record, "write fsync rename fsync");
}

TEST(FileFaults, InterruptedCallsAndShortWritesAreContinued) {
  for (const Way& way : kWays) {
    SCOPED_TRACE(way.name);
    const ScratchFolder scratch;
    way.save(scratch.path(), kOld);
    {
      const ArmedFault armed(Fault::kTrickle, 0, 0);
      way.save(scratch.path(), kNew);
    }
    EXPECT_EQ(way.text_of(scratch.path()), kNew);
  }
}

TEST(FileFaults, AFileSystemWithoutLocksKeepsItsTemporaries) {
  // Nobody can tell there whether a temporary folder is left over or in use: it must stay.
  const ScratchFolder scratch;
  make_folders(scratch / ".tmp-sagips-epoch-1-1-0");
  no_locks = true;
  publish(scratch.path(), kNew);
  clean_folder(scratch.path());
  no_locks = false;
  EXPECT_EQ(names_in(scratch.path()), Names({".tmp-sagips-epoch-1-1-0", "epoch-1"}));
  EXPECT_EQ(published_text(scratch.path()), kNew);
}

}  // namespace
}  // namespace sagips
