// SPDX-License-Identifier: BSD-3-Clause
// One training with all that the solver states of its estimate, as JSON, so that it can be kept.

#ifndef SAGIPS_BENCH_DESCRIBED_RUN_H_
#define SAGIPS_BENCH_DESCRIBED_RUN_H_

#include <cstdint>
#include <vector>

#include "closure_run.h"

namespace sagips_bench {

// Trains the preset `fast` with the settings. The result has `failure`, or
//   truth, fit, limit            (P) maximum-likelihood fit and Cramer-Rao sigma of the data set
//   mean                         (P) estimate, of all members
//   total, statistical, training (P, P) stated covariances
//   draw                         (P, P) what its own draw of the data adds to the first member
//   draw_statistical             (P, P) `statistical` where that was told, at the first member
//   spread                       (P, P) covariance of the members, with 1/(M - 1)
//   members                      (M, P)
//   seconds_cpu
Json describe_run(const DataSet& data, const std::vector<Setting>& settings, uint64_t seed);

// (P) square roots of the diagonal of a (P, P) in such a result.
Vector sigmas(const Json& matrix);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_DESCRIBED_RUN_H_
