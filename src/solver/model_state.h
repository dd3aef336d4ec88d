// SPDX-License-Identifier: BSD-3-Clause
// What models remember between their calls, as tensors `stage.D.S.state` of a checkpoint: the bytes
// that the save hook of stage S of data set D wrote, for its restore hook. The library reads none
// of them. A model is one for all members of an ensemble, so its tensor has no row a member.
#ifndef SAGIPS_SOLVER_MODEL_STATE_H_
#define SAGIPS_SOLVER_MODEL_STATE_H_

#include "core/safetensors.h"
#include "solver/problem.h"

namespace sagips {

/// Ask every stage that has hooks. SAGIPS_ERROR_CALLBACK, _EXCEPTION, _RANGE of a size.
std::vector<Tensor> save_model_states(const Problem& problem);

/// Take the tensors of models out of a file. SAGIPS_ERROR_FORMAT
std::vector<Tensor> take_model_states(TensorFile* file);

/// SAGIPS_ERROR_MISMATCH unless these are the states of the stages that have hooks.
void check_model_states(const Problem& problem, const std::vector<Tensor>& states);

/// Hand them back, in the order of the stages. SAGIPS_ERROR_CALLBACK, _EXCEPTION: a stage refuses;
/// those before it have taken theirs.
void restore_model_states(const Problem& problem, const std::vector<Tensor>& states);

}  // namespace sagips

#endif  // SAGIPS_SOLVER_MODEL_STATE_H_
