// SPDX-License-Identifier: BSD-3-Clause
// `sagips new` as a person calls it. That what it writes builds and works is tested where there is
// an installed tree: tests/install/new.sh.

#include <gtest/gtest.h>

#include <filesystem>

#include "command.h"

namespace tool_test {
namespace {

namespace fs = std::filesystem;

TEST(New, WritesAProjectThatIsCalledLikeItsFolder) {
  const TemporaryFolder folder;
  for (const char* language : {"c", "cpp", "fortran"}) {
    const std::string project = folder / std::string("not there/3d decay-") + language;
    const Result result = call({"new", language, project});
    EXPECT_EQ(result.code, 0) << result.err;
    const std::string name = std::string("model_3d_decay_") + language;
    EXPECT_EQ(result.out.rfind(name + ": CMakeLists.txt, README.md, ", 0), 0u) << result.out;
    const std::string build = read(project + "/CMakeLists.txt");
    EXPECT_NE(build.find("project(" + name + " LANGUAGES"), std::string::npos) << build;
    EXPECT_NE(build.find("find_package(sagips 0."), std::string::npos) << build;
    EXPECT_NE(read(project + "/README.md").find("build/" + name + " closure"), std::string::npos);
    for (const fs::directory_entry& entry : fs::directory_iterator(project)) {
      EXPECT_EQ(read(entry.path().string()).find('@'), std::string::npos) << entry.path();
    }
  }
}

TEST(New, AnEmptyFolderIsFilled) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "empty");
  EXPECT_EQ(call({"new", "c", folder / "empty/"}).code, 0);
  EXPECT_NE(read(folder / "empty/CMakeLists.txt").find("project(empty "), std::string::npos);
}

TEST(New, AFolderWithAnythingInItIsLeftAlone) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "full");
  write(folder / "full/.hidden", "mine");
  const Result result = call({"new", "c", folder / "full"});
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("is not empty (a new project would mix"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "full/CMakeLists.txt"));
  EXPECT_EQ(read(folder / "full/.hidden"), "mine");
}

TEST(New, AFileIsNoFolder) {
  const TemporaryFolder folder;
  write(folder / "file", "mine");
  const Result result = call({"new", "c", folder / "file"});
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("is no folder"), std::string::npos) << result.err;
  const Result below = call({"new", "c", folder / "file/below"});
  EXPECT_EQ(below.code, 1);
  EXPECT_NE(below.err.find("cannot be made a folder"), std::string::npos) << below.err;
  EXPECT_EQ(read(folder / "file"), "mine");
}

TEST(New, AnUnknownLanguageWritesNothing) {
  const TemporaryFolder folder;
  EXPECT_EQ(call({"new", "rust", folder / "project"}).code, 2);
  EXPECT_FALSE(fs::exists(folder / "project"));
}

}  // namespace
}  // namespace tool_test
