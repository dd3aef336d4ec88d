// SPDX-License-Identifier: BSD-3-Clause
// What the solver tells of its members, and their errors.

#include "tool/ensemble.h"

#include <cmath>
#include <limits>

#include "tool/abi.h"
#include "tool/closure.h"

namespace sagips_tool {
namespace {

template <typename Value>
double root_mean_square(const EnsembleResult& result, const Value& value) {
  double sum = 0.0;
  for (const MemberErrors& one : result.errors) sum += value(one) * value(one);
  return std::sqrt(sum / static_cast<double>(result.errors.size()));
}

}  // namespace

std::vector<double> EnsembleResult::member(size_t k) const {
  const auto begin = members.begin() + static_cast<std::ptrdiff_t>(k * mean.size());
  return {begin, begin + static_cast<std::ptrdiff_t>(mean.size())};
}

EnsembleResult describe_ensemble(sagips_solver* solver, int64_t first,
                                 const std::vector<double>& truth,
                                 std::vector<double>* covariance) {
  int32_t n_members = 0;
  check(sagips_solver_shape(solver, nullptr, &n_members, nullptr));
  const size_t p = truth.size(), m = static_cast<size_t>(n_members);
  EnsembleResult result;
  result.first = first;
  result.members.resize(m * p);
  result.mean.resize(p);
  result.sigma.resize(p);
  for (auto* matrix : {&result.member_covariance, &result.statistical, &result.ensemble,
                       &result.training, covariance}) {
    matrix->assign(p * p, 0.0);
  }
  sagips_estimate parts{};
  parts.struct_size = sizeof(parts);
  parts.mean = result.mean.data();
  parts.covariance = covariance->data();
  parts.statistical = result.statistical.data();
  parts.ensemble = result.ensemble.data();
  parts.training = result.training.data();
  parts.member_sigma = result.sigma.data();
  parts.member_covariance = result.member_covariance.data();
  parts.members = result.members.data();
  parts.n_members = static_cast<int32_t>(result.members.size() / p);
  check(
      sagips_solver_describe_estimate(solver, SAGIPS_ALL_MEMBERS, static_cast<int32_t>(p), &parts));
  for (size_t i = 0; i < p; ++i) {
    result.unbiased.push_back(std::sqrt(result.member_covariance[i * p + i]));
  }
  compare_members(truth, &result);
  return result;
}

void compare_members(const std::vector<double>& truth, EnsembleResult* result) {
  const std::vector<double> of_mean = residuals_percent(truth, result->mean);
  result->errors.assign(truth.size(), {});
  for (size_t k = 0; k < result->size(); ++k) {
    const std::vector<double> residual = residuals_percent(truth, result->member(k));
    for (size_t i = 0; i < truth.size(); ++i) {
      result->errors[i].rmse_percent +=
          residual[i] * residual[i] / static_cast<double>(result->size());
    }
  }
  for (size_t i = 0; i < truth.size(); ++i) {
    MemberErrors& one = result->errors[i];
    one.residual_percent = of_mean[i];
    one.spread_percent = 100.0 * result->sigma[i] / std::fabs(truth[i]);
    one.rmse_percent = std::sqrt(one.rmse_percent);
  }
}

std::vector<double> correlation_of(const std::vector<double>& covariance, size_t n) {
  std::vector<double> correlation(n * n, std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double scale = std::sqrt(covariance[i * n + i] * covariance[j * n + j]);
      if (scale > 0 && std::isfinite(scale)) {
        correlation[i * n + j] = covariance[i * n + j] / scale;
      }
    }
  }
  return correlation;
}

double rms_spread(const EnsembleResult& result) {
  return root_mean_square(result, [](const MemberErrors& one) { return one.spread_percent; });
}

double rms_error(const EnsembleResult& result) {
  return root_mean_square(result, [](const MemberErrors& one) { return one.rmse_percent; });
}

}  // namespace sagips_tool
