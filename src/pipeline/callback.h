// SPDX-License-Identifier: BSD-3-Clause
// The one place where user code runs: a stage's callback is called with the host's floating-point
// environment, its exceptions stop here, its return value becomes a status, its time is counted,
// and what it wrote is checked before anyone reads it.
#ifndef SAGIPS_PIPELINE_CALLBACK_H_
#define SAGIPS_PIPELINE_CALLBACK_H_

#include "pipeline/pipeline.h"
#include "pipeline/stage.h"

namespace sagips {

/// What a stage returned: SkipEpoch for > 0, SAGIPS_ERROR_CALLBACK for < 0.
void check_answer(const Stage& stage, const sagips_batch& batch, int32_t result);

/// Call `stage.forward` or `stage.backward` as batch->request says. Throws Error or SkipEpoch.
void call_stage(const Stage& stage, sagips_batch* batch, CallbackMeter* meter);

/// SAGIPS_ERROR_ROW or SAGIPS_ERROR_NONFINITE where what a stage wrote may not be read.
void check_written(const Stage& stage, const sagips_batch& batch);

/// "p = (0.5, 1.25, 3)" of row `row`, for messages.
std::string describe_row(const sagips_batch& batch, int64_t row);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_CALLBACK_H_
