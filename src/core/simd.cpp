// SPDX-License-Identifier: BSD-3-Clause
#include "core/simd.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "core/error.h"

namespace sagips {
namespace {

constexpr Simd kAll[] = {Simd::kAvx512, Simd::kAvx2, Simd::kNeon, Simd::kPortable};

bool is_supported(Simd simd) {
  if (simd == Simd::kPortable) return true;
#if defined(__x86_64__)
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                        __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
  if (simd == Simd::kAvx2) return has_avx2;
  return simd == Simd::kAvx512 && has_avx2 && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
  return simd == Simd::kNeon;
#else
  return false;
#endif
}

}  // namespace

const char* simd_name(Simd simd) {
  switch (simd) {
    case Simd::kAvx512:
      return "avx512";
    case Simd::kAvx2:
      return "avx2";
    case Simd::kNeon:
      return "neon";
    default:
      return "portable";
  }
}

std::vector<Simd> supported_simd() {
  std::vector<Simd> found;
  std::copy_if(std::begin(kAll), std::end(kAll), std::back_inserter(found), is_supported);
  return found;
}

Simd choose_simd(std::string_view name) {
  const char* variable = std::getenv("SAGIPS_SIMD");
  const bool is_by_variable = name == "auto" && variable != nullptr && *variable != 0;
  const std::string wanted(is_by_variable ? variable : name);
  const std::vector<Simd> supported = supported_simd();
  if (wanted == "auto") return supported.front();
  std::string known;
  for (const Simd simd : supported) {
    if (wanted == simd_name(simd)) return simd;
    known += std::string(known.empty() ? "" : ", ") + simd_name(simd);
  }
  fail(SAGIPS_ERROR_UNSUPPORTED, is_by_variable ? "the environment variable SAGIPS_SIMD" : "simd",
       " is '", wanted, "', which this machine or this build has not (it has ", known,
       "); choose one of those, or auto");
}

}  // namespace sagips
