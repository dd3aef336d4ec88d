// SPDX-License-Identifier: BSD-3-Clause
// Callbacks of the solver, and the one long step.

#include "tool/training.h"

#include <unistd.h>

#include <exception>
#include <limits>

#include "tool/abi.h"
#include "tool/stop_signal.h"

namespace sagips_tool {

Training::Training(sagips_solver* solver, const std::string& metrics_path,
                   const std::vector<double>& truth, const std::vector<Report>& earlier)
    : solver_(solver),
      truth_(truth),
      reports_(earlier),
      file_(metrics_path, truth.size(), earlier),
      line_(isatty(STDERR_FILENO) != 0, read_progress(solver)) {}

int32_t Training::on_progress(void* self, const sagips_progress* progress) {
  auto* training = static_cast<Training*>(self);
  try {
    training->line_.update(*progress, training->last_residual());
  } catch (const std::exception& error) {
    training->failure_ = error.what();
  }
  return training->failure_.empty() ? 0 : 1;
}

void Training::on_metrics(void* self, const sagips_metrics* metrics) {
  auto* training = static_cast<Training*>(self);
  try {
    const std::vector<double> estimate(metrics->estimate,
                                       metrics->estimate + metrics->n_parameters);
    const Report report = make_report(*metrics->progress, estimate, training->truth_,
                                      metrics->events_per_second, metrics->lost_fraction);
    training->file_.append(report);
    training->reports_.push_back(report);
  } catch (const std::exception& error) {
    training->failure_ = error.what();
  }
}

void Training::on_log(void* self, int32_t level, const char* text) {
  auto* training = static_cast<Training*>(self);
  try {
    training->line_.message((level == 0 ? "sagips: warning: " : "sagips: ") + std::string(text));
  } catch (const std::exception& error) {
    training->failure_ = error.what();
  }
}

double Training::last_residual() const {
  return reports_.empty() ? std::numeric_limits<double>::quiet_NaN()
                          : reports_.back().mean_abs_residual;
}

Outcome Training::run() {
  sagips_progress progress = read_progress(solver_);
  if (progress.epoch >= progress.epochs) return Outcome::kFinished;
  check(sagips_solver_set_log_callback(solver_, on_log, this));
  check(sagips_solver_set_metrics_callback(solver_, on_metrics, this));
  check(sagips_solver_set_progress_callback(solver_, on_progress, this));

  sagips_status status = SAGIPS_OK;
  {
    const StopSignal stop_signal(solver_);
    status = sagips_solver_step(solver_, progress.epochs - progress.epoch, &progress);
  }
  const std::string sentence = status == SAGIPS_OK ? "" : last_error();
  line_.finish(progress, last_residual());

  check(sagips_solver_set_progress_callback(solver_, nullptr, nullptr));
  check(sagips_solver_set_metrics_callback(solver_, nullptr, nullptr));
  check(sagips_solver_set_log_callback(solver_, nullptr, nullptr));
  if (!failure_.empty()) throw Failure(failure_);
  if (status != SAGIPS_OK) throw Failure(sentence);
  const bool unfinished = progress.epoch < progress.epochs;
  return unfinished && StopSignal::arrived() ? Outcome::kInterrupted : Outcome::kFinished;
}

}  // namespace sagips_tool
