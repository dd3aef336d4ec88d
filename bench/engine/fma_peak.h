// SPDX-License-Identifier: BSD-3-Clause
// The most that a core can do: fused multiply-adds in single precision on registers alone, in more
// chains than the latency of one times the number of units.

#ifndef SAGIPS_BENCH_ENGINE_FMA_PEAK_H_
#define SAGIPS_BENCH_ENGINE_FMA_PEAK_H_

#include "core/simd.h"

namespace sagips_bench {

struct Peak {
  double gflops;  // over all the time that was asked for
  double by_cpu;  // the same by processor time
  double best;    // of a window of a few milliseconds
};

// Runs for `seconds` in the calling thread.
Peak measure_peak(sagips::Simd simd, double seconds);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_FMA_PEAK_H_
