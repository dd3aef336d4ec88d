// SPDX-License-Identifier: BSD-3-Clause
// What made a model: version, build, options, parameters and data, as the texts that a checkpoint
// carries, and their comparison with a solver that wants to go on from it.
#ifndef SAGIPS_SOLVER_PROVENANCE_H_
#define SAGIPS_SOLVER_PROVENANCE_H_

#include <map>
#include <string>
#include <vector>

namespace sagips {

class Solver;

/// One line on how the library was built. Static text.
const char* build_info();

std::map<std::string, std::string> describe_training(const Solver& solver);

/// SAGIPS_ERROR_MISMATCH if the checkpoint is of other parameters, data sets or data.
/// @return what differs and may (options, build), in sentences
std::vector<std::string> compare_training(const Solver& solver,
                                          const std::map<std::string, std::string>& metadata);

}  // namespace sagips

#endif  // SAGIPS_SOLVER_PROVENANCE_H_
