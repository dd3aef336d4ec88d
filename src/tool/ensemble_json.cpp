// SPDX-License-Identifier: BSD-3-Clause
// Members as rows, matrices as rows of rows.

#include "tool/ensemble_json.h"

#include <cmath>
#include <limits>

namespace sagips_tool {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
Json column(const EnsembleResult& result, const Value& value) {
  Json json = Json::array();
  for (const MemberErrors& one : result.errors) json.push_back(value(one));
  return json;
}

}  // namespace

Json rows_as_json(const std::vector<double>& values, size_t columns) {
  Json rows = Json::array();
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % columns == 0) rows.push_back(Json::array());
    rows.back().push_back(std::isfinite(values[i]) ? Json(values[i]) : Json());
  }
  return rows;
}

std::vector<double> rows_from_json(const Json& rows) {
  std::vector<double> values;
  for (const Json& row : rows) {
    for (const Json& value : row) {
      values.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                       : value.get<double>());
    }
  }
  return values;
}

Json ensemble_as_json(const EnsembleResult& result) {
  const size_t p = result.n_parameters();
  Json json;
  json["count"] = result.size();
  json["first"] = result.first;
  json["members"] = rows_as_json(result.members, p);
  json["mean"] = result.mean;
  json["sigma"] = result.sigma;
  json["sigma_unbiased"] = result.unbiased;
  json["covariance"] = rows_as_json(result.member_covariance, p);
  json["correlation"] = rows_as_json(correlation_of(result.member_covariance, p), p);
  json["residual_percent"] =
      column(result, [](const MemberErrors& one) { return one.residual_percent; });
  json["spread_percent"] =
      column(result, [](const MemberErrors& one) { return one.spread_percent; });
  json["rmse_percent"] = column(result, [](const MemberErrors& one) { return one.rmse_percent; });
  json["parts"] = {{"statistical", rows_as_json(result.statistical, p)},
                   {"ensemble", rows_as_json(result.ensemble, p)},
                   {"training", rows_as_json(result.training, p)}};
  return json;
}

EnsembleResult ensemble_from_json(const Json& json) {
  EnsembleResult result;
  result.first = json.at("first").get<int64_t>();
  result.members = rows_from_json(json.at("members"));
  result.mean = json.at("mean").get<std::vector<double>>();
  result.sigma = json.at("sigma").get<std::vector<double>>();
  result.unbiased = json.at("sigma_unbiased").get<std::vector<double>>();
  result.member_covariance = rows_from_json(json.at("covariance"));
  const Json& parts = json.at("parts");
  result.statistical = rows_from_json(parts.at("statistical"));
  result.ensemble = rows_from_json(parts.at("ensemble"));
  result.training = rows_from_json(parts.at("training"));
  const auto residual = json.at("residual_percent").get<std::vector<double>>();
  const auto spread = json.at("spread_percent").get<std::vector<double>>();
  const auto rmse = json.at("rmse_percent").get<std::vector<double>>();
  for (size_t i = 0; i < residual.size(); ++i) {
    result.errors.push_back({residual[i], spread.at(i), rmse.at(i)});
  }
  return result;
}

}  // namespace sagips_tool
