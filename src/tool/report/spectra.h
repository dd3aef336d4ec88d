// SPDX-License-Identifier: BSD-3-Clause
// Data against synthetic events at the estimate: the density of one observable, and below it the
// ratio data / synthetic with its statistical error.

#ifndef SAGIPS_TOOL_REPORT_SPECTRA_H_
#define SAGIPS_TOOL_REPORT_SPECTRA_H_

#include <string>

#include "tool/report/histogram.h"

namespace sagips_tool {

std::string comparison_chart(const Comparison& comparison);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_SPECTRA_H_
