// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/section_differences.h"

#include <algorithm>

#include "core/philox.h"
#include "pipeline/differences.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

bool jumps(const Stage& stage) {
  return !stage.is_pulled_back() && stage.route() != GradientRoute::kScore;
}

}  // namespace

std::vector<JumpingSection> jumping_sections(const Pipeline& pipeline, const Box& box) {
  const std::vector<Stage>& stages = pipeline.stages();
  std::vector<JumpingSection> sections;
  for (size_t end = stages.size(); end > 0; --end) {
    if (!jumps(stages[end - 1])) continue;
    JumpingSection s;
    s.end = end;
    s.sides = 1;
    std::vector<char> is_seen(box.lower.size());
    for (; end > 0 && jumps(stages[end - 1]); --end) {
      const Stage& stage = stages[end - 1];
      if (stage.route() == GradientRoute::kSmoothedDifferences) {
        s.is_smoothed = true;
        s.directions = std::max(s.directions, stage.directions);
      }
      if (stage.scheme != SAGIPS_ONE_SIDED) s.sides = 2;
      s.step = std::max(s.step, stage.difference_step());
      const auto p_count = static_cast<int64_t>(box.lower.size());
      for (int64_t k = 0; k < stage.n_parameters(p_count); ++k) is_seen[at(stage.column(k))] = 1;
    }
    s.begin = end;
    if (s.is_smoothed) s.sides = 2;
    for (size_t p = 0; p < is_seen.size(); ++p)
      if (is_seen[p] != 0 && box.lower[p] < box.upper[p])
        s.columns.push_back(static_cast<int32_t>(p));
    s.moves_inputs = s.begin > 0 && stages[s.begin - 1].is_pulled_back();
    sections.push_back(std::move(s));
    if (end == 0) break;
  }
  return sections;
}

// ------------------------------------------------------------------------------- the shifted pass

void SectionDifferences::begin(const JumpingSection& section, const Box& box,
                               const Evaluation& base, Evaluation* shifted) {
  section_ = section;
  quotients_.clear();
  rows_ = Rows();
  rows_.n_parameters = base.rows().n_parameters;
  start_ = Evaluation::Section();
  start_.begin = section.begin;
  start_.end = section.end;
  Call call = base.call();
  if (section.is_smoothed) {
    call.uniforms = Stream::kShifted;  // a row's share of events has draws of its own
    call.keys = Stream::kShiftedKey;
    shift_all(base, box);
  } else {
    shift_one_at_a_time(base, box);
  }
  rows_.n_events = events_;
  shifted->begin(call, rows_, start_);
}

void SectionDifferences::append(const Evaluation& base, const Quotient& quotient, int64_t n_rows) {
  const int64_t p_count = rows_.n_parameters,
                width = base.pipeline().stages()[section_.begin].n_inputs;
  const double* inputs = base.inputs_of(section_.begin);
  const double* weights = base.weights_before(section_.begin);
  const double* row = base.rows().parameters.data() + quotient.row * p_count;
  const int64_t a_count = base.pipeline().n_auxiliary();
  const double* auxiliary = base.auxiliary().data() + quotient.row * a_count;
  for (int64_t r = 0; r < n_rows; ++r) {
    rows_.parameters.insert(rows_.parameters.end(), row, row + p_count);
    start_.parameters.insert(start_.parameters.end(), row, row + p_count);
    start_.auxiliary.insert(start_.auxiliary.end(), auxiliary, auxiliary + a_count);
    ++rows_.n_rows;
    for (int64_t e = 0; e < events_ && width > 0; ++e) {
      const int64_t i =
          quotient.row * base.rows().n_events + (quotient.first_event + e) % base.rows().n_events;
      start_.inputs.insert(start_.inputs.end(), inputs + i * width, inputs + (i + 1) * width);
      if (weights != nullptr) start_.weights.push_back(weights[i]);
    }
  }
}

void SectionDifferences::shift_one_at_a_time(const Evaluation& base, const Box& box) {
  const Rows& rows = base.rows();
  const int64_t width =
      section_.moves_inputs ? base.pipeline().stages()[section_.begin].n_inputs : 0;
  const auto own = static_cast<int64_t>(section_.columns.size());
  const int32_t scheme = section_.sides == 2 ? SAGIPS_CENTRAL : SAGIPS_ONE_SIDED;
  const std::vector<double> input_step =
      input_steps(base, width, base.inputs_of(section_.begin), section_.step);
  events_ = rows.n_events;
  share_ = scale_ = 1;
  for (int64_t n = 0; n < rows.n_rows; ++n)
    for (int64_t k = 0; k < own + width; ++k) {
      quotients_.push_back({n, 0});
      append(base, quotients_.back(), section_.sides);
      for (int64_t side = 0; side < section_.sides; ++side) {
        const int64_t row = rows_.n_rows - section_.sides + side;
        const bool is_to = side == section_.sides - 1;
        rows_.draw.push_back(rows.draw[at(n)]);
        if (k < own) {
          const auto column = at(section_.columns[at(k)]);
          double* value = &rows_.parameters[at(row * rows_.n_parameters) + column];
          const Shift shift =
              shift_parameter(*value, box.lower[column], box.upper[column], scheme, section_.step);
          *value = is_to ? shift.to : shift.from;
        } else {
          const double h = input_step[at(k - own)];
          for (int64_t e = 0; e < events_; ++e)
            start_.inputs[at((row * events_ + e) * width + k - own)] += is_to ? h : -h;
        }
      }
    }
}

void SectionDifferences::shift_all(const Evaluation& base, const Box& box) {
  const Rows& rows = base.rows();
  const int64_t width =
      section_.moves_inputs ? base.pipeline().stages()[section_.begin].n_inputs : 0;
  const int64_t parts = std::min<int64_t>(section_.directions, rows.n_events);
  const auto own = static_cast<int64_t>(section_.columns.size());
  const std::vector<double> input_step =
      input_steps(base, width, base.inputs_of(section_.begin), section_.step);
  events_ = (rows.n_events + parts - 1) / parts;
  share_ = 1 / static_cast<double>(parts);
  scale_ = static_cast<double>(rows.n_events) / static_cast<double>(parts * events_);
  std::vector<double> coins(at(own + events_ * width));
  for (int64_t n = 0; n < rows.n_rows; ++n)
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t draw = rows.draw[at(n)] % kDrawsAnAttempt * section_.directions + part;
      quotients_.push_back({n, part * events_});
      append(base, quotients_.back(), 2);
      const Call& call = base.call();
      fill_uniform(
          {call.seed, Stream::kDirections, call.member,
           pipeline_row(call.dataset, static_cast<int64_t>(section_.begin), draw), call.epoch},
          coins);
      for (int64_t side = 0; side < 2; ++side) {
        const int64_t row = rows_.n_rows - 2 + side;
        rows_.draw.push_back(draw);
        const auto is_up = [&](int64_t i) { return (coins[at(i)] < 0.5) == (side == 1); };
        for (int64_t k = 0; k < own; ++k) {
          const auto column = at(section_.columns[at(k)]);
          double* value = &rows_.parameters[at(row * rows_.n_parameters) + column];
          const Shift shift = shift_parameter(*value, box.lower[column], box.upper[column],
                                              SAGIPS_CENTRAL, section_.step);
          *value = is_up(k) ? shift.to : shift.from;
        }
        for (int64_t i = 0; i < events_ * width; ++i)
          start_.inputs[at(row * events_ * width + i)] +=
              is_up(own + i) ? input_step[at(i % width)] : -input_step[at(i % width)];
      }
    }
}

// ---------------------------------------------------------------------------------- the quotients

double SectionDifferences::value_of_event(const Side& side, int64_t e) const {
  const Evaluation& pass = *side.pass;
  const int64_t n_events = pass.rows().n_events;
  const int64_t i = side.row * n_events + (side.first_event + e) % n_events;
  const double w = pass.weights()[at(i)];
  return w == 0 ? 0 : w * side.by_weights[i];
}

double SectionDifferences::value_of_row(const Side& side, const double* by_auxiliary) const {
  double events = 0, auxiliaries = 0;
  for (int64_t e = 0; e < events_; ++e) events += value_of_event(side, e);
  const int64_t a_count = side.pass->pipeline().n_auxiliary();
  for (int64_t a = 0; a < a_count; ++a)
    auxiliaries += by_auxiliary[a] * side.pass->auxiliary()[at(side.row * a_count + a)];
  return scale_ * events + share_ * auxiliaries;
}

double SectionDifferences::parameter_of(const Side& side, int32_t column) const {
  return side.pass->rows().parameters[at(side.row * rows_.n_parameters + column)];
}

double SectionDifferences::input_of(const Side& side, int64_t e, int64_t k) const {
  const int64_t n_events = side.pass->rows().n_events;
  const int64_t i = side.row * n_events + (side.first_event + e) % n_events;
  const int64_t width = side.pass->pipeline().stages()[section_.begin].n_inputs;
  return side.pass->inputs_of(section_.begin)[i * width + k];
}

std::vector<double> SectionDifferences::contract(const Evaluation& base, const Evaluation& shifted,
                                                 const Values& values,
                                                 std::vector<double>* gradient) const {
  const int64_t width =
      section_.moves_inputs ? base.pipeline().stages()[section_.begin].n_inputs : 0;
  const int64_t n_events = base.rows().n_events;
  std::vector<double> cotangent(at(base.n_events() * width));
  for (size_t q = 0; q < quotients_.size(); ++q) {
    const Quotient& quotient = quotients_[q];
    if (base.has_no_gradient(quotient.row)) continue;
    // A side that failed, or was never run, is the pass itself, where draws are the same.
    const Side still{&base, values.base, quotient.row, quotient.first_event};
    const int64_t last = static_cast<int64_t>(q + 1) * section_.sides - 1;
    const auto side_at = [&](int64_t row) {
      return shifted.has_failed(row) ? still : Side{&shifted, values.shifted, row, 0};
    };
    const Side to = side_at(last);
    const Side from = section_.sides == 2 ? side_at(last - 1) : still;
    if (section_.is_smoothed && (to.pass == &base || from.pass == &base)) continue;

    const double* by_auxiliary =
        values.by_auxiliary.data() + quotient.row * base.pipeline().n_auxiliary();
    const double change = value_of_row(to, by_auxiliary) - value_of_row(from, by_auxiliary);
    for (const int32_t column : section_.columns) {
      const double d = parameter_of(to, column) - parameter_of(from, column);
      if (d != 0) (*gradient)[at(quotient.row * rows_.n_parameters + column)] += change / d;
    }
    for (int64_t e = 0; e < events_; ++e)
      for (int64_t k = 0; k < width; ++k) {
        const double d = input_of(to, e, k) - input_of(from, e, k);
        const int64_t i = quotient.row * n_events + (quotient.first_event + e) % n_events;
        if (d != 0)
          cotangent[at(i * width + k)] +=
              scale_ * (value_of_event(to, e) - value_of_event(from, e)) / d;
      }
  }
  return cotangent;
}

}  // namespace sagips
