// SPDX-License-Identifier: BSD-3-Clause
// What a checkpoint holds of the data, beside their hash: in which parts they were taken over, and
// how the discriminators read them. Standardisation and lift are those of the events that the
// solver was made with, also after updates, so they cannot be worked out from the events of later.
//
//   data.D.runs    (R, 2)  part and number of events of each run, see data/data_parts.h
//   data.D.epochs  (G)     when the parts were taken over
//   discriminator.D.shift, .scale (Y)   .lift_mean (K)   .lift_matrix (K, K)
//   discriminator.D.lift_curves (Y, 1 + 3 * 17)   points, x, score, slope      of each member
#ifndef SAGIPS_SOLVER_DATA_STATE_H_
#define SAGIPS_SOLVER_DATA_STATE_H_

#include <memory>
#include <string>
#include <vector>

#include "core/safetensors.h"
#include "solver/problem.h"
#include "solver/training_plan.h"

namespace sagips {

/// Tensors of the data of all members; others have a row for each.
bool is_data_tensor(const std::string& name);

void add_parts(TensorFile* file, const Problem& problem);
/// SAGIPS_ERROR_FORMAT unless they are parts of the events that the problem has.
std::vector<std::shared_ptr<const DataParts>> read_parts(const TensorFile& file,
                                                         const Problem& problem);

void add_inputs(TensorFile* file, const TrainingPlan& plan);
/// One a data set. SAGIPS_ERROR_MISMATCH for other sizes than the plan's, SAGIPS_ERROR_FORMAT for
/// what is no number.
std::vector<DiscriminatorInputs> read_inputs(const TensorFile& file, const TrainingPlan& plan);

/// "toy: 400 events in epoch 0, 100 in epoch 23" for all data sets.
std::string describe_parts(const Problem& problem);

}  // namespace sagips

#endif  // SAGIPS_SOLVER_DATA_STATE_H_
