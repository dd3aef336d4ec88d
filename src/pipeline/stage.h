// SPDX-License-Identifier: BSD-3-Clause
// One step of a forward model: sizes, C callbacks and what the user said about them. A built-in is
// a stage whose callbacks the library wrote, and one that the host serves by itself (ask and tell)
// is a stage whose callbacks are not called in training, so there is one kind of stage.
#ifndef SAGIPS_PIPELINE_STAGE_H_
#define SAGIPS_PIPELINE_STAGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sagips.h"

namespace sagips {

/// How the gradient gets through a stage.
enum class GradientRoute {
  kVjp,                   // a vector-Jacobian product
  kEventDifferences,      // events move smoothly: their motion is differenced
  kObjectiveDifferences,  // the value of events is differenced, a parameter at a time
  kSmoothedDifferences,   // the same, all parameters at once, in random directions
  kScore                  // value of events times the derivative of their log-probability
};
const char* gradient_route_name(GradientRoute route);

/// When an event's outputs or weight jump as parameters move, so that differences over short steps
/// see mostly noise. For built-ins: of a user's stage nothing is known but `is_smooth`.
enum class Jumps { kNever, kOutsideTraining, kAlways };

struct Stage {
  std::string name;
  int32_t n_inputs = 0;
  int32_t n_outputs = 0;  // 0: the shape has not been set
  int32_t n_auxiliary = 0;
  int32_t n_uniforms = 0;
  int32_t n_tape = 0;
  std::vector<int32_t> columns;    // parameters it sees; empty: all
  bool has_no_parameters = false;  // it sees none
  sagips_stage_fn forward = nullptr;
  sagips_stage_fn backward = nullptr;
  sagips_stage_fn log_probability = nullptr;
  sagips_save_fn save = nullptr;  // of a model with a state of its own
  sagips_restore_fn restore = nullptr;
  std::shared_ptr<void> user;  // the last copy of the stage releases it
  bool is_builtin = false;     // runs in the library's floating-point environment, not the host's
  bool writes_weight = false;  // of a built-in: all others get none; users' stages always may
  bool is_smooth = false;
  Jumps jumps = Jumps::kNever;
  bool is_concurrent = false;          // its callbacks may run in several threads at once
  bool is_external = false;            // the host serves it in training, whatever its callbacks
  bool has_external_backward = false;  // by a VJP too
  bool has_external_log_probability = false;
  int32_t scheme = SAGIPS_CENTRAL;
  double step = 0;         // fraction of a parameter's range; 0: the default
  int32_t directions = 8;  // of smoothed differences, a row

  bool may_weight() const { return !is_builtin || writes_weight; }
  bool has_vjp() const { return is_external ? has_external_backward : backward != nullptr; }
  bool has_log_probability() const {
    return is_external ? has_external_log_probability : log_probability != nullptr;
  }
  /// Callbacks serve it in training too.
  void take_back() { is_external = has_external_backward = has_external_log_probability = false; }
  GradientRoute route() const;
  /// The cotangent of its outputs becomes that of its inputs and parameters. Other stages look at
  /// the value of events.
  bool is_pulled_back() const {
    return route() == GradientRoute::kVjp || route() == GradientRoute::kEventDifferences;
  }
  double difference_step() const;

  /// It sees the parameters of the problem as they are.
  bool sees_all() const { return columns.empty() && !has_no_parameters; }
  /// Number of parameters it sees of P, and the k-th of them.
  int64_t n_parameters(int64_t p_count) const {
    if (has_no_parameters) return 0;
    return columns.empty() ? p_count : static_cast<int64_t>(columns.size());
  }
  int64_t column(int64_t k) const { return columns.empty() ? k : columns[static_cast<size_t>(k)]; }
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_STAGE_H_
