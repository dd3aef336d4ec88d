// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stage.h"

namespace sagips {

const char* gradient_route_name(GradientRoute route) {
  switch (route) {
    case GradientRoute::kVjp:
      return "vjp";
    case GradientRoute::kEventDifferences:
      return "event differences";
    case GradientRoute::kObjectiveDifferences:
      return "objective differences";
    case GradientRoute::kSmoothedDifferences:
      return "smoothed differences";
    default:
      return "score";
  }
}

// What the user has written decides; differences are for stages about which nothing is known.
GradientRoute Stage::route() const {
  if (has_log_probability()) return GradientRoute::kScore;
  if (has_vjp()) return GradientRoute::kVjp;
  if (scheme == SAGIPS_SMOOTHED) return GradientRoute::kSmoothedDifferences;
  return is_smooth ? GradientRoute::kEventDifferences : GradientRoute::kObjectiveDifferences;
}

double Stage::difference_step() const {
  if (step > 0) return step;
  const bool is_differentiable =
      route() == GradientRoute::kEventDifferences || route() == GradientRoute::kScore;
  return is_differentiable ? 1e-4 : 1e-2;
}

}  // namespace sagips
