// SPDX-License-Identifier: BSD-3-Clause
// Is a forward model what the training takes it for? Behind sagips_pipeline_check().
#ifndef SAGIPS_PIPELINE_CHECK_H_
#define SAGIPS_PIPELINE_CHECK_H_

#include <cstdint>

#include "pipeline/pipeline.h"

namespace sagips {

sagips_check_report check_pipeline(const Pipeline& pipeline, const Box& box, uint64_t seed);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_CHECK_H_
