// SPDX-License-Identifier: BSD-3-Clause
#include <Eigen/Core>

#include "engine/gemm_library.h"

namespace sagips_bench {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Map = Eigen::Map<Matrix>;
using ConstMap = Eigen::Map<const Matrix>;

template <typename A, typename B>
void multiply_into(const A& a, const B& b, const Product& p) {
  Map c(p.c, p.m, p.n);
  if (p.beta == 0) {
    c.noalias() = a * b;
  } else {
    c.noalias() += a * b;
  }
}

template <typename A>
void multiply_left(const A& a, const Product& p) {
  if (p.b_is_transposed) {
    multiply_into(a, ConstMap(p.b, p.n, p.k).transpose(), p);
  } else {
    multiply_into(a, ConstMap(p.b, p.k, p.n), p);
  }
}

void multiply(const Product& p) {
  if (p.a_is_transposed) {
    multiply_left(ConstMap(p.a, p.k, p.m).transpose(), p);
  } else {
    multiply_left(ConstMap(p.a, p.m, p.k), p);
  }
}

std::string version() {
  return std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION) + ", " + Eigen::SimdInstructionSetsInUse();
}

}  // namespace

const std::vector<GemmLibrary>& eigen_libraries() {
  static const std::vector<GemmLibrary> libraries = {
      {"Eigen", "", version(), multiply, nullptr, [](int n) { Eigen::setNbThreads(n); }}};
  return libraries;
}

}  // namespace sagips_bench
