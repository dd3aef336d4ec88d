// SPDX-License-Identifier: BSD-3-Clause
// What a person sees on stderr while a run trains: one line that is redrawn on a terminal; plain
// lines elsewhere, one about every tenth of the run and never two within two seconds.

#ifndef SAGIPS_TOOL_PROGRESS_LINE_H_
#define SAGIPS_TOOL_PROGRESS_LINE_H_

#include <chrono>
#include <string>

#include "sagips.h"

namespace sagips_tool {

class ProgressLine {
 public:
  // `start` is the state before the first epoch of this session.
  ProgressLine(bool is_terminal, const sagips_progress& start);

  // Shows the state if it is time to; `mean_abs_residual` in percent, NaN if not known yet.
  void update(const sagips_progress& progress, double mean_abs_residual);
  // Shows the last state for good.
  void finish(const sagips_progress& progress, double mean_abs_residual);
  // A line of its own, above the progress.
  void message(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;

  std::string describe(const sagips_progress& progress, double mean_abs_residual) const;
  void show(const std::string& text);

  bool is_terminal_;
  sagips_progress start_;
  Clock::time_point last_shown_;
  int64_t next_tenth_ = 1;
  bool line_is_open_ = false;
};

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_PROGRESS_LINE_H_
