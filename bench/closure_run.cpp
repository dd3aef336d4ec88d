// SPDX-License-Identifier: BSD-3-Clause
// Everything goes through the C ABI and the closure problems of the command, so that what is
// measured is what a user gets.

#include "closure_run.h"

#include <cmath>
#include <numeric>

#include "statistics.h"
#include "tool/metrics_file.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;
using sagips_tool::ClosureSpec;

Vector middle_of_box(const ClosureSpec& spec) {
  Vector middle;
  for (size_t j = 0; j < spec.lower.size(); ++j) {
    middle.push_back(0.5 * (spec.lower[j] + spec.upper[j]));
  }
  return middle;
}

Fit fit_data_set(const DataSet& data) {
  const Vector start = middle_of_box(*data.spec);
  const double* events = data.closure.events.data();
  if (!data.spec->measures_norms) return fit_kuma6(events, data.n_events, start.data());
  const Vector& targets = data.closure.norm_targets;
  const double root = std::sqrt(static_cast<double>(data.n_events));
  const double widths[2] = {targets[0] / root, targets[1] / root};  // as the solver is told
  return fit_proxy1d(events, data.n_events, targets.data(), widths, start.data());
}

struct Reports {
  const Vector* truth;  // (P) in the solver's order
  std::vector<sagips_tool::Report> rows;
};

void on_metrics(void* user, const sagips_metrics* metrics) {
  auto* reports = static_cast<Reports*>(user);
  const Vector estimate(metrics->estimate, metrics->estimate + metrics->n_parameters);
  sagips_tool::Report row;
  row.epoch = metrics->progress->epoch;
  row.mean_abs_residual =
      sagips_tool::mean_abs(sagips_tool::residuals_percent(*reports->truth, estimate));
  reports->rows.push_back(row);
}

Vector into_order(const std::vector<int32_t>& order, const Vector& values) {
  Vector out;
  for (const int32_t j : order) out.push_back(values[static_cast<size_t>(j)]);
  return out;
}

Vector out_of_order(const std::vector<int32_t>& order, const Vector& values) {
  Vector out(values.size());
  for (size_t j = 0; j < values.size(); ++j) out[static_cast<size_t>(order[j])] = values[j];
  return out;
}

void read_estimate(const DataSet& data, sagips_solver* solver, Uncertainty uncertainty, Run* run) {
  const size_t n = data.truth.size();
  const auto n_parameters = static_cast<int32_t>(n);
  Vector mean(n), covariance(n * n), sigma(n);
  if (uncertainty == Uncertainty::kLeftOut) {
    check(sagips_solver_estimate(solver, 0, n_parameters, mean.data(), nullptr));
  } else {
    const Stopwatch watch;
    check(sagips_solver_estimate(solver, 0, n_parameters, mean.data(), covariance.data()));
    run->seconds_uncertainty = watch.wall();
    for (size_t j = 0; j < n; ++j) sigma[j] = std::sqrt(covariance[j * n + j]);
    run->uncertainty = out_of_order(data.order, sigma);
  }
  run->estimate = out_of_order(data.order, mean);
}

}  // namespace

DataSet make_data_set(const std::string& problem, const Vector& truth, int64_t n_events,
                      uint64_t seed) {
  DataSet data;
  data.spec = &sagips_tool::closure_spec(problem);
  data.truth = truth;
  data.order.resize(truth.size());
  std::iota(data.order.begin(), data.order.end(), 0);
  data.n_events = n_events;
  data.seed = seed;
  data.closure = sagips_tool::build_closure(*data.spec, truth, n_events, seed);
  data.fit = fit_data_set(data);
  data.limit = sagips_tool::cramer_rao(problem, truth, n_events, data.spec->measures_norms);
  data.information = data.limit.covariance;
  if (!sagips_tool::invert_symmetric(static_cast<int>(truth.size()), &data.information)) {
    throw sagips_tool::Failure("no limit of " + problem + " is known at this truth");
  }
  return data;
}

void permute(const std::vector<int32_t>& order, DataSet* data) {
  const ClosureSpec& spec = *data->spec;
  sagips_tool::Closure& closure = data->closure;
  data->order = order;
  // 1. A pipeline that picks the built-in's parameter k from where the problem has it.
  std::string columns;
  for (size_t k = 0; k < order.size(); ++k) {
    for (size_t j = 0; j < order.size(); ++j) {
      if (order[j] == static_cast<int32_t>(k)) columns += (k > 0 ? "," : "") + std::to_string(j);
    }
  }
  sagips_pipeline* pipeline = nullptr;
  check(sagips_pipeline_create(&pipeline));
  closure.pipeline.reset(pipeline);
  check(
      sagips_pipeline_add_builtin(pipeline, spec.name.c_str(), ("parameters=" + columns).c_str()));

  // 2. The problem, with the same events and norms.
  sagips_problem* problem = nullptr;
  check(sagips_problem_create(&problem));
  closure.problem.reset(problem);
  for (const int32_t j : order) {
    const auto at = static_cast<size_t>(j);
    check(sagips_problem_add_parameter(problem, spec.parameters[at].c_str(), spec.lower[at],
                                       spec.upper[at]));
  }
  check(sagips_problem_add_dataset(problem, sagips_tool::kDataset, pipeline));
  check(sagips_problem_borrow_events(problem, sagips_tool::kDataset, closure.events.data(), nullptr,
                                     data->n_events, closure.n_observables, 0, nullptr, nullptr));
  const double root = std::sqrt(static_cast<double>(data->n_events));
  for (size_t k = 0; k < closure.norm_targets.size(); ++k) {
    const double target = closure.norm_targets[k];
    check(sagips_problem_set_auxiliary(problem, sagips_tool::kDataset, static_cast<int32_t>(k),
                                       target, target / root, SAGIPS_GAUSSIAN));
  }
}

Vector in_sigmas(const DataSet& data, const Vector& a, const Vector& b) {
  Vector out;
  for (size_t j = 0; j < a.size(); ++j) out.push_back((a[j] - b[j]) / data.limit.sigma[j]);
  return out;
}

double chi2(const DataSet& data, const Vector& a, const Vector& b) {
  const size_t n = a.size();
  double sum = 0;
  for (size_t j = 0; j < n; ++j) {
    for (size_t k = 0; k < n; ++k) {
      sum += (a[j] - b[j]) * data.information[j * n + k] * (a[k] - b[k]);
    }
  }
  return sum;
}

double mean_abs_percent(const DataSet& data, const Vector& a) {
  return sagips_tool::mean_abs(sagips_tool::residuals_percent(data.truth, a));
}

sagips_tool::Options fast_options(const std::vector<Setting>& settings) {
  sagips_tool::Options options = sagips_tool::make_options("fast");
  for (const Setting& one : settings) {
    check(sagips_options_set(options.get(), one.key.c_str(), one.value.c_str()));
  }
  return options;
}

std::string fast_value(const std::string& key) {
  return sagips_tool::option_value(fast_options({}).get(), key);
}

Run train(const DataSet& data, const std::vector<Setting>& settings, uint64_t seed,
          Uncertainty uncertainty) {
  Run run;
  sagips_tool::Options options = fast_options(settings);
  check(sagips_options_set_integer(options.get(), "seed", static_cast<int64_t>(seed)));
  const Stopwatch creation;
  const sagips_tool::Solver solver =
      sagips_tool::make_solver(data.closure.problem.get(), options.get());
  run.seconds_create = creation.wall();

  const Vector truth = into_order(data.order, data.truth);
  Reports reports{&truth, {}};
  check(sagips_solver_set_metrics_callback(solver.get(), on_metrics, &reports));
  sagips_progress progress = sagips_tool::read_progress(solver.get());
  const Stopwatch training;
  const sagips_status status = sagips_solver_step(solver.get(), progress.epochs, &progress);
  run.seconds_training = training.wall();
  run.seconds_cpu = creation.cpu();
  if (status != SAGIPS_OK) {
    run.failure = sagips_tool::last_error();
    return run;
  }
  run.epochs = progress.epoch;
  run.synthetic_events = progress.synthetic_events;
  run.epochs_to_5 = sagips_tool::epochs_to(5.0, reports.rows);
  run.epochs_to_2 = sagips_tool::epochs_to(2.0, reports.rows);
  read_estimate(data, solver.get(), uncertainty, &run);
  return run;
}

Json run_as_json(const DataSet& data, const Run& run) {
  const Vector& fit = data.fit.estimate;
  Json json;
  json["data_seed"] = data.seed;
  json["truth"] = data.truth;
  json["fit"] = fit;
  json["fit_converged"] = data.fit.converged;
  json["fit_seconds"] = data.fit.seconds;
  json["fit_pull"] = in_sigmas(data, fit, data.truth);
  json["fit_chi2"] = chi2(data, fit, data.truth);
  if (!run.failure.empty()) {
    json["failure"] = run.failure;
    return json;
  }
  json["estimate"] = run.estimate;
  if (!run.uncertainty.empty()) json["uncertainty"] = run.uncertainty;
  json["e"] = in_sigmas(data, run.estimate, fit);
  json["pull"] = in_sigmas(data, run.estimate, data.truth);
  json["chi2"] = chi2(data, run.estimate, data.truth);
  json["chi2_to_fit"] = chi2(data, run.estimate, fit);
  json["epochs"] = run.epochs;
  json["synthetic_events"] = run.synthetic_events;
  json["epochs_to_5_percent"] = run.epochs_to_5 < 0 ? Json() : Json(run.epochs_to_5);
  json["epochs_to_2_percent"] = run.epochs_to_2 < 0 ? Json() : Json(run.epochs_to_2);
  json["seconds_create"] = run.seconds_create;
  json["seconds_training"] = run.seconds_training;
  json["seconds_cpu"] = run.seconds_cpu;
  return json;
}

}  // namespace sagips_bench
