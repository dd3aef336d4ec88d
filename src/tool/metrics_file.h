// SPDX-License-Identifier: BSD-3-Clause
// metrics.csv: one row per report of the training, flushed as it is written, so that a killed run
// leaves all but perhaps a torn last row.

#ifndef SAGIPS_TOOL_METRICS_FILE_H_
#define SAGIPS_TOOL_METRICS_FILE_H_

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "sagips.h"

namespace sagips_tool {

// One row.
struct Report {
  int64_t epoch = 0;
  double seconds = 0.0;  // of training, over restarts
  double loss_discriminator = 0.0, loss_generator = 0.0, loss_auxiliary = 0.0;
  std::vector<double> estimate;  // (P) physical units
  std::vector<double> residual;  // (P) percent
  double mean_abs_residual = 0.0;
  double events_per_second = 0.0;
  double seconds_callback = 0.0;
  int64_t rows = 0, rows_failed = 0, rows_resampled = 0;  // so far
  double lost_fraction = 0.0;  // synthetic events of weight 0 in the last epoch
};

Report make_report(const sagips_progress& progress, const std::vector<double>& estimate,
                   const std::vector<double>& truth, double events_per_second,
                   double lost_fraction);

// Complete rows of the file; none if it does not exist. A row that cannot be read ends it.
std::vector<Report> read_metrics(const std::string& path, size_t n_parameters);

// First epoch from which on the mean |residual| of every report is below `percent`; -1 if none.
int64_t epochs_to(double percent, const std::vector<Report>& reports);

class MetricsFile {
 public:
  // Writes the file anew with the rows given, and keeps it open for more.
  MetricsFile(const std::string& path, size_t n_parameters, const std::vector<Report>& rows);
  // Throws a Failure when the disk is full and the like.
  void append(const Report& report);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_METRICS_FILE_H_
