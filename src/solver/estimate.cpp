// SPDX-License-Identifier: BSD-3-Clause
// The estimate, and its covariance: of one member, or of the mean of all. Write a member's estimate
// as truth + s + b_k + t_k: s from the size of the data, the same for all members; b_k from its own
// draw of them, if there is one; t_k from its training. With S, B, T for their covariances, and B +
// T seen as the sample covariance C of the members, the errors have the covariances
//
//   one member           S + B + T            B = S I_events S, 0 without bootstrap
//   the mean of M        S + C/M + T_mean
//
// (concepts.md: "An ensemble"). T is the noise of the synthetic events behind the average
// (uncertainty.cpp), and the scatter of the estimate over the last window; T_mean is the scatter of
// the mean alone, in which what moves all members alike is left.
#include <algorithm>
#include <cmath>
#include <utility>

#include "solver/solver.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr double kUnmeasuredSigma =
    0.01;  // of a range: drift of what nothing measures counts in it

}  // namespace

std::vector<double> Estimate::training() const {
  std::vector<double> sum = scatter;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += synthetic[i];
  return sum;
}

std::vector<double> Estimate::total() const {
  std::vector<double> sum = covariance;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += ensemble[i] + (scatter[i] + synthetic[i]);
  return sum;
}

Estimate Solver::estimate(int32_t member) {
  const Parallel::Kept kept(parallel_);
  const Member& of = ensemble_[std::max(member, 0)];  // of all: J through the first one's lift
  const Proposals found = proposals(member);
  Estimate e;
  e.mean = found.mean;
  Statistics stated = statistics(of, e.mean);
  e.covariance = std::move(stated.covariance);
  e.scatter = scatter(e.mean, member);
  const int64_t p_count = of.plan.space.size();
  const int64_t n = static_cast<int64_t>(found.members.size()) / p_count;
  if (n > 1) {
    e.ensemble = sample_covariance(found.members, p_count);
    for (double& c : e.ensemble) c /= static_cast<double>(n);
    e.synthetic.assign(e.ensemble.size(), 0);  // in the members' covariance already
  } else {
    if (!is_bootstrapped(options_))
      std::fill(stated.resampling.begin(), stated.resampling.end(), 0);
    e.ensemble = std::move(stated.resampling);
    e.synthetic = std::move(stated.synthetic);
  }
  return e;
}

// ------------------------------------------------------------------------------ the last window

std::vector<double> Solver::history(int32_t member) const {
  if (member != kAllMembers) return ensemble_[member].state.history;
  std::vector<double> mean(ensemble_[0].state.history.size());
  for (int32_t k = 0; k < n_members(); ++k)
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += ensemble_[k].state.history[i] / n_members();
  return mean;
}

std::vector<double> Solver::scatter(const std::vector<double>& mean, int32_t member) const {
  const ParameterSpace& space = plan().space;
  const int64_t p_count = space.size();
  const std::vector<double> latest = history(member);
  if (static_cast<int64_t>(latest.size()) == kHistory * p_count)
    return sample_covariance(latest, p_count);
  std::vector<double> way = mean;  // no window yet: what moved so far may move as far again
  for (int32_t p = 0; p < p_count; ++p) way[at(p)] -= space.physical(p, space.start(p));
  std::vector<double> squares(at(p_count * p_count));
  for (int64_t i = 0; i < p_count; ++i)
    for (int64_t j = 0; j < p_count; ++j) squares[at(i * p_count + j)] = way[at(i)] * way[at(j)];
  return squares;
}

std::vector<double> Solver::movement(int32_t member) const {
  const int64_t p_count = plan().space.size();
  const std::vector<double> latest = history(member);
  const bool is_full = static_cast<int64_t>(latest.size()) == kHistory * p_count;
  std::vector<double> moved(at(p_count), is_full ? 0 : std::nan(""));
  for (int64_t i = 0; is_full && i < kHistory; ++i)
    for (int64_t p = 0; p < p_count; ++p)
      moved[at(p)] += (i < kHistory / 2 ? -2.0 : 2.0) / kHistory * latest[at(i * p_count + p)];
  return moved;
}

double Solver::drift() const {
  double largest = 0;
  const std::vector<double> moved = movement(kAllMembers);
  for (size_t p = 0; p < moved.size(); ++p) {
    const Parameter& parameter = plan().space.parameters()[p];
    largest = std::max(std::abs(moved[p]) / (parameter.upper - parameter.lower), largest);
  }
  return std::isnan(moved.front()) ? moved.front() : largest;
}

double Solver::drift_sigma(const Estimate& estimate, int32_t member) const {
  double largest = 0;
  const std::vector<double> moved = movement(member);
  for (size_t p = 0; p < moved.size(); ++p) {
    const Parameter& parameter = plan().space.parameters()[p];
    double sigma = std::sqrt(estimate.covariance[p * moved.size() + p]);
    if (!std::isfinite(sigma)) sigma = kUnmeasuredSigma * (parameter.upper - parameter.lower);
    if (sigma > 0) largest = std::max(std::abs(moved[p]) / sigma, largest);
  }
  return std::isnan(moved.front()) ? moved.front() : largest;
}

}  // namespace sagips
