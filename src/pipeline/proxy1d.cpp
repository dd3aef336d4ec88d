// SPDX-License-Identifier: BSD-3-Clause
// proxy1d row by row; its tables and events are made in pipeline/proxy1d_kernels.cpp.
#include "pipeline/proxy1d.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "pipeline/proxy1d_kernels.h"

namespace sagips {
namespace {

constexpr double kFirstNode = 0.1;
constexpr double kSpacing = (0.99999 - kFirstNode) / 1000;

struct Proxy1d {
  Proxy1dGrid grid;
  Proxy1dKernels kernels;
};

/// Rows of a generator without noise are equal, so a table is made again only where the bytes of
/// the parameters change (-0 and 0 may not share one).
class TableOfRow {
 public:
  explicit TableOfRow(const Proxy1d& model) : model_(model), table_(new Proxy1dTable) {}

  const Proxy1dTable& of(const double* parameters) {
    if (is_made_ && std::memcmp(table_->p, parameters, sizeof table_->p) == 0) return *table_;
    std::copy_n(parameters, kProxy1dParameters, table_->p);
    model_.kernels.make(model_.grid, table_.get());
    is_made_ = true;
    return *table_;
  }

 private:
  const Proxy1d& model_;
  std::unique_ptr<Proxy1dTable> table_;  // 33 KB: too much for the stacks of some hosts' threads
  bool is_made_ = false;
};

}  // namespace

std::shared_ptr<void> make_proxy1d(Simd simd) {
  auto model = std::make_shared<Proxy1d>();
  model->kernels = proxy1d_kernels(simd);
  for (int64_t i = 0; i <= kProxy1dNodes; ++i) {
    const double x = kFirstNode + static_cast<double>(i) * kSpacing;
    model->grid.x[i] = x;
    model->grid.log_x[i] = std::log(x);
    model->grid.log_rest[i] = std::log1p(-x);
  }
  return model;
}

int32_t proxy1d_forward(void* user, sagips_batch* batch) {
  assert(batch->n_parameters == kProxy1dParameters);
  const Proxy1d& model = *static_cast<const Proxy1d*>(user);
  TableOfRow table_of_row(model);
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const Proxy1dTable& table = table_of_row.of(batch->parameters + row * kProxy1dParameters);
    if (!table.is_valid) {
      batch->row_status[row] = 1;
      continue;
    }
    const int64_t first = 2 * row * batch->n_events;
    for (int64_t k = 0; k < kProxy1dAuxiliary; ++k)
      batch->auxiliary[row * kProxy1dAuxiliary + k] = table.tails[k].norm;
    model.kernels.sample(model.grid, table, batch->uniforms + first, batch->n_events,
                         batch->outputs + first);
  }
  return 0;
}

int32_t proxy1d_backward(void* user, sagips_batch* batch) {
  assert(batch->n_parameters == kProxy1dParameters);
  const Proxy1d& model = *static_cast<const Proxy1d*>(user);
  TableOfRow table_of_row(model);
  const std::unique_ptr<Proxy1dCotangent> scratch(new Proxy1dCotangent);
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    const Proxy1dTable& table = table_of_row.of(batch->parameters + row * kProxy1dParameters);
    if (!table.is_valid) continue;
    const int64_t first = 2 * row * batch->n_events;
    model.kernels.differentiate(model.grid, table, batch->uniforms + first,
                                batch->grad_outputs + first, batch->n_events,
                                batch->grad_auxiliary + row * kProxy1dAuxiliary, scratch.get(),
                                batch->grad_parameters + row * kProxy1dParameters);
  }
  return 0;
}

}  // namespace sagips
