// SPDX-License-Identifier: BSD-3-Clause
// Difference quotients with common random numbers, for models without a vector-Jacobian product.
//
// An event that jumps has no derivative (y = 1[u < p] gives 0 for every step), the mean of a function
// of it has one. So, unless a stage says that its events move smoothly, it is the objective that is
// differenced: every row is pushed through the whole pipeline again at p + h and p - h, with the same
// draws, and the function of the events is taken there. A cut's boundary is seen too. With row sums
// S = sum w l and W = sum w of the objective L = S/W over the whole batch,
//
//   dL/dp of row n = [ (S_n+ - S_n-) - L (W_n+ - W_n-) ] / (h+ - h-) / W
#ifndef SAGIPS_PIPELINE_DIFFERENCES_H_
#define SAGIPS_PIPELINE_DIFFERENCES_H_

#include <cstdint>
#include <vector>

#include "core/view.h"
#include "pipeline/pipeline.h"

namespace sagips {

/// The two places of a quotient, inside [lower, upper]; equal where there is no room.
struct Shift {
  double minus, plus;
};
Shift shift_parameter(double value, double lower, double upper, int32_t scheme, double step);

/// The step of the objective's differences: the largest of the stages that need one.
double objective_step(const Pipeline& pipeline);
int32_t objective_scheme(const Pipeline& pipeline);

/// All rows of the quotients: row (n, p, side), side 0 = minus, 1 = plus; draws as in `rows`.
/// Where a forward difference shares its base point, that row is there again: it costs one evaluation
/// more, and keeps one layout.
struct ShiftedRows {
  Rows rows;
  std::vector<int32_t> columns;   // the parameters that can move
  std::vector<double> distances;  // (N, columns) plus - minus
};
ShiftedRows shift_rows(const Rows& rows, const Box& box, int32_t scheme, double step);

/// One number a row of ShiftedRows to a gradient (N, P): (f(plus) - f(minus)) / distance.
std::vector<double> quotients(const ShiftedRows& shifted, int32_t n_parameters,
                              View<const double> values);

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_DIFFERENCES_H_
