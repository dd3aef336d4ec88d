// SPDX-License-Identifier: BSD-3-Clause
// `sagips report`: everything is made again from run.json and the checkpoints. The summary of the
// run is used where it belongs to the newest checkpoint; otherwise that checkpoint is asked.

#include "tool/report/report.h"

#include <cstdio>

#include "tool/commands.h"
#include "tool/files.h"
#include "tool/report/page.h"
#include "tool/report/report_data.h"

namespace sagips_tool {
namespace {

Summary summary_of(const std::string& folder, const RunSettings& settings, const Closure& closure,
                   int64_t last_epoch) {
  Summary summary;
  if (read_summary(summary_path(folder), &summary) && summary.epochs == last_epoch) return summary;
  const Options options = make_options(settings, folder);
  const Solver solver = make_solver(closure.problem.get(), options.get());
  check(sagips_solver_load(solver.get(), checkpoint_folder(folder).c_str()));
  std::vector<Report> reports = read_metrics(metrics_path(folder), settings.truth.size());
  while (!reports.empty() && reports.back().epoch > last_epoch) reports.pop_back();
  return summarise(settings, solver.get(), reports);
}

}  // namespace

void write_report(const std::string& folder, const std::string& output, const RunSettings& settings,
                  const Closure& closure, const Summary& summary) {
  write_file(output, page(gather_report(folder, settings, closure, summary)));
}

int report_command(const std::string& folder, const std::string& output) {
  const RunSettings settings = read_settings(folder);
  const auto checkpoints = list_checkpoints(checkpoint_folder(folder));
  if (checkpoints.empty()) {
    throw Failure(folder +
                  " holds no checkpoint yet (a report is made from them); continue with:"
                  " sagips run --resume --out " +
                  folder);
  }
  const Closure closure = build_closure(closure_spec(settings.problem), settings.truth,
                                        settings.events, settings.data_seed);
  const Summary summary = summary_of(folder, settings, closure, checkpoints.back().epoch);
  const std::string path = output.empty() ? report_path(folder) : output;
  write_report(folder, path, settings, closure, summary);
  const std::string text = path + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace sagips_tool
