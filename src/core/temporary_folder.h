// SPDX-License-Identifier: BSD-3-Clause
// A folder of a run's own beside the place where its contents shall appear, so that they get there
// by a rename. It is locked (flock) as long as the run lives; the system lets go of the lock
// however the run ends, and by that the next one knows which temporaries are left over from a
// crash.
#ifndef SAGIPS_CORE_TEMPORARY_FOLDER_H_
#define SAGIPS_CORE_TEMPORARY_FOLDER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "core/posix.h"

namespace sagips {

/// `parent/.tmp-sagips-<purpose>-<pid>-<n>`, removed with its contents at the end.
class TemporaryFolder {
 public:
  /// @param parent exists @param purpose becomes part of the name
  TemporaryFolder(const std::string& parent, std::string_view purpose);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& parent() const { return parent_; }
  const std::string& name() const { return name_; }
  std::string path() const { return parent_ + "/" + name_; }
  int parent_fd() const { return parent_fd_.get(); }
  int fd() const { return fd_.get(); }

  /// Give the folder the name `name` in its parent, durably, replacing a folder of that name. What
  /// was replaced is removed with this object.
  void rename_to(const std::string& name);

 private:
  bool make(const std::string& name);
  bool is_ours() const;
  void swap_with(const std::string& name);

  std::string parent_;
  std::string name_;
  Descriptor parent_fd_;
  Descriptor fd_;  // holds the lock
};

/// Undo what crashed runs left in `parent`: remove their temporary folders, and give a folder its
/// name back that was being replaced. What belongs to live runs is left alone. Never fails, since a
/// leftover is no reason to stop.
void clean_folder(const std::string& parent);

}  // namespace sagips

#endif  // SAGIPS_CORE_TEMPORARY_FOLDER_H_
