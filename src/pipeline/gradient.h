// SPDX-License-Identifier: BSD-3-Clause
// From what an objective thinks of the events of a pass to its gradient by parameters, from the
// last stage to the first, by each stage's own route:
//
//   vjp, event differences    cotangent of outputs -> cotangent of inputs, and parameters
//   score                     value of events -> the same
//   section that jumps        value of shifted events -> the same (section_differences.h)
//
// Values of shifted events are the objective's to tell, so run() comes back for them.
#ifndef SAGIPS_PIPELINE_GRADIENT_H_
#define SAGIPS_PIPELINE_GRADIENT_H_

#include <vector>

#include "pipeline/evaluation.h"
#include "pipeline/section_differences.h"

namespace sagips {

class Gradient {
 public:
  /// What the objective thinks of the base pass. Views are kept until the end.
  struct Opinion {
    View<const double> by_events;     // (B, Y) dL/dy; 0 for lost events
    View<const double> by_weights;    // (B) dL/dw; may be empty if all are 1 and none is needed
    View<const double> by_auxiliary;  // (N, A)
  };
  /// True if by_weights is asked for even where all weights are 1.
  static bool needs_values(const Pipeline& pipeline);

  void begin(const Box& box, Evaluation* base, Evaluation* shifted, const Opinion& opinion);

  enum class Want {
    kNothing,  // the gradient is there
    kHost,     // waiting() has a stage for the host to serve; then accept()
    kValues    // tell what events of shifted() are worth, by give_values()
  };
  Want run();
  Evaluation* waiting() const { return waiting_; }
  const Evaluation& shifted() const { return *shifted_; }
  /// @param by_weights (B') dL/dw of the shifted events
  void give_values(View<const double> by_weights);

  /// (N, P)
  const std::vector<double>& result() const { return base_->gradient(); }

 private:
  struct Leg {  // stages [begin, end), one after another
    size_t begin, end;
    const JumpingSection* section;  // nullptr: cotangents are handed on
  };
  bool pass_is_over(Evaluation* pass);

  Evaluation* base_ = nullptr;
  Evaluation* shifted_ = nullptr;
  Evaluation* waiting_ = nullptr;
  const Box* box_ = nullptr;
  Opinion opinion_;
  std::vector<JumpingSection> sections_;
  std::vector<Leg> legs_;
  size_t leg_ = 0;
  bool has_begun_ = false;  // this leg
  SectionDifferences differences_;
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_GRADIENT_H_
