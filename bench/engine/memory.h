// SPDX-License-Identifier: BSD-3-Clause
// Memory of this process, as the kernel counts it.

#ifndef SAGIPS_BENCH_ENGINE_MEMORY_H_
#define SAGIPS_BENCH_ENGINE_MEMORY_H_

namespace sagips_bench {

// Resident now, in MB of 2^20 bytes.
double resident_mb();
// The largest there was since reset_peak(), or since the start where the kernel has no such switch.
double peak_mb();
void reset_peak();

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_MEMORY_H_
