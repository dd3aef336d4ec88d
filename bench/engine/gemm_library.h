// SPDX-License-Identifier: BSD-3-Clause
// A library that multiplies matrices, as a training would use it. One file for each library that
// may be here and one for its absence; CMake picks.

#ifndef SAGIPS_BENCH_ENGINE_GEMM_LIBRARY_H_
#define SAGIPS_BENCH_ENGINE_GEMM_LIBRARY_H_

#include <cstdint>
#include <string>

namespace sagips_bench {

// C (m, n) = A (m, k) B (k, n) + beta C; all row-major and dense, A and B perhaps given as their
// transposes (k, m) and (n, k).
struct Product {
  int64_t m, n, k;
  const float* a;
  bool a_is_transposed;
  const float* b;
  bool b_is_transposed;
  float beta;  // 0 or 1
  float* c;
};

struct GemmLibrary {
  const char* name;
  std::string version;
  void (*multiply)(const Product& product);
  void (*use_threads)(int n);  // of products in the calling thread
};

// nullptr where the library is not here.
const GemmLibrary* eigen_library();
const GemmLibrary* onednn_library();

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_GEMM_LIBRARY_H_
