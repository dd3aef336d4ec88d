// SPDX-License-Identifier: BSD-3-Clause
// The tables of a report, as HTML.

#ifndef SAGIPS_TOOL_REPORT_TABLES_H_
#define SAGIPS_TOOL_REPORT_TABLES_H_

#include <string>

#include "tool/report/report_data.h"

namespace sagips_tool {

std::string closing_table(const Summary& summary);
// A row for each member of an ensemble, then their mean and spread.
std::string member_table(const Summary& summary);
std::string checkpoint_table(const ReportData& data);
// Every option; those that differ from the preset stand out.
std::string option_table_html(const ReportData& data);
// Command lines, seeds, version, build, dates.
std::string provenance_table(const ReportData& data);

// Digits in groups of three, set apart by a thin blank.
std::string grouped_html(int64_t value);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_TABLES_H_
