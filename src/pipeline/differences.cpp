// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/differences.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "pipeline/callback.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }

double step_of(const Stage& stage) { return stage.step > 0 ? stage.step : stage.default_step(); }
}  // namespace

Shift shift_parameter(double value, double lower, double upper, int32_t scheme, double step) {
  const double h = step * (upper - lower);
  if (scheme == SAGIPS_ONE_SIDED) return {value, value + h <= upper ? value + h : value - h};
  return {std::max(value - h, lower), std::min(value + h, upper)};
}

double objective_step(const Pipeline& pipeline) {
  double step = 0;
  for (const Stage& stage : pipeline.stages())
    if (stage.backward == nullptr) step = std::max(step, step_of(stage));
  return step;
}

int32_t objective_scheme(const Pipeline& pipeline) {
  for (const Stage& stage : pipeline.stages())
    if (stage.backward == nullptr && stage.scheme == SAGIPS_CENTRAL) return SAGIPS_CENTRAL;
  return SAGIPS_ONE_SIDED;
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

// A smooth stage without a VJP: its own parameters and inputs are shifted, one batch for all, and
// the motion of its outputs is contracted with their cotangents. Outputs of an event are taken to
// depend on the inputs of that event alone.
void Evaluation::difference_events(size_t index, Cotangents* c) {
  const Stage& stage = pipeline_->stages()[index];
  const Buffers& base = buffers_[index];
  const int64_t n_rows = rows_.n_rows, e_count = rows_.n_events, width = stage.n_outputs;
  const int64_t own =
      stage.columns.empty() ? rows_.n_parameters : static_cast<int64_t>(stage.columns.size());
  const int64_t moved = own + stage.n_inputs;  // things to shift, parameters first
  const double step = step_of(stage);
  const int64_t sides = evaluations(stage.scheme);

  // 1. How far each input is shifted: a fraction of its spread in the batch.
  std::vector<double> input_step(at(stage.n_inputs));
  const double* inputs = inputs_of(index);
  const std::vector<double>& all_weights = weights();
  for (int64_t k = 0; k < stage.n_inputs; ++k) {
    double sum = 0, sum2 = 0, n = 0;
    for (int64_t e = 0; e < n_events(); ++e)
      if (all_weights[at(e)] != 0) {
        const double x = inputs[e * stage.n_inputs + k];
        sum += x, sum2 += x * x, n += 1;
      }
    const double spread = n > 0 ? std::sqrt(std::max(sum2 / n - sum / n * (sum / n), 0.0)) : 0;
    input_step[at(k)] = step * (spread > 0 ? spread : 1);
  }

  // 2. One batch with the rows (n, thing, from and to) at shifted values, draws as in the base; the
  //    one-sided scheme takes `from` out of the base.
  Rows rows = rows_;
  rows.n_rows = n_rows * moved * sides;
  Buffers b;
  std::vector<double> shifted_inputs;
  std::vector<double> distance(at(n_rows * moved));
  for (int64_t n = 0; n < n_rows; ++n)
    for (int64_t k = 0; k < moved; ++k) {
      Shift shift{0, 0};
      if (k < own) {
        const auto column = at(stage.columns.empty() ? k : stage.columns[at(k)]);
        shift = shift_parameter(base.parameters[at(n * own + k)], box_->lower[column],
                                box_->upper[column], stage.scheme, step);
      } else {
        shift = {stage.scheme == SAGIPS_CENTRAL ? -input_step[at(k - own)] : 0,
                 input_step[at(k - own)]};
      }
      distance[at(n * moved + k)] = shift.to - shift.from;
      for (int64_t side = 2 - sides; side < 2; ++side) {
        const double value = side == 0 ? shift.from : shift.to;
        const double* row = base.parameters.data() + n * own;
        b.parameters.insert(b.parameters.end(), row, row + own);
        if (k < own) b.parameters[b.parameters.size() - at(own) + at(k)] = value;
        const auto copy_row = [n](const auto& from, int64_t per_row, auto* to) {
          to->insert(to->end(), from.begin() + n * per_row, from.begin() + (n + 1) * per_row);
        };
        copy_row(base.uniforms, e_count * stage.n_uniforms, &b.uniforms);
        copy_row(base.row_key, 1, &b.row_key);
        if (stage.n_inputs == 0) continue;
        copy_row(base.weight_in, e_count, &b.weight_in);
        const int64_t per_row = e_count * stage.n_inputs;
        shifted_inputs.insert(shifted_inputs.end(), inputs + n * per_row,
                              inputs + (n + 1) * per_row);
        if (k >= own)
          for (int64_t e = 0; e < e_count; ++e)
            shifted_inputs[shifted_inputs.size() - at(per_row) +
                           at(e * stage.n_inputs + k - own)] += value;
      }
    }
  call_forward(stage, rows, &b, stage.n_inputs == 0 ? nullptr : shifted_inputs.data());

  // 3. Contract the differences with the cotangents.
  const Buffers& start = sides == 2 ? b : base;
  c->parameters.assign(at(n_rows * own), 0);
  c->inputs.assign(at(n_events() * stage.n_inputs), 0);
  for (int64_t n = 0; n < n_rows; ++n)
    for (int64_t k = 0; k < moved; ++k) {
      const double d = distance[at(n * moved + k)];
      if (d == 0) continue;
      const int64_t to = (n * moved + k) * sides + sides - 1, from = sides == 2 ? to - 1 : n;
      for (int64_t e = 0; e < e_count; ++e) {
        const int64_t f = from * e_count + e, t = to * e_count + e, i = n * e_count + e;
        if (all_weights[at(i)] == 0) continue;
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
      if (k < own)
        for (int64_t a = 0; a < stage.n_auxiliary; ++a)
          c->parameters[at(n * own + k)] += c->auxiliary[at(n * stage.n_auxiliary + a)] *
                                            (b.auxiliary[at(to * stage.n_auxiliary + a)] -
                                             start.auxiliary[at(from * stage.n_auxiliary + a)]) /
                                            d;
    }
}

}  // namespace sagips
