// SPDX-License-Identifier: BSD-3-Clause
// Difference quotients with common random numbers, for models without a vector-Jacobian product.
//
// Here: of whole pipelines (uncertainty, checks) and of single stages. Sections of a pipeline whose
// events jump are differenced in section_differences.h.
#ifndef SAGIPS_PIPELINE_DIFFERENCES_H_
#define SAGIPS_PIPELINE_DIFFERENCES_H_

#include <cstdint>
#include <vector>

#include "core/view.h"
#include "pipeline/pipeline.h"

namespace sagips {

class Evaluation;

/// The two places of a quotient, inside [lower, upper]. One-sided, `from` is the value itself.
struct Shift {
  double from, to;
};
Shift shift_parameter(double value, double lower, double upper, int32_t scheme, double step);

/// New evaluations a quotient takes: 2 for SAGIPS_CENTRAL, 1 for SAGIPS_ONE_SIDED.
inline int32_t evaluations(int32_t scheme) { return scheme == SAGIPS_CENTRAL ? 2 : 1; }

/// How far each of the inputs (N, E, n_inputs) of a stage is shifted: `step` of its spread in the
/// events that survive a pass.
std::vector<double> input_steps(const Evaluation& pass, int64_t n_inputs, const double* inputs,
                                double step);

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
