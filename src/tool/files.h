// SPDX-License-Identifier: BSD-3-Clause
// Files of a run: written whole or not at all (temporary, fsync, rename, fsync of the folder), and
// the list of checkpoint folders `epoch-N`.

#ifndef SAGIPS_TOOL_FILES_H_
#define SAGIPS_TOOL_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace sagips_tool {

// All throw a Failure that names the file and the system's reason.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);
void make_folder(const std::string& path);

bool exists(const std::string& path);

struct CheckpointFolder {
  int64_t epoch;
  std::string path;
};
// The `epoch-N` folders in `folder`, by rising epoch; none if there is no such folder.
std::vector<CheckpointFolder> list_checkpoints(const std::string& folder);

// Removes what an earlier run left in `folder`, and nothing else.
void remove_run(const std::string& folder);

// Bytes of all files in a folder.
int64_t folder_bytes(const std::string& folder);

// Where a run keeps its parts.
constexpr const char* kCheckpoints = "checkpoints";
inline std::string record_path(const std::string& folder) { return folder + "/run.json"; }
inline std::string metrics_path(const std::string& folder) { return folder + "/metrics.csv"; }
inline std::string summary_path(const std::string& folder) { return folder + "/summary.json"; }
inline std::string report_path(const std::string& folder) { return folder + "/report.html"; }
inline std::string checkpoint_folder(const std::string& folder) {
  return folder + "/" + kCheckpoints;
}

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_FILES_H_
