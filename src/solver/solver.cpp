// SPDX-License-Identifier: BSD-3-Clause
#include "solver/solver.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/error.h"
#include "core/float_environment.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kPredictionRows = 256;  // a noisy generator's mean is taken over these
constexpr double kUnmeasuredSigma =
    0.01;                               // of a range: drift of what nothing measures counts in it
constexpr int64_t kSkipsForgiven = 10;  // before the fraction of skipped epochs counts

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

std::unique_ptr<Device> make_device(const Options& options, const Parallel* parallel) {
  const Simd simd = choose_simd(options.text("simd"));
  if (options.text("device") == "reference") return make_reference_device(parallel);
  return make_cpu_device(parallel, simd);
}

}  // namespace

Solver::Solver(Problem problem, Options options)
    : problem_((problem.check(), std::move(problem))),
      options_(std::move(options)),
      parallel_(static_cast<int32_t>(options_.integer("threads"))),
      device_(make_device(options_, &parallel_)),
      plan_(problem_, options_),
      workspace_(plan_),
      state_(initial_state(plan_)),
      next_(state_) {
  if (options_.integer("checkpoint.every") > 0 && options_.text("checkpoint.folder").empty())
    fail(SAGIPS_ERROR_STATE, "checkpoint.every is ", options_.integer("checkpoint.every"),
         ", but checkpoint.folder is empty; name a folder");
}

// ------------------------------------------------------------------------------------------
// training

void Solver::step(int64_t n_epochs) {
  stop_reason_ = SAGIPS_STOP_NONE;
  if (n_epochs > 0 && stop_requested_.exchange(false)) stop_reason_ = SAGIPS_STOP_REQUESTED;
  for (int64_t i = 0; i < n_epochs && stop_reason_ == SAGIPS_STOP_NONE; ++i) {
    if (state_.epoch >= plan_.epochs) {
      stop_reason_ = SAGIPS_STOP_HORIZON;
      return;
    }
    const auto start = std::chrono::steady_clock::now();
    const double callbacks_before = workspace_.meter.seconds;
    std::string skipped;
    try {
      next_ = state_;  // the epoch writes here: a failure leaves state_ as it is
      run_epoch();
    } catch (const SkipEpoch& skip) {
      skipped = skip.text;
      skip_epoch(skipped);
    }
    std::swap(state_, next_);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    seconds_training_ += taken.count();
    seconds_callback_ += workspace_.meter.seconds - callbacks_before;
    is_converged_ = false;
    if (!skipped.empty())
      log(0, concatenate("epoch ", state_.epoch - 1, " was skipped: ", skipped));
    finish_epoch();
    if (stop_requested_.exchange(false)) stop_reason_ = SAGIPS_STOP_REQUESTED;
  }
}

void Solver::run_epoch() {
  Epoch epoch(plan_, device_.get(), &workspace_, &next_);
  while (PipelineRequest* request = epoch.next_request()) {
    request->serve();
    epoch.accept();
  }
  const double share = plan_.average.share(state_.epoch, state_.averaged);
  if (state_.epoch >= plan_.average.tail_start) ++next_.averaged;
  for (size_t i = 0; i < next_.average.size(); ++i) {
    const double old = next_.average[i], now = next_.generator.parameters[i];
    next_.average[i] =
        share == 1 ? next_.generator.parameters[i] : static_cast<float>(old + share * (now - old));
  }
}

void Solver::skip_epoch(const std::string& why) {
  next_ = state_;
  ++next_.epoch;
  ++next_.skipped;
  const double limit = options_.real("skip.limit");
  const double allowed = std::max(limit * static_cast<double>(next_.epoch),
                                  limit > 0 ? static_cast<double>(kSkipsForgiven) : 0.0);
  if (static_cast<double>(next_.skipped) > allowed)
    fail(SAGIPS_ERROR_SKIPPED, next_.skipped, " of ", next_.epoch,
         " epochs were skipped (more than ", "skip.limit = ", limit, "), the last because ", why,
         "; mend the model or raise skip.limit");
}

void Solver::finish_epoch() {
  const int64_t every = (window_epochs() + kHistory - 1) / kHistory;
  if (state_.epoch % every == 0) record_estimate();
  if (report()) stop_requested_ = true;  // before the checkpoint: nobody resumes without its report
  const int64_t every_checkpoint = options_.integer("checkpoint.every");
  const std::string& folder = options_.text("checkpoint.folder");
  if (every_checkpoint > 0 && state_.epoch % every_checkpoint == 0 && !folder.empty()) save(folder);
  if (has_converged()) stop_reason_ = SAGIPS_STOP_CONVERGED;
}

int64_t Solver::window_epochs() const {
  const double epochs = options_.real("stop.window") * static_cast<double>(plan_.epochs);
  return std::max<int64_t>(kHistory, static_cast<int64_t>(epochs));
}

void Solver::record_estimate() {
  const std::vector<double> mean = mean_proposal(nullptr);
  const auto p_count = static_cast<int64_t>(mean.size());
  state_.history.insert(state_.history.end(), mean.begin(), mean.end());
  if (static_cast<int64_t>(state_.history.size()) > kHistory * p_count)
    state_.history.erase(state_.history.begin(), state_.history.begin() + p_count);
}

bool Solver::has_converged() {
  if (options_.text("stop.rule") != "converged" || state_.epoch % window_epochs() != 0)
    return false;
  const double moved = drift_sigma(estimate());
  is_converged_ = moved < options_.real("stop.drift");  // false for NaN
  return is_converged_;
}

// -----------------------------------------------------------------------------------------
// reporting

sagips_progress Solver::progress() const {
  sagips_progress p{};
  p.struct_size = sizeof(p);
  p.epoch = state_.epoch;
  p.epochs = plan_.epochs;
  p.skipped = state_.skipped;
  p.synthetic_events = state_.synthetic_events;
  p.stop_reason = stop_reason_;
  p.converged = is_converged_ ? 1 : 0;
  p.loss_discriminator = state_.loss_discriminator;
  p.loss_generator = state_.loss_generator;
  p.loss_auxiliary = state_.loss_auxiliary;
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
  if (metrics_fn_.fn == nullptr || every == 0 || state_.epoch % every != 0) return is_asked_to_stop;
  std::vector<double> spread;
  const std::vector<double> mean = mean_proposal(&spread);
  sagips_metrics metrics{};
  metrics.struct_size = sizeof(metrics);
  metrics.n_parameters = plan_.space.size();
  metrics.estimate = mean.data();
  metrics.spread = spread.data();
  metrics.grad_norm = state_.grad_norm;
  metrics.lost_fraction = state_.lost_fraction;
  metrics.events_per_second = static_cast<double>(state_.synthetic_events - last_report_events_) /
                              (seconds_training_ - last_report_seconds_);
  metrics.progress = &now;
  last_report_events_ = state_.synthetic_events;
  last_report_seconds_ = seconds_training_;
  call_host("metrics", [&] { metrics_fn_.fn(metrics_fn_.user, &metrics); });
  return is_asked_to_stop;
}

void Solver::log(int32_t level, const std::string& text) const {
  if (log_fn_.fn != nullptr)
    call_host("log", [&] { log_fn_.fn(log_fn_.user, level, text.c_str()); });
}

std::vector<double> Solver::movement() const {
  const int64_t p_count = plan_.space.size();
  const bool is_full = static_cast<int64_t>(state_.history.size()) == kHistory * p_count;
  std::vector<double> moved(at(p_count), is_full ? 0 : std::nan(""));
  for (int64_t i = 0; is_full && i < kHistory; ++i)
    for (int64_t p = 0; p < p_count; ++p)
      moved[at(p)] +=
          (i < kHistory / 2 ? -2.0 : 2.0) / kHistory * state_.history[at(i * p_count + p)];
  return moved;
}

double Solver::drift() const {
  double largest = 0;
  const std::vector<double> moved = movement();
  for (size_t p = 0; p < moved.size(); ++p) {
    const Parameter& parameter = plan_.space.parameters()[p];
    largest = std::max(std::abs(moved[p]) / (parameter.upper - parameter.lower), largest);
  }
  return std::isnan(moved.front()) ? moved.front() : largest;
}

double Solver::drift_sigma(const Estimate& estimate) const {
  double largest = 0;
  const std::vector<double> moved = movement();
  for (size_t p = 0; p < moved.size(); ++p) {
    const Parameter& parameter = plan_.space.parameters()[p];
    double sigma = std::sqrt(estimate.covariance[p * moved.size() + p]);
    if (!std::isfinite(sigma)) sigma = kUnmeasuredSigma * (parameter.upper - parameter.lower);
    if (sigma > 0) largest = std::max(std::abs(moved[p]) / sigma, largest);
  }
  return std::isnan(moved.front()) ? moved.front() : largest;
}

// ----------------------------------------------------------------------------------------
// predictions

std::vector<double> Solver::predict(int64_t n) {
  const Sequence noise{plan_.seed, Stream::kPrediction, plan_.member, 0, 0};
  return plan_.generator.propose(device_.get(), state_.average, n, state_.epoch, noise).parameters;
}

std::vector<double> Solver::mean_proposal(std::vector<double>* spread) {
  const int64_t n = plan_.generator.is_point(state_.epoch) ? 1 : kPredictionRows;
  const size_t p_count = at(plan_.space.size());
  const std::vector<double> rows = predict(n);
  std::vector<double> mean(p_count), deviation(p_count);
  for (size_t i = 0; i < rows.size(); ++i) mean[i % p_count] += rows[i] / static_cast<double>(n);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double d = rows[i] - mean[i % p_count];
    deviation[i % p_count] += d * d / static_cast<double>(n);
  }
  for (double& d : deviation) d = std::sqrt(d);
  if (spread != nullptr) *spread = deviation;
  return mean;
}

std::vector<float>& Solver::weights(int32_t network, int64_t dataset) {
  if (network == SAGIPS_GENERATOR) return state_.generator.parameters;
  if (network == SAGIPS_GENERATOR_AVERAGE) return state_.average;
  return state_.discriminators[at(dataset)].parameters;
}

}  // namespace sagips
