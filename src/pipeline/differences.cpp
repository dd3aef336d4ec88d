// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/differences.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "pipeline/evaluation.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

Shift shift_parameter(double value, double lower, double upper, int32_t scheme, double step) {
  const double h = step * (upper - lower);
  if (scheme == SAGIPS_ONE_SIDED) return {value, value + h <= upper ? value + h : value - h};
  return {std::max(value - h, lower), std::min(value + h, upper)};
}

std::vector<double> input_steps(const Evaluation& pass, int64_t n_inputs, const double* inputs,
                                double step) {
  std::vector<double> steps(at(n_inputs));
  for (int64_t k = 0; k < n_inputs; ++k) {
    double sum = 0, sum2 = 0, n = 0;
    for (int64_t e = 0; e < pass.n_events(); ++e)
      if (pass.weights()[at(e)] != 0) {
        const double x = inputs[e * n_inputs + k];
        sum += x, sum2 += x * x, n += 1;
      }
    const double spread = n > 0 ? std::sqrt(std::max(sum2 / n - sum / n * (sum / n), 0.0)) : 0;
    steps[at(k)] = step * (spread > 0 ? spread : 1);
  }
  return steps;
}

ShiftedRows shift_rows(const Rows& rows, const Box& box, int32_t scheme, double step) {
  ShiftedRows shifted;
  shifted.sides = evaluations(scheme);
  const int64_t p_count = rows.n_parameters;
  for (int32_t p = 0; p < rows.n_parameters; ++p)
    if (box.lower[at(p)] < box.upper[at(p)]) shifted.columns.push_back(p);
  shifted.rows.n_events = rows.n_events;
  shifted.rows.n_parameters = rows.n_parameters;
  shifted.rows.n_rows = rows.n_rows * static_cast<int64_t>(shifted.columns.size()) * shifted.sides;
  for (int64_t n = 0; n < rows.n_rows; ++n)
    for (const int32_t p : shifted.columns) {
      const double* row = rows.parameters.data() + n * p_count;
      const Shift shift = shift_parameter(row[p], box.lower[at(p)], box.upper[at(p)], scheme, step);
      for (int32_t side = 2 - shifted.sides; side < 2; ++side) {
        const double value = side == 0 ? shift.from : shift.to;
        shifted.rows.parameters.insert(shifted.rows.parameters.end(), row, row + p_count);
        shifted.rows.parameters[shifted.rows.parameters.size() - at(p_count) + at(p)] = value;
        shifted.rows.draw.push_back(rows.draw[at(n)]);
      }
      shifted.distances.push_back(shift.to - shift.from);
    }
  return shifted;
}

std::vector<double> quotients(const ShiftedRows& shifted, int32_t n_parameters,
                              View<const double> values, View<const double> base) {
  const auto moving = static_cast<int64_t>(shifted.columns.size());
  const int64_t n_rows = moving == 0 ? 0 : static_cast<int64_t>(shifted.distances.size()) / moving;
  std::vector<double> grad(at(n_rows * n_parameters));
  for (int64_t n = 0; n < n_rows; ++n)
    for (int64_t k = 0; k < moving; ++k) {
      const int64_t i = n * moving + k;
      const double distance = shifted.distances[at(i)];
      const double to = values[shifted.sides * i + shifted.sides - 1];
      const double from = shifted.sides == 2 ? values[2 * i] : base[n];
      if (distance != 0)
        grad[at(n * n_parameters + shifted.columns[at(k)])] = (to - from) / distance;
    }
  return grad;
}

// The rows of a stage's difference quotients: (n, thing, from and to), where the things are its own
// parameters and then, if asked for, its inputs. Draws are those of the pass; the one-sided scheme
// takes `from` out of it. An input is shifted by a fraction of its spread in the batch, of all
// events of a row at once: outputs of an event are taken to depend on the inputs of that event
// alone.
void Evaluation::shift_stage(size_t index, bool has_inputs, ShiftedStage* out) {
  const Stage& stage = pipeline_->stages()[index];
  const Buffers& base = buffers_[index];
  const int64_t n_rows = rows_.n_rows, e_count = rows_.n_events;
  const double step = stage.difference_step();
  *out = ShiftedStage();
  out->own = stage.n_parameters(rows_.n_parameters);
  out->moved = out->own + (has_inputs ? stage.n_inputs : 0);
  out->sides = stage.route() == GradientRoute::kScore ? 2 : evaluations(stage.scheme);
  const double* inputs = inputs_of(index);
  const std::vector<double> input_step =
      has_inputs ? input_steps(*this, stage.n_inputs, inputs, step) : std::vector<double>();
  out->distance.resize(at(n_rows * out->moved));
  Buffers& b = out->buffers;
  for (int64_t n = 0; n < n_rows; ++n)
    for (int64_t k = 0; k < out->moved; ++k) {
      const bool is_input = k >= out->own;
      const int32_t scheme = out->sides == 2 ? SAGIPS_CENTRAL : SAGIPS_ONE_SIDED;
      Shift shift{0, 0};
      if (is_input) {
        const double h = input_step[at(k - out->own)];
        shift = {out->sides == 2 ? -h : 0, h};
      } else {
        const auto column = at(stage.column(k));
        shift = shift_parameter(base.parameters[at(n * out->own + k)], box_->lower[column],
                                box_->upper[column], scheme, step);
      }
      out->distance[at(n * out->moved + k)] = shift.to - shift.from;
      for (int64_t side = 2 - out->sides; side < 2; ++side) {
        const double value = side == 0 ? shift.from : shift.to;
        const auto copy_row = [n](const auto& from, int64_t per_row, auto* to) {
          to->insert(to->end(), from.begin() + n * per_row, from.begin() + (n + 1) * per_row);
        };
        copy_row(base.parameters, out->own, &b.parameters);
        if (!is_input) b.parameters[b.parameters.size() - at(out->own) + at(k)] = value;
        copy_row(base.uniforms, e_count * stage.n_uniforms, &b.uniforms);
        copy_row(base.row_key, base.row_key.empty() ? 0 : 1, &b.row_key);
        if (stage.n_inputs == 0) continue;
        copy_row(base.weight_in, base.weight_in.empty() ? 0 : e_count, &b.weight_in);
        const int64_t per_row = e_count * stage.n_inputs;
        out->inputs.insert(out->inputs.end(), inputs + n * per_row, inputs + (n + 1) * per_row);
        if (is_input)
          for (int64_t e = 0; e < e_count; ++e)
            out->inputs[out->inputs.size() - at(per_row) + at(e * stage.n_inputs + k - out->own)] +=
                value;
      }
    }
}

/// Whether the stage before wants to know what the inputs do: one that looks at values does not.
bool Evaluation::hands_on(size_t index) const {
  return index > 0 && pipeline_->stages()[index - 1].is_pulled_back();
}

// A smooth stage without a VJP: the motion of its outputs is contracted with their cotangents.

void Evaluation::prepare_differences(size_t index, bool has_inputs) {
  const Stage& stage = pipeline_->stages()[index];
  prepare_backward(index);  // the cotangents
  shift_stage(index, has_inputs, &shifted_);
  Rows rows = rows_;
  rows.n_rows = rows_.n_rows * shifted_.moved * shifted_.sides;
  const int64_t events = rows.n_rows * rows.n_events;
  Buffers& b = shifted_.buffers;
  b.outputs.assign(at(events * stage.n_outputs), 0);
  b.weight.assign(at(events), 1);
  b.auxiliary.assign(at(rows.n_rows * stage.n_auxiliary), 0);
  b.tape.assign(at(rows.n_rows * stage.n_tape), 0);
  b.row_status.assign(at(rows.n_rows), 0);
  batch_ = make_batch(stage, rows, &b, shifted_.inputs.empty() ? nullptr : shifted_.inputs.data());
  batch_.request = SAGIPS_FORWARD;
}

void Evaluation::finish_differences(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  const Buffers& base = buffers_[index];
  const Buffers& b = shifted_.buffers;
  Cotangents* c = &cotangents_;
  const int64_t e_count = rows_.n_events, width = stage.n_outputs, own = shifted_.own;
  const bool is_central = shifted_.sides == 2;
  const Buffers& start = is_central ? b : base;
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    for (int64_t k = 0; k < shifted_.moved; ++k) {
      const double d = shifted_.distance[at(n * shifted_.moved + k)];
      const int64_t to = (n * shifted_.moved + k) * shifted_.sides + shifted_.sides - 1,
                    from = is_central ? to - 1 : n;
      if (d == 0 || b.row_status[at(to)] != 0 || start.row_status[at(from)] != 0) continue;
      for (int64_t e = 0; e < e_count; ++e) {
        const int64_t f = from * e_count + e, t = to * e_count + e, i = n * e_count + e;
        if (is_lost_behind(index, i)) continue;
        double sum = c->weight[i] * (b.weight[at(t)] - start.weight[at(f)]);
        if (b.weight[at(t)] != 0 && start.weight[at(f)] != 0)
          for (int64_t y = 0; y < width; ++y)
            sum += c->outputs[i * width + y] *
                   (b.outputs[at(t * width + y)] - start.outputs[at(f * width + y)]);
        if (k < own)
          c->parameters[at(n * own + k)] += sum / d;
        else
          c->inputs[at(i * stage.n_inputs + k - own)] = sum / d;
      }
      if (k < own) c->parameters[at(n * own + k)] += auxiliary_change(index, n, k) / d;
    }
}

/// Of the auxiliaries of a row, from one side to the other, with their cotangents.
double Evaluation::auxiliary_change(size_t index, int64_t row, int64_t k) const {
  const int64_t width = pipeline_->stages()[index].n_auxiliary;
  const bool is_central = shifted_.sides == 2;
  const int64_t to = (row * shifted_.moved + k) * shifted_.sides + shifted_.sides - 1;
  const int64_t from = is_central ? to - 1 : row;
  const Buffers& start = is_central ? shifted_.buffers : buffers_[index];
  double sum = 0;
  for (int64_t a = 0; a < width; ++a)
    sum += cotangents_.auxiliary[at(row * width + a)] *
           (shifted_.buffers.auxiliary[at(to * width + a)] - start.auxiliary[at(from * width + a)]);
  return sum;
}

}  // namespace sagips
