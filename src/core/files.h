// SPDX-License-Identifier: BSD-3-Clause
// Files and folders that survive a crash and a power cut: what a function below has returned from
// is on the disk, and what it has not returned from is invisible or whole. A folder is written
// under a temporary name, every file and the folder flushed, renamed, and its parent flushed:
//
//   .tmp-sagips-epoch-100-<pid>-0/  --fsync, rename-->  epoch-100/  --fsync of the parent
//
// Every failure is SAGIPS_ERROR_IO with the system's reason; a file size limit (RLIMIT_FSIZE) is
// one too, and no death by SIGXFSZ. Nothing is written through a symbolic link in a path's last
// place.
#ifndef SAGIPS_CORE_FILES_H_
#define SAGIPS_CORE_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/temporary_folder.h"

namespace sagips {

/// The whole of a regular file. SAGIPS_ERROR_IO; SAGIPS_ERROR_FORMAT if it has more than `cap`
/// bytes.
std::string read_file(const std::string& path, size_t cap);

/// Write a file, or replace it, durably. After a failure there is the old file or the new one,
/// whole.
void write_file_durably(const std::string& path, const void* bytes, size_t size);
inline void write_file_durably(const std::string& path, std::string_view bytes) {
  write_file_durably(path, bytes.data(), bytes.size());
}

/// Make a folder and those above it where they are missing, durably.
void make_folders(const std::string& path);

/// Names of the folders in `parent` that start with `prefix`, shorter ones first, then by their
/// bytes, which puts "epoch-20" before "epoch-100". Symbolic links are no folders.
std::vector<std::string> list_folders(const std::string& parent, std::string_view prefix);

/// True if `path` is a folder, or a link to one.
bool is_folder(const std::string& path);

/// Remove a folder with what is in it, following no links. Its name disappears first and at once,
/// so that nobody finds half of it.
void remove_folder(const std::string& path);

/// Writes a folder that appears complete or not at all.
///
///   FolderPublisher publisher(parent, "epoch-100");
///   publisher.write("rank-0.safetensors", bytes.data(), bytes.size());
///   publisher.publish();
///
/// Other processes may add files by write_file_durably() under path() before publish() is called.
/// Without publish() nothing remains.
class FolderPublisher {
 public:
  /// @param parent made if needed @param name of the folder, without a slash
  FolderPublisher(const std::string& parent, const std::string& name);

  /// Path of the temporary folder.
  std::string path() const { return temporary_.path(); }

  /// Write a new file into it, durably.
  void write(const std::string& file, const void* bytes, size_t size);

  /// Give the folder its name, replacing a folder that has it; after a failure that one is there
  /// still. Call it once.
  void publish();

 private:
  std::string name_;
  TemporaryFolder temporary_;
};

}  // namespace sagips

#endif  // SAGIPS_CORE_FILES_H_
