// SPDX-License-Identifier: BSD-3-Clause
// Stages that the library brings, by name. A built-in is an ordinary stage: its callbacks get what
// the callbacks of a user get, and a user can write every one of them.
#ifndef SAGIPS_PIPELINE_BUILTIN_H_
#define SAGIPS_PIPELINE_BUILTIN_H_

#include <string_view>

#include "core/simd.h"
#include "pipeline/stage.h"

namespace sagips {

/// The stage `name`, "proxy1d" or "kuma6".
///
/// `settings` are "key=value" pairs separated by blanks. The one key is `parameters`: the comma
/// list of the problem's parameters that the built-in sees, in its own order; without it the first
/// ones. Throws ERROR_NOT_FOUND for another name, ERROR_OPTION for another key or one given twice,
/// ERROR_TYPE for a value that cannot be read, ERROR_RANGE for a negative or repeated column and
/// ERROR_SHAPE for a wrong number of them, ERROR_UNSUPPORTED for an instruction set in SAGIPS_SIMD
/// that this machine has not.
Stage make_builtin(std::string_view name, std::string_view settings);

/// Let a built-in run the code for an instruction set that this machine has; other stages stay as
/// they are.
void use_simd(Simd simd, Stage* stage);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_BUILTIN_H_
