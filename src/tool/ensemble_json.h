// SPDX-License-Identifier: BSD-3-Clause
// The part of summary.json about the members of the ensemble.

#ifndef SAGIPS_TOOL_ENSEMBLE_JSON_H_
#define SAGIPS_TOOL_ENSEMBLE_JSON_H_

#include <nlohmann/json.hpp>

#include "tool/ensemble.h"

namespace sagips_tool {

nlohmann::ordered_json ensemble_as_json(const EnsembleResult& result);
// Throws a nlohmann::json::exception if it is not of this form.
EnsembleResult ensemble_from_json(const nlohmann::ordered_json& json);

// Rows of a matrix (n, columns); a number that is not finite becomes null.
nlohmann::ordered_json rows_as_json(const std::vector<double>& values, size_t columns);
// The reverse; null becomes NaN.
std::vector<double> rows_from_json(const nlohmann::ordered_json& rows);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_ENSEMBLE_JSON_H_
