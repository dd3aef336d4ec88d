// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include "device/cpu/event_kernels.h"

namespace sagips::cpu {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

CurveTable::CurveTable(const ScoreCurve& curve) : low(curve.x.front()), high(curve.x.back()) {
  interior.assign(curve.x.begin() + 1, curve.x.end() - 1);
  for (size_t i = 0; i < curve.n_pieces(); ++i) {
    const ScorePiece piece = score_piece(curve, i);
    x.push_back(piece.x);
    c0.push_back(piece.c0);
    c1.push_back(piece.c1);
    c2.push_back(piece.c2);
    c3.push_back(piece.c3);
  }
}

LiftTable::LiftTable(const NetworkPlan& plan)
    : n_observables(plan.n_observables()),
      n_products(plan.n_inputs()),
      is_lifted(plan.is_lifted()),
      curves(plan.lift_curves.begin(), plan.lift_curves.end()),
      mean(plan.lift_mean) {
  if (!is_lifted) return;
  const std::vector<int32_t>& degrees = plan.lift_degrees;
  highest = *std::max_element(degrees.begin(), degrees.end());
  for (int32_t n = 0; n <= highest; ++n) {
    roots.push_back(std::sqrt(static_cast<double>(n)));
    to_next.push_back(1 / std::sqrt(static_cast<double>(n + 1)));
    to_after.push_back(std::sqrt(static_cast<double>(n) / static_cast<double>(n + 1)));
  }
  const auto rows = [&](int64_t k, int64_t without) {
    Rows out;
    for (int64_t y = 0; y < n_observables; ++y)
      if (const int32_t n = degrees[at(k * n_observables + y)]; n > 0 && y != without)
        out.push_back(static_cast<int32_t>(row(y, n)));
    return out;
  };
  for (int64_t k = 0; k < n_products; ++k) products.push_back(rows(k, -1));
  for (int64_t y = 0; y < n_observables; ++y)
    for (int64_t k = 0; k < n_products; ++k)
      if (const int32_t own = degrees[at(k * n_observables + y)]; own > 0)
        terms.push_back({static_cast<int32_t>(k), static_cast<int32_t>(y),
                         static_cast<int32_t>(row(y, own)), rows(k, y)});
}

EventBuffers::EventBuffers(const LiftTable& table)
    : raw(at(kTile * table.n_observables)),
      weights(at(kTile)),
      x(at(kTile * table.n_observables)),
      inner(at(kTile * table.n_observables)),
      beyond(at(kTile * table.n_observables)),
      score_slopes(at(kTile * table.n_observables)),
      polynomials(at(kTile * table.n_rows())),
      slopes(at(kTile * table.n_rows())),
      products(at(kTile * table.n_products)),
      grad_products(at(kTile * table.n_products)),
      grad_x(at(kTile * table.n_observables)) {}

}  // namespace sagips::cpu
