// SPDX-License-Identifier: BSD-3-Clause
// The history is rebuilt as the SAGIPS paper does it (section VI): every checkpoint is loaded into
// a solver, which tells its mean proposal and how long it had trained.

#include "tool/report/report_data.h"

#include "tool/files.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr int64_t kSyntheticPerData = 2;     // so that most of the error in a ratio is the data's
constexpr uint64_t kSyntheticSeed = 0x5a61;  // any that data are not usually made with

std::vector<double> estimate_of(sagips_solver* solver, size_t n_parameters) {
  std::vector<double> mean(n_parameters);
  check(sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, static_cast<int32_t>(n_parameters),
                               mean.data(), nullptr));
  return mean;
}

void gather_history(const std::string& folder, const Closure& closure, ReportData* data) {
  const Options options = make_options(data->settings, folder);
  const Solver solver = make_solver(closure.problem.get(), options.get());
  for (const CheckpointFolder& one : list_checkpoints(checkpoint_folder(folder))) {
    if (sagips_solver_load(solver.get(), one.path.c_str()) != SAGIPS_OK) {
      data->unreadable.push_back(last_error());
      continue;
    }
    const sagips_progress progress = read_progress(solver.get());
    CheckpointState state;
    state.epoch = progress.epoch;
    state.seconds = progress.seconds_training;
    state.estimate = estimate_of(solver.get(), data->settings.truth.size());
    state.residual = residuals_percent(data->settings.truth, state.estimate);
    state.mean_abs_residual = mean_abs(state.residual);
    state.bytes = folder_bytes(one.path);
    data->checkpoints.push_back(state);
  }
}

void gather_comparisons(const Closure& closure, ReportData* data) {
  std::vector<double> estimate;
  for (const ParameterResult& one : data->summary.parameters) estimate.push_back(one.estimate);
  data->synthetic_events = kSyntheticPerData * data->settings.events;
  std::vector<double> weights;
  const std::vector<double> synthetic =
      generate(closure.pipeline, estimate, data->synthetic_events,
               kSyntheticSeed ^ data->settings.data_seed, &weights, nullptr);
  for (size_t i = 0; i < data->spec.observables.size(); ++i) {
    data->comparisons.push_back(compare(data->spec.observables[i], closure.events, synthetic, i,
                                        data->spec.observables.size(), closure.weights, weights));
  }
}

void gather_options(ReportData* data) {
  const Options used = recorded_options(data->settings);
  const Options preset = make_options(data->settings.preset);
  for (const OptionRow& row : option_table()) {
    data->options.push_back(
        {row, option_value(used.get(), row.key), option_value(preset.get(), row.key)});
  }
}

}  // namespace

ReportData gather_report(const std::string& folder, const RunSettings& settings,
                         const Closure& closure, const Summary& summary) {
  ReportData data;
  data.settings = settings;
  data.spec = closure_spec(settings.problem);
  data.summary = summary;
  data.reports = read_metrics(metrics_path(folder), settings.truth.size());
  gather_history(folder, closure, &data);
  gather_comparisons(closure, &data);
  gather_options(&data);
  data.written = utc_now();
  return data;
}

}  // namespace sagips_tool
