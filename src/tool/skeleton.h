// SPDX-License-Identifier: BSD-3-Clause
// The projects that `sagips new` writes: src/tool/skeleton/<language>/*, carried in the command by
// embed.cmake. In their texts @NAME@ stands for the name of the project, @VERSION@ for the version
// of SAGIPS that it asks for.

#ifndef SAGIPS_TOOL_SKELETON_H_
#define SAGIPS_TOOL_SKELETON_H_

#include <string>
#include <vector>

namespace sagips_tool {

struct SkeletonFile {
  std::string language;  // "c", "cpp", "fortran"
  std::string name;
  std::string text;
};

// All files of all languages, by language and name.
const std::vector<SkeletonFile>& skeleton_files();

// The name of a project in `folder`: the folder's own, with an underscore for whatever may not
// stand in an identifier, and something more where it begins with a digit or where CMake, or the
// project itself, means something else by it.
std::string project_name(const std::string& folder);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_SKELETON_H_
