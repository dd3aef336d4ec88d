// SPDX-License-Identifier: BSD-3-Clause
// The page of a report: its sections in order, around charts and tables made elsewhere.

#ifndef SAGIPS_TOOL_REPORT_PAGE_H_
#define SAGIPS_TOOL_REPORT_PAGE_H_

#include <string>

#include "tool/report/report_data.h"

namespace sagips_tool {

// A whole HTML document.
std::string page(const ReportData& data);

// The style sheet: colours as variables, once for light and once for dark; paper is light.
const char* style_sheet();

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_PAGE_H_
