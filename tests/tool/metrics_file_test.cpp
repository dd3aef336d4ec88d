// SPDX-License-Identifier: BSD-3-Clause
#include "tool/metrics_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "tool/files.h"

namespace sagips_tool {
namespace {

Report report_of(int64_t epoch, double mean_abs_residual) {
  Report report;
  report.epoch = epoch;
  report.seconds = 0.1 * static_cast<double>(epoch);
  report.loss_discriminator = 1.0 / 3.0;
  report.loss_auxiliary = NAN;
  report.estimate = {1.25, -1e-7};
  report.residual = {-3.5, 4.5};
  report.mean_abs_residual = mean_abs_residual;
  report.events_per_second = 1e7;
  report.rows = 640;
  report.rows_failed = 12;
  report.rows_resampled = 7;
  report.lost_fraction = 0.125;
  return report;
}

class Metrics : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "sagips-metrics-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/metrics.csv";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_, path_;
};

TEST_F(Metrics, ReadBackAsWritten) {
  {
    MetricsFile file(path_, 2, {report_of(1, 9.0)});
    file.append(report_of(2, 8.0));
  }
  const std::vector<Report> rows = read_metrics(path_, 2);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].epoch, 2);
  EXPECT_EQ(rows[1].loss_discriminator, 1.0 / 3.0);
  EXPECT_TRUE(std::isnan(rows[1].loss_auxiliary));
  EXPECT_EQ(rows[1].estimate, (std::vector<double>{1.25, -1e-7}));
  EXPECT_EQ(rows[1].residual, (std::vector<double>{-3.5, 4.5}));
  EXPECT_EQ(rows[1].mean_abs_residual, 8.0);
  EXPECT_EQ(rows[1].rows, 640);
  EXPECT_EQ(rows[1].rows_failed, 12);
  EXPECT_EQ(rows[1].rows_resampled, 7);
  EXPECT_EQ(rows[1].lost_fraction, 0.125);
}

TEST_F(Metrics, OfARunBeforeRowsWereCountedCanBeRead) {
  write_file(path_, "header\n1,0.1,2,3,4,1.25,-1e-7,-3.5,4.5,9,1e7,0.5\n");
  const std::vector<Report> rows = read_metrics(path_, 2);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].seconds_callback, 0.5);
  EXPECT_EQ(rows[0].rows, 0);
}

TEST_F(Metrics, ATornOrForeignRowEndsThem) {
  MetricsFile(path_, 2, {report_of(1, 9.0)}).append(report_of(2, 8.0));
  const std::string whole = read_file(path_);
  write_file(path_, whole.substr(0, whole.rfind(',')));
  EXPECT_EQ(read_metrics(path_, 2).size(), 1u);
  write_file(path_, whole + "not,a,row\n");
  EXPECT_EQ(read_metrics(path_, 2).size(), 2u);
  EXPECT_EQ(read_metrics(path_, 3).size(), 0u);
  write_file(path_, "");
  EXPECT_EQ(read_metrics(path_, 2).size(), 0u);
  EXPECT_EQ(read_metrics(folder_ + "/none", 2).size(), 0u);
}

TEST(EpochsTo, IsTheFirstOfTheLastUnbrokenStretch) {
  std::vector<Report> rows;
  const double residuals[] = {20, 4, 6, 3, 1, 1.5};
  for (int i = 0; i < 6; ++i) rows.push_back(report_of(10 * (i + 1), residuals[i]));
  EXPECT_EQ(epochs_to(5.0, rows), 40);
  EXPECT_EQ(epochs_to(2.0, rows), 50);
  EXPECT_EQ(epochs_to(1.2, rows), -1);
  EXPECT_EQ(epochs_to(100.0, rows), 10);
  EXPECT_EQ(epochs_to(5.0, {}), -1);
  rows.back().mean_abs_residual = NAN;
  EXPECT_EQ(epochs_to(5.0, rows), -1);
}

}  // namespace
}  // namespace sagips_tool
