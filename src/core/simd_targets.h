// SPDX-License-Identifier: BSD-3-Clause
// Google Highway, set up for a source that is compiled once for each instruction set of enum Simd,
// each time in another namespace:
//
//   #undef HWY_TARGET_INCLUDE
//   #define HWY_TARGET_INCLUDE "folder/this_file.cpp"
//   #include "core/simd_targets.h"
//   HWY_BEFORE_NAMESPACE();
//   namespace sagips { namespace HWY_NAMESPACE { ...; constexpr Table kTable{...}; } }
//   HWY_AFTER_NAMESPACE();
//   #if HWY_ONCE
//   namespace sagips { const Table& table(Simd simd) { return SAGIPS_SIMD_ROW(simd, kTable); } }
//   #endif
//
// The includes below stand outside the guard on purpose: each pass needs them anew, in this order.
#ifndef SAGIPS_CORE_SIMD_TARGETS_H_
#define SAGIPS_CORE_SIMD_TARGETS_H_

#include "core/simd.h"

// Those of enum Simd and no others, whatever the compiler is told to assume of the processor.
#define HWY_COMPILE_ALL_ATTAINABLE
#define HWY_DISABLED_TARGETS                                                              \
  (HWY_AVX3_DL | HWY_SSE4 | HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | \
   HWY_EMU128)
#define HWY_BROKEN_EMU128 1

#if defined(__x86_64__)
#define SAGIPS_SIMD_ROW(simd, name)                 \
  ((simd) == ::sagips::Simd::kAvx512 ? N_AVX3::name \
   : (simd) == ::sagips::Simd::kAvx2 ? N_AVX2::name \
                                     : N_SCALAR::name)
#elif defined(__aarch64__)
#define SAGIPS_SIMD_ROW(simd, name) \
  ((simd) == ::sagips::Simd::kNeon ? N_NEON::name : N_SCALAR::name)
#else
#define SAGIPS_SIMD_ROW(simd, name) (N_SCALAR::name)
#endif

#endif  // SAGIPS_CORE_SIMD_TARGETS_H_

// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on
