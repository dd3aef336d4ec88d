// SPDX-License-Identifier: BSD-3-Clause
// kuma6 by logarithms, accurate at both ends of the support. With w = 1 - u, A = 1 - w^(1/b) and
// x = A^(1/a):
//
//   ln w = log1p(-u),  A = -expm1(ln w / b),  ln x = ln A / a,  y = s x
//   dy/ds = x,  dy/da = -y ln x / a,  dy/db = y (1 - A) ln w / (a A b^2)

#include "pipeline/kuma6.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace sagips {
namespace {

constexpr double kSmallest = 1e-7;
constexpr double kLargest = 1 - 2e-7;

struct Law {
  double s, a, b;
};

// One event with the steps on its way, which the derivative needs again.
struct Draw {
  double log_w, rest, log_x, x;  // rest = A
};

bool is_valid(const double* p) {
  return std::all_of(p, p + kKuma6Parameters, [](double v) { return v > 0 && std::isfinite(v); });
}

Draw draw(const Law& law, double uniform) {
  Draw out;
  out.log_w = std::log1p(-std::clamp(uniform, kSmallest, kLargest));
  out.rest = -std::expm1(out.log_w / law.b);
  out.log_x = std::log(out.rest) / law.a;
  out.x = std::exp(out.log_x);
  return out;
}

}  // namespace

int32_t kuma6_forward(void* /*user*/, sagips_batch* batch) {
  assert(batch->n_parameters == kKuma6Parameters);
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const double* p = batch->parameters + row * kKuma6Parameters;
    if (!is_valid(p)) {
      batch->row_status[row] = 1;
      continue;
    }
    const Law laws[2] = {{p[0], p[1], p[2]}, {p[3], p[4], p[5]}};
    const int64_t first = 2 * row * batch->n_events;
    for (int64_t i = first; i < first + 2 * batch->n_events; ++i) {
      const Law& law = laws[i % 2];
      batch->outputs[i] = law.s * draw(law, batch->uniforms[i]).x;
    }
  }
  return 0;
}

int32_t kuma6_backward(void* /*user*/, sagips_batch* batch) {
  assert(batch->n_parameters == kKuma6Parameters);
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const double* p = batch->parameters + row * kKuma6Parameters;
    if (!is_valid(p)) continue;
    const Law laws[2] = {{p[0], p[1], p[2]}, {p[3], p[4], p[5]}};
    const int64_t first = 2 * row * batch->n_events;
    for (int64_t i = first; i < first + 2 * batch->n_events; ++i) {
      const Law& law = laws[i % 2];
      const Draw event = draw(law, batch->uniforms[i]);
      const double g = batch->grad_outputs[i];
      const double gy = g * law.s * event.x;
      double* grad = batch->grad_parameters + row * kKuma6Parameters + 3 * (i % 2);
      grad[0] += g * event.x;
      grad[1] -= gy * event.log_x / law.a;
      const double slope_b = std::exp(event.log_w / law.b) * event.log_w / (law.b * law.b);
      grad[2] += gy * slope_b / (law.a * event.rest);
    }
  }
  return 0;
}

}  // namespace sagips
