// SPDX-License-Identifier: BSD-3-Clause
// Synthetic events of an epoch: from proposed rows through the pipeline. Rows on which the model
// fails end the epoch, or lose their events (option `failure.policy`):
//
//   skip       the batch is what the generator proposes where the model works
//   resample   a failed row is drawn again, at its parameters: events given that the model works
//   there
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "solver/epoch.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr double kFailuresForgiven = 10;  // before their fraction counts

}  // namespace

void Epoch::begin_forward(const Step& step) {
  Rows rows;
  rows.n_rows = plan_.rows;
  rows.n_events = plan_.events_per_row(epoch_);
  rows.n_parameters = plan_.space.size();
  rows.parameters = proposal_.parameters;
  for (int64_t n = 0; n < plan_.rows; ++n) rows.draw.push_back(step.round * plan_.rows + n);
  attempt_ = 0;
  workspace_->base[step.dataset].begin(call_for(step.dataset), std::move(rows));
}

bool Epoch::go_on_forward(const Step& step) {
  Evaluation* base = &workspace_->base[step.dataset];
  Evaluation* again = &workspace_->shifted[step.dataset];
  for (;;) {
    Evaluation* pass = attempt_ == 0 ? base : again;
    if (!pass_is_over(pass)) return false;
    count_failures(*pass);
    if (attempt_ > 0) base->replace_failed(*again);
    if (!begin_again(step.dataset)) break;
  }
  take_events(step.dataset);
  return true;
}

void Epoch::count_failures(const Evaluation& pass) {
  int64_t rows_failed = 0;
  for (const int32_t status : pass.failed()) rows_failed += status != 0 ? 1 : 0;
  count_failures(pass.rows().n_rows, rows_failed, pass.failure());
}

void Epoch::count_failures(int64_t rows_run, int64_t rows_failed, const std::string& failure) {
  TrainingState& s = *state_;
  s.rows_run += rows_run;
  s.rows_failed += rows_failed;
  const double limit = plan_.failures.limit * static_cast<double>(s.rows_run);
  if (rows_failed > 0 && static_cast<double>(s.rows_failed) > std::max(limit, kFailuresForgiven))
    fail(SAGIPS_ERROR_ROW, s.rows_failed, " of ", s.rows_run,
         " rows have failed (more than failure.limit = ", plan_.failures.limit,
         "), the last because ", failure,
         "; mend the model, narrow the bounds of the parameters or raise failure.limit");
}

/// Draw the rows anew that failed. @return false if there are none, or not to be
bool Epoch::begin_again(size_t dataset) {
  const Evaluation& base = workspace_->base[dataset];
  if (base.failed().empty() || plan_.failures.policy != FailureRule::Policy::kResample ||
      attempt_ == plan_.failures.attempts)
    return false;
  ++attempt_;
  const Rows& all = base.rows();
  Rows rows{0, all.n_events, all.n_parameters, {}, {}};
  for (int64_t n = 0; n < all.n_rows; ++n) {
    if (!base.has_failed(n)) continue;
    const auto first = all.parameters.begin() + n * all.n_parameters;
    rows.parameters.insert(rows.parameters.end(), first, first + all.n_parameters);
    rows.draw.push_back(all.draw[at(n)] % kDrawsAnAttempt + attempt_ * kDrawsAnAttempt);
    ++rows.n_rows;
  }
  state_->rows_resampled += rows.n_rows;
  workspace_->shifted[dataset].begin(base.call(), std::move(rows));
  return true;
}

void Epoch::take_events(size_t dataset) {
  const Evaluation& batch = workspace_->base[dataset];
  const std::vector<int32_t>& failed = batch.failed();
  working_rows_[dataset] =
      failed.empty() ? batch.rows().n_rows : std::count(failed.begin(), failed.end(), 0);
  if (working_rows_[dataset] == 0)
    throw SkipEpoch{concatenate("all ", batch.rows().n_rows, " rows failed: ", batch.failure())};
  double total = 0, lost = 0;
  if (batch.has_unit_weights()) {
    total = static_cast<double>(batch.n_events());
  } else {
    for (const double w : batch.weights()) {
      total += w;
      lost += w == 0 ? 1 : 0;
    }
  }
  if (!(total > 0))
    fail(SAGIPS_ERROR_LOST, "the weights of ", batch.n_events(), " synthetic events of data set '",
         plan_.datasets[dataset].dataset->name, "' sum to ", total, " (must be positive; ", lost,
         " are lost); start nearer to where events survive, or narrow the bounds");
  totals_[dataset] = total;
  state_->synthetic_events += batch.n_events();
  lost_ += lost;
  generated_ += static_cast<double>(batch.n_events());
  state_->lost_fraction = lost_ / generated_;
}

BufferSource Epoch::synthetic_events(size_t dataset) const {
  const Evaluation& batch = workspace_->base[dataset];
  return BufferSource(batch.events().data(),
                      batch.has_unit_weights() ? nullptr : batch.weights().data(), batch.n_events(),
                      plan_.datasets[dataset].dataset->pipeline.n_outputs(), totals_[dataset]);
}

}  // namespace sagips
