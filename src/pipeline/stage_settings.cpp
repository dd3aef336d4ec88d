// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stage_settings.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sagips {

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = nearest_name(name, candidates);
  return nearest.empty() ? "" : concatenate("; did you mean '", nearest, "'?");
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

StageSettings::StageSettings(std::string_view stage, std::string_view text, std::string_view known)
    : stage_(stage) {
  const std::vector<std::string> keys = split(known, ',');
  for (const std::string& setting : split(text, ' ')) {
    if (setting.empty()) continue;
    const size_t equals = setting.find('=');
    const std::string key = setting.substr(0, equals);
    if (std::count(keys.begin(), keys.end(), key) == 0)
      fail(SAGIPS_ERROR_OPTION, "built-in '", stage_, "' has no setting '", key,
           "' (known: ", join(keys), ")", suggestion(key, keys));
    if (has(key)) refuse(SAGIPS_ERROR_OPTION, key, "is given twice; give it once");
    if (equals == std::string::npos)
      refuse(SAGIPS_ERROR_TYPE, key, "has no value; write ", key, "=... without blanks");
    values_[key] = setting.substr(equals + 1);
  }
}

std::string StageSettings::place(const std::string& key) const {
  return concatenate("setting '", key, "' of '", stage_, "'");
}

std::vector<double> StageSettings::read_numbers(const std::string& key,
                                                std::string_view text) const {
  std::vector<double> numbers;
  for (const std::string& part : split(text, ',')) {
    double value = 0;
    if (!read_number(part, &value))
      refuse(SAGIPS_ERROR_TYPE, key, "holds '", part,
             "', which is no number; give a comma list such as 0.1,0.2");
    if (!std::isfinite(value))
      refuse(SAGIPS_ERROR_RANGE, key, "holds ", value, " (must be finite)");
    numbers.push_back(value);
  }
  return numbers;
}

std::vector<double> StageSettings::numbers(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::vector<double>() : read_numbers(key, found->second);
}

double StageSettings::number(const std::string& key, double fallback) const {
  if (!has(key)) return fallback;
  const std::vector<double> values = numbers(key);
  if (values.size() != 1)
    refuse(SAGIPS_ERROR_SHAPE, key, "holds ", values.size(), " numbers (must be one); give one");
  return values[0];
}

std::vector<double> StageSettings::numbers_for(const std::string& key, int32_t n,
                                               double fallback) const {
  const auto count = static_cast<size_t>(n);
  if (!has(key)) return std::vector<double>(count, fallback);
  const std::vector<double> values = numbers(key);
  if (values.size() == 1) return std::vector<double>(count, values[0]);
  if (values.size() != count)
    refuse(SAGIPS_ERROR_SHAPE, key, "holds ", values.size(), " numbers for ", n,
           " observables; give one for each, or one for all");
  return values;
}

std::vector<int32_t> StageSettings::indices(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return {};
  const std::string noun = key.back() == 's' ? key.substr(0, key.size() - 1) : key;
  std::vector<int32_t> indices;
  for (const std::string& text : split(found->second, ',')) {
    int64_t index = 0;
    if (!read_number(text, &index))
      fail(SAGIPS_ERROR_TYPE, "'", text, "' in ", place(key),
           " is no integer; give a comma list of indices such as 0,1,2");
    if (index < 0 || index > std::numeric_limits<int32_t>::max())
      fail(SAGIPS_ERROR_RANGE, noun, " ", index, " in ", place(key),
           " is no index (they count from 0)");
    if (std::count(indices.begin(), indices.end(), index) > 0)
      fail(SAGIPS_ERROR_RANGE, noun, " ", index, " stands twice in ", place(key),
           "; name each one once");
    indices.push_back(static_cast<int32_t>(index));
  }
  return indices;
}

std::vector<int32_t> StageSettings::observables(const std::string& key, int32_t n_inputs) const {
  const std::vector<int32_t> found = indices(key);
  for (const int32_t index : found)
    if (index >= n_inputs)
      refuse(SAGIPS_ERROR_RANGE, key, "asks for observable ", index,
             ", but the stages before it deliver ", n_inputs, " (they count from 0)");
  return found;
}

StageSettings::Matrix StageSettings::matrix(const std::string& key) const {
  Matrix matrix;
  const auto found = values_.find(key);
  if (found == values_.end()) return matrix;
  for (const std::string& text : split(found->second, ';')) {
    const std::vector<double> row = read_numbers(key, text);
    if (matrix.n_rows == 0) matrix.n_columns = static_cast<int32_t>(row.size());
    if (static_cast<int32_t>(row.size()) != matrix.n_columns)
      refuse(SAGIPS_ERROR_SHAPE, key, "has ", row.size(), " numbers in row ", matrix.n_rows,
             " and ", matrix.n_columns, " in row 0; give rows of one length");
    matrix.values.insert(matrix.values.end(), row.begin(), row.end());
    ++matrix.n_rows;
  }
  return matrix;
}

}  // namespace sagips
