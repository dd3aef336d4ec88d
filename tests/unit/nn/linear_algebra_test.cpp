// SPDX-License-Identifier: BSD-3-Clause
// Cholesky factors, inverses and eigenvectors by what they must satisfy, on well- and badly-scaled,
// singular and tiny matrices.
#include "nn/linear_algebra.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace sagips {
namespace {

using Matrix = std::vector<double>;

size_t at(int64_t i) { return static_cast<size_t>(i); }

Matrix product(const Matrix& a, const Matrix& b, int64_t n) {
  Matrix c(at(n * n));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t k = 0; k < n; ++k) c[at(i * n + j)] += a[at(i * n + k)] * b[at(k * n + j)];
  return c;
}

Matrix transpose(const Matrix& a, int64_t n) {
  Matrix t(a.size());
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j) t[at(j * n + i)] = a[at(i * n + j)];
  return t;
}

Matrix identity(int64_t n) {
  Matrix a(at(n * n));
  for (int64_t i = 0; i < n; ++i) a[at(i * n + i)] = 1;
  return a;
}

double distance(const Matrix& a, const Matrix& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// B B^T + n, positive definite with a condition below about 10.
Matrix positive(int64_t n, uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal;
  Matrix b(at(n * n));
  for (double& x : b) x = normal(engine);
  Matrix a = product(b, transpose(b, n), n);
  for (int64_t i = 0; i < n; ++i) a[at(i * n + i)] += static_cast<double>(n);
  return a;
}

// n products of values up to 4n, relative rounding 1e-16 each.
constexpr double kRounding = 1e-12;

TEST(Cholesky, TimesItsTransposeIsTheMatrix) {
  for (const int64_t n : {1, 2, 7, 13}) {
    const Matrix a = positive(n, 1);
    Matrix l = a;
    EXPECT_EQ(cholesky(&l, n), 0);
    EXPECT_LT(distance(product(l, transpose(l, n), n), a), kRounding * static_cast<double>(n * n));
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = i + 1; j < n; ++j) EXPECT_EQ(l[at(i * n + j)], 0);
  }
}

TEST(Cholesky, CutsASingularDirectionLoose) {
  Matrix l = {4, 2, 2, 1};  // rank 1
  EXPECT_EQ(cholesky(&l, 2), 1);
  EXPECT_EQ(l, (Matrix{2, 0, 1, 1}));
  Matrix zero(9);
  EXPECT_EQ(cholesky(&zero, 3), 3);
  EXPECT_EQ(zero, identity(3));
  Matrix negative = {-1, 0, 0, 4};
  EXPECT_EQ(cholesky(&negative, 2), 1);
  EXPECT_EQ(negative, (Matrix{1, 0, 0, 2}));
}

TEST(Cholesky, KeepsWhatFollowsASingularPivot) {
  // Observables 0 and 1 are equal, 2 is correlated with 0: its factor must not see the cut one.
  Matrix l = {1, 1, 0.5, 1, 1, 0.5, 0.5, 0.5, 1};
  EXPECT_EQ(cholesky(&l, 3), 1);
  EXPECT_NEAR(l[6], 0.5, 1e-15);
  EXPECT_EQ(l[7], 0);
  EXPECT_NEAR(l[8], std::sqrt(0.75), 1e-15);
}

TEST(Cholesky, ScaleOfADiagonalDoesNotMatter) {
  const int64_t n = 5;
  Matrix a = positive(n, 3);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      a[at(i * n + j)] *= std::pow(10.0, static_cast<double>(6 * (i + j) - 24));
  Matrix l = a;
  EXPECT_EQ(cholesky(&l, n), 0);  // diagonals from 1e-24 to 1e24
  const Matrix again = product(l, transpose(l, n), n);
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(again[i] / a[i], 1, 1e-9);
}

TEST(InverseCholesky, WhitensTheMatrix) {
  for (const int64_t n : {1, 2, 7, 13}) {
    const Matrix a = positive(n, 2), w = inverse_cholesky(a, n);
    EXPECT_LT(distance(product(product(w, a, n), transpose(w, n), n), identity(n)), kRounding);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = i + 1; j < n; ++j) EXPECT_EQ(w[at(i * n + j)], 0);
  }
}

TEST(Inverse, TimesTheMatrixIsOne) {
  for (const int64_t n : {1, 2, 7, 13}) {
    const Matrix a = positive(n, 5), b = inverse(a, n);
    EXPECT_LT(distance(product(a, b, n), identity(n)), kRounding);
    EXPECT_LT(distance(b, transpose(b, n)), 1e-15);
  }
  EXPECT_TRUE(inverse({}, 0).empty());
}

void expect_eigenvectors(const Matrix& a, int64_t n, double scale) {
  Matrix values, vectors;
  eigen_decompose(a, n, &values, &vectors);
  ASSERT_EQ(static_cast<int64_t>(values.size()), n);
  ASSERT_EQ(static_cast<int64_t>(vectors.size()), n * n);
  EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
  EXPECT_LT(distance(product(vectors, transpose(vectors, n), n), identity(n)), kRounding);
  Matrix d(at(n * n));
  for (int64_t i = 0; i < n; ++i) d[at(i * n + i)] = values[at(i)];
  const Matrix again = product(product(transpose(vectors, n), d, n), vectors, n);
  EXPECT_LT(distance(again, a), kRounding * scale);
}

TEST(Eigen, VectorsRebuildTheMatrix) {
  for (const int64_t n : {1, 2, 7, 13}) {
    Matrix a = positive(n, 7);
    expect_eigenvectors(a, n, static_cast<double>(n * n));
    for (int64_t i = 0; i < n; ++i) a[at(i * n + i)] -= static_cast<double>(3 * n);  // indefinite
    expect_eigenvectors(a, n, static_cast<double>(n * n));
  }
  expect_eigenvectors({1, 1, 1, 1}, 2, 1);  // singular
  expect_eigenvectors(identity(4), 4, 1);   // all equal
  expect_eigenvectors(Matrix(9), 3, 1);     // nothing
  expect_eigenvectors({0, 1, 1, 0}, 2, 1);  // zero diagonal
  expect_eigenvectors({1e-9, 1e-9, 1e-9, 1}, 2, 1);
}

TEST(Eigen, ValuesAreThoseOfAKnownMatrix) {
  Matrix values, vectors;
  eigen_decompose({2, 1, 1, 2}, 2, &values, &vectors);
  EXPECT_NEAR(values[0], 1, 1e-15);
  EXPECT_NEAR(values[1], 3, 1e-15);
  EXPECT_NEAR(vectors[0], -vectors[1], 1e-15);  // of the value 1: (1, -1)/sqrt 2
  EXPECT_NEAR(vectors[2], vectors[3], 1e-15);
}

}  // namespace
}  // namespace sagips
