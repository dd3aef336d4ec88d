// SPDX-License-Identifier: BSD-3-Clause
// The estimate itself: its distance from the truth in units of the limit, and its correlations.

#ifndef SAGIPS_TOOL_REPORT_ESTIMATES_H_
#define SAGIPS_TOOL_REPORT_ESTIMATES_H_

#include <string>
#include <vector>

#include "tool/summary.h"

namespace sagips_tool {

// (estimate - truth) / sigma of the limit, a row for each parameter, with bands of +-1 and +-2; the
// error bar is the solver's own uncertainty. Empty if there is no limit.
std::string pull_chart(const Summary& summary);

// Correlation matrix of a covariance (P, P); `id` is unique in the page.
std::string correlation_chart(const std::string& id, const std::string& title,
                              const std::vector<std::string>& names,
                              const std::vector<double>& covariance);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_ESTIMATES_H_
