// SPDX-License-Identifier: BSD-3-Clause
#include "nn/linear_algebra.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

int64_t cholesky(std::vector<double>* matrix, int64_t n) {
  std::vector<double>& a = *matrix;
  int64_t replaced = 0;
  for (int64_t j = 0; j < n; ++j) {
    const double diagonal = a[at(j * n + j)];
    double pivot = diagonal;
    for (int64_t k = 0; k < j; ++k) pivot -= a[at(j * n + k)] * a[at(j * n + k)];
    const bool is_bad = !(pivot > 1e-14 * std::abs(diagonal)) || !(pivot > 0);
    if (is_bad) {
      ++replaced;
      pivot = diagonal > 0 ? diagonal : 1;
    }
    a[at(j * n + j)] = std::sqrt(pivot);
    for (int64_t i = j + 1; i < n; ++i) {
      double sum = a[at(i * n + j)];
      for (int64_t k = 0; k < j; ++k) sum -= a[at(i * n + k)] * a[at(j * n + k)];
      a[at(i * n + j)] = is_bad ? 0 : sum / a[at(j * n + j)];
    }
    for (int64_t k = j + 1; k < n; ++k) a[at(j * n + k)] = 0;
  }
  return replaced;
}

std::vector<double> inverse_cholesky(std::vector<double> a, int64_t n) {
  cholesky(&a, n);
  std::vector<double> inverse(at(n * n));
  for (int64_t column = 0; column < n; ++column)
    for (int64_t i = column; i < n; ++i) {
      double sum = i == column ? 1 : 0;
      for (int64_t k = column; k < i; ++k) sum -= a[at(i * n + k)] * inverse[at(k * n + column)];
      inverse[at(i * n + column)] = sum / a[at(i * n + i)];
    }
  return inverse;
}

std::vector<double> inverse(const std::vector<double>& a, int64_t n) {
  const std::vector<double> l = inverse_cholesky(a, n);  // A^-1 = L^-T L^-1
  std::vector<double> result(at(n * n));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t k = std::max(i, j); k < n; ++k)
        result[at(i * n + j)] += l[at(k * n + i)] * l[at(k * n + j)];
  return result;
}

void eigen_decompose(std::vector<double> a, int64_t n, std::vector<double>* values,
                     std::vector<double>* vectors) {
  std::vector<double> v(at(n * n));  // rows
  for (int64_t i = 0; i < n; ++i) v[at(i * n + i)] = 1;
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0, on = 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) (i == j ? on : off) += a[at(i * n + j)] * a[at(i * n + j)];
    if (off <= 1e-30 * on) break;
    for (int64_t p = 0; p < n; ++p)
      for (int64_t q = p + 1; q < n; ++q) {
        if (a[at(p * n + q)] == 0) continue;
        const double theta = (a[at(q * n + q)] - a[at(p * n + p)]) / (2 * a[at(p * n + q)]);
        const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (int64_t k = 0; k < n; ++k) {  // columns p, q
          const double x = a[at(k * n + p)], y = a[at(k * n + q)];
          a[at(k * n + p)] = c * x - s * y;
          a[at(k * n + q)] = s * x + c * y;
        }
        for (int64_t k = 0; k < n; ++k) {  // rows p, q, and the vectors
          const double x = a[at(p * n + k)], y = a[at(q * n + k)];
          a[at(p * n + k)] = c * x - s * y;
          a[at(q * n + k)] = s * x + c * y;
          const double vx = v[at(p * n + k)], vy = v[at(q * n + k)];
          v[at(p * n + k)] = c * vx - s * vy;
          v[at(q * n + k)] = s * vx + c * vy;
        }
      }
  }
  std::vector<int64_t> order(at(n));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int64_t i, int64_t j) { return a[at(i * n + i)] < a[at(j * n + j)]; });
  values->clear();
  vectors->clear();
  for (const int64_t i : order) {
    values->push_back(a[at(i * n + i)]);
    vectors->insert(vectors->end(), v.begin() + i * n, v.begin() + (i + 1) * n);
  }
}

}  // namespace sagips
