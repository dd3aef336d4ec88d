// SPDX-License-Identifier: BSD-3-Clause
// What the averaged generators G_k propose, and an ensemble of them (paper, equations 7 and 8):
//
//   p     = 1/M sum_k G_k(n)                      for one noise vector n, the same for all members
//   sigma = sqrt( 1/M sum_k [G_k(n) - p]^2 )
//
// both averaged over many n. A generator that proposes a point has no noise, and one n is all.
#include <cmath>

#include "solver/solver.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kPredictionRows = 256;  // a noisy generator's mean is taken over these
constexpr int32_t kNobody = 0;  // the noise of predictions is that of no member's training

}  // namespace

/// Rows [0, n) of a member (n, P).
std::vector<double> Solver::member_proposals(int32_t member, int64_t n) {
  const Member& m = ensemble_[member];
  const Sequence noise{m.plan.seed, Stream::kPrediction, kNobody, 0, 0};
  return m.plan.generator.propose(device_.get(), m.state.average, n, m.state.epoch, noise)
      .parameters;
}

std::vector<double> Solver::predict(int64_t n, int32_t member) {
  if (member != kAllMembers) return member_proposals(member, n);
  std::vector<double> mean = member_proposals(0, n);
  for (int32_t k = 1; k < n_members(); ++k) {
    const std::vector<double> rows = member_proposals(k, n);
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += rows[i];
  }
  for (double& v : mean) v /= n_members();
  return mean;
}

Proposals Solver::proposals(int32_t member) {
  const int32_t first = member == kAllMembers ? 0 : member;
  const int32_t last = member == kAllMembers ? n_members() : member + 1;
  const int64_t n = plan().generator.is_point(epoch()) ? 1 : kPredictionRows;
  const size_t p_count = at(plan().space.size());
  Proposals out;
  out.mean.resize(p_count);
  out.sigma.resize(p_count);
  out.spread.resize(p_count);

  // 1. Mean and sum of squared deviations over the members of each row, by Welford's recurrence.
  std::vector<double> row_mean(at(n) * p_count), row_squares(at(n) * p_count);
  for (int32_t k = first; k < last; ++k) {
    const std::vector<double> rows = member_proposals(k, n);
    std::vector<double> mean(p_count);
    for (size_t i = 0; i < rows.size(); ++i) {
      mean[i % p_count] += rows[i] / static_cast<double>(n);
      const double d = rows[i] - row_mean[i];
      row_mean[i] += d / (k - first + 1);
      row_squares[i] += d * (rows[i] - row_mean[i]);
    }
    for (size_t p = 0; p < p_count; ++p) out.mean[p] += mean[p] / (last - first);
    out.members.insert(out.members.end(), mean.begin(), mean.end());
  }

  // 2. Eq. 8 of each row, averaged; and with the rows' own deviations, the spread of all.
  for (size_t i = 0; i < row_mean.size(); ++i) {
    const size_t p = i % p_count;
    const double variance = row_squares[i] / (last - first), d = row_mean[i] - out.mean[p];
    out.sigma[p] += std::sqrt(variance) / static_cast<double>(n);
    out.spread[p] += (variance + d * d) / static_cast<double>(n);
  }
  for (double& s : out.spread) s = std::sqrt(s);
  return out;
}

std::vector<double> sample_covariance(const std::vector<double>& rows, int64_t p_count) {
  const int64_t n = static_cast<int64_t>(rows.size()) / p_count;
  std::vector<double> mean(at(p_count)), covariance(at(p_count * p_count));
  for (int64_t i = 0; i < n * p_count; ++i)
    mean[at(i % p_count)] += rows[at(i)] / static_cast<double>(n);
  for (int64_t k = 0; n > 1 && k < n; ++k)
    for (int64_t i = 0; i < p_count; ++i)
      for (int64_t j = 0; j < p_count; ++j)
        covariance[at(i * p_count + j)] += (rows[at(k * p_count + i)] - mean[at(i)]) *
                                           (rows[at(k * p_count + j)] - mean[at(j)]) /
                                           static_cast<double>(n - 1);
  return covariance;
}

}  // namespace sagips
