// SPDX-License-Identifier: BSD-3-Clause
// The one place where user code runs: a stage's callback is called with the host's floating-point
// environment, its exceptions stop here, its return value becomes a status, its time is counted,
// and what it wrote is checked before anyone reads it.
#ifndef SAGIPS_PIPELINE_CALLBACK_H_
#define SAGIPS_PIPELINE_CALLBACK_H_

#include "core/parallel.h"
#include "pipeline/pipeline.h"
#include "pipeline/stage.h"

namespace sagips {

/// What a stage returned: SkipEpoch for > 0, SAGIPS_ERROR_CALLBACK for < 0.
void check_answer(const Stage& stage, const sagips_batch& batch, int32_t result);

/// Call the stage as batch->request says; where it says that it may be, in several threads, some
/// rows in each. Throws Error or SkipEpoch.
/// @param parallel nullptr: the calling thread
void call_stage(const Stage& stage, sagips_batch* batch, FailurePolicy failures,
                const Parallel* parallel, CallbackMeter* meter);

/// SAGIPS_ERROR_ROW or SAGIPS_ERROR_NONFINITE where what a stage wrote may not be read. Failed rows
/// that are only marked are made readable: nothing is in them, and their events are lost.
void check_written(const Stage& stage, const sagips_batch& batch, FailurePolicy failures);

/// "p = (0.5, 1.25, 3)" of row `row`, for messages.
std::string describe_row(const sagips_batch& batch, int64_t row);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_CALLBACK_H_
