// SPDX-License-Identifier: BSD-3-Clause
// Small dense symmetric matrices (tens of rows), row-major, in double precision.
#ifndef SAGIPS_NN_LINEAR_ALGEBRA_H_
#define SAGIPS_NN_LINEAR_ALGEBRA_H_

#include <cstdint>
#include <vector>

namespace sagips {

/// L with L L^T = A. A pivot that is not positive to rounding (1e-14 of its diagonal) is replaced
/// by the diagonal itself, which cuts that direction loose from the others. @return how many were
int64_t cholesky(std::vector<double>* a, int64_t n);

/// L^-1, lower triangular, for L L^T = A.
std::vector<double> inverse_cholesky(std::vector<double> a, int64_t n);

/// A^-1 for a positive definite A.
std::vector<double> inverse(const std::vector<double>& a, int64_t n);

/// Eigenvalues (ascending) and eigenvectors (rows) of a symmetric A, by Jacobi rotations.
void eigen_decompose(std::vector<double> a, int64_t n, std::vector<double>* values,
                     std::vector<double>* vectors);

}  // namespace sagips

#endif  // SAGIPS_NN_LINEAR_ALGEBRA_H_
