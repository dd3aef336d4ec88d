// SPDX-License-Identifier: BSD-3-Clause
// The forward model of the environment (paper, section II-B): stages in a row, parameters ->
// events.
//
//   parameters (N, P) --.-----------.-----------.
//   uniforms -------> stage 0 --> stage 1 --> stage 2 --> events (N, E, Y), weights (N, E)
//                       '-> auxiliaries <---'              product of the stages' factors
//
// A Pipeline is a value, copied freely. A pass through it is an Evaluation (evaluation.h); the way
// back to the parameters is a Gradient (gradient.h).
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

class Pipeline {
 public:
  /// SAGIPS_ERROR_STATE without forward or shape, SAGIPS_ERROR_SHAPE if it does not fit the last
  /// one.
  void add(Stage stage);

  const std::vector<Stage>& stages() const { return stages_; }
  bool is_empty() const { return stages_.empty(); }
  int32_t n_outputs() const { return is_empty() ? 0 : stages_.back().n_outputs; }
  int32_t n_auxiliary() const;  // of all stages, one after the other
  /// Every stage hands cotangents back.
  bool is_pulled_back() const;
  /// Names of the routes of all stages, each once: "vjp", "vjp + objective differences".
  std::string route_name() const;
  /// An event of a built-in can jump: see Jumps.
  bool jumps(bool is_training) const;

  /// The instruction set of built-ins and random numbers; that of SAGIPS_SIMD or the best one,
  /// until this is called.
  void use_simd(Simd simd);
  Simd simd() const { return simd_; }

  /// A copy in which callbacks serve what the host serves in training; SAGIPS_ERROR_STATE where
  /// there is none.
  Pipeline called_back() const;

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

/// Draws of rows count from 0 to below this; those of attempt k to run a row again are k times this
/// on.
constexpr int64_t kDrawsAnAttempt = int64_t{1} << 24;

/// N rows of parameters with E events each, and whose random numbers they use.
struct Rows {
  int64_t n_rows = 0;
  int64_t n_events = 0;
  int32_t n_parameters = 0;
  std::vector<double> parameters;  // (N, P)
  std::vector<int64_t> draw;       // (N) equal numbers mean equal draws
};

/// What becomes of rows on which the model fails.
enum class FailurePolicy {
  kError,  // the pass ends
  kMark    // their events are lost, and the rows are marked: see Evaluation::failed()
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
  FailurePolicy failures = FailurePolicy::kError;
  bool is_latin = false;  // a row's uniforms are a Latin hypercube of its events
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

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_PIPELINE_H_
