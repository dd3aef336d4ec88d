// SPDX-License-Identifier: BSD-3-Clause
// Tables of text for a terminal: the closing table of a run, and columns in general.

#ifndef SAGIPS_TOOL_RESULT_TABLE_H_
#define SAGIPS_TOOL_RESULT_TABLE_H_

#include <string>
#include <vector>

#include "tool/summary.h"

namespace sagips_tool {

// Rows of cells in aligned columns, two blanks apart. `left` has 'l' or 'r' for each column.
std::string aligned(const std::vector<std::vector<std::string>>& rows, const std::string& sides);

// Parameters, the mean against the limit, the verdict.
std::string result_table(const Summary& summary);

// Each member's estimate, their mean and spread; "" for a single one.
std::string member_text(const Summary& summary);

// One sentence each, also for the report. "the data cannot be told from ..."
std::string fit_sentence(const Verdict& verdict);
std::string convergence_sentence(const Verdict& verdict);
// "1.62 % (1.4 times the 1.13 % expected at the limit)"
std::string accuracy_phrase(const Summary& summary);
// What the columns mean.
std::string table_foot(const Summary& summary);

// A number that may be NaN or infinite, for a table: "-" and "inf" then.
std::string cell(double value, int digits);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_RESULT_TABLE_H_
