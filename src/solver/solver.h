// SPDX-License-Identifier: BSD-3-Clause
// A training: the problem and the options it was made from, the members with their committed
// states, and what one can ask of them, one by one or all together. Not thread-safe, and not to be
// entered again from its own callbacks: src/capi sees to that.
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
#include "solver/ensemble.h"
#include "solver/problem.h"
#include "solver/ticket_clock.h"
#include "solver/tickets.h"

namespace sagips {

/// Estimate of the parameters, and what is known of its error: the sum of four covariances.
struct Estimate {
  std::vector<double> mean;        // (P)
  std::vector<double> covariance;  // (P, P) statistical: of the data's size
  std::vector<double> ensemble;    // (P, P) of the draw of members, or of a member's own data
  std::vector<double> scatter;     // (P, P) of the estimate over the last window
  std::vector<double> synthetic;   // (P, P) of the finite number of synthetic events; one member's

  std::vector<double> training() const;  // (P, P) scatter and synthetic
  std::vector<double> total() const;     // (P, P)
};

/// What generators propose, of one member or of several.
struct Proposals {
  std::vector<double> members;  // (M, P) mean of each member
  std::vector<double> mean;     // (P) eq. 7 of the paper
  std::vector<double> sigma;    // (P) eq. 8: of the members around their mean, with 1/M
  std::vector<double> spread;   // (P) standard deviation of all proposals around the mean
};

/// Covariance of the rows of (M, P), with 1/(M - 1); 0 for a single one.
std::vector<double> sample_covariance(const std::vector<double>& rows, int64_t p_count);

/// Is the fit good, without a truth?
struct Assessment {
  double auc = 0.5;
  double p_value = 1;
  double drift_sigma = 0;
  int64_t n_held_out = 0;
};

/// Other events for all data sets, and how each member goes through them.
struct DataChange {
  std::vector<std::shared_ptr<const EventTable>> tables;
  std::vector<std::shared_ptr<const DataParts>> parts;
  std::vector<std::vector<DataOrder>> orders;  // (M, data sets)
};

class Solver {
 public:
  Solver(Problem problem, Options options);
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  /// Train; see sagips_solver_step().
  void step(int64_t n_epochs);
  // Training by a host that owns the loop: see sagips_solver_ask().

  /// The next rows to be served; nullptr: others have to be told first, or the training is over.
  const sagips_batch* ask();
  void tell(uint64_t ticket, int32_t answer);
  /// An epoch by tickets is under way.
  bool has_tickets() const { return tickets_.is_running(); }
  /// Also those of a checkpoint, whose epoch then begins again.
  const sagips_batch& find_ticket(uint64_t ticket);
  std::vector<uint64_t> outstanding_tickets();
  /// The epoch under way, if there is one, has not happened.
  void abandon_epoch() { tickets_.abandon(); }

  /// Safe from other threads and signal handlers.
  void request_stop() { stop_requested_ = true; }

  sagips_progress progress() const;
  /// Of a member; sizes, names and schedules are the same for all.
  const TrainingPlan& plan(int32_t member = 0) const { return ensemble_[member].plan; }
  const Options& options() const { return options_; }
  const Problem& problem() const { return problem_; }
  const Device& device() const { return *device_; }
  int32_t n_members() const { return ensemble_.size(); }

  // `member` is an index from 0, or kAllMembers.

  /// (n, P), for the same noise whoever is asked; of all members, their mean (eq. 7).
  std::vector<double> predict(int64_t n, int32_t member = kAllMembers);
  Proposals proposals(int32_t member = kAllMembers);
  Estimate estimate(int32_t member = kAllMembers);
  /// (P, P) of the estimate over the last window; before it is full, the square of the way from the
  /// start to `mean`
  std::vector<double> scatter(const std::vector<double>& mean, int32_t member) const;
  /// @param dataset index, or -1 for all
  Assessment assess(int64_t dataset, int32_t member = kAllMembers);
  /// Largest movement of the estimate over the last window, in fractions of the ranges; NaN before.
  double drift() const;

  /// The flat parameters that sagips_solver_get_weights() names.
  std::vector<float>& weights(int32_t network, int64_t dataset, int32_t member = 0);

  /// Train on what data sets of these names have by now; see sagips_solver_update_events().
  void update_events(const Problem& from);

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

  class InTickets;  // tickets, a call of the host
  bool may_begin();
  void begin_tickets();
  void commit_tickets();
  void tell_routes();
  double callback_seconds() const { return ensemble_.callback_seconds_so_far(); }
  void finish_epoch();
  void record_estimates();
  bool report();
  bool has_converged();
  void log(int32_t level, const std::string& text) const;
  int64_t window_epochs() const;
  int64_t epoch() const { return ensemble_[0].state.epoch; }
  int64_t synthetic_events() const;

  // update.cpp
  DataChange plan_change(std::vector<std::shared_ptr<const EventTable>> tables,
                         std::vector<std::shared_ptr<const DataParts>> parts) const;
  void apply(DataChange* change) noexcept;

  // proposals.cpp
  std::vector<double> member_proposals(int32_t member, int64_t n);

  // uncertainty.cpp
  struct Information {
    std::vector<double> events, others;  // (P, P) from the events, and from what is measured beside
    std::vector<double> scatter;         // of the events' pull: those, times w once more
    std::vector<double> synthetic;       // `scatter`, times how much noisier synthetic ones are
  };
  /// Covariances (P, P).
  struct Statistics {
    std::vector<double> covariance;  // of the data's size
    std::vector<double> resampling;  // what a draw of the data with replacement adds
    std::vector<double> synthetic;   // what the synthetic events behind the average add
  };
  void add_event_information(const Member& member, size_t dataset, const std::vector<double>& at,
                             Information* info);
  Statistics statistics(const Member& member, const std::vector<double>& at);

  // estimate.cpp
  /// (<= kHistory, P) latest estimates of a member, or their means over the members.
  std::vector<double> history(int32_t member) const;
  /// Mean of the newer half of the history minus that of the older half (P); NaN while it fills.
  std::vector<double> movement(int32_t member) const;
  double drift_sigma(const Estimate& estimate, int32_t member) const;

  // assess.cpp
  void assess_dataset(const TrainingPlan& plan, size_t dataset, const std::vector<double>& at,
                      Assessment* worst);

  Problem problem_;
  const Options options_;
  Parallel parallel_;
  std::unique_ptr<Device> device_;
  Ensemble ensemble_;
  Tickets tickets_;
  TicketClock ticket_clock_;
  double seconds_training_ = 0;
  double seconds_callback_ = 0;  // of that
  double last_report_seconds_ = 0;
  int64_t last_report_events_ = 0, last_report_rows_ = 0, last_report_failed_ = 0;
  int32_t stop_reason_ = SAGIPS_STOP_NONE;
  bool stops_tickets_ = false;  // the next ask() hands out nothing
  bool is_converged_ = false;
  bool has_told_routes_ = false;
  std::atomic<bool> stop_requested_{false};
  Callback<sagips_progress_fn> progress_fn_;
  Callback<sagips_metrics_fn> metrics_fn_;
  Callback<sagips_log_fn> log_fn_;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_SOLVER_H_
