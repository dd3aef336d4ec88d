// SPDX-License-Identifier: BSD-3-Clause
// One pass through a pipeline, forward and back, with its buffers.
//
// Weights are a product over stages,
//
//   w = prod_s f_s,   dL/df_s = dL/dw prod_{r != s} f_r,
//
// which is kept as one only where two stages or more write a factor.
//
// A pass is a list of calls of stages. run() works through it and comes back before its end only
// where the host serves a stage by itself: then the host fills the batch, and calls accept().
#ifndef SAGIPS_PIPELINE_EVALUATION_H_
#define SAGIPS_PIPELINE_EVALUATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "pipeline/pipeline.h"

namespace sagips {

class Evaluation {
 public:
  /// @param parallel runs pieces of built-ins and of random numbers; nullptr: the calling thread
  Evaluation(const Pipeline* pipeline, const Box* box, CallbackMeter* meter,
             const Parallel* parallel = nullptr)
      : pipeline_(pipeline), box_(box), meter_(meter), parallel_(parallel) {}

  // ---------------------------------------------------------------------------- forward

  /// A pass that does not begin with the first stage, or in which only stages of a section
  /// [begin, end) see the parameters of `rows`.
  struct Section {
    size_t begin = 0, end = SIZE_MAX;
    std::vector<double> inputs;      // (N, E, inputs of stage `begin`)
    std::vector<double> weights;     // (N, E) product of factors before it; empty: all 1
    std::vector<double> parameters;  // (N, P) that stages from `end` on see
    std::vector<double> auxiliary;   // (N, A) those of stages before `begin` are taken
  };
  void begin(const Call& call, Rows rows) { begin(call, std::move(rows), {}); }
  void begin(const Call& call, Rows rows, Section section);

  /// Go on. @return the batch of a stage that the host serves, to be filled before accept();
  /// nullptr: the pass is over. SAGIPS_ERROR_CALLBACK, _EXCEPTION, _NONFINITE, _ROW; SkipEpoch.
  sagips_batch* run();
  const Stage& waiting_for() const { return pipeline_->stages()[calls_[place_].stage]; }
  /// @param answer what a callback would have returned
  void accept(int32_t answer);

  /// All of it, where the host serves no stage: others are called back.
  void forward(const Call& call, Rows rows);

  const Pipeline& pipeline() const { return *pipeline_; }
  const Call& call() const { return call_; }
  const Rows& rows() const { return rows_; }
  int64_t n_events() const { return rows_.n_rows * rows_.n_events; }             // B
  const std::vector<double>& events() const { return buffers_.back().outputs; }  // (N, E, Y)
  const std::vector<double>& weights() const;                                    // (N, E)
  bool has_unit_weights() const { return n_weighting_ == 0; }
  const std::vector<double>& auxiliary() const { return auxiliary_; }  // (N, A)
  /// Inputs (N, E, n_inputs) of a stage and weights (N, E) before it; nullptr: none, all 1.
  const double* inputs_of(size_t stage) const;
  const double* weights_before(size_t stage) const;

  /// Rows on which a stage failed, where Call::failures is kMark: 0, or the stage's row_status (N).
  /// Their events have weight 0, and their auxiliaries mean nothing. Empty: none failed.
  const std::vector<int32_t>& failed() const { return failed_; }
  bool has_failed(int64_t row) const {
    return !failed_.empty() && failed_[static_cast<size_t>(row)] != 0;
  }
  /// Which stage failed first, on which parameters.
  const std::string& failure() const { return failure_; }
  /// Take the rows of another pass, in their order, instead of those that failed here.
  void replace_failed(const Evaluation& other);

  // ------------------------------------------------------------------------------- back

  /// What is to be pulled back: derivatives by events (N, E, Y), weights (N, E) and auxiliaries
  /// (N, A). Views are kept. Weights that are all 1 need no derivative, unless a stage has a
  /// log-probability.
  void set_cotangents(View<const double> grad_events, View<const double> grad_weights,
                      View<const double> grad_auxiliary);
  /// Back through the stages from end - 1 to begin; then run(). All are pulled back, or scores.
  void begin_pull_back(size_t begin, size_t end);
  /// The cotangent (N, E, n_inputs) of what enters stage `stage`, found in another way.
  void set_input_cotangent(size_t stage, std::vector<double> cotangent);
  /// Sum of what stages added (N, P); 0 for a row whose vector-Jacobian product failed.
  std::vector<double>& gradient() { return gradient_; }

  /// Rows on which a stage failed on the way back, or at a shifted place, where Call::failures is
  /// kMark: what failed there says nothing about the gradient.
  struct WayBack {
    int64_t rows_run = 0, rows_failed = 0;  // shifted rows of single stages; those that failed
    std::string failure;                    // the first
  };
  const WayBack& way_back() const { return way_back_; }
  bool has_no_gradient(int64_t row) const {
    return has_failed(row) || has_no_gradient_[static_cast<size_t>(row)] != 0;
  }

  /// All of it at once.
  std::vector<double> pull_back(View<const double> grad_events, View<const double> grad_weights,
                                View<const double> grad_auxiliary);

 private:
  enum class Kind { kForward, kBackward, kDifferences, kScore, kAuxiliary };
  struct StageCall {
    Kind kind;
    size_t stage;
  };
  struct Buffers {  // of one stage; a built-in has no uniforms, and a weight only where it writes
                    // one, or fails on a row
    std::vector<double> parameters, uniforms, weight_in, outputs, weight, auxiliary, tape;
    std::vector<double> log_probability;
    std::vector<uint64_t> row_key;
    std::vector<int32_t> row_status;
  };
  struct Cotangents {
    const double* outputs = nullptr;         // in
    const double* weight = nullptr;          // in
    std::vector<double> auxiliary;           // in
    std::vector<double> inputs, parameters;  // out
    std::vector<double> outputs_room, weight_room;
  };
  /// A stage at shifted parameters and inputs, to be differenced: rows (n, thing, from and to).
  struct ShiftedStage {
    int64_t own = 0, moved = 0, sides = 2;  // parameters, those and inputs, evaluations of each
    std::vector<double> inputs;
    std::vector<double> distance;  // (N, moved) from `from` to `to`
    Buffers buffers;
  };

  void prepare(const StageCall& call);
  void serve(const StageCall& call);
  void finish(const StageCall& call);

  // evaluation.cpp
  sagips_batch make_batch(const Stage& stage, const Rows& rows, Buffers* buffers,
                          const double* inputs) const;
  void select_columns(size_t index, Buffers* buffers) const;
  void draw(const Stage& stage, size_t index, Buffers* buffers) const;
  void prepare_forward(size_t index);
  void finish_forward(size_t index);
  void mark_failures(size_t index);
  void lose_failed_rows(size_t index);
  bool weighs(size_t stage) const { return !buffers_[stage].weight.empty(); }

  // pull_back.cpp
  void prepare_backward(size_t index);
  void set_weight_cotangent(size_t index);
  void hand_on(size_t index);
  bool is_lost_before(size_t stage, int64_t event) const;
  bool is_lost_behind(size_t stage, int64_t event) const;
  void clear_lost(size_t stage, std::vector<double>* cotangent) const;
  void note_failures_on_the_way_back(const StageCall& call);
  size_t auxiliary_offset(size_t index) const;

  // differences.cpp
  void shift_stage(size_t index, bool has_inputs, ShiftedStage* shifted);
  void prepare_differences(size_t index, bool has_inputs);
  void finish_differences(size_t index);
  double auxiliary_change(size_t index, int64_t row, int64_t k) const;
  void prepare_score(size_t index);
  void finish_score(size_t index);
  void finish_auxiliary(size_t index);
  bool hands_on(size_t index) const;

  const Pipeline* pipeline_;
  const Box* box_;
  CallbackMeter* meter_;
  const Parallel* parallel_;
  Call call_;
  Rows rows_;
  Section section_;
  std::vector<StageCall> calls_;
  size_t place_ = 0;
  bool is_waiting_ = false;
  sagips_batch batch_{};  // of the stage that is called
  std::vector<Buffers> buffers_;
  std::vector<double> auxiliary_;
  std::vector<int32_t> failed_;
  std::string failure_;
  // Weights after the stages so far: 1, those of the only stage that wrote any, or a product.
  size_t n_weighting_ = 0, last_weighting_ = 0;
  mutable std::vector<double> ones_;  // for who asks; training does not
  std::vector<double> product_;
  Cotangents cotangents_;
  View<const double> grad_weights_, grad_auxiliary_;
  std::vector<double> gradient_;
  ShiftedStage shifted_;
  WayBack way_back_;
  std::vector<char> has_no_gradient_;  // (N) rows whose vector-Jacobian product failed
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_EVALUATION_H_
