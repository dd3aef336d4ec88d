// SPDX-License-Identifier: BSD-3-Clause
// The training of a run: the solver steps to its horizon while its callbacks feed metrics.csv and
// the progress line. Nothing may be thrown through a callback, so a failure inside one is kept,
// ends the step after its epoch, and is thrown from here.

#ifndef SAGIPS_TOOL_TRAINING_H_
#define SAGIPS_TOOL_TRAINING_H_

#include <string>
#include <vector>

#include "tool/metrics_file.h"
#include "tool/progress_line.h"

namespace sagips_tool {

enum class Outcome { kFinished, kInterrupted };

class Training {
 public:
  // `earlier` are the reports of the sessions before, which this one continues.
  Training(sagips_solver* solver, const std::string& metrics_path, const std::vector<double>& truth,
           const std::vector<Report>& earlier);

  // Trains to the end, or until a signal arrives.
  Outcome run();

  const std::vector<Report>& reports() const { return reports_; }

 private:
  static int32_t on_progress(void* self, const sagips_progress* progress);
  static void on_metrics(void* self, const sagips_metrics* metrics);
  static void on_log(void* self, int32_t level, const char* text);

  double last_residual() const;

  sagips_solver* solver_;
  std::vector<double> truth_;
  std::vector<Report> reports_;
  MetricsFile file_;
  ProgressLine line_;
  std::string failure_;
};

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_TRAINING_H_
