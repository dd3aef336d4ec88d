// SPDX-License-Identifier: BSD-3-Clause
// The vectorised part of kuma6: events of one row.
#ifndef SAGIPS_PIPELINE_KUMA6_KERNELS_H_
#define SAGIPS_PIPELINE_KUMA6_KERNELS_H_

#include <cstdint>

#include "core/simd.h"

namespace sagips {

struct Kuma6Kernels {
  /// Events (n, 2) of the parameters p (6) and the uniforms (n, 2).
  void (*sample)(const double* p, const double* uniforms, int64_t n, double* events);
  /// Adds to grad (6) the derivative by p, given that by the events (n, 2).
  void (*differentiate)(const double* p, const double* uniforms, const double* grad_events,
                        int64_t n, double* grad);
};
const Kuma6Kernels& kuma6_kernels(Simd simd);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_KUMA6_KERNELS_H_
