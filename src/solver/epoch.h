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
// next_request() runs what is ours until the pipeline is needed; whoever serves the request (our
// loop over callbacks, or a host that owns the loop) then calls accept(). The script of an epoch is
// made first, as a list, so that the order of things can be read in one place: make_script().
#ifndef SAGIPS_SOLVER_EPOCH_H_
#define SAGIPS_SOLVER_EPOCH_H_

#include <cstdint>
#include <vector>

#include "device/device.h"
#include "objective/discriminator.h"
#include "pipeline/differences.h"
#include "pipeline/pipeline.h"
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
  Score score;                            // of the data set that is being assessed
  std::vector<double> losses;             // of shifted events
  std::vector<float> grad;                // by the weights of a network
};

/// What the pipeline of a data set is asked to do.
struct PipelineRequest {
  int32_t kind = SAGIPS_FORWARD;
  Evaluation* evaluation = nullptr;
  Call call;
  Rows rows;                            // FORWARD
  View<const double> grad_events;       // BACKWARD (N, E, Y)
  View<const double> grad_weights;      // BACKWARD (N, E), empty where all weights are 1
  std::vector<double> grad_auxiliary;   // BACKWARD (N, A)
  std::vector<double> grad_parameters;  // BACKWARD's answer (N, P)

  /// Do it, by callbacks.
  void serve();
};

class Epoch {
 public:
  /// @param next out: the state after the epoch, except for the average, when next_request() has
  ///        returned nullptr; may be the committed one
  Epoch(const TrainingPlan& plan, Device* device, Workspace* workspace,
        const TrainingState& committed, TrainingState* next);

  PipelineRequest* next_request();
  void accept();

 private:
  enum class Action { kPropose, kForward, kLearn, kAssess, kPullBack, kMetric, kAbsorb };
  struct Step {
    Action action;
    size_t dataset = 0;
    int64_t round = 0;  // equal rounds have equal draws
  };

  void make_script();
  void run(const Step& step);
  void ask(const Step& step);
  void take(const Step& step);

  void propose(int64_t round);
  void learn(size_t dataset);
  void assess(size_t dataset);
  void absorb();
  void ask_forward(const Step& step);
  void ask_pull_back(const Step& step);
  void ask_metric(const Step& step);
  void take_forward(size_t dataset);
  void take_pull_back(size_t dataset);
  void take_differences(size_t dataset);
  void take_metric(size_t dataset);
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
  PipelineRequest request_;
  Proposal proposal_;
  std::vector<double> totals_;        // weight of the synthetic events of each data set
  std::vector<ShiftedRows> shifted_;  // one a data set
  double lost_ = 0, generated_ = 0;   // events of this epoch, over all data sets
  std::vector<double> grad_;          // (N, P) by physical parameters, summed over data sets
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_EPOCH_H_
