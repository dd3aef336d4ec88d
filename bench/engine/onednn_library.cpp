// SPDX-License-Identifier: BSD-3-Clause
// oneDNN in two ways: its sgemm, and its primitives, which add the bias and apply the leaky ReLU
// while a product is still in registers. A primitive is made once for a shape and kept by the
// thread that uses it.

#include <omp.h>

#include <array>
#include <dnnl.hpp>
#include <map>

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

// ------------------------------------------------------------------------------------ primitives

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::memory::desc matrix(int64_t rows, int64_t columns, bool is_transposed) {
  const dnnl::memory::dims strides =
      is_transposed ? dnnl::memory::dims{1, rows} : dnnl::memory::dims{columns, 1};
  return {{rows, columns}, dnnl::memory::data_type::f32, strides};
}

struct Compiled {
  dnnl::matmul primitive;
  dnnl::memory a, b, bias, c;
};

Compiled compile(const Product& p, const Activation* activation) {
  const auto a = matrix(p.m, p.k, p.a_is_transposed), b = matrix(p.k, p.n, p.b_is_transposed);
  const auto c = matrix(p.m, p.n, false), bias = matrix(1, p.n, false);
  dnnl::post_ops after;
  if (p.beta != 0) after.append_sum(p.beta);
  if (activation != nullptr && activation->slope != 1) {
    after.append_eltwise(1, dnnl::algorithm::eltwise_relu, activation->slope, 0);
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  const auto operation =
      activation != nullptr ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
  return {dnnl::matmul({operation, attributes, engine()}), dnnl::memory(a, engine(), nullptr),
          dnnl::memory(b, engine(), nullptr), dnnl::memory(bias, engine(), nullptr),
          dnnl::memory(c, engine(), nullptr)};
}

void execute(const Product& p, const Activation* activation) {
  using Key = std::array<int64_t, 7>;
  thread_local std::map<Key, Compiled> kept;
  thread_local dnnl::stream stream(engine());
  const int64_t kind = activation == nullptr ? 0 : activation->slope == 1 ? 1 : 2;
  const Key key = {p.m, p.n, p.k, p.a_is_transposed, p.b_is_transposed, p.beta != 0, kind};
  auto place = kept.find(key);
  if (place == kept.end()) place = kept.emplace(key, compile(p, activation)).first;
  Compiled& one = place->second;
  one.a.set_data_handle(const_cast<float*>(p.a));
  one.b.set_data_handle(const_cast<float*>(p.b));
  one.c.set_data_handle(p.c);
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, one.a}, {DNNL_ARG_WEIGHTS, one.b}, {DNNL_ARG_DST, one.c}};
  if (activation != nullptr) {
    one.bias.set_data_handle(const_cast<float*>(activation->bias));
    arguments.emplace(DNNL_ARG_BIAS, one.bias);
  }
  one.primitive.execute(stream, arguments);
  stream.wait();
}

std::string version() {
  const dnnl_version_t* v = dnnl_version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

}  // namespace

const std::vector<GemmLibrary>& onednn_libraries() {
  const auto use_threads = [](int n) { omp_set_num_threads(n); };
  static const std::vector<GemmLibrary> libraries = {
      {"oneDNN", " sgemm", version(), multiply, nullptr, use_threads},
      {"oneDNN", " primitives", version(), [](const Product& p) { execute(p, nullptr); },
       [](const Product& p, const Activation& activation) { execute(p, &activation); },
       use_threads}};
  return libraries;
}

}  // namespace sagips_bench
