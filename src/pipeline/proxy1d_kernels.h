// SPDX-License-Identifier: BSD-3-Clause
// The vectorised part of proxy1d: the table of a row, its events, and their derivative.
#ifndef SAGIPS_PIPELINE_PROXY1D_KERNELS_H_
#define SAGIPS_PIPELINE_PROXY1D_KERNELS_H_

#include <cstdint>

#include "core/simd.h"

namespace sagips {

constexpr int64_t kProxy1dNodes = 1000;
constexpr int64_t kProxy1dPadded = 1024;

/// x of the nodes, and ln x, ln(1 - x). One node more than there are, so that it may be read.
struct Proxy1dGrid {
  double x[kProxy1dNodes + 1], log_x[kProxy1dNodes + 1], log_rest[kProxy1dNodes + 1];
};

/// What one observable is drawn from.
struct Proxy1dTails {
  double tail[kProxy1dPadded];  // descending, zeros at the end
  double part_end[64];          // the last of every 16
  double block_end[8];          // the last of every 128
  double sum, norm;             // of the cross section
  bool is_flat;                 // it vanishes: equal cells, no derivative
};

/// All that one parameter point needs.
struct Proxy1dTable {
  double p[6];
  double up[kProxy1dNodes], down[kProxy1dNodes];  // u/p0 and d/p3
  Proxy1dTails tails[2];
  bool is_valid;
};

/// Derivatives by the tails of both observables, and by what follows the last.
struct Proxy1dCotangent {
  double by_tail[2][kProxy1dNodes + 1];
};

struct Proxy1dKernels {
  /// Fill the table of table->p.
  void (*make)(const Proxy1dGrid& grid, Proxy1dTable* table);
  /// Events (n, 2) of the uniforms (n, 2).
  void (*sample)(const Proxy1dGrid& grid, const Proxy1dTable& table, const double* uniforms,
                 int64_t n, double* events);
  /// Adds to grad (6) the derivative by p, given those by the events (n, 2) and the norms (2).
  void (*differentiate)(const Proxy1dGrid& grid, const Proxy1dTable& table, const double* uniforms,
                        const double* grad_events, int64_t n, const double* grad_norms,
                        Proxy1dCotangent* scratch, double* grad);
};
const Proxy1dKernels& proxy1d_kernels(Simd simd);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_PROXY1D_KERNELS_H_
