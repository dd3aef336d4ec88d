// SPDX-License-Identifier: BSD-3-Clause
// One epoch of the workflow (paper, fig. 1), as a machine that asks for the pipeline's work:
//
//   rows = optimizer.propose()                     generator forward
//   batch = pipeline.forward(rows)         <----   asked for
//   objective.learn(measured, batch)               discriminator step
//   cotangent = objective.assess(batch)            value and gradient by events
//   g = pipeline.pull_back(cotangent)      <----   asked for: VJP or differences
//   optimizer.absorb(g)                            generator backward, Adam
//
// run() goes on until the epoch is whole, or until a stage has to be served by the host that owns
// the loop; the host's answer goes to accept(). The script of an epoch is made first, as a list, so
// that the order of things can be read in one place: make_script().
#ifndef SAGIPS_SOLVER_EPOCH_H_
#define SAGIPS_SOLVER_EPOCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "device/device.h"
#include "objective/discriminator.h"
#include "pipeline/evaluation.h"
#include "pipeline/gradient.h"
#include "solver/training_plan.h"
#include "solver/training_state.h"

namespace sagips {

/// Buffers of all that an epoch does, kept from epoch to epoch.
struct Workspace {
  /// @param parallel runs pieces of built-ins and random numbers; nullptr: the calling thread
  explicit Workspace(const TrainingPlan& plan, const Parallel* parallel = nullptr);
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  CallbackMeter meter;
  std::vector<Evaluation> base, shifted;  // one a data set
  Gradient gradient;                      // of the data set that is being pulled back
  Score score;                            // of the data set that is being assessed
  std::vector<double> by_weights;         // dL/dw of its events
  std::vector<double> by_auxiliary;       // and of its auxiliaries
  std::vector<double> losses;             // of shifted events
  std::vector<float> grad;                // by the weights of a network
};

class Epoch {
 public:
  /// @param next out: the state after the epoch, except for the average, when run() has returned
  ///        nullptr; may be the committed one
  Epoch(const TrainingPlan& plan, Device* device, Workspace* workspace,
        const TrainingState& committed, TrainingState* next);

  /// @return the batch of a stage that the host serves, to be filled before accept(); nullptr: the
  ///         epoch is whole
  sagips_batch* run();
  const Stage& waiting_for() const { return waiting_->waiting_for(); }
  /// @param answer what a callback would have returned
  void accept(int32_t answer) { waiting_->accept(answer); }

 private:
  enum class Action { kPropose, kForward, kLearn, kAssess, kPullBack, kMetric, kAbsorb };
  struct Step {
    Action action;
    size_t dataset = 0;
    int64_t round = 0;  // equal rounds have equal draws
  };

  void make_script();
  /// Begin a step; go on with it. @return false if the host has to serve a stage first
  void begin(const Step& step);
  bool go_on(const Step& step);

  void propose(int64_t round);
  void learn(size_t dataset);
  void assess(size_t dataset);
  void absorb();

  // epoch_forward.cpp
  void begin_forward(const Step& step);
  bool go_on_forward(const Step& step);
  void count_failures(const Evaluation& pass);
  void count_failures(int64_t rows_run, int64_t rows_failed, const std::string& failure);
  bool begin_again(size_t dataset);
  void take_events(size_t dataset);

  // epoch_gradient.cpp
  void begin_pull_back(size_t dataset);
  bool go_on_pull_back(size_t dataset);
  void tell_values(size_t dataset);

  // epoch_metric.cpp
  void begin_metric(const Step& step);
  void take_metric(size_t dataset);
  bool pass_is_over(Evaluation* pass);

  double penalty(size_t dataset, const double* auxiliary, double* grad) const;
  const Network& discriminator(size_t dataset) const { return *discriminators_[dataset]; }
  void add_priors();
  void precondition(std::vector<double>* grad_unit) const;
  Call call_for(size_t dataset) const;
  BufferSource synthetic_events(size_t dataset) const;

  const TrainingPlan& plan_;
  Device* device_;
  Workspace* workspace_;
  TrainingState* state_;  // the next one
  // Where the networks are as of now: committed, and after their first update in the next state.
  const Network* generator_;
  std::vector<const Network*> discriminators_;
  const int64_t epoch_;
  std::vector<Step> script_;
  size_t place_ = 0;
  bool has_begun_ = false;  // the step at this place
  int64_t attempt_ = 0;     // of failed rows to be drawn anew
  Evaluation* waiting_ = nullptr;
  Proposal proposal_;
  std::vector<double> totals_;         // weight of the synthetic events of each data set
  std::vector<int64_t> working_rows_;  // of each data set, those that have not failed
  double lost_ = 0, generated_ = 0;    // events of this epoch, over all data sets
  std::vector<double> grad_;           // (N, P) by physical parameters, summed over data sets
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_EPOCH_H_
