// SPDX-License-Identifier: BSD-3-Clause
// C += A B for small dense matrices in double precision: the one kernel of the reference device.
//   forward           H' = H W^T      A = H (events, in),       B = W^T (in, out)
//   data gradient     G  = G' W       A = G' (events, out),     B = W (out, in)
//   weight gradient   dW = G'^T H     A = G'^T (out, events),   B = H (events, in)
#ifndef SAGIPS_DEVICE_REFERENCE_MATRIX_H_
#define SAGIPS_DEVICE_REFERENCE_MATRIX_H_

#include <cstdint>

namespace sagips::reference {

/// A matrix by its strides, so that a transpose is only another view.
struct Strided {
  const double* data;
  int64_t row_stride;
  int64_t column_stride;
};

/// C (m, n) += A (m, k) B (k, n); B and C row-major and dense. The order of the sums over k is
/// fixed.
inline void multiply_add(int64_t m, int64_t n, int64_t k, Strided a, const double* b, double* c) {
  int64_t i = 0;
  for (; i + 4 <= m; i += 4) {  // four rows share each row of B
    double* __restrict c0 = c + i * n;
    double* __restrict c1 = c0 + n;
    double* __restrict c2 = c1 + n;
    double* __restrict c3 = c2 + n;
    const double* a0 = a.data + i * a.row_stride;
    for (int64_t l = 0; l < k; ++l) {
      const double* __restrict row = b + l * n;
      const double x0 = a0[l * a.column_stride];
      const double x1 = a0[l * a.column_stride + a.row_stride];
      const double x2 = a0[l * a.column_stride + 2 * a.row_stride];
      const double x3 = a0[l * a.column_stride + 3 * a.row_stride];
      for (int64_t j = 0; j < n; ++j) {
        c0[j] += x0 * row[j];
        c1[j] += x1 * row[j];
        c2[j] += x2 * row[j];
        c3[j] += x3 * row[j];
      }
    }
  }
  for (; i < m; ++i) {
    double* __restrict c0 = c + i * n;
    for (int64_t l = 0; l < k; ++l) {
      const double* __restrict row = b + l * n;
      const double x0 = a.data[i * a.row_stride + l * a.column_stride];
      for (int64_t j = 0; j < n; ++j) c0[j] += x0 * row[j];
    }
  }
}

}  // namespace sagips::reference

#endif  // SAGIPS_DEVICE_REFERENCE_MATRIX_H_
