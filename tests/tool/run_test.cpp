// SPDX-License-Identifier: BSD-3-Clause
// A short run, and whether what it wrote agrees with itself.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "command.h"

namespace tool_test {
namespace {

using Json = nlohmann::json;

void expect_consistent(const Json& summary) {
  double sum = 0.0;
  const Json& parameters = summary.at("parameters");
  ASSERT_EQ(parameters.size(), 6u);
  for (size_t i = 0; i < 6; ++i) {
    const Json& one = parameters[i];
    const double truth = one.at("truth"), estimate = one.at("estimate");
    const double residual = one.at("residual_percent");
    EXPECT_NEAR(residual, 100 * (truth - estimate) / truth, 1e-9);
    const double sigma = one.at("limit_percent").get<double>() / 100 * std::fabs(truth);
    EXPECT_NEAR(one.at("pull").get<double>(), (estimate - truth) / sigma, 1e-9);
    sum += std::fabs(residual);
    const Json& variance = summary.at("covariance")[i][i];
    if (variance.is_null()) {
      EXPECT_TRUE(one.at("uncertainty").is_null());
    } else {
      EXPECT_NEAR(one.at("uncertainty").get<double>(), std::sqrt(variance.get<double>()), 1e-12);
    }
  }
  EXPECT_NEAR(summary.at("mean_abs_residual_percent").get<double>(), sum / 6, 1e-9);
}

TEST(Run, SummaryIsCompleteAndConsistent) {
  const TemporaryFolder folder;
  const Result result =
      call(tiny_run(folder / "run", {"--epochs", "40", "--seed", "7", "--data-seed", "11"}));
  ASSERT_EQ(result.code, 0) << result.err;
  const Json summary = read_json(folder / "run/summary.json");
  EXPECT_EQ(summary.at("problem"), "proxy1d");
  EXPECT_EQ(summary.at("preset"), "fast");
  EXPECT_EQ(summary.at("seed"), 7);
  EXPECT_EQ(summary.at("data_seed"), 11);
  EXPECT_EQ(summary.at("events"), 20000);
  EXPECT_EQ(summary.at("epochs"), 40);
  EXPECT_EQ(summary.at("norm_information"), "poisson");
  EXPECT_EQ(summary.at("gradient_route"), "vjp");
  EXPECT_EQ(summary.at("options").at("generator.hidden"), "8,8");
  EXPECT_EQ(summary.at("options").at("seed"), 7);
  EXPECT_GT(summary.at("rows").get<int64_t>(), 0);
  EXPECT_EQ(summary.at("rows_failed"), 0);
  EXPECT_EQ(summary.at("rows_resampled"), 0);
  EXPECT_EQ(summary.at("lost_fraction"), 0.0);
  EXPECT_NE(result.err.find("data set 'closure': gradient by vjp"), std::string::npos)
      << result.err;
  EXPECT_GT(summary.at("seconds_training").get<double>(), 0.0);
  EXPECT_GT(summary.at("peak_memory_mb").get<double>(), 1.0);
  for (const char* key : {"threads", "expected_mean_abs_at_limit_percent", "epochs_to_5_percent",
                          "epochs_to_2_percent", "version", "build"}) {
    EXPECT_TRUE(summary.contains(key)) << key;
  }
  for (const char* key : {"fits", "converged", "auc", "p_value", "drift_sigma"}) {
    EXPECT_TRUE(summary.at("verdict").contains(key)) << key;
  }
  expect_consistent(summary);
}

// Physics fixes the limit: at 1e6 events 1.13 %, so at 20,000 it is sqrt(50) times that.
TEST(Run, ExpectationAtTheLimitScalesWithTheData) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "2"})).code, 0);
  const Json summary = read_json(folder / "run/summary.json");
  EXPECT_NEAR(summary.at("expected_mean_abs_at_limit_percent").get<double>(),
              1.13 * std::sqrt(50.0), 0.05);
}

TEST(Run, PrintsTheTableAndWhereTheFilesAre) {
  const TemporaryFolder folder;
  const Result result = call(tiny_run(folder / "run", {"--problem", "kuma6", "--epochs", "20"}));
  ASSERT_EQ(result.code, 0) << result.err;
  for (const char* words : {"p5", "mean |residual|", "expected at the limit", "verdict",
                            "pull = (estimate - truth)/sigma_limit", "report.html"}) {
    EXPECT_NE(result.out.find(words), std::string::npos) << words << "\n" << result.out;
  }
  EXPECT_NE(result.err.find("epoch 20/20"), std::string::npos) << result.err;
}

TEST(Run, WritesMetricsAndTwentyCheckpoints) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "100", "--set", "metrics.every=10"})).code,
            0);
  const std::string metrics = read(folder / "run/metrics.csv");
  EXPECT_EQ(std::count(metrics.begin(), metrics.end(), '\n'), 11);
  EXPECT_EQ(metrics.rfind("epoch,seconds,loss_discriminator", 0), 0u);
  const std::filesystem::directory_iterator checkpoints(folder / "run/checkpoints");
  EXPECT_EQ(std::distance(begin(checkpoints), end(checkpoints)), 20);
}

TEST(Run, LaterSourcesOfOptionsWin) {
  const TemporaryFolder folder;
  write(folder / "options.toml",
        "epochs = 9\nseed = 3\n[generator]\nrate = 3e-4\n[discriminator]\nrate = 4e-4\n");
  ASSERT_EQ(call(tiny_run(folder / "run", {"--config", folder / "options.toml", "--epochs", "8",
                                           "--set", "generator.rate=5e-4"}))
                .code,
            0);
  const Json options = read_json(folder / "run/summary.json").at("options");
  EXPECT_EQ(options.at("epochs"), 8);
  EXPECT_EQ(options.at("seed"), 3);
  EXPECT_EQ(options.at("generator.rate"), 5e-4);
  EXPECT_EQ(options.at("discriminator.rate"), 4e-4);
}

// A folder may be moved or handed on: what is recorded must not tell where it once was.
TEST(Run, RecordsItsCheckpointsRelativeToItsFolder) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "20"})).code, 0);
  EXPECT_EQ(read_json(folder / "run/summary.json").at("options").at("checkpoint.folder"),
            "checkpoints");
  const std::string options = read_json(folder / "run/run.json").at("options");
  EXPECT_EQ(options.find(folder / "run"), std::string::npos) << options;

  std::filesystem::rename(folder / "run", folder / "moved");
  ASSERT_EQ(call({"report", folder / "moved"}).code, 0);
  std::filesystem::remove_all(checkpoint_of(folder / "moved", 20));
  const Result resumed = call({"run", "--resume", "--out", folder / "moved"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_NE(checkpoint_of(folder / "moved", 20), "");
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

TEST(Run, SameSeedsGiveTheSameEstimateAndOthersDoNot) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "a", {"--epochs", "10"})).code, 0);
  ASSERT_EQ(call(tiny_run(folder / "b", {"--epochs", "10", "--threads", "2"})).code, 0);
  ASSERT_EQ(call(tiny_run(folder / "c", {"--epochs", "10", "--data-seed", "2"})).code, 0);
  const Json a = read_json(folder / "a/summary.json").at("parameters");
  EXPECT_EQ(a, read_json(folder / "b/summary.json").at("parameters"));
  EXPECT_NE(a, read_json(folder / "c/summary.json").at("parameters"));
}

TEST(Run, DoesNotReplaceARunUnlessTold) {
  const TemporaryFolder folder;
  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "40"})).code, 0);
  const Result refused = call(tiny_run(folder / "run", {"--epochs", "2"}));
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--overwrite"), std::string::npos) << refused.err;
  EXPECT_EQ(read_json(folder / "run/summary.json").at("epochs"), 40);

  ASSERT_EQ(call(tiny_run(folder / "run", {"--epochs", "2", "--overwrite"})).code, 0);
  EXPECT_EQ(read_json(folder / "run/summary.json").at("epochs"), 2);
  const std::filesystem::directory_iterator checkpoints(folder / "run/checkpoints");
  EXPECT_EQ(std::distance(begin(checkpoints), end(checkpoints)), 2);
}

}  // namespace
}  // namespace tool_test
