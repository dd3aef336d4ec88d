// SPDX-License-Identifier: BSD-3-Clause
// A run of several members: what the summary, the closing table and the report say of them.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "command.h"

namespace tool_test {
namespace {

using Json = nlohmann::json;

constexpr size_t kM = 3, kP = 6;

class EnsembleRun : public testing::Test {
 protected:
  EnsembleRun() {
    result_ =
        call(tiny_run(folder_ / "run", {"--epochs", "40", "--members", "3", "--threads", "2"}));
    summary_ = result_.code == 0 ? read_json(folder_ / "run/summary.json") : Json();
  }
  void SetUp() override { ASSERT_EQ(result_.code, 0) << result_.err; }
  std::string html() const { return read(folder_ / "run/report.html"); }

  TemporaryFolder folder_;
  Result result_;
  Json summary_;
};

TEST_F(EnsembleRun, SummaryHoldsEveryMemberAndEquationsSevenAndEight) {
  const Json& all = summary_.at("ensemble");
  EXPECT_EQ(all.at("count"), kM);
  EXPECT_EQ(all.at("first"), 0);
  ASSERT_EQ(all.at("members").size(), kM);
  for (size_t i = 0; i < kP; ++i) {
    const Json& parameter = summary_.at("parameters")[i];
    const double truth = parameter.at("truth");
    double mean = 0, squares = 0, residuals = 0;
    for (size_t k = 0; k < kM; ++k) mean += all.at("members")[k][i].get<double>() / kM;
    for (size_t k = 0; k < kM; ++k) {
      const double estimate = all.at("members")[k][i];
      squares += (estimate - mean) * (estimate - mean);
      residuals += std::pow(100 * (truth - estimate) / truth, 2);
    }
    EXPECT_GT(squares, 0);
    EXPECT_NEAR(parameter.at("estimate").get<double>(), mean, 1e-12);
    EXPECT_NEAR(all.at("mean")[i].get<double>(), mean, 1e-12);
    EXPECT_NEAR(all.at("sigma")[i].get<double>(), std::sqrt(squares / kM), 1e-12);
    EXPECT_NEAR(all.at("sigma_unbiased")[i].get<double>(), std::sqrt(squares / (kM - 1)), 1e-12);
    EXPECT_NEAR(all.at("covariance")[i][i].get<double>(), squares / (kM - 1), 1e-12);
    EXPECT_NEAR(all.at("correlation")[i][i].get<double>(), 1, 1e-12);
    EXPECT_NEAR(all.at("rmse_percent")[i].get<double>(), std::sqrt(residuals / kM), 1e-9);
    // The mean square error is the square of the bias and the spread.
    EXPECT_NEAR(std::pow(all.at("rmse_percent")[i].get<double>(), 2),
                std::pow(all.at("residual_percent")[i].get<double>(), 2) +
                    std::pow(all.at("spread_percent")[i].get<double>(), 2),
                1e-6);
    const Json& parts = all.at("parts");
    if (summary_.at("covariance")[i][i].is_null()) continue;  // nothing measures it
    EXPECT_NEAR(summary_.at("covariance")[i][i].get<double>(),
                parts.at("statistical")[i][i].get<double>() +
                    parts.at("ensemble")[i][i].get<double>() +
                    parts.at("training")[i][i].get<double>(),
                1e-9);
  }
}

TEST_F(EnsembleRun, ClosingTableHasARowForEachMember) {
  for (const char* words : {"3 members", "\n0 ", "\n2 ", "sigma, 1/M", "sigma, 1/(M-1)", "rmse %"})
    EXPECT_NE(result_.out.find(words), std::string::npos) << words << "\n" << result_.out;
}

TEST_F(EnsembleRun, ReportShowsMembersAndIsMadeAgainFromCheckpoints) {
  const std::string before = html();
  EXPECT_NE(before.find("<h2>Ensemble</h2>"), std::string::npos);
  for (const char* id : {"members-p0", "members-p5", "error-spread", "correlations-members"})
    EXPECT_NE(before.find(std::string("id=\"") + id), std::string::npos) << id;
  EXPECT_NE(before.find("Estimates of the members"), std::string::npos);
  for (const char* part : {"report.html", "metrics.csv", "summary.json"})
    std::filesystem::remove(folder_ / ("run/" + std::string(part)));
  ASSERT_EQ(call({"report", folder_ / "run"}).code, 0);
  const std::string from = "Estimates of the members";
  const auto table_of = [&](const std::string& page) {
    return page.substr(page.find(from), page.find("</table>", page.find(from)) - page.find(from));
  };
  EXPECT_EQ(table_of(html()), table_of(before));
}

TEST_F(EnsembleRun, GoesOnWithItsMembersOnly) {
  std::filesystem::remove_all(checkpoint_of(folder_ / "run", 40));
  const Result refused = call({"run", "--resume", "--members", "2", "--out", folder_ / "run"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("ensemble.members is 3 in the record"), std::string::npos)
      << refused.err;
  const Result resumed = call({"run", "--resume", "--out", folder_ / "run"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(read_json(folder_ / "run/summary.json").at("ensemble"), summary_.at("ensemble"));
}

TEST(EnsembleOfOne, IsNoSectionOfTheReport) {
  const TemporaryFolder folder;
  const Result result = call(tiny_run(folder / "run", {"--epochs", "4"}));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read(folder / "run/report.html").find("<h2>Ensemble</h2>"), std::string::npos);
  EXPECT_EQ(result.out.find("members"), std::string::npos);
  const Json all = read_json(folder / "run/summary.json").at("ensemble");
  EXPECT_EQ(all.at("count"), 1);
  EXPECT_EQ(all.at("sigma")[0], 0);
  EXPECT_TRUE(all.at("correlation")[0][0].is_null());
}

}  // namespace
}  // namespace tool_test
