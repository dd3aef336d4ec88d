// SPDX-License-Identifier: BSD-3-Clause
// A section of stages whose events jump, or of which nothing is known. An event that jumps has no
// derivative (y = 1[u < p] gives 0 for every step), the mean of a function of it has one. So it is
// the value of events that is differenced, v_e = w_e u_e with u_e = (l_e - L)/W: the rows are
// pushed through the section at shifted parameters, and on through all stages after it, with the
// same draws, up to the discriminator. A cut's boundary is seen too. Where stages before the
// section hand cotangents on, its inputs are shifted as well, and the value of each event is
// differenced by its own.
//
//   one at a time   dL/dp_k = [V(p + h e_k) - V(p - h e_k)] / 2h,      V = sum_e v_e of a row
//   smoothed        dL/dp_k = <[V(p + h s) - V(p - h s)] / 2h s_k>,    s_k = +-1 at random
//
// V has the row's auxiliaries with their cotangents beside its events: a penalty itself is curved,
// and its differences would not vanish where it is least, as its derivative does.
//
// The smoothed one (simultaneous perturbation, Spall 1992) costs two evaluations for all parameters
// together. A row's events are shared out among several directions s, each with draws of its own.
#ifndef SAGIPS_PIPELINE_SECTION_DIFFERENCES_H_
#define SAGIPS_PIPELINE_SECTION_DIFFERENCES_H_

#include <cstdint>
#include <vector>

#include "core/view.h"
#include "pipeline/evaluation.h"

namespace sagips {

/// Stages [begin, end) that are differenced together.
struct JumpingSection {
  size_t begin = 0, end = 0;
  bool moves_inputs = false;  // the stage before it wants their cotangents
  bool is_smoothed = false;
  int32_t sides = 2;  // evaluations a quotient; 1: against the pass itself
  double step = 0;    // of a parameter's range, and of an input's spread
  int32_t directions = 0;
  std::vector<int32_t> columns;  // parameters that its stages see, and that can move
};

/// The sections of a pipeline, the last one first.
std::vector<JumpingSection> jumping_sections(const Pipeline& pipeline, const Box& box);

/// Rows of the shifted pass: (quotient, from and to), or one-sided (quotient).
class SectionDifferences {
 public:
  /// Shift the rows of a forward pass, and begin the pass of the shifted ones.
  void begin(const JumpingSection& section, const Box& box, const Evaluation& base,
             Evaluation* shifted);

  /// What the events of both passes are worth, and the auxiliaries of the base, per unit.
  struct Values {
    View<const double> base, shifted;  // u_e (B)
    View<const double> by_auxiliary;   // (N, A)
  };
  /// Add to the derivatives by parameters (N, P).
  /// @return the cotangent (N, E, n_inputs) of what enters the section; empty if not asked for
  std::vector<double> contract(const Evaluation& base, const Evaluation& shifted,
                               const Values& values, std::vector<double>* gradient) const;

 private:
  struct Quotient {
    int64_t row;          // of the base
    int64_t first_event;  // of that row; its events follow, around the end
  };
  /// Where a side of a quotient lies, and how its events are numbered.
  struct Side {
    const Evaluation* pass;
    View<const double> by_weights;
    int64_t row, first_event;
  };
  double value_of_event(const Side& side, int64_t e) const;
  double value_of_row(const Side& side, const double* by_auxiliary) const;
  double parameter_of(const Side& side, int32_t column) const;
  double input_of(const Side& side, int64_t e, int64_t k) const;

  void shift_one_at_a_time(const Evaluation& base, const Box& box);
  void shift_all(const Evaluation& base, const Box& box);
  /// Append rows of the shifted pass that are copies of a base row's events.
  void append(const Evaluation& base, const Quotient& quotient, int64_t n_rows);

  JumpingSection section_;
  int64_t events_ = 0;  // a shifted row
  double share_ = 1;    // of a row's auxiliaries, in each quotient
  double scale_ = 1;    // of the events' sums
  std::vector<Quotient> quotients_;
  Rows rows_;
  Evaluation::Section start_;
};

}  // namespace sagips

#endif  // SAGIPS_PIPELINE_SECTION_DIFFERENCES_H_
