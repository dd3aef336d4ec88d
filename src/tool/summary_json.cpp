// SPDX-License-Identifier: BSD-3-Clause
// summary.json, written and read. A number that is not finite becomes null there, and null becomes
// NaN here, except for an uncertainty: one that was infinite is read back as infinite.

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "tool/ensemble_json.h"
#include "tool/files.h"
#include "tool/summary.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

using Json = nlohmann::ordered_json;

Json epoch_or_null(int64_t epoch) { return epoch < 0 ? Json() : Json(epoch); }

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

double number(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

int64_t epoch(const Json& json) { return json.is_null() ? -1 : json.get<int64_t>(); }

Json parameters_as_json(const std::vector<ParameterResult>& parameters) {
  Json rows = Json::array();
  for (const ParameterResult& one : parameters) {
    rows.push_back({{"name", one.name},
                    {"truth", one.truth},
                    {"estimate", one.estimate},
                    {"uncertainty", number_or_null(one.uncertainty)},
                    {"residual_percent", one.residual_percent},
                    {"limit_percent", number_or_null(one.limit_percent)},
                    {"pull", number_or_null(one.pull)}});
  }
  return rows;
}

Json verdict_as_json(const Verdict& verdict) {
  Json json;
  json["fits"] = verdict.known ? Json(verdict.fits) : Json();
  json["converged"] = verdict.known ? Json(verdict.converged) : Json();
  json["auc"] = number_or_null(verdict.auc);
  json["p_value"] = number_or_null(verdict.p_value);
  json["drift_sigma"] = number_or_null(verdict.drift_sigma);
  json["n_held_out"] = verdict.n_held_out;
  if (!verdict.known) json["reason"] = verdict.reason;
  return json;
}

Json options_as_json(const sagips_options* options) {
  Json json = Json::object();
  for (const OptionRow& row : option_table()) {
    const std::string text = option_value(options, row.key);
    int64_t integer = 0;
    double real = 0.0;
    if (row.type == SAGIPS_BOOLEAN) {
      json[row.key] = text == "true";
    } else if (row.type == SAGIPS_INTEGER && parse(text, &integer)) {
      json[row.key] = integer;
    } else if (row.type == SAGIPS_REAL && parse(text, &real)) {
      json[row.key] = number_or_null(real);
    } else {
      json[row.key] = text;
    }
  }
  return json;
}

std::vector<ParameterResult> parameters_from_json(const Json& rows) {
  std::vector<ParameterResult> parameters;
  for (const Json& row : rows) {
    ParameterResult one;
    one.name = row.at("name").get<std::string>();
    one.truth = row.at("truth").get<double>();
    one.estimate = row.at("estimate").get<double>();
    one.uncertainty = row.at("uncertainty").is_null() ? std::numeric_limits<double>::infinity()
                                                      : row.at("uncertainty").get<double>();
    one.residual_percent = row.at("residual_percent").get<double>();
    one.limit_percent = number(row.at("limit_percent"));
    one.pull = number(row.at("pull"));
    parameters.push_back(one);
  }
  return parameters;
}

Verdict verdict_from_json(const Json& json) {
  Verdict verdict;
  verdict.known = !json.at("fits").is_null();
  if (verdict.known) {
    verdict.fits = json.at("fits").get<bool>();
    verdict.converged = json.at("converged").get<bool>();
  } else {
    verdict.reason = json.at("reason").get<std::string>();
  }
  verdict.auc = number(json.at("auc"));
  verdict.p_value = number(json.at("p_value"));
  verdict.drift_sigma = number(json.at("drift_sigma"));
  verdict.n_held_out = json.at("n_held_out").get<int64_t>();
  return verdict;
}

Summary summary_from_json(const Json& json) {
  Summary summary;
  summary.problem = json.at("problem").get<std::string>();
  summary.preset = json.at("preset").get<std::string>();
  summary.seed = json.at("seed").get<int64_t>();
  summary.data_seed = json.at("data_seed").get<uint64_t>();
  summary.events = json.at("events").get<int64_t>();
  summary.epochs = json.at("epochs").get<int64_t>();
  summary.synthetic_events = json.at("synthetic_events").get<int64_t>();
  summary.rows = json.value("rows", int64_t{0});  // files of earlier versions have none
  summary.rows_failed = json.value("rows_failed", int64_t{0});
  summary.rows_resampled = json.value("rows_resampled", int64_t{0});
  summary.lost_fraction = number(json.value("lost_fraction", Json()));
  summary.seconds_training = json.at("seconds_training").get<double>();
  summary.seconds_callback = json.at("seconds_callback").get<double>();
  summary.threads = json.at("threads").get<int64_t>();
  summary.norm_information = json.at("norm_information").get<std::string>();
  summary.parameters = parameters_from_json(json.at("parameters"));
  summary.mean_abs_residual_percent = json.at("mean_abs_residual_percent").get<double>();
  summary.expected_mean_abs_at_limit_percent =
      number(json.at("expected_mean_abs_at_limit_percent"));
  summary.chi2_at_limit = number(json.at("chi2_at_limit"));
  summary.epochs_to_5_percent = epoch(json.at("epochs_to_5_percent"));
  summary.epochs_to_2_percent = epoch(json.at("epochs_to_2_percent"));
  summary.verdict = verdict_from_json(json.at("verdict"));
  summary.gradient_route = json.at("gradient_route").get<std::string>();
  summary.version = json.at("version").get<std::string>();
  summary.build = json.at("build").get<std::string>();
  summary.covariance = rows_from_json(json.at("covariance"));
  summary.ensemble = ensemble_from_json(json.at("ensemble"));
  summary.peak_memory_mb = number(json.at("peak_memory_mb"));
  return summary;
}

}  // namespace

std::string summary_as_json(const Summary& summary, const sagips_options* options) {
  Json json;
  json["problem"] = summary.problem;
  json["preset"] = summary.preset;
  json["seed"] = summary.seed;
  json["data_seed"] = summary.data_seed;
  json["events"] = summary.events;
  json["epochs"] = summary.epochs;
  json["synthetic_events"] = summary.synthetic_events;
  json["rows"] = summary.rows;
  json["rows_failed"] = summary.rows_failed;
  json["rows_resampled"] = summary.rows_resampled;
  json["lost_fraction"] = number_or_null(summary.lost_fraction);
  json["seconds_training"] = summary.seconds_training;
  json["seconds_callback"] = summary.seconds_callback;
  json["threads"] = summary.threads;
  json["norm_information"] = summary.norm_information;
  json["parameters"] = parameters_as_json(summary.parameters);
  json["mean_abs_residual_percent"] = summary.mean_abs_residual_percent;
  json["expected_mean_abs_at_limit_percent"] =
      number_or_null(summary.expected_mean_abs_at_limit_percent);
  json["chi2_at_limit"] = number_or_null(summary.chi2_at_limit);
  json["epochs_to_5_percent"] = epoch_or_null(summary.epochs_to_5_percent);
  json["epochs_to_2_percent"] = epoch_or_null(summary.epochs_to_2_percent);
  json["verdict"] = verdict_as_json(summary.verdict);
  json["gradient_route"] = summary.gradient_route;
  json["version"] = summary.version;
  json["build"] = summary.build;
  json["options"] = options_as_json(options);
  json["covariance"] = rows_as_json(summary.covariance, summary.parameters.size());
  json["ensemble"] = ensemble_as_json(summary.ensemble);
  json["peak_memory_mb"] = number_or_null(summary.peak_memory_mb);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool read_summary(const std::string& path, Summary* summary) {
  if (!exists(path)) return false;
  try {
    *summary = summary_from_json(Json::parse(read_file(path)));
    const size_t n = summary->parameters.size();
    const EnsembleResult& all = summary->ensemble;
    return summary->covariance.size() == n * n && all.n_parameters() == n &&
           all.errors.size() == n && all.sigma.size() == n && all.unbiased.size() == n &&
           all.member_covariance.size() == n * n && all.size() > 0 &&
           all.members.size() == all.size() * n;
  } catch (const std::exception&) {  // of the JSON, or of arrays that are too short
    return false;
  }
}

}  // namespace sagips_tool
