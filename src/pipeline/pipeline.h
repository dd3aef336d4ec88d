// SPDX-License-Identifier: BSD-3-Clause
// The forward model of the environment (paper, section II-B): stages in a row, parameters ->
// events.
//
//   parameters (N, P) --.-----------.-----------.
//   uniforms -------> stage 0 --> stage 1 --> stage 2 --> events (N, E, Y), weights (N, E)
//                       '-> auxiliaries <---'              product of the stages' factors
//
// A Pipeline is a value, copied freely. An Evaluation holds the buffers of one forward pass and
// pulls cotangents back through it: by each stage's vector-Jacobian product, or, for a smooth stage
// without one, by differences of its events with common random numbers.
#ifndef SAGIPS_PIPELINE_PIPELINE_H_
#define SAGIPS_PIPELINE_PIPELINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "core/philox.h"
#include "core/simd.h"
#include "core/view.h"
#include "pipeline/stage.h"

namespace sagips {

/// How a gradient gets from events to parameters.
enum class GradientRoute {
  kVjp,                   // every stage has one
  kEventDifferences,      // those that have none are smooth: their events are differenced
  kObjectiveDifferences,  // else the objective is differenced, event by event, through all stages
};
const char* gradient_route_name(GradientRoute route);

class Pipeline {
 public:
  /// SAGIPS_ERROR_STATE without forward or shape, SAGIPS_ERROR_SHAPE if it does not fit the last
  /// one.
  void add(Stage stage);

  const std::vector<Stage>& stages() const { return stages_; }
  bool is_empty() const { return stages_.empty(); }
  int32_t n_outputs() const { return is_empty() ? 0 : stages_.back().n_outputs; }
  int32_t n_auxiliary() const;  // of all stages, one after the other
  GradientRoute gradient_route() const;
  /// No stage can write a weight, so that all are 1: built-ins never do.
  bool has_unit_weights() const;

  /// The instruction set of built-ins and random numbers; that of SAGIPS_SIMD or the best one,
  /// until this is called.
  void use_simd(Simd simd);
  Simd simd() const { return simd_; }

  /// SAGIPS_ERROR_SHAPE if a stage asks for a parameter that a problem of P does not have.
  void check_columns(int32_t n_parameters) const;

 private:
  std::vector<Stage> stages_;
  Simd simd_ = Simd::kPortable;
};

/// The box of parameters: where differences may evaluate, and what their steps are a fraction of.
struct Box {
  std::vector<double> lower, upper;  // (P)
};

/// N rows of parameters with E events each, and whose random numbers they use.
struct Rows {
  int64_t n_rows = 0;
  int64_t n_events = 0;
  int32_t n_parameters = 0;
  std::vector<double> parameters;  // (N, P)
  std::vector<int64_t> draw;       // (N) equal numbers mean equal draws
};

/// What a call of a pipeline is about, handed on to callbacks.
struct Call {
  uint64_t seed = 0;
  Stream uniforms = Stream::kUniforms;
  Stream keys = Stream::kRowKey;
  int32_t member = 0;
  int64_t dataset = 0;
  int64_t epoch = 0;
  bool is_training = false;
};

/// Counts of what callbacks cost, over the life of their owner.
struct CallbackMeter {
  uint64_t tickets = 0;
  double seconds = 0;
};

/// Thrown where a callback returned > 0: this epoch learns nothing.
struct SkipEpoch {
  std::string text;
};

class Evaluation {
 public:
  /// @param parallel runs pieces of built-ins and of random numbers; nullptr: the calling thread
  Evaluation(const Pipeline* pipeline, const Box* box, CallbackMeter* meter,
             const Parallel* parallel = nullptr)
      : pipeline_(pipeline), box_(box), meter_(meter), parallel_(parallel) {}

  /// Run all stages. SAGIPS_ERROR_CALLBACK, _EXCEPTION, _NONFINITE, _ROW; SkipEpoch.
  void forward(const Call& call, Rows rows);

  const Rows& rows() const { return rows_; }
  int64_t n_events() const { return rows_.n_rows * rows_.n_events; }             // B
  const std::vector<double>& events() const { return buffers_.back().outputs; }  // (N, E, Y)
  const std::vector<double>& weights() const;                                    // (N, E)
  bool has_unit_weights() const { return n_weighting_ == 0; }
  const std::vector<double>& auxiliary() const { return auxiliary_; }  // (N, A)

  /// From the derivatives by events (N, E, Y), weights (N, E) and auxiliaries (N, A) to those by
  /// parameters (N, P). Not for the route kObjectiveDifferences. Weights that are all 1 need no
  /// derivative.
  std::vector<double> pull_back(View<const double> grad_events, View<const double> grad_weights,
                                View<const double> grad_auxiliary);

 private:
  struct Buffers {  // of one stage; built-ins have neither uniforms nor weight
    std::vector<double> parameters, uniforms, weight_in, outputs, weight, auxiliary, tape;
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

  sagips_batch make_batch(const Stage& stage, const Rows& rows, Buffers* buffers,
                          const double* inputs) const;
  void select_columns(const Stage& stage, Buffers* buffers) const;
  void draw(const Stage& stage, size_t index, Buffers* buffers) const;
  void run_builtin(size_t index);
  void run_users(size_t index);
  void call_forward(const Stage& stage, const Rows& rows, Buffers* buffers, const double* inputs);
  void set_weight_cotangent(size_t index, View<const double> grad_weights);
  void hand_on_cotangent(const Stage& stage);
  void run_backward(size_t index, Cotangents* cotangents);
  void difference_events(size_t index, Cotangents* cotangents);
  const double* inputs_of(size_t index) const {
    return index == 0 ? nullptr : buffers_[index - 1].outputs.data();
  }

  const Pipeline* pipeline_;
  const Box* box_;
  CallbackMeter* meter_;
  const Parallel* parallel_;
  Call call_;
  Rows rows_;
  std::vector<Buffers> buffers_;
  std::vector<double> auxiliary_;
  // Weights after the stages so far: 1, those of the only stage that wrote any, or a product.
  size_t n_weighting_ = 0, last_weighting_ = 0;
  mutable std::vector<double> ones_;  // for who asks; training does not
  std::vector<double> product_;
  Cotangents cotangents_;
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_PIPELINE_H_
