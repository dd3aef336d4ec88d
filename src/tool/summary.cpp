// SPDX-License-Identifier: BSD-3-Clause
// Estimate, uncertainty, verdict and the Cramer-Rao limit, brought together.

#include "tool/summary.h"

#include <sys/resource.h>

#include <cmath>
#include <limits>

#include "tool/closure.h"
#include "tool/limit.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Verdict assess(sagips_solver* solver) {
  Verdict verdict;
  sagips_assessment found{};
  found.struct_size = sizeof(found);
  if (sagips_solver_assess(solver, SAGIPS_ALL_MEMBERS, nullptr, &found) != SAGIPS_OK) {
    verdict.reason = last_error();
    verdict.auc = verdict.p_value = verdict.drift_sigma = kNan;
    return verdict;
  }
  verdict.known = true;
  verdict.fits = found.fits != 0;
  verdict.converged = found.converged != 0;
  verdict.auc = found.auc;
  verdict.p_value = found.p_value;
  verdict.drift_sigma = found.drift_sigma;
  verdict.n_held_out = found.n_held_out;
  return verdict;
}

// d^T C^-1 d for the deviation d of the estimate from the truth.
double chi2(const Limit& limit, const std::vector<ParameterResult>& parameters) {
  std::vector<double> inverse = limit.covariance;
  const size_t n = parameters.size();
  if (!invert_symmetric(static_cast<int>(n), &inverse)) return kNan;
  double sum = 0.0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      sum += (parameters[i].estimate - parameters[i].truth) * inverse[i * n + j] *
             (parameters[j].estimate - parameters[j].truth);
    }
  }
  return sum;
}

void compare_with_truth(const RunSettings& settings, const std::vector<double>& estimate,
                        Summary* summary) {
  const ClosureSpec& spec = closure_spec(settings.problem);
  const size_t n = spec.parameters.size();
  const Limit limit =
      cramer_rao(settings.problem, settings.truth, settings.events, spec.measures_norms);
  const std::vector<double> residual = residuals_percent(settings.truth, estimate);
  for (size_t i = 0; i < n; ++i) {
    ParameterResult result;
    result.name = spec.parameters[i];
    result.truth = settings.truth[i];
    result.estimate = estimate[i];
    result.uncertainty = std::sqrt(summary->covariance[i * n + i]);
    result.residual_percent = residual[i];
    result.limit_percent = 100.0 * limit.sigma[i] / std::fabs(result.truth);
    result.pull = (result.estimate - result.truth) / limit.sigma[i];
    summary->parameters.push_back(result);
  }
  summary->norm_information = spec.norm_information();
  summary->mean_abs_residual_percent = mean_abs(residual);
  summary->expected_mean_abs_at_limit_percent = expected_mean_abs_percent(limit, settings.truth);
  summary->chi2_at_limit = chi2(limit, summary->parameters);
}

}  // namespace

Summary summarise(const RunSettings& settings, sagips_solver* solver,
                  const std::vector<Report>& reports) {
  Summary summary;
  // 1. What was run.
  summary.problem = settings.problem;
  summary.preset = settings.preset;
  summary.events = settings.events;
  summary.data_seed = settings.data_seed;
  summary.version = sagips_version_string();
  summary.build = sagips_build_info();
  const Options options = recorded_options(settings);
  parse(option_value(options.get(), "seed"), &summary.seed);
  parse(option_value(options.get(), "threads"), &summary.threads);
  summary.gradient_route = read_text([&](char* buffer, size_t size, size_t* needed) {
    return sagips_solver_gradient_route(solver, kDataset, buffer, size, needed);
  });

  // 2. How the training went.
  const sagips_progress progress = read_progress(solver);
  summary.epochs = progress.epoch;
  summary.synthetic_events = progress.synthetic_events;
  summary.rows = progress.rows_run;
  summary.rows_failed = progress.rows_failed;
  summary.rows_resampled = progress.rows_resampled;
  summary.lost_fraction = reports.empty() ? kNan : reports.back().lost_fraction;
  summary.seconds_training = progress.seconds_training;
  summary.seconds_callback = progress.seconds_callback;
  summary.epochs_to_5_percent = epochs_to(5.0, reports);
  summary.epochs_to_2_percent = epochs_to(2.0, reports);

  // 3. What came out.
  int64_t first = 0;
  parse(option_value(options.get(), "ensemble.first"), &first);
  summary.ensemble = describe_ensemble(solver, first, settings.truth, &summary.covariance);
  compare_with_truth(settings, summary.ensemble.mean, &summary);
  summary.verdict = assess(solver);
  summary.peak_memory_mb = kNan;
  return summary;
}

double peak_memory_mb() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return kNan;
  return static_cast<double>(usage.ru_maxrss) / 1024.0;  // Linux counts in KiB
}

}  // namespace sagips_tool
