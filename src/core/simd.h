// SPDX-License-Identifier: BSD-3-Clause
// Instruction sets that the vectorised code is compiled for. Each such file holds one table of
// functions per instruction set, and whoever runs them picks a row: a solver by its option `simd`.
// Nothing here is process-wide, so a host that uses the same vector library is not disturbed.
#ifndef SAGIPS_CORE_SIMD_H_
#define SAGIPS_CORE_SIMD_H_

#include <string_view>
#include <vector>

namespace sagips {

enum class Simd {
  kPortable,  // one number at a time, on every machine
  kAvx2,      // with FMA
  kAvx512,    // F, BW, CD, DQ, VL
  kNeon,
};

/// "portable", "avx2", "avx512" or "neon".
const char* simd_name(Simd simd);

/// Those that this build holds and this processor has, best first.
std::vector<Simd> supported_simd();

/// By name; "auto" is the environment variable SAGIPS_SIMD, if it is set, or else the best one.
/// SAGIPS_ERROR_UNSUPPORTED for one that this machine or this build has not.
Simd choose_simd(std::string_view name);

}  // namespace sagips

#endif  // SAGIPS_CORE_SIMD_H_
