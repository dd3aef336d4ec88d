// SPDX-License-Identifier: BSD-3-Clause
// Difference quotients with common random numbers, for models without a vector-Jacobian product.
//
// An event that jumps has no derivative (y = 1[u < p] gives 0 for every step), the mean of a
// function of it has one. So, unless a stage says that its events move smoothly, it is the
// objective that is differenced: every row is pushed through the whole pipeline again at p + h and
// p - h, with the same draws, and the function of the events is taken there. A cut's boundary is
// seen too. With row sums S = sum w l and W = sum w of the objective L = S/W over the whole batch,
//
//   dL/dp of row n = [ (S_n+ - S_n-) - L (W_n+ - W_n-) ] / (h+ - h-) / W
#ifndef SAGIPS_PIPELINE_DIFFERENCES_H_
#define SAGIPS_PIPELINE_DIFFERENCES_H_

#include <cstdint>
#include <vector>

#include "core/view.h"
#include "pipeline/pipeline.h"

namespace sagips {

/// The two places of a quotient, inside [lower, upper]. One-sided, `from` is the value itself.
struct Shift {
  double from, to;
};
Shift shift_parameter(double value, double lower, double upper, int32_t scheme, double step);

/// New evaluations a quotient takes: 2 for SAGIPS_CENTRAL, 1 for SAGIPS_ONE_SIDED.
inline int32_t evaluations(int32_t scheme) { return scheme == SAGIPS_CENTRAL ? 2 : 1; }

/// The step of the objective's differences: the largest of the stages that need one.
double objective_step(const Pipeline& pipeline);
int32_t objective_scheme(const Pipeline& pipeline);

/// All new rows of the quotients: (n, p, from and to), or one-sided (n, p, to); draws as in `rows`.
struct ShiftedRows {
  Rows rows;
  int32_t sides = 2;
  std::vector<int32_t> columns;   // the parameters that can move
  std::vector<double> distances;  // (N, columns) to - from
};
ShiftedRows shift_rows(const Rows& rows, const Box& box, int32_t scheme, double step);

/// One number a row of ShiftedRows to a gradient (N, P): (f(to) - f(from)) / distance.
/// @param base (N) f of the rows themselves; for one-sided differences only
std::vector<double> quotients(const ShiftedRows& shifted, int32_t n_parameters,
                              View<const double> values, View<const double> base = {});

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_DIFFERENCES_H_
