// SPDX-License-Identifier: BSD-3-Clause
#include "tool/skeleton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace sagips_tool {
namespace {

TEST(Skeleton, NameIsAnIdentifierMadeFromTheFolder) {
  EXPECT_EQ(project_name("decay"), "decay");
  EXPECT_EQ(project_name("a/b/Decay_2/"), "Decay_2");
  EXPECT_EQ(project_name("a/b/../c"), "c");
  EXPECT_EQ(project_name("my-model v1.2"), "my_model_v1_2");
  EXPECT_EQ(project_name("a -- b"), "a_b");
  EXPECT_EQ(project_name("3d"), "model_3d");
  EXPECT_EQ(project_name("\xe6\xa8\xa1"), "model");
  const std::string here = std::filesystem::current_path().filename().string();
  EXPECT_EQ(project_name("."), project_name(here));
  EXPECT_EQ(project_name("/"), "model");
}

TEST(Skeleton, NameLeavesAloneWhatCMakeMeans) {
  for (const std::string name : {"test", "all", "INSTALL", "sagips", "CMake", "m"}) {
    EXPECT_EQ(project_name(name), name + "_model");
  }
}

TEST(Skeleton, EveryLanguageHasABuildAModelAMainAndInstructions) {
  std::map<std::string, std::set<std::string>> stems;
  for (const SkeletonFile& file : skeleton_files()) {
    stems[file.language].insert(std::filesystem::path(file.name).stem().string());
  }
  EXPECT_EQ(stems.size(), 3u);
  for (const auto& [language, names] : stems) {
    for (const char* name : {"CMakeLists", "README", "events", "main", "model"}) {
      EXPECT_EQ(names.count(name), 1u) << language << " has no " << name;
    }
  }
}

TEST(Skeleton, SourcesAreShortAndNeedNoName) {
  for (const SkeletonFile& file : skeleton_files()) {
    const auto n_lines = std::count(file.text.begin(), file.text.end(), '\n');
    EXPECT_LE(n_lines, 120) << file.language << "/" << file.name;
    const bool is_source = file.name != "CMakeLists.txt" && file.name != "README.md";
    if (is_source) {
      EXPECT_EQ(file.text.find('@'), std::string::npos) << file.name;
    }
  }
}

TEST(Skeleton, EveryFileSaysThatItMayBeUsedFreely) {
  for (const SkeletonFile& file : skeleton_files()) {
    const bool is_prose = file.name == "README.md";
    const std::string said = is_prose ? "(licence 0BSD)" : "SPDX-License-Identifier: 0BSD";
    const std::string where = is_prose ? file.text : file.text.substr(0, file.text.find('\n'));
    EXPECT_NE(where.find(said), std::string::npos) << file.language << "/" << file.name;
  }
}

}  // namespace
}  // namespace sagips_tool
