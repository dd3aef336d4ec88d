// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/pipeline.h"

#include <algorithm>

#include "core/error.h"
#include "pipeline/builtin.h"

namespace sagips {

const char* gradient_route_name(GradientRoute route) {
  switch (route) {
    case GradientRoute::kVjp:
      return "vjp";
    case GradientRoute::kEventDifferences:
      return "event differences";
    default:
      return "objective differences";
  }
}

void Pipeline::add(Stage stage) {
  if (stage.forward == nullptr || stage.n_outputs == 0)
    fail(SAGIPS_ERROR_STATE, "stage '", stage.name, "' has no ",
         stage.forward == nullptr ? "forward model" : "shape",
         " yet; set it before adding the stage");
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

GradientRoute Pipeline::gradient_route() const {
  GradientRoute route = GradientRoute::kVjp;
  for (const Stage& stage : stages_) {
    if (stage.backward != nullptr) continue;
    if (!stage.is_smooth) return GradientRoute::kObjectiveDifferences;
    route = GradientRoute::kEventDifferences;
  }
  return route;
}

bool Pipeline::has_unit_weights() const {
  return std::none_of(stages_.begin(), stages_.end(),
                      [](const Stage& stage) { return stage.may_weight(); });
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

void Pipeline::check_columns(int32_t n_parameters) const {
  for (const Stage& stage : stages_)
    for (const int32_t column : stage.columns)
      if (column >= n_parameters)
        fail(SAGIPS_ERROR_SHAPE, "stage '", stage.name, "' asks for parameter ", column,
             ", but there are only ", n_parameters, "; add parameters or correct its list");
}

}  // namespace sagips
