// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/pipeline.h"

#include <algorithm>

#include "core/error.h"
#include "pipeline/builtin.h"

namespace sagips {

void Pipeline::add(Stage stage) {
  const bool has_model = stage.forward != nullptr || stage.is_external;
  if (!has_model || stage.n_outputs == 0)
    fail(SAGIPS_ERROR_STATE, "stage '", stage.name, "' has no ",
         has_model ? "shape" : "forward model", " yet; set it before adding the stage");
  if (stage.n_inputs != n_outputs())
    fail(SAGIPS_ERROR_SHAPE, "stage '", stage.name, "' takes ", stage.n_inputs,
         " observables, but the stages before it deliver ", n_outputs(),
         is_empty() ? " (a first stage takes 0)" : "", "; correct its shape");
  if (is_empty()) simd_ = choose_simd("auto");
  stages_.push_back(std::move(stage));
}

int32_t Pipeline::n_auxiliary() const {
  int32_t n = 0;
  for (const Stage& stage : stages_) n += stage.n_auxiliary;
  return n;
}

bool Pipeline::is_pulled_back() const {
  return std::all_of(stages_.begin(), stages_.end(),
                     [](const Stage& stage) { return stage.is_pulled_back(); });
}

std::string Pipeline::route_name() const {
  std::vector<std::string> names;
  for (const Stage& stage : stages_)
    if (const char* name = gradient_route_name(stage.route());
        std::find(names.begin(), names.end(), name) == names.end())
      names.emplace_back(name);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " + ") + name;
  return text;
}

bool Pipeline::jumps(bool is_training) const {
  return std::any_of(stages_.begin(), stages_.end(), [&](const Stage& stage) {
    return stage.jumps == Jumps::kAlways ||
           (stage.jumps == Jumps::kOutsideTraining && !is_training);
  });
}

void Pipeline::use_simd(Simd simd) {
  simd_ = simd;
  for (Stage& stage : stages_) sagips::use_simd(simd, &stage);
}

Pipeline Pipeline::called_back() const {
  Pipeline copy = *this;
  for (Stage& stage : copy.stages_) {
    if (!stage.is_external) continue;
    if (stage.forward == nullptr)
      fail(SAGIPS_ERROR_STATE, "stage '", stage.name,
           "' has no forward callback, since the host serves it in training; give it one for what "
           "happens outside");
    stage.take_back();
  }
  return copy;
}

void Pipeline::check_columns(int32_t n_parameters) const {
  for (const Stage& stage : stages_)
    for (const int32_t column : stage.columns)
      if (column >= n_parameters)
        fail(SAGIPS_ERROR_SHAPE, "stage '", stage.name, "' asks for parameter ", column,
             ", but there are only ", n_parameters, "; add parameters or correct its list");
}

}  // namespace sagips
