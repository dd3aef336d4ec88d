// SPDX-License-Identifier: BSD-3-Clause
// The members of an ensemble in the report: a table, a picture for each parameter, and error
// against spread (paper, figure 9). All are empty for a single member.

#ifndef SAGIPS_TOOL_REPORT_MEMBERS_H_
#define SAGIPS_TOOL_REPORT_MEMBERS_H_

#include <string>

#include "tool/summary.h"

namespace sagips_tool {

// Residual of each member, with the band of the ensemble, mean +- sigma.
std::string member_chart(const Summary& summary, size_t parameter);

// Root mean square residual of a member against the members' spread, a point for each parameter. On
// the diagonal every error is a member's own; above it, all share some.
std::string error_spread_chart(const Summary& summary);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_MEMBERS_H_
