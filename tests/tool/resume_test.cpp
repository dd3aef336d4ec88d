// SPDX-License-Identifier: BSD-3-Clause
// A run that was stopped, or killed, and resumed must end where an uninterrupted one ends.

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <sstream>

#include "command.h"

namespace tool_test {
namespace {

using Json = nlohmann::json;

// Long enough that a signal sent at the first checkpoint arrives before the end.
const Words kLong = {"--epochs", "1000", "--set", "checkpoint.every=50", "metrics.every=25"};

Json parameters(const std::string& folder) {
  return read_json(folder + "/summary.json").at("parameters");
}

// Epochs and estimates of metrics.csv; the rest is time.
std::string history(const std::string& folder) {
  std::istringstream file(read(folder + "/metrics.csv"));
  std::string kept;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    int column = 0;
    for (std::string cell; std::getline(cells, cell, ','); ++column) {
      if (column != 1 && column < 17) kept += cell + ",";
    }
    kept += "\n";
  }
  return kept;
}

// Starts a long run, sends a signal once it has a checkpoint, and returns what came of it.
Result interrupted(const std::string& run, int signal) {
  Command command(tiny_run(run, kLong));
  EXPECT_TRUE(checkpoint_appears(run, 50));
  command.send(signal);
  return command.wait();
}

TEST(Resume, AfterAKillEndsWhereAnUninterruptedRunEnds) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "whole", kLong)).code, 0);

  ASSERT_EQ(interrupted(folder / "cut", SIGKILL).signal, SIGKILL) << "the run ended too early";
  EXPECT_FALSE(std::filesystem::exists(folder / "cut/summary.json"));
  const Result resumed = call({"run", "--resume", "--out", folder / "cut"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("resuming from epoch"), std::string::npos) << resumed.err;
  EXPECT_EQ(parameters(folder / "cut"), parameters(folder / "whole"));
  EXPECT_EQ(history(folder / "cut"), history(folder / "whole"));
  EXPECT_EQ(read_json(folder / "cut/run.json").at("invocations").size(), 2u);
}

class Signal : public testing::TestWithParam<int> {};

TEST_P(Signal, StopsWithACheckpointAndSaysHowToGoOn) {
  const TemporaryFolder folder;
  const Result stopped = interrupted(folder / "run", GetParam());
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("sagips run --resume --out " + (folder / "run")), std::string::npos)
      << stopped.err;
  const Result resumed = call({"run", "--resume", "--out", folder / "run"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(read_json(folder / "run/summary.json").at("epochs"), 1000);
}

INSTANTIATE_TEST_SUITE_P(Resume, Signal, testing::Values(SIGINT, SIGTERM));

TEST(Resume, BeforeTheFirstCheckpointStartsAgain) {
  const TemporaryFolder folder;
  const Words words = {"--epochs", "30", "--seed", "5"};
  ASSERT_EQ(call(tiny_run(folder / "whole", words)).code, 0);
  ASSERT_EQ(call(tiny_run(folder / "cut", words)).code, 0);
  std::filesystem::remove_all(folder / "cut/checkpoints");
  const Result resumed = call({"run", "--resume", "--out", folder / "cut"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(history(folder / "cut"), history(folder / "whole"));
  EXPECT_EQ(parameters(folder / "cut"), parameters(folder / "whole"));
}

TEST(Resume, OfAFinishedRunChangesNothing) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "30"})).code, 0);
  const Json before = parameters(folder / "run");
  const std::string metrics = read(folder / "run/metrics.csv");
  ASSERT_EQ(call({"run", "--resume", "--out", folder / "run"}).code, 0);
  EXPECT_EQ(parameters(folder / "run"), before);
  EXPECT_EQ(read(folder / "run/metrics.csv"), metrics);
}

TEST(Resume, RefusesOtherSettingsAndNamesThem) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "20"})).code, 0);
  const Result refused =
      call({"run", "--resume", "--out", folder / "run", "--problem", "kuma6", "--events", "30000",
            "--epochs", "21", "--set", "generator.hidden=8,9"});
  EXPECT_EQ(refused.code, 2);
  for (const char* words :
       {"problem is proxy1d in the record and kuma6 on the command line",
        "events is 20000 in the record and 30000", "epochs is 20", "generator.hidden is 8,8"}) {
    EXPECT_NE(refused.err.find(words), std::string::npos) << words << "\n" << refused.err;
  }
  EXPECT_EQ(read_json(folder / "run/run.json").at("invocations").size(), 1u);
}

TEST(Resume, AcceptsTheSameSettingsAndOtherThreads) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "20"})).code, 0);
  const Result result =
      call(tiny_run(folder / "run", {"--epochs", "20", "--resume", "--threads", "2"}));
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST(Resume, DropsTornAndLaterRowsOfTheMetrics) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "40"})).code, 0);
  const std::string metrics = read(folder / "run/metrics.csv");
  write(folder / "run/metrics.csv", metrics + "41,0.3,0.1");
  ASSERT_EQ(call({"run", "--resume", "--out", folder / "run"}).code, 0);
  EXPECT_EQ(read(folder / "run/metrics.csv"), metrics);
}

TEST(Resume, SaysWhenTheRecordIsDamaged) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "2"})).code, 0);
  const std::string record = read(folder / "run/run.json");
  for (const std::string& damaged : {std::string(), record.substr(0, record.size() / 2),
                                     std::string("[]"), std::string("{\"format\": 99}")}) {
    write(folder / "run/run.json", damaged);
    const Result result = call({"run", "--resume", "--out", folder / "run"});
    EXPECT_EQ(result.code, 1) << damaged;
    EXPECT_NE(result.err.find("run.json"), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace tool_test
