// SPDX-License-Identifier: BSD-3-Clause
#include "tool/files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tool/abi.h"

namespace sagips_tool {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / "sagips-files-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string folder_;
};

TEST_F(Files, WriteReplacesAndLeavesNoTemporary) {
  write_file(folder_ + "/a", "first");
  write_file(folder_ + "/a", "second");
  EXPECT_EQ(read_file(folder_ + "/a"), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(Files, FailuresNameTheFile) {
  for (const std::string& path : {folder_ + "/none/a", folder_ + "/none"}) {
    try {
      path.back() == 'a' ? write_file(path, "text") : void(read_file(path));
      FAIL();
    } catch (const Failure& failure) {
      EXPECT_NE(std::string(failure.what()).find(path), std::string::npos) << failure.what();
    }
  }
  write_file(folder_ + "/file", "");
  EXPECT_THROW(make_folder(folder_ + "/file"), Failure);
}

TEST_F(Files, CheckpointsAreListedByEpoch) {
  for (const char* name : {"epoch-100", "epoch-20", "epoch-x", "epoch-", "other"}) {
    make_folder(folder_ + "/" + name);
  }
  write_file(folder_ + "/epoch-30", "a file");
  const auto found = list_checkpoints(folder_);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].epoch, 20);
  EXPECT_EQ(found[1].epoch, 100);
  EXPECT_TRUE(list_checkpoints(folder_ + "/none").empty());
}

TEST_F(Files, RemoveRunKeepsWhatIsNotARuns) {
  make_folder(folder_ + "/checkpoints/epoch-5");
  write_file(folder_ + "/checkpoints/epoch-5/rank-0", "x");
  write_file(folder_ + "/run.json", "{}");
  write_file(folder_ + "/notes.txt", "mine");
  remove_run(folder_);
  EXPECT_FALSE(exists(folder_ + "/run.json"));
  EXPECT_TRUE(list_checkpoints(folder_ + "/checkpoints").empty());
  EXPECT_EQ(read_file(folder_ + "/notes.txt"), "mine");
}

}  // namespace
}  // namespace sagips_tool
