// SPDX-License-Identifier: BSD-3-Clause
// A training: the problem and the options it was made from, the committed state, and what one can
// ask of it. Not thread-safe, and not to be entered again from its own callbacks: src/capi sees to
// that.
#ifndef SAGIPS_SOLVER_SOLVER_H_
#define SAGIPS_SOLVER_SOLVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/options.h"
#include "core/parallel.h"
#include "device/device.h"
#include "solver/epoch.h"
#include "solver/problem.h"
#include "solver/training_plan.h"
#include "solver/training_state.h"

namespace sagips {

/// Estimate of the parameters, and what the data let one know of it.
struct Estimate {
  std::vector<double> mean;        // (P)
  std::vector<double> covariance;  // (P, P) statistical
  std::vector<double> scatter;     // (P, P) of the estimate over the last window
};

/// Is the fit good, without a truth?
struct Assessment {
  double auc = 0.5;
  double p_value = 1;
  double drift_sigma = 0;
  int64_t n_held_out = 0;
};

class Solver {
 public:
  Solver(Problem problem, Options options);
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  /// Train; see sagips_solver_step().
  void step(int64_t n_epochs);
  /// Safe from other threads and signal handlers.
  void request_stop() { stop_requested_ = true; }

  sagips_progress progress() const;
  const TrainingPlan& plan() const { return plan_; }
  const Options& options() const { return options_; }
  const Problem& problem() const { return problem_; }
  const Device& device() const { return *device_; }

  std::vector<double> predict(int64_t n);
  std::vector<double> mean_proposal(std::vector<double>* spread);
  Estimate estimate();
  /// @param dataset index, or -1 for all
  Assessment assess(int64_t dataset);
  /// Largest movement of the estimate over the last window, in fractions of the ranges; NaN before.
  double drift() const;

  /// The flat parameters that sagips_solver_get_weights() names.
  std::vector<float>& weights(int32_t network, int64_t dataset);

  void save(const std::string& folder);
  void load(const std::string& folder);

  void set_progress_callback(sagips_progress_fn fn, void* user) { progress_fn_ = {fn, user}; }
  void set_metrics_callback(sagips_metrics_fn fn, void* user) { metrics_fn_ = {fn, user}; }
  void set_log_callback(sagips_log_fn fn, void* user) { log_fn_ = {fn, user}; }
  void use_host_threads(sagips_parallel_fn fn, void* host) { parallel_.use_host(fn, host); }

 private:
  template <typename Fn>
  struct Callback {
    Fn fn = nullptr;
    void* user = nullptr;
  };

  void run_epoch();
  void skip_epoch(const std::string& why);
  void finish_epoch();
  void record_estimate();
  bool report();
  bool has_converged();
  /// Mean of the newer half of the history minus that of the older half (P); NaN while it fills.
  std::vector<double> movement() const;
  double drift_sigma(const Estimate& estimate) const;
  void log(int32_t level, const std::string& text) const;
  int64_t window_epochs() const;

  // uncertainty.cpp
  void add_event_information(size_t dataset, const std::vector<double>& at,
                             std::vector<double>* info);
  std::vector<double> statistical_covariance(const std::vector<double>& at);
  // assess.cpp
  void assess_dataset(size_t dataset, const std::vector<double>& at, Assessment* worst);

  const Problem problem_;
  const Options options_;
  Parallel parallel_;
  std::unique_ptr<Device> device_;
  const TrainingPlan plan_;
  Workspace workspace_;
  TrainingState state_, next_;
  double seconds_training_ = 0;
  double seconds_callback_ = 0;  // of that
  double last_report_seconds_ = 0;
  int64_t last_report_events_ = 0;
  int32_t stop_reason_ = SAGIPS_STOP_NONE;
  bool is_converged_ = false;
  std::atomic<bool> stop_requested_{false};
  Callback<sagips_progress_fn> progress_fn_;
  Callback<sagips_metrics_fn> metrics_fn_;
  Callback<sagips_log_fn> log_fn_;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_SOLVER_H_
