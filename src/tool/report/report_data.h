// SPDX-License-Identifier: BSD-3-Clause
// All that a report shows, gathered once: the history of a run from its checkpoints, its metrics,
// the data against synthetic events, and its options.

#ifndef SAGIPS_TOOL_REPORT_REPORT_DATA_H_
#define SAGIPS_TOOL_REPORT_REPORT_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tool/closure.h"
#include "tool/report/histogram.h"
#include "tool/settings.h"
#include "tool/summary.h"

namespace sagips_tool {

// A state of the training as a checkpoint kept it.
struct CheckpointState {
  int64_t epoch = 0;
  double seconds = 0.0;          // of training
  std::vector<double> estimate;  // (P) mean proposal
  std::vector<double> residual;  // (P) percent
  double mean_abs_residual = 0.0;
  int64_t bytes = 0;
};

struct OptionValue {
  OptionRow row;
  std::string value;
  std::string preset_value;  // what the preset of the run would have
};

struct ReportData {
  RunSettings settings;
  ClosureSpec spec;
  Summary summary;
  std::vector<Report> reports;  // of metrics.csv; may be empty
  std::vector<CheckpointState> checkpoints;
  std::vector<std::string> unreadable;  // checkpoints that were left out, and why
  std::vector<Comparison> comparisons;  // one for each observable
  int64_t synthetic_events = 0;         // drawn for these
  std::vector<OptionValue> options;
  std::string written;  // UTC
};

ReportData gather_report(const std::string& folder, const RunSettings& settings,
                         const Closure& closure, const Summary& summary);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_REPORT_DATA_H_
