// SPDX-License-Identifier: BSD-3-Clause
// System calls on files as the rest of core/ wants them: repeated after an interrupting signal,
// short writes continued, every result checked, and each failure an Error with SAGIPS_ERROR_IO that
// names the file, the system's reason and what to do. Calls are relative to an open folder wherever
// they can be, so that neither a changed working directory nor a swapped path in between leads
// elsewhere.
#ifndef SAGIPS_CORE_POSIX_H_
#define SAGIPS_CORE_POSIX_H_

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sagips {

/// Owner of a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  /// Close now. @return 0 or the error
  int close();

 private:
  int fd_;
};

/// Repeat a call that returns -1 with EINTR.
template <typename Call>
auto uninterrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// Throw SAGIPS_ERROR_IO. @param action "write" in "cannot write 'path' (no space left ...); ..."
[[noreturn]] void fail_io(std::string_view action, std::string_view path, int error);

/// Open a folder for the calls below. @return closed, with errno set, if that fails
Descriptor open_folder(const std::string& path);
/// The same for a folder in a folder; a symbolic link is none.
Descriptor open_folder_in(int folder, const std::string& name);

/// Flush a folder: the names in it. A file system that cannot do that is no failure.
void flush_folder(int folder, std::string_view path);

/// Write a file that does not exist yet, and flush it; on failure nothing is left of it.
/// @param path of the folder, for messages
void write_new_file(int folder, std::string_view path, const std::string& name, const void* bytes,
                    size_t size);

/// Names in a folder, sorted, without "." and "..". @return 0 or the error
int read_names(int folder, std::vector<std::string>* names);

/// Remove a file or a folder with its contents, following no links. @return 0 or the first error
int remove_tree(int folder, const std::string& name);

}  // namespace sagips

#endif  // SAGIPS_CORE_POSIX_H_
