// SPDX-License-Identifier: BSD-3-Clause
// A real kill -9. A child process trains and writes a checkpoint after every epoch; its parent
// kills it at a random moment, again and again, and a new child goes on from what is on the disk.
// In the end there are the bytes of a training that nobody killed, and at no time a checkpoint that
// cannot be read. Then the same, one kill a training, for every option that gives it a memory.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <random>

#include "core/files.h"
#include "unit/core/core_testing.h"
#include "unit/solver/memory_testing.h"

namespace sagips {
namespace {

constexpr int64_t kEpochs = 40;

Options options_of(const std::string& folder, const std::string& keep) {
  return small_options({{"epochs", to_text(kEpochs)},
                        {"generator.input", "annealed"},
                        {"events", "1000"},  // an epoch of a millisecond, however fast the disk
                        {"checkpoint.every", "1"},
                        {"checkpoint.folder", folder},
                        {"checkpoint.keep", keep}});
}

/// What a user's program does: go on from the newest checkpoint, if there is one, to the end.
[[noreturn]] void train_and_exit(const Problem& problem, const Options& options) {
  int status = 1;
  try {
    Solver solver(problem, options);
    const std::string& folder = options.text("checkpoint.folder");
    if (is_folder(folder) && !list_folders(folder, "epoch-").empty()) solver.load(folder);
    solver.step(kEpochs);
    status = solver.progress().epoch == kEpochs ? 0 : 2;
  } catch (...) {
    status = 3;
  }
  _exit(status);
}

int64_t count_checkpoints(const std::string& folder) {
  return is_folder(folder) ? static_cast<int64_t>(list_folders(folder, "epoch-").size()) : 0;
}

class Killed : public testing::TestWithParam<const char*> {};

TEST_P(Killed, EndsWithTheBytesOfAnUninterruptedTraining) {
  const ScratchFolder scratch;
  const Problem problem = gaussian_problem(70);
  const std::string folder = scratch / "run";
  const Options options = options_of(folder, GetParam());
  Solver whole(problem, options);
  whole.step(kEpochs);
  const std::string last = folder + "/" + checkpoint_name(kEpochs);
  const std::string expected = file_bytes(last + "/" + kRankFile);
  ASSERT_FALSE(expected.empty());
  std::filesystem::remove_all(folder);

  std::mt19937 random(11);
  int kills = 0, status = -1;
  for (int attempt = 0; status != 0 && attempt < 400; ++attempt) {
    // 1. Let a child get a little further: to a new newest checkpoint, and a random time more.
    const std::string before =
        count_checkpoints(folder) > 0 ? list_folders(folder, "epoch-").back() : "";
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) train_and_exit(problem, options);
    pid_t ended = 0;
    while ((ended = ::waitpid(child, &status, WNOHANG)) == 0) {
      const bool has_news =
          count_checkpoints(folder) > 0 && list_folders(folder, "epoch-").back() != before;
      if (has_news) break;
    }
    const auto now = std::chrono::steady_clock::now();
    const auto moment = now + (now - start) * static_cast<int64_t>(random() % 1000) / 1000;
    while (ended == 0 && std::chrono::steady_clock::now() < moment)
      ended = ::waitpid(child, &status, WNOHANG);
    // 2. Kill it.
    if (ended == 0) {
      ASSERT_EQ(::kill(child, SIGKILL), 0);
      ASSERT_EQ(::waitpid(child, &status, 0), child);
    }
    kills += WIFSIGNALED(status) ? 1 : 0;
    if (WIFEXITED(status)) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
    }
    // 3. Whatever has a checkpoint's name is one.
    for (const std::string& name : list_folders(folder, "epoch-")) {
      Solver reader(problem, options);
      ASSERT_NO_THROW(reader.load(folder + "/" + name)) << name;
    }
  }
  EXPECT_EQ(status, 0);
  EXPECT_GT(kills, 3);
  EXPECT_TRUE(file_bytes(last + "/" + kRankFile) == expected);
  Solver reader(problem, options);  // the next save removes what a killed one left behind
  reader.load(folder);
  reader.save(folder);
  EXPECT_TRUE(file_bytes(last + "/" + kRankFile) == expected);
  const auto keep = std::stoll(GetParam());
  EXPECT_EQ(count_checkpoints(folder), keep > 0 ? keep : kEpochs);
  for (const auto& entry : std::filesystem::directory_iterator(folder))  // and no litter
    EXPECT_EQ(entry.path().filename().string().rfind("epoch-", 0), 0U) << entry.path();
}

INSTANTIATE_TEST_SUITE_P(Keep, Killed, testing::Values("0", "1", "2"),
                         [](const auto& test) { return std::string("Keep") + test.param; });

// ------------------------------------------------------------ one kill in every epoch, everywhere

constexpr int64_t kLastKill = 20;

/// The newest checkpoint's epoch; -1 without one.
int64_t newest_epoch(const std::string& folder) {
  if (!is_folder(folder)) return -1;
  const std::vector<std::string> names = list_folders(folder, "epoch-");
  return names.empty() ? -1 : std::stoll(names.back().substr(6));
}

/// Trains, and waits to be killed two epochs after `epoch`, which is therefore before the end.
[[noreturn]] void train_until_killed(const Problem& problem, const Options& options,
                                     int64_t epoch) {
  try {
    int64_t last = epoch + 2;
    Solver solver(problem, options);
    solver.set_progress_callback(
        [](void* user, const sagips_progress* p) -> int32_t {
          while (p->epoch > *static_cast<int64_t*>(user)) ::pause();
          return 0;
        },
        &last);
    solver.step(options.integer("epochs"));
  } catch (...) {
  }
  _exit(1);
}

class KilledInAnyEpoch : public testing::TestWithParam<Memory> {};

TEST_P(KilledInAnyEpoch, EndsWithTheBytesOfAnUninterruptedTraining) {
  const FastFolder scratch;
  const Problem problem = problem_of(GetParam());
  const std::string folder = scratch / "run";
  Settings settings = GetParam().settings;
  settings.insert(settings.end(), {{"epochs", to_text(kLastKill + 4)},
                                   {"checkpoint.every", "1"},
                                   {"checkpoint.folder", folder},
                                   {"checkpoint.keep", "2"}});
  const Options options = small_options(settings);
  const int64_t epochs = options.integer("epochs");
  const std::string last = folder + "/" + checkpoint_name(epochs) + "/" + kRankFile;
  {
    Solver whole(problem, options);
    whole.step(epochs);
  }
  const std::string expected = file_bytes(last);
  ASSERT_FALSE(expected.empty());
  for (int64_t epoch = 1; epoch <= kLastKill; ++epoch) {
    std::filesystem::remove_all(folder);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) train_until_killed(problem, options, epoch);
    int status = 0;
    pid_t ended = 0;
    while (newest_epoch(folder) < epoch && (ended = ::waitpid(child, &status, WNOHANG)) == 0)
      ::sched_yield();
    ASSERT_EQ(ended, 0) << "the child ended by itself in epoch " << epoch;
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    Solver resumed(problem, options);
    resumed.load(folder);
    ASSERT_GE(resumed.progress().epoch, epoch);
    ASSERT_LT(resumed.progress().epoch, epochs);
    resumed.step(epochs);
    ASSERT_TRUE(file_bytes(last) == expected) << "killed in epoch " << epoch;
  }
}

INSTANTIATE_TEST_SUITE_P(Memories, KilledInAnyEpoch, testing::ValuesIn(memories()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace sagips
