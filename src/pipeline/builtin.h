// SPDX-License-Identifier: BSD-3-Clause
// Stages that the library brings, by name: proxies, which make events, and transforms, which work
// on those of the stages before them. A built-in is an ordinary stage: its callbacks get what the
// callbacks of a user get, and a user can write every one of them.
#ifndef SAGIPS_PIPELINE_BUILTIN_H_
#define SAGIPS_PIPELINE_BUILTIN_H_

#include <cstdint>
#include <string_view>

#include "core/simd.h"
#include "pipeline/background.h"
#include "pipeline/stage.h"

namespace sagips {

/// The stage `name` behind stages that deliver `n_inputs` observables, 0 if it is the first.
///
/// `settings` are "key=value" pairs separated by blanks; those of a transform are told in its
/// header. The one key of a proxy is `parameters`: the comma list of the problem's parameters that
/// it sees, in its own order; without it the first ones. Throws ERROR_NOT_FOUND for another name,
/// ERROR_SHAPE for a proxy that is not the first stage and a transform that is, ERROR_STATE for a
/// setting that is missing, ERROR_OPTION for another key or one given twice, ERROR_TYPE for a value
/// that cannot be read, ERROR_RANGE for one out of its range, ERROR_SHAPE for a wrong number of
/// them, ERROR_UNSUPPORTED for an instruction set in SAGIPS_SIMD that this machine has not.
Stage make_builtin(std::string_view name, std::string_view settings, int32_t n_inputs = 0);

/// The stage "background", which needs a sample too.
Stage make_builtin_background(std::string_view settings, const BackgroundSample& sample,
                              int32_t n_inputs);

/// Let a built-in run the code for an instruction set that this machine has; other stages stay as
/// they are.
void use_simd(Simd simd, Stage* stage);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_BUILTIN_H_
