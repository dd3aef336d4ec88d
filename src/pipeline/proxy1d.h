// SPDX-License-Identifier: BSD-3-Clause
// The paper's 1D proxy app. Six parameters p make two densities u and d; two cross sections sigma
// of them are sampled for one observable each, and their integrals are the two auxiliary outputs:
//
//   u(x) = p0 x^p1 (1-x)^p2    d(x) = p3 x^p4 (1-x)^p5    sigma_0 = 4u + d    sigma_1 = u + 4d
//   x_i = 0.1 + i dx, i = 0..999, dx = (0.99999 - 0.1)/1000
//   norm_k = dx sum_{i <= 998} sigma_k(x_i)
//   tail_i = sum_{j >= i} sigma(x_j);  y solves tail(y) = 0.9999 r tail_0, tail linear in cells
//
// so that a cell [x_i, x_{i+1}] holds the share sigma(x_i)/tail_0 of the events, spread evenly, and
// the last node, an atom, the rest. tail_i/tail_0 is the survival table of the lineage; without the
// division the inversion is the same and its derivative shorter. The common scale of (p0, p3) moves
// the norms only: p0 dL/dp0 + p3 dL/dp3 = 0 for every function L of the events.
//
// At p0 = p3 = 0 nothing is left to sample. There, and where a sum of sigma is below 1e-30, events
// are drawn from equal cells and have no derivative; the norms keep theirs, which points back into
// the box. A row fails (row_status 1) where p0 or p3 is negative or sigma is not finite.
#ifndef SAGIPS_PIPELINE_PROXY1D_H_
#define SAGIPS_PIPELINE_PROXY1D_H_

#include <cstdint>
#include <memory>

#include "core/simd.h"
#include "sagips.h"

namespace sagips {

constexpr int32_t kProxy1dParameters = 6;
constexpr int32_t kProxy1dOutputs = 2;
constexpr int32_t kProxy1dAuxiliary = 2;
constexpr int32_t kProxy1dUniforms = 2;

/// The user pointer of both callbacks: nodes, their logarithms, and the code for an instruction
/// set. Never written after this.
std::shared_ptr<void> make_proxy1d(Simd simd);

/// Events and norms of every row.
int32_t proxy1d_forward(void* user, sagips_batch* batch);

/// Adds the derivative by the physical parameters, in O(events log nodes + nodes) a row.
int32_t proxy1d_backward(void* user, sagips_batch* batch);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_PROXY1D_H_
