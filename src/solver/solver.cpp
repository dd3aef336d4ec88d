// SPDX-License-Identifier: BSD-3-Clause
#include "solver/solver.h"

#include <algorithm>
#include <chrono>

#include "core/error.h"
#include "core/float_environment.h"
#include "solver/route_text.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// Call a host's reporting callback in the host's floating-point environment.
template <typename Body>
void call_host(const char* what, const Body& body) {
  try {
    const HostFloats host;
    body();
  } catch (...) {
    fail(SAGIPS_ERROR_EXCEPTION, "an exception left the ", what,
         " callback, which it may not; catch it there. What was committed stands");
  }
}

/// Checked, and its built-in stages on the instruction set that the options ask for.
Problem prepare(Problem problem, const Options& options) {
  problem.seal();
  problem.check();
  const Simd simd = choose_simd(options.text("simd"));
  for (Dataset& dataset : problem.datasets) dataset.pipeline.use_simd(simd);
  return problem;
}

std::unique_ptr<Device> make_device(const Options& options, const Parallel* parallel) {
  const Simd simd = choose_simd(options.text("simd"));
  if (options.text("device") == "reference") return make_reference_device(parallel);
  return make_cpu_device(parallel, simd);
}

/// The first stage that the host serves in training; nullptr: none.
const Stage* external_stage(const Problem& problem) {
  for (const Dataset& dataset : problem.datasets)
    for (const Stage& stage : dataset.pipeline.stages())
      if (stage.is_external) return &stage;
  return nullptr;
}

/// What is looked at outside training needs callbacks.
void check_stop_rule(const Problem& problem, const Options& options) {
  if (options.text("stop.rule") != "converged") return;
  for (const Dataset& dataset : problem.datasets)
    for (const Stage& stage : dataset.pipeline.stages())
      if (stage.forward == nullptr)
        fail(SAGIPS_ERROR_STATE,
             "stop.rule is converged, which needs the covariance of the "
             "estimate, but stage '",
             stage.name,
             "' has no forward callback to tell it by; give it one, or set stop.rule to never");
}

}  // namespace

Solver::Solver(Problem problem, Options options)
    : problem_(prepare(std::move(problem), options)),
      options_(std::move(options)),
      parallel_(static_cast<int32_t>(options_.integer("threads"))),
      device_(make_device(options_, &parallel_)),
      ensemble_(problem_, options_, &parallel_),
      tickets_(&ensemble_, options_.integer("ask.rows"), options_.real("ask.age_limit")) {
  check_stop_rule(problem_, options_);
  if (options_.integer("checkpoint.every") > 0 && options_.text("checkpoint.folder").empty())
    fail(SAGIPS_ERROR_STATE, "checkpoint.every is ", options_.integer("checkpoint.every"),
         ", but checkpoint.folder is empty; name a folder");
}

// ------------------------------------------------------------------------------------------
// training

void Solver::step(int64_t n_epochs) {
  if (const Stage* stage = external_stage(problem_); stage != nullptr)
    fail(SAGIPS_ERROR_STATE, "stage '", stage->name,
         "' is served by the host; train with sagips_solver_ask and sagips_solver_tell");
  const Parallel::Kept kept(parallel_);
  stop_reason_ = SAGIPS_STOP_NONE;
  if (n_epochs > 0) tell_routes();
  if (n_epochs > 0 && stop_requested_.exchange(false)) stop_reason_ = SAGIPS_STOP_REQUESTED;
  for (int64_t i = 0; i < n_epochs && stop_reason_ == SAGIPS_STOP_NONE; ++i) {
    if (epoch() >= plan().epochs) {
      stop_reason_ = SAGIPS_STOP_HORIZON;
      return;
    }
    const auto start = std::chrono::steady_clock::now();
    const double callbacks_before = ensemble_.callback_seconds();
    ensemble_.train(device_.get());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    seconds_training_ += taken.count();
    seconds_callback_ += ensemble_.callback_seconds() - callbacks_before;
    is_converged_ = false;
    finish_epoch();
    if (stop_requested_.exchange(false)) stop_reason_ = SAGIPS_STOP_REQUESTED;
  }
}

// ------------------------------------------------------------------------------ ask and tell

/// Threads and clocks of a call of the host.
class Solver::InTickets {
 public:
  explicit InTickets(Solver* solver) : solver_(solver), kept_(solver->parallel_) {
    solver_->ticket_clock_.enter(solver_->callback_seconds());
  }
  ~InTickets() { solver_->ticket_clock_.leave(solver_->callback_seconds()); }
  InTickets(const InTickets&) = delete;
  InTickets& operator=(const InTickets&) = delete;

 private:
  Solver* solver_;
  const Parallel::Kept kept_;
};

/// False at the end of the training, and once after a request to stop.
bool Solver::may_begin() {
  if (stops_tickets_) {  // the last epoch said so
    stops_tickets_ = false;
    return false;
  }
  stop_reason_ = SAGIPS_STOP_NONE;
  if (stop_requested_.exchange(false)) stop_reason_ = SAGIPS_STOP_REQUESTED;
  if (epoch() >= plan().epochs) stop_reason_ = SAGIPS_STOP_HORIZON;
  return stop_reason_ == SAGIPS_STOP_NONE;
}

const sagips_batch* Solver::ask() {
  if (external_stage(problem_) == nullptr)
    fail(SAGIPS_ERROR_STATE,
         "no stage is served by the host; train with sagips_solver_step, or say so of a stage with "
         "sagips_stage_set_external");
  const InTickets inside(this);
  for (;;) {
    if (!tickets_.is_running()) {
      if (!may_begin()) return nullptr;
      begin_tickets();
    }
    if (!tickets_.is_whole()) return tickets_.ask();
    commit_tickets();  // every member skipped before it came to the host's stage
  }
}

void Solver::begin_tickets() {
  tell_routes();
  ticket_clock_.begin_epoch(callback_seconds());
  tickets_.begin(device_.get());
}

const sagips_batch& Solver::find_ticket(uint64_t ticket) {
  const InTickets inside(this);
  if (tickets_.remembers()) begin_tickets();
  return tickets_.find(ticket);
}

std::vector<uint64_t> Solver::outstanding_tickets() {
  const InTickets inside(this);
  if (tickets_.remembers()) begin_tickets();
  return tickets_.outstanding();
}

void Solver::tell(uint64_t ticket, int32_t answer) {
  const InTickets inside(this);
  if (tickets_.remembers()) begin_tickets();
  tickets_.tell(ticket, answer);
  if (tickets_.is_whole()) commit_tickets();
}

void Solver::commit_tickets() {
  const TicketClock::Seconds taken = ticket_clock_.taken(callback_seconds());
  tickets_.commit();
  seconds_training_ += taken.training;
  seconds_callback_ += taken.callback;
  is_converged_ = false;
  finish_epoch();
  stops_tickets_ = stop_reason_ != SAGIPS_STOP_NONE;
}

void Solver::tell_routes() {
  if (has_told_routes_ || log_fn_.fn == nullptr) return;
  has_told_routes_ = true;
  for (size_t d = 0; d < plan().datasets.size(); ++d) log(1, describe_route(plan(), d));
}

void Solver::finish_epoch() {
  for (int32_t k = 0; k < n_members(); ++k)
    if (const Member& m = ensemble_[k]; !m.skipped.empty())
      log(0, concatenate("epoch ", epoch() - 1,
                         n_members() > 1 ? concatenate(" of member ", m.plan.member) : "",
                         " was skipped: ", m.skipped));
  const int64_t every = (window_epochs() + kHistory - 1) / kHistory;
  if (epoch() % every == 0) record_estimates();
  if (report()) stop_requested_ = true;  // before the checkpoint: nobody resumes without its report
  const int64_t every_checkpoint = options_.integer("checkpoint.every");
  const std::string& folder = options_.text("checkpoint.folder");
  if (every_checkpoint > 0 && epoch() % every_checkpoint == 0 && !folder.empty()) save(folder);
  if (has_converged()) stop_reason_ = SAGIPS_STOP_CONVERGED;
}

int64_t Solver::window_epochs() const {
  const double epochs = options_.real("stop.window") * static_cast<double>(plan().epochs);
  return std::max<int64_t>(kHistory, static_cast<int64_t>(epochs));
}

void Solver::record_estimates() {
  std::vector<std::vector<double>> histories;  // all, then swapped in: lengths are always equal
  for (int32_t k = 0; k < n_members(); ++k) {
    const std::vector<double> mean = proposals(k).mean, &old = ensemble_[k].state.history;
    const bool is_full = old.size() == at(kHistory) * mean.size();
    histories.emplace_back(old.begin() + static_cast<int64_t>(is_full ? mean.size() : 0),
                           old.end());
    histories.back().insert(histories.back().end(), mean.begin(), mean.end());
  }
  for (int32_t k = 0; k < n_members(); ++k) ensemble_[k].state.history.swap(histories[at(k)]);
}

bool Solver::has_converged() {
  if (options_.text("stop.rule") != "converged" || epoch() % window_epochs() != 0) return false;
  const double moved = drift_sigma(estimate(), kAllMembers);
  is_converged_ = moved < options_.real("stop.drift");  // false for NaN
  return is_converged_;
}

// -----------------------------------------------------------------------------------------
// reporting

int64_t Solver::synthetic_events() const {
  int64_t sum = 0;
  for (int32_t k = 0; k < n_members(); ++k) sum += ensemble_[k].state.synthetic_events;
  return sum;
}

sagips_progress Solver::progress() const {
  sagips_progress p{};
  p.struct_size = sizeof(p);
  p.epoch = epoch();
  p.epochs = plan().epochs;
  p.synthetic_events = synthetic_events();
  p.stop_reason = stop_reason_;
  p.converged = is_converged_ ? 1 : 0;
  for (int32_t k = 0; k < n_members(); ++k) {
    const TrainingState& state = ensemble_[k].state;
    p.skipped += state.skipped;
    p.rows_run += state.rows_run;
    p.rows_failed += state.rows_failed;
    p.rows_resampled += state.rows_resampled;
    p.loss_discriminator += state.loss_discriminator / n_members();
    p.loss_generator += state.loss_generator / n_members();
    p.loss_auxiliary += state.loss_auxiliary / n_members();
  }
  p.drift = drift();
  p.seconds_training = seconds_training_;
  p.seconds_callback = seconds_callback_;
  return p;
}

bool Solver::report() {
  const sagips_progress now = progress();
  bool is_asked_to_stop = false;
  if (progress_fn_.fn != nullptr)
    call_host("progress",
              [&] { is_asked_to_stop = progress_fn_.fn(progress_fn_.user, &now) != 0; });
  const int64_t every = options_.integer("metrics.every");
  if (metrics_fn_.fn == nullptr || every == 0 || epoch() % every != 0) return is_asked_to_stop;
  const Proposals found = proposals();
  sagips_metrics metrics{};
  metrics.struct_size = sizeof(metrics);
  metrics.n_members = n_members();
  metrics.n_parameters = plan().space.size();
  metrics.estimate = found.mean.data();
  metrics.spread = found.spread.data();
  metrics.members = found.members.data();
  for (int32_t k = 0; k < n_members(); ++k) {
    metrics.grad_norm += ensemble_[k].state.grad_norm / n_members();
    metrics.lost_fraction += ensemble_[k].state.lost_fraction / n_members();
  }
  metrics.events_per_second = static_cast<double>(now.synthetic_events - last_report_events_) /
                              (seconds_training_ - last_report_seconds_);
  const int64_t rows = now.rows_run - last_report_rows_;
  metrics.failed_fraction = rows == 0 ? 0
                                      : static_cast<double>(now.rows_failed - last_report_failed_) /
                                            static_cast<double>(rows);
  metrics.progress = &now;
  last_report_rows_ = now.rows_run;
  last_report_failed_ = now.rows_failed;
  last_report_events_ = now.synthetic_events;
  last_report_seconds_ = seconds_training_;
  call_host("metrics", [&] { metrics_fn_.fn(metrics_fn_.user, &metrics); });
  return is_asked_to_stop;
}

void Solver::log(int32_t level, const std::string& text) const {
  if (log_fn_.fn != nullptr)
    call_host("log", [&] { log_fn_.fn(log_fn_.user, level, text.c_str()); });
}

std::vector<float>& Solver::weights(int32_t network, int64_t dataset, int32_t member) {
  TrainingState& state = ensemble_[member].state;
  if (network == SAGIPS_GENERATOR) return state.generator.parameters;
  if (network == SAGIPS_GENERATOR_AVERAGE) return state.average;
  return state.discriminators[at(dataset)].parameters;
}

}  // namespace sagips
