// SPDX-License-Identifier: BSD-3-Clause
// A proxy with closed formulas: two independent Kumaraswamy laws on (0, s), three parameters each,
// (s, a, b) = (p0, p1, p2) for the first observable and (p3, p4, p5) for the second:
//
//   y = s (1 - (1-u)^(1/b))^(1/a)        P(y < c) = 1 - (1 - (c/s)^a)^b
//
// u is clamped to [1e-7, 1 - 2e-7], so that it also survives rounding to single precision, where a
// larger one becomes 1 and an event s. All six parameters can be learned from events. A row fails
// (row_status 1) where a parameter is not positive and finite.
#ifndef SAGIPS_PIPELINE_KUMA6_H_
#define SAGIPS_PIPELINE_KUMA6_H_

#include <cstdint>
#include <memory>

#include "core/simd.h"
#include "sagips.h"

namespace sagips {

constexpr int32_t kKuma6Parameters = 6;
constexpr int32_t kKuma6Outputs = 2;
constexpr int32_t kKuma6Uniforms = 2;

/// The user pointer of both callbacks: the code for an instruction set.
std::shared_ptr<void> make_kuma6(Simd simd);

/// Events of every row.
int32_t kuma6_forward(void* user, sagips_batch* batch);

/// Adds the derivative by the physical parameters.
int32_t kuma6_backward(void* user, sagips_batch* batch);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_KUMA6_H_
