// SPDX-License-Identifier: BSD-3-Clause
// The report of a run: one self-contained HTML file that fetches nothing and needs no script.

#ifndef SAGIPS_TOOL_REPORT_REPORT_H_
#define SAGIPS_TOOL_REPORT_REPORT_H_

#include <string>

#include "tool/closure.h"
#include "tool/settings.h"
#include "tool/summary.h"

namespace sagips_tool {

// `folder` is where the run lives: its checkpoints are read, and metrics.csv where there is one.
void write_report(const std::string& folder, const std::string& output, const RunSettings& settings,
                  const Closure& closure, const Summary& summary);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_REPORT_H_
