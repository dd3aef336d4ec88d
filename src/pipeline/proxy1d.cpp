// SPDX-License-Identifier: BSD-3-Clause
// proxy1d by tables of tails. Forward: 2 exp a node, one running sum, one binary search an event.
//
//   y = x_hi - w dx,  w = (t - tail_hi)/(tail_lo - tail_hi),  t = 0.9999 r tail_0,  hi = lo + 1
//
// Backward, with the cotangent g of y and m = dy/dt = -dx/(tail_lo - tail_hi):
//
//   G_lo -= g m w,  G_hi -= g m (1 - w),  G_0 += g m 0.9999 r       dL/dtail
//   dL/dsigma_j = sum_{i <= j} G_i + g_norm dx [j <= 998]           tail_i holds every j >= i
//
// and on to u, d and p. Nothing is kept on the tape: a table weighs 32 KB a row, and making it
// again costs a few microseconds.

#include "pipeline/proxy1d.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

namespace sagips {
namespace {

constexpr size_t kNodes = 1000;
constexpr size_t kLast = kNodes - 1;
constexpr size_t kPadded = 1024;  // a power of two: the search takes the same 10 steps for all
constexpr double kFirstNode = 0.1;
constexpr double kSpacing = (0.99999 - kFirstNode) / 1000;
constexpr double kReach = 0.9999;  // the lineage cuts the top 1e-4 of the uniforms

// Derivatives of events grow as 1/sum: below this they could leave the range of single precision.
constexpr double kSmallestSum = 1e-30;

// sigma_k = kUp[k] u + kDown[k] d: the squared charges 4/9 and 1/9 without their ninth.
constexpr double kUp[2] = {4, 1};
constexpr double kDown[2] = {1, 4};

struct Grid {
  std::array<double, kNodes> x, log_x, log_rest;  // log_rest = ln(1 - x)
};

struct Tails {
  std::vector<double> tail = std::vector<double>(kPadded, 0.0);  // descending, zeros at the end
  double norm = 0;
  bool is_flat = false;  // sigma vanishes: equal cells, no derivative
};

// Where an event lies: between the nodes hi - 1 and hi, or on the last node if hi is kNodes.
struct Place {
  size_t hi;
  double width;  // tail_lo - tail_hi > 0
  double w;      // 1 at lo, 0 at hi
};

// All that one parameter point needs. Rows of a generator without noise are equal, so a table is
// made again only where the bytes of the parameters change (-0 and 0 may not share one).
class Table {
 public:
  void prepare(const Grid& grid, const double* parameters) {
    if (is_made_ && std::memcmp(p_.data(), parameters, sizeof p_) == 0) return;
    std::copy_n(parameters, p_.size(), p_.begin());
    make(grid);
    is_made_ = true;
  }

  bool is_valid() const { return is_valid_; }
  const Tails& tails(size_t k) const { return tails_[k]; }

  // Adds the derivatives by the six parameters that follow from those by the tails.
  void pull_back(const Grid& grid, const std::array<std::vector<double>, 2>& grad_tail,
                 double* grad_parameters) const {
    const std::vector<double>& grad_0 = grad_tail[0];
    const std::vector<double>& grad_1 = grad_tail[1];
    double grad_sigma_0 = 0, grad_sigma_1 = 0;
    double up = 0, up_log_x = 0, up_log_rest = 0;
    double down = 0, down_log_x = 0, down_log_rest = 0;
    for (size_t i = 0; i < kNodes; ++i) {
      grad_sigma_0 += grad_0[i];
      grad_sigma_1 += grad_1[i];
      const double u = (kUp[0] * grad_sigma_0 + kUp[1] * grad_sigma_1) * up_[i];
      const double d = (kDown[0] * grad_sigma_0 + kDown[1] * grad_sigma_1) * down_[i];
      up += u;
      up_log_x += u * grid.log_x[i];
      up_log_rest += u * grid.log_rest[i];
      down += d;
      down_log_x += d * grid.log_x[i];
      down_log_rest += d * grid.log_rest[i];
    }
    grad_parameters[0] += up;
    grad_parameters[1] += p_[0] * up_log_x;
    grad_parameters[2] += p_[0] * up_log_rest;
    grad_parameters[3] += down;
    grad_parameters[4] += p_[3] * down_log_x;
    grad_parameters[5] += p_[3] * down_log_rest;
  }

 private:
  void make(const Grid& grid) {
    // 1. u/p0 and d/p3 on the nodes, and the tails of both cross sections.
    double sum_0 = 0, sum_1 = 0;
    for (size_t i = kNodes; i-- > 0;) {
      up_[i] = std::exp(p_[1] * grid.log_x[i] + p_[2] * grid.log_rest[i]);
      down_[i] = std::exp(p_[4] * grid.log_x[i] + p_[5] * grid.log_rest[i]);
      const double u = p_[0] * up_[i];
      const double d = p_[3] * down_[i];
      sum_0 += kUp[0] * u + kDown[0] * d;
      sum_1 += kUp[1] * u + kDown[1] * d;
      tails_[0].tail[i] = sum_0;
      tails_[1].tail[i] = sum_1;
    }
    is_valid_ = p_[0] >= 0 && p_[3] >= 0 && std::isfinite(sum_0) && std::isfinite(sum_1);

    // 2. Norms, and equal cells in place of a table that vanishes.
    for (Tails& tails : tails_) {
      tails.norm = kSpacing * (tails.tail[0] - tails.tail[kLast]);
      tails.is_flat = tails.tail[0] < kSmallestSum;
      if (!tails.is_flat) continue;
      for (size_t i = 0; i < kNodes; ++i) tails.tail[i] = static_cast<double>(kNodes - i);
    }
  }

  std::array<double, kProxy1dParameters> p_{};
  bool is_made_ = false;
  bool is_valid_ = false;
  std::vector<double> up_ = std::vector<double>(kNodes), down_ = std::vector<double>(kNodes);
  std::array<Tails, 2> tails_;
};

// The number of nodes with tail > t is hi. The search is an unrolled loop without branches, since
// nobody can predict them. Nodes of equal tail are harmless: tail_lo > t >= tail_hi holds always,
// also at lo = 0, because t <= 0.9999 tail_0 and tail_0 is a normal number.
Place find_place(const std::vector<double>& tail, double uniform) {
  const double t = kReach * uniform * tail[0];
  size_t hi = 0;
  for (size_t half = kPadded / 2; half > 0; half /= 2) {
    hi += half * static_cast<size_t>(tail[hi + half - 1] > t);
  }
  if (hi == kNodes) return {hi, 0, 0};
  const double width = tail[hi - 1] - tail[hi];
  return {hi, width, (t - tail[hi]) / width};
}

double observable(const Grid& grid, const Place& place) {
  if (place.hi == kNodes) return grid.x[kLast];
  return grid.x[place.hi] - kSpacing * place.w;
}

// dL/dtail of one observable of a row. The norm's share enters at node 0, leaves at the last.
void differentiate(const Tails& tails, const double* uniforms, const double* grad_outputs,
                   int64_t n_events, double grad_norm, std::vector<double>* grad_tail) {
  std::vector<double>& grad = *grad_tail;
  std::fill(grad.begin(), grad.end(), 0.0);
  double grad_sum = 0;
  for (int64_t e = 0; e < n_events && !tails.is_flat; ++e) {
    const double uniform = uniforms[2 * e];
    const Place place = find_place(tails.tail, uniform);
    if (place.hi == kNodes) continue;
    const double grad_t = -grad_outputs[2 * e] * kSpacing / place.width;
    grad[place.hi - 1] -= grad_t * place.w;
    grad[place.hi] -= grad_t * (1 - place.w);
    grad_sum += grad_t * kReach * uniform;
  }
  grad[0] += grad_sum + grad_norm * kSpacing;
  grad[kLast] -= grad_norm * kSpacing;
}

}  // namespace

std::shared_ptr<void> make_proxy1d_grid() {
  auto grid = std::make_shared<Grid>();
  for (size_t i = 0; i < kNodes; ++i) {
    grid->x[i] = kFirstNode + static_cast<double>(i) * kSpacing;
    grid->log_x[i] = std::log(grid->x[i]);
    grid->log_rest[i] = std::log1p(-grid->x[i]);
  }
  return grid;
}

int32_t proxy1d_forward(void* user, sagips_batch* batch) {
  assert(batch->n_parameters == kProxy1dParameters);
  const Grid& grid = *static_cast<const Grid*>(user);
  const int64_t n_events = batch->n_events;
  Table table;
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    table.prepare(grid, batch->parameters + row * kProxy1dParameters);
    if (!table.is_valid()) {
      batch->row_status[row] = 1;
      continue;
    }
    const double* uniforms = batch->uniforms + row * n_events * kProxy1dUniforms;
    double* outputs = batch->outputs + row * n_events * kProxy1dOutputs;
    for (size_t k = 0; k < 2; ++k) {
      const Tails& tails = table.tails(k);
      batch->auxiliary[row * kProxy1dAuxiliary + static_cast<int64_t>(k)] = tails.norm;
      for (int64_t e = 0; e < n_events; ++e) {
        const int64_t at = 2 * e + static_cast<int64_t>(k);
        outputs[at] = observable(grid, find_place(tails.tail, uniforms[at]));
      }
    }
  }
  return 0;
}

int32_t proxy1d_backward(void* user, sagips_batch* batch) {
  assert(batch->n_parameters == kProxy1dParameters);
  const Grid& grid = *static_cast<const Grid*>(user);
  const int64_t n_events = batch->n_events;
  Table table;
  std::array<std::vector<double>, 2> grad_tail = {std::vector<double>(kNodes),
                                                  std::vector<double>(kNodes)};
  for (int64_t row = 0; row < batch->n_rows; ++row) {
    table.prepare(grid, batch->parameters + row * kProxy1dParameters);
    if (!table.is_valid()) continue;
    for (size_t k = 0; k < 2; ++k) {
      const int64_t first = row * n_events * 2 + static_cast<int64_t>(k);
      const double grad_norm =
          batch->grad_auxiliary[row * kProxy1dAuxiliary + static_cast<int64_t>(k)];
      differentiate(table.tails(k), batch->uniforms + first, batch->grad_outputs + first, n_events,
                    grad_norm, &grad_tail[k]);
    }
    table.pull_back(grid, grad_tail, batch->grad_parameters + row * kProxy1dParameters);
  }
  return 0;
}

}  // namespace sagips
