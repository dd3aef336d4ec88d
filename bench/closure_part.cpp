// SPDX-License-Identifier: BSD-3-Clause
// Part 1. A residual mixes the solver's own error with the fluctuation of the data, which no method
// can undo. The maximum-likelihood fit of the same events has the same fluctuation, so
//
//   e_j = (estimate - fit)_j / sigma_j,    sigma the Cramer-Rao limit at the truth,
//
// is the solver's error alone; an rms of e adds to 1 in quadrature. Fit and estimate are also
// judged by the truth, side by side, with chi2 = r^T C^-1 r, which sees the correlations (up to
// 0.99).

#include <cmath>
#include <cstdio>

#include "parts.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::fixed;

constexpr int kDataSets = 20;
constexpr double kAllowedTimesLimit = 1.7;  // mean |residual| over its expectation at the limit

// One column of numbers a data set, over those whose training came to its end.
struct Columns {
  std::vector<Vector> e, pull, fit_pull, own_pull, own_over_limit;
  Vector chi2, fit_chi2, chi2_to_fit;
  Vector percent, fit_percent;  // mean |residual|
  Vector seconds, cpu_seconds, training_seconds, uncertainty_seconds, fit_seconds;
  Vector epochs_to_5, epochs_to_2;  // of those that got there
  Vector limit_percent;             // (P)
  double expected_percent = 0;
  int failures = 0, fits_not_converged = 0;
};

void add(const DataSet& data, const Run& run, Columns* c) {
  const Vector& fit = data.fit.estimate;
  c->expected_percent = sagips_tool::expected_mean_abs_percent(data.limit, data.truth);
  c->limit_percent.clear();
  for (size_t j = 0; j < data.truth.size(); ++j) {
    c->limit_percent.push_back(100 * data.limit.sigma[j] / std::fabs(data.truth[j]));
  }
  c->fit_pull.push_back(in_sigmas(data, fit, data.truth));
  c->fit_chi2.push_back(chi2(data, fit, data.truth));
  c->fit_percent.push_back(mean_abs_percent(data, fit));
  c->fit_seconds.push_back(data.fit.seconds);
  c->fits_not_converged += data.fit.converged ? 0 : 1;
  if (!run.failure.empty()) {
    ++c->failures;
    return;
  }
  c->e.push_back(in_sigmas(data, run.estimate, fit));
  c->pull.push_back(in_sigmas(data, run.estimate, data.truth));
  Vector own_pull, ratio;
  for (size_t j = 0; j < data.truth.size(); ++j) {
    own_pull.push_back((run.estimate[j] - data.truth[j]) / run.uncertainty[j]);
    ratio.push_back(run.uncertainty[j] / data.limit.sigma[j]);
  }
  c->own_pull.push_back(own_pull);
  c->own_over_limit.push_back(ratio);
  c->chi2.push_back(chi2(data, run.estimate, data.truth));
  c->chi2_to_fit.push_back(chi2(data, run.estimate, fit));
  c->percent.push_back(mean_abs_percent(data, run.estimate));
  c->seconds.push_back(run.seconds());
  c->training_seconds.push_back(run.seconds_training);
  c->cpu_seconds.push_back(run.seconds_cpu);
  c->uncertainty_seconds.push_back(run.seconds_uncertainty);
  if (run.epochs_to_5 >= 0) c->epochs_to_5.push_back(static_cast<double>(run.epochs_to_5));
  if (run.epochs_to_2 >= 0) c->epochs_to_2.push_back(static_cast<double>(run.epochs_to_2));
}

int count_within(double bound, const Vector& values) {
  int n = 0;
  for (const double value : values) n += value <= bound ? 1 : 0;
  return n;
}

Json as_json(const Columns& c) {
  const double allowed = kAllowedTimesLimit * c.expected_percent;
  const Vector own = flat(c.own_pull);
  Json json;
  json["failures"] = c.failures;
  json["fits_not_converged"] = c.fits_not_converged;
  json["limit_percent"] = c.limit_percent;
  json["rms_e"] = rms_by_column(c.e);
  json["mean_e"] = mean_by_column(c.e);
  json["rms_e_all"] = rms(flat(c.e));
  json["rms_pull"] = rms_by_column(c.pull);
  json["rms_pull_fit"] = rms_by_column(c.fit_pull);
  json["rms_pull_own_uncertainty"] = rms_by_column(c.own_pull);
  json["own_uncertainty_over_limit"] = rms_by_column(c.own_over_limit);
  json["own_uncertainty_within_1_sigma"] = fraction_within(1, own);
  json["own_uncertainty_within_2_sigma"] = fraction_within(2, own);
  json["chi2_mean"] = mean(c.chi2);
  json["chi2_median"] = median(c.chi2);
  json["chi2_fit_mean"] = mean(c.fit_chi2);
  json["chi2_fit_median"] = median(c.fit_chi2);
  json["chi2_to_fit_mean"] = mean(c.chi2_to_fit);
  json["chi2_to_fit_median"] = median(c.chi2_to_fit);
  json["expected_mean_abs_percent"] = c.expected_percent;
  json["mean_abs_percent_mean"] = mean(c.percent);
  json["mean_abs_percent_fit_mean"] = mean(c.fit_percent);
  json["allowed_times_limit"] = kAllowedTimesLimit;
  json["data_sets_within_allowed"] = count_within(allowed, c.percent);
  json["data_sets_within_allowed_fit"] = count_within(allowed, c.fit_percent);
  json["data_sets_below_2_percent_fit"] = count_within(2, c.fit_percent);
  json["median_seconds"] = median(c.seconds);
  json["median_seconds_training"] = median(c.training_seconds);
  json["median_seconds_cpu"] = median(c.cpu_seconds);
  json["median_seconds_uncertainty"] = median(c.uncertainty_seconds);
  json["median_seconds_fit"] = median(c.fit_seconds);
  json["median_epochs_to_5_percent"] = median(c.epochs_to_5);
  json["reached_5_percent"] = c.epochs_to_5.size();
  json["median_epochs_to_2_percent"] = median(c.epochs_to_2);
  json["reached_2_percent"] = c.epochs_to_2.size();
  return json;
}

void print(const sagips_tool::ClosureSpec& spec, const Columns& c) {
  std::vector<std::string> head = {spec.name};
  head.insert(head.end(), spec.parameters.begin(), spec.parameters.end());
  head.push_back("all");
  const auto row = [](const char* name, const std::vector<Vector>& values) {
    Vector numbers = rms_by_column(values);
    numbers.push_back(rms(flat(values)));
    return table_row(name, numbers, 2);
  };
  std::vector<std::string> limit = table_row("limit, % of the truth", c.limit_percent, 3);
  limit.push_back("");
  std::vector<std::string> bias = table_row("mean e", mean_by_column(c.e), 2);
  bias.push_back("");
  std::printf("%s", sagips_tool::aligned({head, limit, row("rms e = (estimate - fit)/limit", c.e),
                                          bias, row("rms (estimate - truth)/limit", c.pull),
                                          row("rms (fit - truth)/limit", c.fit_pull),
                                          row("rms (estimate - truth)/own uncertainty", c.own_pull),
                                          row("own uncertainty/limit", c.own_over_limit)},
                                         "lrrrrrrr")
                        .c_str());
  const size_t n = c.percent.size();
  const double allowed = kAllowedTimesLimit * c.expected_percent;
  const Vector own = flat(c.own_pull);
  std::printf(
      "  chi2 by the truth, mean (median): estimate %.1f (%.1f), fit %.1f (%.1f), 6 expected "
      "at the limit; estimate by the fit %.1f (%.1f)\n",
      mean(c.chi2), median(c.chi2), mean(c.fit_chi2), median(c.fit_chi2), mean(c.chi2_to_fit),
      median(c.chi2_to_fit));
  std::printf(
      "  mean |residual|: estimate %.3f %%, fit %.3f %%, %.3f %% expected at the limit; at "
      "most %.1f times that on %d of %zu (fit: %d)\n",
      mean(c.percent), mean(c.fit_percent), c.expected_percent, kAllowedTimesLimit,
      count_within(allowed, c.percent), n, count_within(allowed, c.fit_percent));
  std::printf(
      "  the truth is within 1 own uncertainty in %.0f %% of all parameters (68 expected), "
      "within 2 in %.0f %% (95)\n",
      100 * fraction_within(1, own), 100 * fraction_within(2, own));
  std::printf(
      "  epochs to a mean |residual| that stays below 5 %%: median %.0f, %zu of %zu got "
      "there; 2 %%: %.0f, %zu of %zu (the fit itself: %d)\n",
      median(c.epochs_to_5), c.epochs_to_5.size(), n, median(c.epochs_to_2), c.epochs_to_2.size(),
      n, count_within(2, c.fit_percent));
  std::printf(
      "  median seconds: %.2f (of processor time %.2f; epochs alone %.2f), uncertainty %.2f "
      "more; maximum-likelihood fit %.2f\n",
      median(c.seconds), median(c.cpu_seconds), median(c.training_seconds),
      median(c.uncertainty_seconds), median(c.fit_seconds));
  if (c.failures > 0) std::printf("  TRAININGS THAT FAILED, not in the numbers: %d\n", c.failures);
  if (c.fits_not_converged > 0) {
    std::printf("  FITS THAT DID NOT CONVERGE, in the numbers: %d\n", c.fits_not_converged);
  }
  std::printf("\n");
}

}  // namespace

Json closure_part(const PartSettings& settings) {
  const int n_sets = settings.data_sets(kDataSets);
  std::printf(
      "== Closure: preset fast, %s events, data seeds %lld to %lld, training seed = data seed\n"
      "   (an rms over %d data sets is known to %.0f %%)\n\n",
      sagips_tool::grouped(settings.n_events, ",").c_str(),
      static_cast<long long>(settings.first_seed),
      static_cast<long long>(settings.first_seed + n_sets - 1), n_sets,
      100 / std::sqrt(2.0 * n_sets));
  Json json = {{"n_events", settings.n_events},
               {"n_data_sets", n_sets},
               {"first_seed", settings.first_seed}};
  for (const std::string& problem : sagips_tool::closure_names()) {
    const sagips_tool::ClosureSpec& spec = sagips_tool::closure_spec(problem);
    Columns columns;
    Json runs = Json::array();
    for (int set = 0; set < n_sets; ++set) {
      const auto seed = static_cast<uint64_t>(settings.first_seed + set);
      show_progress("closure " + problem + " " + std::to_string(seed));
      const DataSet data = make_data_set(problem, spec.truth, settings.n_events, seed);
      const Run run = train(data, {}, seed, Uncertainty::kIncluded);
      add(data, run, &columns);
      runs.push_back(run_as_json(data, run));
    }
    show_progress("");
    print(spec, columns);
    json[problem] = as_json(columns);
    json[problem]["norm_information"] = spec.norm_information();
    json[problem]["runs"] = std::move(runs);
  }
  return json;
}

}  // namespace sagips_bench
