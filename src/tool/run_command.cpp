// SPDX-License-Identifier: BSD-3-Clause
// `sagips run`: settings -> data -> solver -> training -> summary, table and report. Everything
// that can be refused is refused before the folder of the run is touched.

#include <unistd.h>

#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "tool/closure.h"
#include "tool/commands.h"
#include "tool/files.h"
#include "tool/report/report.h"
#include "tool/result_table.h"
#include "tool/text.h"
#include "tool/training.h"

namespace sagips_tool {
namespace {

void print(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

RunSettings settings_for(const RunArguments& arguments) {
  if (arguments.resume && arguments.overwrite) {
    throw UsageError("--resume and --overwrite exclude each other; choose one");
  }
  RunSettings settings;
  if (arguments.resume) {
    settings = resumed_settings(arguments, read_settings(arguments.out));
  } else if (exists(record_path(arguments.out)) && !arguments.overwrite) {
    throw UsageError(arguments.out +
                     " holds a run already; continue it with --resume, replace it with"
                     " --overwrite, or choose another --out");
  } else {
    settings = new_settings(arguments);
  }
  settings.invocations.push_back({arguments.command, utc_now()});
  return settings;
}

// A run that is killed right after it wrote a checkpoint may leave without the report of that
// epoch. The checkpoint holds all of it but the speed and the fraction of lost events.
void add_lost_report(const RunSettings& settings, sagips_solver* solver,
                     std::vector<Report>* reports) {
  int64_t every = 0;
  parse(option_value(recorded_options(settings).get(), "metrics.every"), &every);
  const sagips_progress progress = read_progress(solver);
  const bool is_due = every > 0 && progress.epoch > 0 && progress.epoch % every == 0;
  if (!is_due || (!reports->empty() && reports->back().epoch == progress.epoch)) return;
  std::vector<double> estimate(settings.truth.size());
  check(sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, static_cast<int32_t>(estimate.size()),
                               estimate.data(), nullptr));
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  reports->push_back(make_report(progress, estimate, settings.truth, unknown, unknown));
}

// What loading has to tell: another build, device or option than the checkpoint's.
void print_log(void*, int32_t level, const char* text) {
  print(stderr, (level == 0 ? "sagips: warning: " : "sagips: ") + std::string(text) + "\n");
}

// Loads the newest checkpoint, and returns the reports up to it. A run that was killed before its
// first checkpoint starts again.
std::vector<Report> continue_from_checkpoint(const std::string& folder, const RunSettings& settings,
                                             sagips_solver* solver) {
  if (list_checkpoints(checkpoint_folder(folder)).empty()) {
    print(stderr, "sagips: " + folder + " holds no checkpoint yet: starting from epoch 0\n");
    return {};
  }
  check(sagips_solver_set_log_callback(solver, print_log, nullptr));
  check(sagips_solver_load(solver, checkpoint_folder(folder).c_str()));
  check(sagips_solver_set_log_callback(solver, nullptr, nullptr));
  const int64_t epoch = read_progress(solver).epoch;
  print(stderr, "sagips: resuming from epoch " + std::to_string(epoch) + "\n");
  std::vector<Report> reports = read_metrics(metrics_path(folder), settings.truth.size());
  while (!reports.empty() && reports.back().epoch > epoch) reports.pop_back();
  add_lost_report(settings, solver, &reports);
  return reports;
}

// The library writes checkpoints at its own pace; the last epoch gets one whatever that is.
void save_last_epoch(const std::string& folder, sagips_solver* solver) {
  const int64_t epoch = read_progress(solver).epoch;
  const auto saved = list_checkpoints(checkpoint_folder(folder));
  if (!saved.empty() && saved.back().epoch == epoch) return;
  check(sagips_solver_save(solver, checkpoint_folder(folder).c_str()));
}

}  // namespace

int run_command(const RunArguments& arguments) {
  const std::string& folder = arguments.out;

  // 1. What to do, and with which data.
  const RunSettings settings = settings_for(arguments);
  const Options options = make_options(settings, folder);
  const Closure closure = build_closure(closure_spec(settings.problem), settings.truth,
                                        settings.events, settings.data_seed);
  const Solver solver = make_solver(closure.problem.get(), options.get());

  // 2. The folder.
  std::vector<Report> earlier;
  if (arguments.resume) {
    earlier = continue_from_checkpoint(folder, settings, solver.get());
  }
  if (arguments.overwrite) remove_run(folder);
  make_folder(folder);
  write_file(record_path(folder), settings_as_json(settings));

  // 3. Training.
  Training training(solver.get(), metrics_path(folder), settings.truth, earlier);
  const Outcome outcome = training.run();
  save_last_epoch(folder, solver.get());
  if (outcome == Outcome::kInterrupted) {
    print(stderr, "sagips: stopped after epoch " +
                      std::to_string(read_progress(solver.get()).epoch) +
                      "; continue with: sagips run --resume --out " + folder + "\n");
    return kExitInterrupted;
  }

  // 4. Results.
  if (isatty(STDERR_FILENO) != 0) print(stderr, "sagips: assessing the result\n");
  Summary summary = summarise(settings, solver.get(), training.reports());
  summary.peak_memory_mb = peak_memory_mb();
  write_file(summary_path(folder), summary_as_json(summary, recorded_options(settings).get()));
  print(stdout, result_table(summary));
  write_report(folder, report_path(folder), settings, closure, summary);
  print(stdout, "files            " + folder +
                    "/{report.html, summary.json, metrics.csv, run.json,"
                    " checkpoints/}\n");
  return 0;
}

}  // namespace sagips_tool
