// SPDX-License-Identifier: BSD-3-Clause
// Settings of a built-in stage: "key=value" pairs separated by blanks. Lists are separated by
// commas, rows of a matrix by semicolons:
//
//   smear      sigma=0.1,0.2 relative=0,0.05
//   response   matrix=1,0.1;0.05,0.9 offset=0,0
//
// Each reader throws what is wrong with its value, in the words of the stage and of the key.
#ifndef SAGIPS_PIPELINE_STAGE_SETTINGS_H_
#define SAGIPS_PIPELINE_STAGE_SETTINGS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace sagips {

/// "; did you mean 'x'?", or nothing where no candidate is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);
std::string join(const std::vector<std::string>& names);

class StageSettings {
 public:
  /// @param known keys, separated by commas. SAGIPS_ERROR_OPTION for another one or one given
  /// twice, SAGIPS_ERROR_TYPE for one without a value.
  StageSettings(std::string_view stage, std::string_view text, std::string_view known);

  const std::string& stage() const { return stage_; }
  bool has(const std::string& key) const { return values_.count(key) > 0; }

  /// Finite numbers. SAGIPS_ERROR_TYPE, SAGIPS_ERROR_RANGE. Without the key: none.
  std::vector<double> numbers(const std::string& key) const;
  /// One of them, `fallback` without the key; SAGIPS_ERROR_SHAPE for more.
  double number(const std::string& key, double fallback) const;
  /// One for each of n, or one for all. @param fallback without the key. SAGIPS_ERROR_SHAPE.
  std::vector<double> numbers_for(const std::string& key, int32_t n, double fallback) const;
  /// Different indices from 0; without the key: none. SAGIPS_ERROR_TYPE, SAGIPS_ERROR_RANGE.
  std::vector<int32_t> indices(const std::string& key) const;
  /// Indices of observables that a stage with `n_inputs` of them has. SAGIPS_ERROR_RANGE.
  std::vector<int32_t> observables(const std::string& key, int32_t n_inputs) const;

  /// Rows of equal length, one after the other.
  struct Matrix {
    int32_t n_rows = 0, n_columns = 0;
    std::vector<double> values;
  };
  Matrix matrix(const std::string& key) const;

  /// "setting 'sigma' of 'smear'"
  std::string place(const std::string& key) const;
  /// Throws an Error that begins with place(key).
  template <typename... Parts>
  [[noreturn]] void refuse(sagips_status status, const std::string& key,
                           const Parts&... parts) const {
    fail(status, place(key), " ", parts...);
  }

 private:
  std::vector<double> read_numbers(const std::string& key, std::string_view text) const;

  std::string stage_;
  std::map<std::string, std::string> values_;
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_STAGE_SETTINGS_H_
