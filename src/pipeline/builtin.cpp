// SPDX-License-Identifier: BSD-3-Clause
// The table of built-ins, one row each, and the reader of their settings.

#include "pipeline/builtin.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "pipeline/kuma6.h"
#include "pipeline/proxy1d.h"

namespace sagips {
namespace {

struct Builtin {
  const char* name;
  int32_t n_parameters, n_outputs, n_auxiliary, n_uniforms;
  sagips_stage_fn forward, backward;
  std::shared_ptr<void> (*make_user)(Simd);  // what the callbacks need to know
  bool is_smooth;
};

constexpr Builtin kBuiltins[] = {
    {"proxy1d", kProxy1dParameters, kProxy1dOutputs, kProxy1dAuxiliary, kProxy1dUniforms,
     proxy1d_forward, proxy1d_backward, make_proxy1d, true},
    {"kuma6", kKuma6Parameters, kKuma6Outputs, 0, kKuma6Uniforms, kuma6_forward, kuma6_backward,
     make_kuma6, true},
};

constexpr char kParametersKey[] = "parameters";

// "; did you mean 'x'?", or nothing where no candidate is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = nearest_name(name, candidates);
  return nearest.empty() ? "" : concatenate("; did you mean '", nearest, "'?");
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

const Builtin& find_builtin(std::string_view name) {
  std::vector<std::string> names;
  for (const Builtin& builtin : kBuiltins) {
    if (name == builtin.name) return builtin;
    names.push_back(builtin.name);
  }
  fail(SAGIPS_ERROR_NOT_FOUND, "no built-in stage is named '", name, "' (known: ", join(names), ")",
       suggestion(name, names));
}

int32_t read_column(const Builtin& builtin, std::string_view text) {
  int64_t column = 0;
  if (!read_number(text, &column)) {
    fail(SAGIPS_ERROR_TYPE, "'", text, "' in setting 'parameters' of '", builtin.name,
         "' is no integer; give a comma list such as 0,1,2,3,4,5");
  }
  if (column < 0 || column > std::numeric_limits<int32_t>::max()) {
    fail(SAGIPS_ERROR_RANGE, "parameter ", column, " in setting 'parameters' of '", builtin.name,
         "' is no index (they count from 0)");
  }
  return static_cast<int32_t>(column);
}

std::vector<int32_t> read_columns(const Builtin& builtin, std::string_view value) {
  std::vector<int32_t> columns;
  for (const std::string& text : split(value, ',')) {
    const int32_t column = read_column(builtin, text);
    if (std::count(columns.begin(), columns.end(), column) > 0) {
      fail(SAGIPS_ERROR_RANGE, "parameter ", column, " stands twice in setting 'parameters' of '",
           builtin.name, "'; name each one once");
    }
    columns.push_back(column);
  }
  if (columns.size() != static_cast<size_t>(builtin.n_parameters)) {
    fail(SAGIPS_ERROR_SHAPE, "setting 'parameters' of '", builtin.name, "' names ", columns.size(),
         " parameters (it has ", builtin.n_parameters, "); name as many");
  }
  return columns;
}

// The columns that `settings` ask for.
std::vector<int32_t> read_settings(const Builtin& builtin, std::string_view settings) {
  std::vector<int32_t> columns;
  for (const std::string& setting : split(settings, ' ')) {
    if (setting.empty()) continue;
    const size_t equals = setting.find('=');
    const std::string key = setting.substr(0, equals);
    if (key != kParametersKey) {
      fail(SAGIPS_ERROR_OPTION, "built-in '", builtin.name, "' has no setting '", key,
           "' (known: ", kParametersKey, ")", suggestion(key, {kParametersKey}));
    }
    if (!columns.empty()) {
      fail(SAGIPS_ERROR_OPTION, "setting 'parameters' of '", builtin.name,
           "' is given twice; give it once");
    }
    if (equals == std::string::npos) {
      fail(SAGIPS_ERROR_TYPE, "setting 'parameters' of '", builtin.name,
           "' has no value; write parameters=0,1,2,3,4,5 without blanks");
    }
    columns = read_columns(builtin, std::string_view(setting).substr(equals + 1));
  }
  if (columns.empty()) {
    columns.resize(static_cast<size_t>(builtin.n_parameters));
    std::iota(columns.begin(), columns.end(), 0);
  }
  return columns;
}

}  // namespace

Stage make_builtin(std::string_view name, std::string_view settings) {
  const Builtin& builtin = find_builtin(name);
  Stage stage;
  stage.name = builtin.name;
  stage.n_outputs = builtin.n_outputs;
  stage.n_auxiliary = builtin.n_auxiliary;
  stage.n_uniforms = builtin.n_uniforms;
  stage.columns = read_settings(builtin, settings);
  stage.forward = builtin.forward;
  stage.backward = builtin.backward;
  stage.user = builtin.make_user(choose_simd("auto"));
  stage.is_builtin = true;
  stage.is_smooth = builtin.is_smooth;
  return stage;
}

void use_simd(Simd simd, Stage* stage) {
  for (const Builtin& builtin : kBuiltins)
    if (stage->forward == builtin.forward) stage->user = builtin.make_user(simd);
}

}  // namespace sagips
