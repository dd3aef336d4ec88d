// SPDX-License-Identifier: BSD-3-Clause
#include <dnnl.h>
#include <omp.h>

#include "engine/gemm_library.h"
#include "tool/abi.h"

namespace sagips_bench {
namespace {

void multiply(const Product& p) {
  const dnnl_status_t status = dnnl_sgemm(
      p.a_is_transposed ? 'T' : 'N', p.b_is_transposed ? 'T' : 'N', p.m, p.n, p.k, 1.0F, p.a,
      p.a_is_transposed ? p.m : p.k, p.b, p.b_is_transposed ? p.k : p.n, p.beta, p.c, p.n);
  if (status != dnnl_success) throw sagips_tool::Failure("oneDNN refused a product");
}

std::string version() {
  const dnnl_version_t* v = dnnl_version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

}  // namespace

const GemmLibrary* onednn_library() {
  static const GemmLibrary library = {"oneDNN", version(), multiply,
                                      [](int n) { omp_set_num_threads(n); }};
  return &library;
}

}  // namespace sagips_bench
