// SPDX-License-Identifier: BSD-3-Clause
// The members of an ensemble (paper, section VI-A), trained side by side: M generators with their
// discriminators, each with a plan and a state of its own. Nothing of a member depends on the
// others, so that member k is the same, bit for bit, in an ensemble of any size and on its own.
//
// An epoch is committed for all members or for none: each writes into its `next`, and they swap
// when the last one is whole. Where all stages are built-in, and there are threads, members run at
// the same time, each in one thread; otherwise one after another, with parallel loops inside.
// Buffers of pipelines belong to threads and not to members: see WorkspacePool.
#ifndef SAGIPS_SOLVER_ENSEMBLE_H_
#define SAGIPS_SOLVER_ENSEMBLE_H_

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
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

/// Instead of an index: all members together.
constexpr int32_t kAllMembers = SAGIPS_ALL_MEMBERS;

/// One generator, its discriminators, and the data as they see them.
struct Member {
  Member(const Problem& problem, const Options& options, int32_t number)
      : plan(problem, options, number), state(initial_state(plan)), next(state) {}
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  TrainingPlan plan;
  TrainingState state, next;   // committed, and being written
  std::string skipped;         // why a callback skipped the latest epoch; empty: none did
  std::exception_ptr failure;  // of the epoch in progress
};

/// Workspaces, as many as are in use at the same time.
class WorkspacePool {
 public:
  /// A workspace on loan.
  class Loan {
   public:
    explicit Loan(WorkspacePool* pool) : pool_(pool), workspace_(pool->take()) {}
    ~Loan() { pool_->give(workspace_); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Workspace* operator->() const { return workspace_; }
    Workspace* get() const { return workspace_; }

   private:
    WorkspacePool* pool_;
    Workspace* workspace_;
  };

  /// @param plan of any member: buffers know the problem, and nothing of a member
  WorkspacePool(const TrainingPlan& plan, const Parallel* parallel)
      : plan_(plan), parallel_(parallel) {}

  size_t size() const { return all_.size(); }
  /// Time inside stages, of all workspaces.
  double callback_seconds() const;

 private:
  Workspace* take();
  void give(Workspace* workspace) noexcept;

  const TrainingPlan& plan_;
  const Parallel* parallel_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> all_;
  std::vector<Workspace*> free_;  // the latest returned is the next taken
};

/// An epoch of a member that is under way; kept between calls where the host serves stages.
struct RunningEpoch {
  RunningEpoch(Member* member, Device* device, WorkspacePool* pool)
      : workspace(pool),
        epoch(member->plan, device, workspace.get(), member->state, &member->next) {}
  WorkspacePool::Loan workspace;
  Epoch epoch;
};

class Ensemble {
 public:
  /// @param parallel kept; how members are planned and trained
  Ensemble(const Problem& problem, const Options& options, const Parallel* parallel);
  Ensemble(const Ensemble&) = delete;
  Ensemble& operator=(const Ensemble&) = delete;

  int32_t size() const { return static_cast<int32_t>(members_.size()); }
  Member& operator[](int32_t i) { return *members_[static_cast<size_t>(i)]; }
  const Member& operator[](int32_t i) const { return *members_[static_cast<size_t>(i)]; }

  /// An epoch of every member. Throws what the first member that failed threw; then none happened.
  void train(Device* device);

  // The same in steps, where the host serves stages (tickets.h). Whatever throws ends the epoch of
  // all: abandon().

  /// Begin an epoch of every member.
  void begin(Device* device);
  bool is_running() const { return !running_.empty(); }
  /// Go on with a member. @return the batch of a stage to be served; nullptr: its epoch is whole
  sagips_batch* run(int32_t member);
  /// @param answer what a callback would have returned
  void accept(int32_t member, int32_t answer);
  /// Commit the epochs of all, which are whole.
  void commit();
  void abandon() noexcept { running_.clear(); }

  /// For what needs a pipeline outside training.
  WorkspacePool* workspaces() { return &workspaces_; }
  /// Wall time that training has spent inside stages, over the life of the ensemble.
  double callback_seconds() const { return callback_seconds_; }
  /// The same of all work, with that of an epoch that is not whole.
  double callback_seconds_so_far() const { return workspaces_.callback_seconds(); }

 private:
  bool runs_members_in_parallel() const {
    return is_builtin_ && size() > 1 && parallel_->is_used();
  }
  void train_member(Member* member, Device* device) noexcept;
  void swap_states();
  void check_failures() const;
  template <typename Body>
  void tell_whose(int32_t member, const Body& body) const;

  const Parallel* parallel_;
  const bool is_builtin_;  // every stage: it may run in any thread
  std::vector<std::unique_ptr<Member>> members_;
  WorkspacePool workspaces_;
  std::vector<std::unique_ptr<RunningEpoch>> running_;  // (M) in steps; nullptr: whole
  double callback_seconds_ = 0;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_ENSEMBLE_H_
