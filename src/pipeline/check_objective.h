// SPDX-License-Identifier: BSD-3-Clause
// The objective that checks of a pipeline take the place of a discriminator with: of each row
//
//   L = sum_e w_e f(y_e) / sum_e w_e + sum_a sin(1 + a) A_a / |A_a at the start|
//   f(y) = sum_k sin(x_k + k) + 1/2 product of sin(x_k),      x the standardised observables
//
// f is bounded and smooth, and sees correlations.
#ifndef SAGIPS_PIPELINE_CHECK_OBJECTIVE_H_
#define SAGIPS_PIPELINE_CHECK_OBJECTIVE_H_

#include <vector>

#include "pipeline/evaluation.h"

namespace sagips {

class CheckObjective {
 public:
  explicit CheckObjective(const Pipeline* pipeline) : pipeline_(pipeline) {}

  /// Take sizes and places from a pass whose rows are all at one point.
  void standardise(const Evaluation& pass);

  /// L of each row (N); 0 of a row that failed or lost all its events.
  std::vector<double> of_rows(const Evaluation& pass) const;

  /// What a Gradient asks for; of a pass, and of shifted rows as they look from that pass.
  struct Opinion {
    std::vector<double> by_events, by_weights, by_auxiliary;
    std::vector<double> mean, total;  // (N) of f, and weights
  };
  Opinion opinion_of(const Evaluation& pass) const;
  /// Only by_weights.
  Opinion opinion_of_shifted(const Opinion& base, const Evaluation& shifted) const;

 private:
  double of_event(const double* event, double* slope) const;
  double of_auxiliary(const Evaluation& pass, int64_t row) const;
  void sum_row(const Evaluation& pass, int64_t row, double* mean, double* total) const;

  const Pipeline* pipeline_;
  std::vector<double> shift_, scale_;    // of each observable
  std::vector<double> auxiliary_scale_;  // of each auxiliary, with its coefficient
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_CHECK_OBJECTIVE_H_
