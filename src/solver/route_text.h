// SPDX-License-Identifier: BSD-3-Clause
// How the gradient of a data set gets through its pipeline, in a sentence for the log.
#ifndef SAGIPS_SOLVER_ROUTE_TEXT_H_
#define SAGIPS_SOLVER_ROUTE_TEXT_H_

#include <string>

#include "solver/training_plan.h"

namespace sagips {

/// The route, and where something is differenced: the scheme, the directions, and the step of each
/// parameter in its unit.
std::string describe_route(const TrainingPlan& plan, size_t dataset);

}  // namespace sagips

#endif  // SAGIPS_SOLVER_ROUTE_TEXT_H_
