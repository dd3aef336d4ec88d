// SPDX-License-Identifier: BSD-3-Clause
// What the data let one know of the estimate, for any forward model and without a truth.
//
// Let l be the lifted observables (mean 0, unit covariance on the data; at least to degree 4 with
// pair products) and J = d<l>/dp, by central differences through the pipeline with common random
// numbers. An estimate that matches N means <l> optimally knows
//
//   I = N J^T J + sum (da/dp)(da/dp)^T / sigma_a^2 + sum 1/sigma_prior^2,     covariance = I^-1
//
// (Hansen 1982). That is never better than the Cramer-Rao limit, and near it where they span
// the score. Directions in which I vanishes are unmeasured: their variance is infinite.
//
// A data set with a weight w of its own pulls w times as strongly, I_d -> w I_d, and its noise as
// well, so that with B = sum w^2 I_d + the rest the covariance is  I^-1 B I^-1.
//
// Data drawn with replacement scatter around the measured ones as those do around the truth, while
// auxiliaries and priors stay: that adds  I^-1 (N J^T J) I^-1.
//
// So do the n synthetic events behind an average over epochs, and the n measured ones that were
// compared with them, as long as these are not all N. The noise of <l>_data - <l>_synthetic is
// that of 1/N + (1/n + max(0, 1/n - 1/N)) instead of 1/N, which adds
//
//   I^-1 (f N J^T J) I^-1,   f = N/n + max(0, N/n - 1)
//
// This is what trainings with different seeds scatter by (benchmarks.md), if the estimate moves to
// and fro many times while it is averaged, and draws are independent. Latin hypercubes have less
// noise, how much less depends on the model: then f is an upper bound.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
#include "nn/linear_algebra.h"
#include "objective/discriminator.h"
#include "objective/lift_plan.h"
#include "pipeline/differences.h"
#include "solver/solver.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr double kSmoothStep = 1e-4;   // of a parameter's range; whitening amplifies its errors
constexpr double kJumpingStep = 1e-2;  // enough events cross a jump
constexpr int64_t kChunk = 4096;       // events a row at a time
constexpr double kUnmeasured = 1e-8;   // of the largest eigenvalue of the scaled information

/// A plan with no layers, used for its standardisation and lift alone.
NetworkPlan plan_features(const Options& options, const DatasetPlan& d) {
  NetworkPlan plan;
  const int64_t n = std::min<int64_t>(d.order.n_training(), 200000);
  const EventBatch sample = gather_training(*d.dataset->events, d.order, 0, n);
  plan_standardisation(sample.events, sample.weights, d.dataset->name, &plan);
  const LiftSettings settings{
      std::max(4, static_cast<int32_t>(options.integer("lift.degree"))),
      std::max(2, static_cast<int32_t>(options.integer("lift.cross_degree"))),
      options.real("lift.clip")};
  plan.widths = {plan_lift(settings, sample.events, sample.weights, sample.n_observables, &plan)};
  return plan;
}

/// Run rows that are to be compared with each other: where one of them fails, and may, all are
/// drawn anew, so that both sides of every difference are there.
void forward_whole(const TrainingPlan& plan, Call call, Rows* rows, Evaluation* pass) {
  const bool is_error = plan.failures.policy == FailureRule::Policy::kError;
  for (int64_t attempt = 0;; ++attempt) {
    const bool is_last = is_error || attempt == plan.failures.attempts;
    call.failures = is_last ? FailurePolicy::kError : FailurePolicy::kMark;
    pass->forward(call, *rows);
    if (pass->failed().empty()) return;
    for (int64_t& draw : rows->draw) draw += kDrawsAnAttempt;
  }
}

/// f above.
double synthetic_noise(const Member& member, const DatasetPlan& d, double efficiency) {
  const double n = member.plan.averaged_events(member.state.epoch, member.state.averaged);
  if (n == 0) return 0;
  return d.effective_events / (n * efficiency) + std::max(0.0, d.effective_events / n - 1);
}

/// a b, all (P, P).
std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, int64_t n) {
  std::vector<double> c(at(n * n));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t k = 0; k < n; ++k) c[at(i * n + j)] += a[at(i * n + k)] * b[at(k * n + j)];
  return c;
}

}  // namespace

void Solver::add_event_information(const Member& member, size_t dataset,
                                   const std::vector<double>& point, Information* info) {
  const TrainingPlan& plan = member.plan;
  const DatasetPlan& d = plan.datasets[dataset];
  const int64_t p_count = plan.space.size(), y_count = d.dataset->pipeline.n_outputs();
  const WorkspacePool::Loan workspace(ensemble_.workspaces());
  const NetworkPlan features = plan_features(options_, d);
  const int64_t k_count = features.n_inputs();
  const int64_t n_auxiliary = d.dataset->pipeline.n_auxiliary();

  const Pipeline& pipeline = d.dataset->pipeline;
  const bool jumps = !pipeline.is_pulled_back() || pipeline.jumps(false);
  double step = jumps ? kJumpingStep : kSmoothStep;
  for (const Stage& stage : pipeline.stages())  // its user knows how rough it is
    if (stage.route() == GradientRoute::kEventDifferences) step = std::max(step, stage.step);

  // 1. Rows at p + h and p - h, in chunks of events; sums of w l and of w for each.
  ShiftedRows shifted;
  std::vector<double> sums, weights, auxiliary;
  double n_made = 0, weight = 0, squared_weight = 0;  // of all rows
  int64_t left = options_.integer("uncertainty.events");
  const int64_t n_chunks = (left + kChunk - 1) / kChunk;
  for (int64_t chunk = 0; left > 0; ++chunk, left -= kChunk) {
    Rows rows{1, std::min(left, kChunk), plan.space.size(), point, {chunk}};
    shifted = shift_rows(rows, plan.box, SAGIPS_CENTRAL, step);
    if (shifted.columns.empty()) return;
    Call call{plan.seed,   Stream::kGeneration,           Stream::kGenerationKey,
              plan.member, static_cast<int64_t>(dataset), 0,
              false};
    Evaluation& batch = workspace->shifted[dataset];
    forward_whole(plan, call, &shifted.rows, &batch);
    const BufferSource source(batch.events().data(), batch.weights().data(), batch.n_events(),
                              static_cast<int32_t>(y_count));
    std::vector<double> lifted(at(batch.n_events() * k_count));
    device_->lift_events(features, source, lifted);
    sums.resize(at(shifted.rows.n_rows * k_count));
    weights.resize(at(shifted.rows.n_rows));
    auxiliary.resize(batch.auxiliary().size());
    for (size_t i = 0; i < auxiliary.size(); ++i)
      auxiliary[i] += batch.auxiliary()[i] / static_cast<double>(n_chunks);
    for (int64_t e = 0; e < batch.n_events(); ++e) {
      const int64_t row = e / rows.n_events;
      weights[at(row)] += batch.weights()[at(e)];
      n_made += 1;
      weight += batch.weights()[at(e)];
      squared_weight += batch.weights()[at(e)] * batch.weights()[at(e)];
      for (int64_t k = 0; k < k_count; ++k)
        sums[at(row * k_count + k)] += batch.weights()[at(e)] * lifted[at(e * k_count + k)];
    }
  }

  // 2. Each mean's derivative, and its outer product into the information.
  const auto add = [&](const std::vector<double>& values, double n, std::vector<double>* sum) {
    const std::vector<double> slope = quotients(shifted, plan.space.size(), values);
    for (int64_t i = 0; i < p_count; ++i)
      for (int64_t j = 0; j < p_count; ++j)
        (*sum)[at(i * p_count + j)] += n * slope[at(i)] * slope[at(j)];
  };
  std::vector<double> values(weights.size());
  for (const double w : weights)
    if (!(w > 0))
      fail(SAGIPS_ERROR_LOST, "no synthetic event of data set '", d.dataset->name,
           "' survives near the estimate, so its uncertainty cannot be told; see whether the model "
           "fits");
  const double noise = synthetic_noise(member, d, weight * weight / (n_made * squared_weight));
  for (int64_t k = 0; k < k_count; ++k) {
    for (size_t r = 0; r < values.size(); ++r)
      values[r] = sums[r * at(k_count) + at(k)] / weights[r];
    const double w = d.dataset->weight, n = w * d.effective_events;
    add(values, n, &info->events);
    add(values, w * n, &info->scatter);
    add(values, w * n * noise, &info->synthetic);
  }
  for (const Measurement& m : d.dataset->measurements) {
    if (m.penalty != SAGIPS_GAUSSIAN || plan.auxiliary_weight == 0) continue;
    for (size_t r = 0; r < values.size(); ++r)
      values[r] = auxiliary[r * at(n_auxiliary) + at(m.index)];
    add(values, 1 / (m.sigma * m.sigma), &info->others);
  }
}

Solver::Statistics Solver::statistics(const Member& member, const std::vector<double>& point) {
  const TrainingPlan& plan = member.plan;
  const int64_t p_count = plan.space.size();
  const std::vector<double> none(at(p_count * p_count));
  Information parts{none, none, none, none};
  for (size_t d = 0; d < plan.datasets.size(); ++d) add_event_information(member, d, point, &parts);
  std::vector<int64_t> free;
  for (int64_t p = 0; p < p_count; ++p) {
    const Parameter& parameter = plan.space.parameters()[at(p)];
    if (parameter.is_fixed) continue;
    free.push_back(p);
    if (parameter.prior_sigma > 0)
      parts.others[at(p * p_count + p)] += 1 / (parameter.prior_sigma * parameter.prior_sigma);
  }
  std::vector<double> info = parts.events;
  for (size_t i = 0; i < info.size(); ++i) info[i] += parts.others[i];

  // Scaled to a unit diagonal, then inverted through its eigenvectors, so that a direction without
  // information is seen as such.
  const auto n = static_cast<int64_t>(free.size());
  std::vector<double> scaled(at(n * n)), scale(at(n)), values, vectors;
  for (int64_t i = 0; i < n; ++i) {
    const double diagonal = info[at(free[at(i)] * p_count + free[at(i)])];
    scale[at(i)] = diagonal > 0 ? 1 / std::sqrt(diagonal) : 1;
  }
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      scaled[at(i * n + j)] =
          scale[at(i)] * scale[at(j)] * info[at(free[at(i)] * p_count + free[at(j)])];
  eigen_decompose(scaled, n, &values, &vectors);
  std::vector<double> covariance(at(p_count * p_count)), unmeasured(at(p_count * p_count));
  const double largest = values.empty() ? 0 : values.back();
  for (int64_t e = 0; e < n; ++e) {
    const double* v = vectors.data() + e * n;
    const bool is_measured = values[at(e)] > kUnmeasured * largest && largest > 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        const size_t place = at(free[at(i)] * p_count + free[at(j)]);
        if (is_measured)
          covariance[place] += v[i] * v[j] * scale[at(i)] * scale[at(j)] / values[at(e)];
        else if (i == j && std::abs(v[i]) > 1e-3)
          unmeasured[place] = std::numeric_limits<double>::infinity();
      }
  }
  const auto between = [&](const std::vector<double>& middle) {
    return product(product(covariance, middle, p_count), covariance, p_count);
  };
  Statistics result;
  result.resampling = between(parts.scatter);
  result.synthetic = between(parts.synthetic);
  if (std::any_of(plan.datasets.begin(), plan.datasets.end(),
                  [](const DatasetPlan& d) { return d.dataset->weight != 1; })) {
    covariance = between(parts.others);
    for (size_t i = 0; i < covariance.size(); ++i) covariance[i] += result.resampling[i];
  }
  for (size_t i = 0; i < covariance.size(); ++i) covariance[i] += unmeasured[i];
  result.covariance = std::move(covariance);
  return result;
}

}  // namespace sagips
