// SPDX-License-Identifier: BSD-3-Clause
// A monotone curve g(x) through K points, and how it goes on beyond them:
//
//   between two points  the cubic with their values and slopes (Hermite)
//   beyond the last     g = g_K + log1p(s_K (x - x_K)),  and mirrored beyond the first
//
// Both are the engines' business; what a curve is good for is told in objective/lift_plan.h. The
// logarithm joins smoothly, has a derivative everywhere, and has a mean and a variance also where
// the tails of x have none.
#ifndef SAGIPS_DEVICE_SCORE_CURVE_H_
#define SAGIPS_DEVICE_SCORE_CURVE_H_

#include <cstddef>
#include <vector>

namespace sagips {

struct ScoreCurve {
  std::vector<double> x, score, slope;  // (K), K >= 2, x and score ascending, slope > 0
  size_t n_pieces() const { return x.size() - 1; }
};

constexpr size_t kMostCurvePoints = 17;

// Infinity is far away, not an error: log1p of this is 690.
constexpr double kFarthestReach = 1e300;

/// Between points i and i + 1: score = c0 + d (c1 + d (c2 + d c3)), d = x - x_i.
struct ScorePiece {
  double x, c0, c1, c2, c3;
};

inline ScorePiece score_piece(const ScoreCurve& curve, size_t i) {
  const double h = curve.x[i + 1] - curve.x[i];
  const double chord = (curve.score[i + 1] - curve.score[i]) / h;
  const double left = curve.slope[i], right = curve.slope[i + 1];
  return {curve.x[i], curve.score[i], left, (3 * chord - 2 * left - right) / h,
          (left + right - 2 * chord) / (h * h)};
}

}  // namespace sagips

#endif  // SAGIPS_DEVICE_SCORE_CURVE_H_
