// SPDX-License-Identifier: BSD-3-Clause
// Latin hypercube sampling (McKay, Beckman, Conover 1979): of E events with D uniforms each, every
// uniform gets each of the E equal strata of (0, 1) once,
//
//   u[e][d] = (pi_d(e) + v[e][d]) / E,      v independent uniforms, pi_d a random order of [0, E)
//
// Each u[e][d] alone is still uniform, so that means over events stay unbiased. Of their variance
// the part vanishes, as 1/E^3, that comes from a sum of functions of one uniform each; the rest is
// that of independent events but for a factor E/(E - 1) at most (Stein 1987, Owen 1997).
#ifndef SAGIPS_CORE_LATIN_HYPERCUBE_H_
#define SAGIPS_CORE_LATIN_HYPERCUBE_H_

#include <cstdint>

#include "core/philox.h"
#include "core/simd.h"
#include "core/view.h"

namespace sagips {

/// Which hypercube: the order of uniform d comes from block d of `orders`.
struct LatinHypercube {
  Sequence orders;
  int64_t n_events = 1;    // E
  int32_t n_uniforms = 1;  // D
};

/// Move independent uniforms (n, D) of the events from `first` on into their strata, in place. An
/// event's place is its own: events may come in any parts. The bits are the same on every
/// instruction set. One event alone stays as it is.
void stratify(const LatinHypercube& cube, int64_t first, View<double> uniforms, Simd simd);

}  // namespace sagips

#endif  // SAGIPS_CORE_LATIN_HYPERCUBE_H_
