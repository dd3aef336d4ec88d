// SPDX-License-Identifier: BSD-3-Clause
// A stage of which the user knows the log-probability of its outputs, given inputs and parameters:
//
//   d/dp E[w l] = E[ w (l - L) d(log p)/dp ]
//
// whatever the events do: they may be whole numbers, and jump, and be lost further on. The outputs
// stand still, and only log p is differenced, by the stage's parameters and inputs. L, the mean,
// takes no part in the expectation, and most of the noise out of the estimate. Where a shifted law
// forbids an event (log p = -infinity) the event says nothing. A weight that the stage writes
// itself belongs to the law, log p = log(density * weight). Its auxiliaries do not: they are
// differenced, at shifted parameters and with the draws of the pass.
#include <cmath>

#include "core/error.h"
#include "pipeline/differences.h"
#include "pipeline/evaluation.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

void Evaluation::prepare_score(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  prepare_backward(index);  // room for the answer
  shift_stage(index, hands_on(index), &shifted_);
  Buffers& b = shifted_.buffers;
  Rows rows = rows_;
  rows.n_rows = rows_.n_rows * shifted_.moved * shifted_.sides;
  const Buffers& base = buffers_[index];
  const int64_t per_row = rows.n_events * stage.n_outputs, copies = shifted_.moved * shifted_.sides;
  b.outputs.reserve(at(rows.n_rows * per_row));
  for (int64_t r = 0; r < rows.n_rows; ++r) {
    const auto first = base.outputs.begin() + r / copies * per_row;
    b.outputs.insert(b.outputs.end(), first, first + per_row);
  }
  b.uniforms.clear();
  b.row_key.clear();
  b.row_status.assign(at(rows.n_rows), 0);
  b.log_probability.assign(at(rows.n_rows * rows.n_events), 0);
  batch_ = make_batch(stage, rows, &b, shifted_.inputs.empty() ? nullptr : shifted_.inputs.data());
  batch_.request = SAGIPS_LOG_PROBABILITY;
}

void Evaluation::finish_score(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  const std::vector<double>& log_p = shifted_.buffers.log_probability;
  const std::vector<double>& all_weights = weights();
  Cotangents* c = &cotangents_;
  const int64_t e_count = rows_.n_events, own = shifted_.own;
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    for (int64_t k = 0; k < shifted_.moved; ++k) {
      const double d = shifted_.distance[at(n * shifted_.moved + k)];
      const int64_t from = (n * shifted_.moved + k) * 2;
      const std::vector<int32_t>& status = shifted_.buffers.row_status;
      if (d == 0 || status[at(from)] != 0 || status[at(from + 1)] != 0) continue;
      for (int64_t e = 0; e < e_count; ++e) {
        const int64_t i = n * e_count + e;
        const double w = all_weights[at(i)];
        const double low = log_p[at(from * e_count + e)],
                     high = log_p[at((from + 1) * e_count + e)];
        if (w == 0 || std::isinf(low) || std::isinf(high)) continue;
        const double g = w * grad_weights_[i] * (high - low) / d;
        if (k < own)
          c->parameters[at(n * own + k)] += g;
        else
          c->inputs[at(i * stage.n_inputs + k - own)] = g;
      }
    }
}

void Evaluation::finish_auxiliary(size_t index) {
  const Stage& stage = pipeline_->stages()[index];
  const std::vector<int32_t>& status = shifted_.buffers.row_status;
  for (int64_t n = 0; n < rows_.n_rows; ++n)
    for (int64_t k = 0; k < shifted_.own && !has_failed(n); ++k) {
      const double d = shifted_.distance[at(n * shifted_.moved + k)];
      const int64_t from = (n * shifted_.moved + k) * 2;
      if (d != 0 && status[at(from)] == 0 && status[at(from + 1)] == 0)
        gradient_[at(n * rows_.n_parameters + stage.column(k))] +=
            auxiliary_change(index, n, k) / d;
    }
}

}  // namespace sagips
