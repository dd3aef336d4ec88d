// SPDX-License-Identifier: BSD-3-Clause
// A library that multiplies matrices, as a training would use it. One file for each library that
// may be here and one for its absence; CMake picks.

#ifndef SAGIPS_BENCH_ENGINE_GEMM_LIBRARY_H_
#define SAGIPS_BENCH_ENGINE_GEMM_LIBRARY_H_

#include <cstdint>
#include <string>
#include <vector>

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

// What a layer does to its product: C = f(C + bias), f(x) = max(x, slope x), bias (n).
struct Activation {
  const float* bias;
  float slope;
};

struct GemmLibrary {
  const char* name;  // of the library
  const char* way;   // to use it
  std::string version;
  void (*multiply)(const Product& product);
  // Product and activation at once; nullptr where it cannot.
  void (*multiply_and_activate)(const Product& product, const Activation& activation);
  void (*use_threads)(int n);  // of products in the calling thread
};

// All ways to use a library; none where it is not here.
const std::vector<GemmLibrary>& eigen_libraries();
const std::vector<GemmLibrary>& onednn_libraries();

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_GEMM_LIBRARY_H_
