// SPDX-License-Identifier: BSD-3-Clause
// One step of a forward model: sizes, two C callbacks and what the user said about them. A built-in
// is a stage whose callbacks the library wrote, so there is one kind of stage.
#ifndef SAGIPS_PIPELINE_STAGE_H_
#define SAGIPS_PIPELINE_STAGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sagips.h"

namespace sagips {

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
  std::vector<int32_t> columns;  // parameters it sees; empty: all
  sagips_stage_fn forward = nullptr;
  sagips_stage_fn backward = nullptr;
  std::shared_ptr<void> user;  // the last copy of the stage releases it
  bool is_builtin = false;     // runs in the library's floating-point environment, not the host's
  bool writes_weight = false;  // of a built-in: all others get none; users' stages always may
  bool is_smooth = false;
  Jumps jumps = Jumps::kNever;
  int32_t scheme = SAGIPS_CENTRAL;
  double step = 0;  // fraction of a parameter's range; 0: default_step()

  bool may_weight() const { return !is_builtin || writes_weight; }
  double default_step() const { return is_smooth ? 1e-4 : 1e-2; }
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_STAGE_H_
