// SPDX-License-Identifier: BSD-3-Clause
// kuma6 row by row; its events are made in pipeline/kuma6_kernels.cpp.
#include "pipeline/kuma6.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "pipeline/kuma6_kernels.h"

namespace sagips {
namespace {

bool is_valid(const double* p) {
  return std::all_of(p, p + kKuma6Parameters, [](double v) { return v > 0 && std::isfinite(v); });
}

}  // namespace

std::shared_ptr<void> make_kuma6(Simd simd) {
  return std::make_shared<Kuma6Kernels>(kuma6_kernels(simd));
}

int32_t kuma6_forward(void* user, sagips_batch* batch) {
  assert(batch->n_parameters == kKuma6Parameters);
  const auto* kernels = static_cast<const Kuma6Kernels*>(user);
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const double* p = batch->parameters + row * kKuma6Parameters;
    const int64_t first = 2 * row * batch->n_events;
    if (is_valid(p))
      kernels->sample(p, batch->uniforms + first, batch->n_events, batch->outputs + first);
    else
      batch->row_status[row] = 1;
  }
  return 0;
}

int32_t kuma6_backward(void* user, sagips_batch* batch) {
  assert(batch->n_parameters == kKuma6Parameters);
  const auto* kernels = static_cast<const Kuma6Kernels*>(user);
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const double* p = batch->parameters + row * kKuma6Parameters;
    const int64_t first = 2 * row * batch->n_events;
    if (is_valid(p))
      kernels->differentiate(p, batch->uniforms + first, batch->grad_outputs + first,
                             batch->n_events, batch->grad_parameters + row * kKuma6Parameters);
  }
  return 0;
}

}  // namespace sagips
