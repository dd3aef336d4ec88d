// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "device/cpu/event_kernels.h"

namespace sagips::cpu {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

LiftTable::LiftTable(const NetworkPlan& plan)
    : n_observables(plan.n_observables()),
      n_monomials(plan.n_inputs()),
      clip(plan.lift_clip),
      is_lifted(!plan.lift_exponents.empty()),
      mean(plan.lift_mean) {
  if (!is_lifted) return;
  const std::vector<int32_t>& exponents = plan.lift_exponents;
  highest = *std::max_element(exponents.begin(), exponents.end());
  for (int64_t k = 0; k < n_monomials; ++k) {
    std::vector<int32_t> rows;
    for (int64_t y = 0; y < n_observables; ++y)
      if (const int32_t n = exponents[at(k * n_observables + y)]; n > 0)
        rows.push_back(static_cast<int32_t>(power_row(y, n)));
    powers.push_back(rows);
  }
  for (int64_t y = 0; y < n_observables; ++y)
    for (int64_t k = 0; k < n_monomials; ++k) {
      const int32_t own = exponents[at(k * n_observables + y)];
      if (own == 0) continue;
      Term term{static_cast<int32_t>(k), static_cast<int32_t>(y), static_cast<double>(own), {}};
      if (own > 1) term.powers.push_back(static_cast<int32_t>(power_row(y, own - 1)));
      for (int64_t other = 0; other < n_observables; ++other)
        if (const int32_t n = exponents[at(k * n_observables + other)]; n > 0 && other != y)
          term.powers.push_back(static_cast<int32_t>(power_row(other, n)));
      terms.push_back(term);
    }
}

EventBuffers::EventBuffers(const LiftTable& table)
    : raw(at(kTile * table.n_observables)),
      weights(at(kTile)),
      x(at(kTile * table.n_observables)),
      powers(at(kTile * table.n_power_rows())),
      monomials(at(kTile * table.n_monomials)),
      grad_monomials(at(kTile * table.n_monomials)),
      grad_x(at(kTile * table.n_observables)) {}

}  // namespace sagips::cpu
