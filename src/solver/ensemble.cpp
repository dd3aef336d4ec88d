// SPDX-License-Identifier: BSD-3-Clause
#include "solver/ensemble.h"

#include <algorithm>

#include "core/error.h"

namespace sagips {
namespace {

constexpr int64_t kSkipsForgiven = 10;  // before the fraction of skipped epochs counts

bool has_only_builtins(const Problem& problem) {
  for (const Dataset& dataset : problem.datasets)
    for (const Stage& stage : dataset.pipeline.stages())
      if (!stage.is_builtin) return false;
  return true;
}

/// Throw a member's failure again, if it has one, and tell whose it is.
void check_failure(const std::exception_ptr& failure, int32_t number) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const Error& e) {
    fail(e.status(), "member ", number, ": ", e.text());
  }
}

// The first is planned alone: what is wrong with the problem or the options fails there, once.
std::vector<std::unique_ptr<Member>> make_members(const Problem& problem, const Options& options,
                                                  const Parallel& parallel) {
  const auto first = static_cast<int32_t>(options.integer("ensemble.first"));
  const auto n = static_cast<size_t>(options.integer("ensemble.members"));
  std::vector<std::unique_ptr<Member>> members(n);
  members[0] = std::make_unique<Member>(problem, options, first);
  std::vector<std::exception_ptr> failures(n);
  parallel.for_each(static_cast<int64_t>(n) - 1, [&](int64_t i) {
    const auto k = static_cast<size_t>(i + 1);
    try {
      members[k] = std::make_unique<Member>(problem, options, first + static_cast<int32_t>(k));
    } catch (...) {
      failures[k] = std::current_exception();
    }
  });
  for (size_t k = 1; k < n; ++k) check_failure(failures[k], first + static_cast<int32_t>(k));
  return members;
}

/// The committed state of before the epoch, with a skipped epoch more.
void skip_epoch(Member* member) {
  TrainingState& next = member->next;
  const int64_t rows_run = next.rows_run, rows_failed = next.rows_failed,
                rows_resampled = next.rows_resampled;
  next = member->state;
  next.rows_run = rows_run;  // they did run
  next.rows_failed = rows_failed;
  next.rows_resampled = rows_resampled;
  ++next.epoch;
  ++next.skipped;
  const double limit = member->plan.options.real("skip.limit");
  const double allowed = std::max(limit * static_cast<double>(next.epoch),
                                  limit > 0 ? static_cast<double>(kSkipsForgiven) : 0.0);
  if (static_cast<double>(next.skipped) > allowed)
    fail(SAGIPS_ERROR_SKIPPED, next.skipped, " of ", next.epoch, " epochs were skipped (more than ",
         "skip.limit = ", limit, "), the last because ", member->skipped,
         "; mend the model or raise skip.limit");
}

void update_average(Member* member) {
  const AverageRule& rule = member->plan.average;
  TrainingState& next = member->next;
  const int64_t epoch = member->state.epoch;
  const double share = rule.share(epoch, member->state.averaged);
  if (epoch >= rule.tail_start) ++next.averaged;
  const std::vector<float>&before = member->state.average, &latest = next.generator.parameters;
  if (share == 1) {
    next.average = latest;
    return;
  }
  next.average.resize(latest.size());
  for (size_t i = 0; i < latest.size(); ++i) {
    const double old = before[i], now = latest[i];
    next.average[i] = static_cast<float>(old + share * (now - old));
  }
}

}  // namespace

// ------------------------------------------------------------------------------------ workspaces

Workspace* WorkspacePool::take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (free_.empty()) {
    free_.reserve(all_.size() + 1);  // so that give() needs no memory
    all_.push_back(std::make_unique<Workspace>(plan_, parallel_));
    return all_.back().get();
  }
  Workspace* workspace = free_.back();
  free_.pop_back();
  return workspace;
}

void WorkspacePool::give(Workspace* workspace) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(workspace);
}

double WorkspacePool::callback_seconds() const {
  double sum = 0;
  for (const auto& workspace : all_) sum += workspace->meter.seconds;
  return sum;
}

// -------------------------------------------------------------------------------------- training

Ensemble::Ensemble(const Problem& problem, const Options& options, const Parallel* parallel)
    : parallel_(parallel),
      is_builtin_(has_only_builtins(problem)),
      members_(make_members(problem, options, *parallel)),
      workspaces_(members_.front()->plan, parallel) {}

namespace {

/// Run until a stage has to be served, or the epoch is whole or skipped.
sagips_batch* go_on(Member* member, Epoch* epoch) {
  try {
    sagips_batch* batch = epoch->run();
    if (batch == nullptr) update_average(member);
    return batch;
  } catch (const SkipEpoch& skip) {
    member->skipped = skip.text;
    skip_epoch(member);
    return nullptr;
  }
}

}  // namespace

void Ensemble::train_member(Member* member, Device* device) noexcept {
  try {
    member->failure = nullptr;
    member->skipped.clear();
    RunningEpoch running(member, device, &workspaces_);
    if (go_on(member, &running.epoch) != nullptr)
      fail(SAGIPS_ERROR_STATE, "stage '", running.epoch.waiting_for().name,
           "' is served by the host: train with sagips_solver_ask and sagips_solver_tell");
  } catch (...) {
    member->failure = std::current_exception();
  }
}

// The lowest that failed speaks, whatever the order in which they ran.
void Ensemble::check_failures() const {
  if (size() == 1 && members_[0]->failure) std::rethrow_exception(members_[0]->failure);
  for (const auto& member : members_) check_failure(member->failure, member->plan.member);
}

void Ensemble::train(Device* device) {
  const double seconds_before = workspaces_.callback_seconds();
  for (auto& member : members_) member->failure = nullptr;
  const bool is_parallel = runs_members_in_parallel();
  if (is_parallel)
    parallel_->for_each(
        size(), [&](int64_t k) { train_member(members_[static_cast<size_t>(k)].get(), device); });
  else
    for (auto& member : members_) {
      train_member(member.get(), device);
      if (member->failure) break;
    }
  check_failures();
  swap_states();
  const double seconds = workspaces_.callback_seconds() - seconds_before;
  callback_seconds_ += is_parallel ? seconds / static_cast<double>(workspaces_.size()) : seconds;
}

void Ensemble::swap_states() {
  for (auto& member : members_) std::swap(member->state, member->next);
}

// ------------------------------------------------------------------------------------ in steps

void Ensemble::begin(Device* device) {
  running_.clear();
  std::vector<std::unique_ptr<RunningEpoch>> running;
  for (auto& member : members_) {
    member->failure = nullptr;
    member->skipped.clear();
    running.push_back(std::make_unique<RunningEpoch>(member.get(), device, &workspaces_));
  }
  running_.swap(running);
}

/// What fails in one of several members says in which.
template <typename Body>
void Ensemble::tell_whose(int32_t member, const Body& body) const {
  try {
    body();
  } catch (...) {
    if (size() == 1) throw;
    check_failure(std::current_exception(), members_[static_cast<size_t>(member)]->plan.member);
  }
}

sagips_batch* Ensemble::run(int32_t member) {
  std::unique_ptr<RunningEpoch>& running = running_[static_cast<size_t>(member)];
  if (running == nullptr) return nullptr;
  sagips_batch* batch = nullptr;
  tell_whose(member,
             [&] { batch = go_on(members_[static_cast<size_t>(member)].get(), &running->epoch); });
  if (batch == nullptr) running.reset();
  return batch;
}

void Ensemble::accept(int32_t member, int32_t answer) {
  Member* m = members_[static_cast<size_t>(member)].get();
  std::unique_ptr<RunningEpoch>& running = running_[static_cast<size_t>(member)];
  tell_whose(member, [&] {
    try {
      running->epoch.accept(answer);
    } catch (const SkipEpoch& skip) {
      m->skipped = skip.text;
      skip_epoch(m);
      running.reset();
    }
  });
}

void Ensemble::commit() {
  running_.clear();
  swap_states();
}

}  // namespace sagips
