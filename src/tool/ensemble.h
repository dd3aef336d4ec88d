// SPDX-License-Identifier: BSD-3-Clause
// The members of an ensemble against each other and against the truth: equations 6 to 8 of the
// SAGIPS paper, and its figure 9, error against spread.

#ifndef SAGIPS_TOOL_ENSEMBLE_H_
#define SAGIPS_TOOL_ENSEMBLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sagips.h"

namespace sagips_tool {

// Errors of the members in one parameter, in percent of its truth. The mean square of a member's
// residual is rmse^2 = residual^2 + spread^2: what all share, and what they do not.
struct MemberErrors {
  double residual_percent = 0.0;  // of the mean of all, eq. 6 of eq. 7
  double spread_percent = 0.0;    // eq. 8
  double rmse_percent = 0.0;      // root mean square residual of a member
};

struct EnsembleResult {
  int64_t first = 0;                      // number of the first member
  std::vector<double> members;            // (M, P) estimate of each
  std::vector<double> mean;               // (P) eq. 7
  std::vector<double> sigma;              // (P) eq. 8, with 1/M
  std::vector<double> unbiased;           // (P) the same with 1/(M - 1); 0 for one member
  std::vector<double> member_covariance;  // (P, P) with 1/(M - 1)
  std::vector<double> statistical, ensemble, training;  // (P, P) parts of the stated covariance
  std::vector<MemberErrors> errors;                     // (P)

  size_t n_parameters() const { return mean.size(); }
  size_t size() const { return mean.empty() ? 0 : members.size() / mean.size(); }
  std::vector<double> member(size_t k) const;  // (P)
};

// @param covariance (P, P) out: what the solver states of the mean
EnsembleResult describe_ensemble(sagips_solver* solver, int64_t first,
                                 const std::vector<double>& truth, std::vector<double>* covariance);

// Fills `errors` from members and truth.
void compare_members(const std::vector<double>& truth, EnsembleResult* result);

// (P, P) of a covariance; NaN where a variance is 0 or infinite.
std::vector<double> correlation_of(const std::vector<double>& covariance, size_t n);

// "12.3 %", as a root mean square over the parameters.
double rms_spread(const EnsembleResult& result);
double rms_error(const EnsembleResult& result);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_ENSEMBLE_H_
