// SPDX-License-Identifier: BSD-3-Clause
// Charts against training time: residuals, their mean, losses and speed.

#ifndef SAGIPS_TOOL_REPORT_CURVES_H_
#define SAGIPS_TOOL_REPORT_CURVES_H_

#include <string>

#include "tool/report/report_data.h"

namespace sagips_tool {

// Residual of one parameter on an asinh axis, with the band of +-1 sigma of the limit.
std::string residual_chart(const ReportData& data, size_t parameter);

// Mean |residual| on a logarithmic axis, with what a perfect estimator is expected to reach.
std::string mean_residual_chart(const ReportData& data);

// Small charts of metrics.csv; each needs at least two reports.
std::string discriminator_loss_chart(const ReportData& data);
std::string generator_loss_chart(const ReportData& data);
std::string auxiliary_loss_chart(const ReportData& data);
std::string speed_chart(const ReportData& data);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_CURVES_H_
