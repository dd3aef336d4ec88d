// SPDX-License-Identifier: BSD-3-Clause
#include "core/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/posix.h"
#include "core/text.h"
#include "core_testing.h"

namespace sagips {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

Names names_in(const std::string& folder) {
  Names names;
  EXPECT_EQ(read_names(open_folder(folder).get(), &names), 0);
  return names;
}

void publish(const std::string& parent, const std::string& name, const std::string& text) {
  FolderPublisher publisher(parent, name);
  publisher.write("file", text.data(), text.size());
  publisher.publish();
}

TEST(Files, WrittenFilesReadBack) {
  const ScratchFolder scratch;
  const std::string bytes("a\0b\n", 4);
  write_file_durably(scratch / "file", bytes);
  EXPECT_EQ(read_file(scratch / "file", 4), bytes);
  write_file_durably(scratch / "file", "");
  EXPECT_EQ(read_file(scratch / "file", 0), "");
  EXPECT_EQ(names_in(scratch.path()), Names({"file"}));
  const std::string large(3000001, 'x');
  write_file_durably(scratch / "file", large);
  EXPECT_EQ(read_file(scratch / "file", large.size()), large);
}

TEST(Files, ReadingStopsAtTheCap) {
  const ScratchFolder scratch;
  write_file_durably(scratch / "file", "12345");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "more than 4 bytes", read_file(scratch / "file", 4));
  // 1 TB of nothing costs no memory.
  ASSERT_EQ(::truncate((scratch / "file").c_str(), off_t{1} << 40), 0);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "more than 100 bytes", read_file(scratch / "file", 100));
  // Files that tell no size.
  EXPECT_GT(read_file("/proc/self/status", 1 << 20).size(), 100u);
}

TEST(Files, WhatIsNoFileIsRefusedAtOnce) {
  const ScratchFolder scratch;
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "no regular file", read_file(scratch / "fifo", 10));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "no regular file", read_file("/dev/zero", 10));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot read", read_file(scratch.path(), 10));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "check the path", read_file(scratch / "none", 10));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "check the path", read_file("", 10));
}

TEST(Files, NamesThatAreNoneAreRefused) {
  const ScratchFolder scratch;
  for (const char* name : {"", ".", "..", "/"}) {
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot use", write_file_durably(name, "x"));
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot use", remove_folder(name));
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot use", publish(scratch.path(), name, "x"));
  }
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot use", publish(scratch.path(), "a/b", "x"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot make", publish("", "a", "x"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "shorter",
                      write_file_durably(scratch / std::string(300, 'x'), "x"));
  write_file_durably(scratch / std::string(255, 'x'), "x");
}

TEST(Files, SymbolicLinksAreReplacedAndNeverWrittenThrough) {
  const ScratchFolder scratch;
  write_file_durably(scratch / "victim", "precious");
  fs::create_symlink("victim", scratch / "link");
  write_file_durably(scratch / "link", "new");
  EXPECT_EQ(read_file(scratch / "victim", 100), "precious");
  EXPECT_FALSE(fs::is_symlink(scratch / "link"));
  // A link in the place of a folder.
  fs::create_directory(scratch / "target");
  write_file_durably(scratch / "target/file", "precious");
  fs::create_directory_symlink("target", scratch / "epoch-1");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot replace", publish(scratch.path(), "epoch-1", "new"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot remove", remove_folder(scratch / "epoch-1"));
  EXPECT_EQ(read_file(scratch / "target/file", 100), "precious");
  EXPECT_TRUE(list_folders(scratch.path(), "epoch-").empty());
  // A link inside a folder that is removed.
  fs::create_directory(scratch / "epoch-2");
  fs::create_directory_symlink("../target", scratch / "epoch-2/link");
  remove_folder(scratch / "epoch-2");
  EXPECT_EQ(read_file(scratch / "target/file", 100), "precious");
}

TEST(Files, FoldersAppearWholeOrNotAtAll) {
  const ScratchFolder scratch;
  const std::string parent = scratch / "a//b/c/";
  {
    FolderPublisher publisher(parent, "epoch-1");
    publisher.write("file", "one", 3);
    EXPECT_TRUE(list_folders(parent, "epoch-").empty());
    write_file_durably(publisher.path() + "/other", "two");
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot create", publisher.write("file", "x", 1));
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot use", publisher.write("../file", "x", 1));
    publisher.publish();
  }
  EXPECT_EQ(names_in(parent), Names({"epoch-1"}));
  EXPECT_EQ(names_in(parent + "/epoch-1"), Names({"file", "other"}));
  { FolderPublisher abandoned(parent, "epoch-2"); }
  EXPECT_EQ(names_in(parent), Names({"epoch-1"}));
}

TEST(Files, PublishingReplacesAsAWhole) {
  const ScratchFolder scratch;
  publish(scratch.path(), "epoch-1", "old");
  write_file_durably(scratch / "epoch-1/leftover", "x");
  publish(scratch.path(), "epoch-1", "new");
  EXPECT_EQ(names_in(scratch.path()), Names({"epoch-1"}));
  EXPECT_EQ(names_in(scratch / "epoch-1"), Names({"file"}));
  EXPECT_EQ(read_file(scratch / "epoch-1/file", 100), "new");
  write_file_durably(scratch / "file", "x");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "cannot replace", publish(scratch.path(), "file", "new"));
  EXPECT_EQ(read_file(scratch / "file", 100), "x");
}

TEST(Files, ListedFoldersComeInTheOrderOfTheirNumbers) {
  const ScratchFolder scratch;
  for (const char* name :
       {"epoch-100", "epoch-20", "epoch-3", "epoch-19", "other", ".tmp-sagips-x"}) {
    make_folders(scratch / name);
  }
  write_file_durably(scratch / "epoch-5", "a file");
  EXPECT_EQ(list_folders(scratch.path(), "epoch-"),
            Names({"epoch-3", "epoch-19", "epoch-20", "epoch-100"}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "check the path", list_folders(scratch / "none", ""));
}

TEST(Files, RemovedFoldersAreGoneWithEverythingInThem) {
  const ScratchFolder scratch;
  make_folders(scratch / "epoch-1/a/b/c");
  write_file_durably(scratch / "epoch-1/a/b/file", "x");
  remove_folder(scratch / "epoch-1//");
  EXPECT_TRUE(names_in(scratch.path()).empty());
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "check the path", remove_folder(scratch / "epoch-1"));
}

TEST(Files, CleaningRemovesWhatTheDeadLeftAndNothingElse) {
  const ScratchFolder scratch;
  make_folders(scratch / ".tmp-sagips-epoch-7-4000000000-0/inner");
  make_folders(scratch / ".old-sagips-epoch-8");
  make_folders(scratch / ".old-sagips-epoch-9");
  make_folders(scratch / "epoch-9");
  make_folders(scratch / ".tmp-other");
  write_file_durably(scratch / ".tmp-sagips-file", "x");
  FolderPublisher alive(scratch.path(), "epoch-10");
  EXPECT_EQ(list_folders(scratch.path(), "epoch-"), Names({"epoch-8", "epoch-9"}));
  FolderPublisher another(scratch.path(), "epoch-10");
  EXPECT_NE(alive.path(), another.path());
  EXPECT_TRUE(is_folder(alive.path()));
  const std::string pid = to_text(int64_t{::getpid()});
  EXPECT_EQ(names_in(scratch.path()), Names({".tmp-other", ".tmp-sagips-epoch-10-" + pid + "-0",
                                             ".tmp-sagips-epoch-10-" + pid + "-1",
                                             ".tmp-sagips-file", "epoch-8", "epoch-9"}));
  clean_folder(scratch / "none");
}

TEST(Files, ManyThreadsPublishTheSameNameAndOneOfThemWins) {
  const ScratchFolder scratch;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        // Losing the race for the name is an answer, a mixture or a leftover is none.
        const std::string text(1000, static_cast<char>('a' + t));
        const Error error = error_of([&] { publish(scratch.path(), "epoch-1", text); });
        EXPECT_TRUE(error.status() == SAGIPS_OK || error.status() == SAGIPS_ERROR_IO)
            << error.text();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = read_file(scratch / "epoch-1/file", 10000);
  EXPECT_EQ(text, std::string(1000, text.at(0)));
  clean_folder(scratch.path());
  EXPECT_EQ(names_in(scratch.path()), Names({"epoch-1"}));
}

TEST(Files, TheLimitOnFileSizesIsAnErrorAndNoDeath) {
  const ScratchFolder scratch;
  write_file_durably(scratch / "file", "old");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Error error =
      error_of([&] { write_file_durably(scratch / "file", std::string(9000, 'x')); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(error.status(), SAGIPS_ERROR_IO);
  EXPECT_NE(error.text().find("ulimit -f"), std::string::npos) << error.text();
  EXPECT_EQ(read_file(scratch / "file", 100), "old");
  EXPECT_EQ(names_in(scratch.path()), Names({"file"}));
  sigset_t set;
  sigpending(&set);
  EXPECT_EQ(sigismember(&set, SIGXFSZ), 0) << "the signal is taken away";
  pthread_sigmask(SIG_BLOCK, nullptr, &set);
  EXPECT_EQ(sigismember(&set, SIGXFSZ), 0) << "the mask is back";
}

TEST(Files, AFullFileSystemIsAnError) {
  const ScratchFolder scratch;
  if (::mount("none", scratch.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "no right to mount a small tmpfs here";
  }
  publish(scratch.path(), "epoch-1", "old");
  const Error error =
      error_of([&] { publish(scratch.path(), "epoch-1", std::string(200000, 'x')); });
  const std::string kept = read_file(scratch / "epoch-1/file", 100);
  const Names names = names_in(scratch.path());
  ASSERT_EQ(::umount(scratch.path().c_str()), 0);
  EXPECT_EQ(error.status(), SAGIPS_ERROR_IO);
  EXPECT_NE(error.text().find("free some space"), std::string::npos) << error.text();
  EXPECT_EQ(kept, "old");
  EXPECT_EQ(names, Names({"epoch-1"}));
}

TEST(Files, MissingPermissionsAreTold) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may do everything";
  const ScratchFolder scratch;
  ASSERT_EQ(::chmod(scratch.path().c_str(), 0500), 0);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "permissions", write_file_durably(scratch / "file", "x"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "permissions", publish(scratch / "a", "epoch-1", "x"));
  ASSERT_EQ(::chmod(scratch.path().c_str(), 0700), 0);
}

}  // namespace
}  // namespace sagips
