// SPDX-License-Identifier: BSD-3-Clause
// Events at one parameter point, any number of them, in blocks of rows.
#ifndef SAGIPS_PIPELINE_GENERATE_H_
#define SAGIPS_PIPELINE_GENERATE_H_

#include <cstdint>
#include <vector>

#include "pipeline/pipeline.h"

namespace sagips {

/// Where events go; weights and auxiliary may be nullptr.
struct Generated {
  double* events;     // (n, Y)
  double* weights;    // (n)
  double* auxiliary;  // (A), of the first row
};

/// The first n events of a seed do not depend on n beyond the last block.
void generate_events(const Pipeline& pipeline, const std::vector<double>& point, int64_t n,
                     uint64_t seed, const Generated& out);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_GENERATE_H_
