// SPDX-License-Identifier: BSD-3-Clause
// The derivative of a mean objective, twice. With a smooth test function of the observables
// (check_objective.h), at a point of the box, for many rows of draws, the gradient that a training
// would take is compared with the difference quotient of the mean under the same draws.
//
// Where every stage hands cotangents on, at two steps: a short one, which sees a wrong derivative
// to 1e-3, and a long one, over which enough events cross a cut for its boundary term to stand out
// of the noise. Where a background's fraction is a parameter, only the long step is judged: events
// jump, too few of them over a short one, and weights carry what that gives. Where the value of
// events is what counts (scores, and stages in front of a section that is differenced) both sides
// are noisy: one broad step is taken. A pipeline of nothing but such a section has nothing to be
// checked.
//
// The rows give the standard error of the mean disagreement, so a claim of a defect is a claim of
// so many sigmas. All of that as in training, but for failed rows, which are counted and left out.
#include "pipeline/check.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string>

#include "core/error.h"
#include "pipeline/check_objective.h"
#include "pipeline/differences.h"
#include "pipeline/gradient.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kPoints = 3;       // of the box, in its inner 60 %
constexpr int64_t kRows = 32;        // rows of draws at each
constexpr int64_t kEvents = 1024;    // events a row
constexpr double kShortStep = 1e-4;  // of a parameter's range
constexpr double kLongStep = 1e-2;
constexpr double kBroadStep = 0.1;
constexpr double kSigmas = 6;             // disagreement that counts
constexpr double kTolerance = 1e-3;       // and its least size, of the largest derivative
constexpr double kNoisyTolerance = 1e-2;  // one-sided differences of a section are off by a step

/// One disagreement.
struct Finding {
  double error = 0, sigma = 0;  // relative, in standard errors
  int32_t parameter = -1;
  double visible = 0;  // the relative error that would count
};

/// What is known of a pipeline's gradient, and so how it can be checked.
enum class Kind {
  kNothing,  // only values are differenced
  kValues,   // a score, or cotangents in front of values
  kPulledBack
};

Kind kind_of(const Pipeline& pipeline) {
  if (pipeline.is_pulled_back()) return Kind::kPulledBack;
  for (const Stage& stage : pipeline.stages())
    if (stage.is_pulled_back() || stage.route() == GradientRoute::kScore) return Kind::kValues;
  return Kind::kNothing;
}

class Checker {
 public:
  /// Stages that the host serves in training are called back.
  Checker(const Pipeline& pipeline, const Box& box, uint64_t seed)
      : pipeline_(pipeline.called_back()), kind_(kind_of(pipeline_)), box_(box), seed_(seed) {}

  sagips_check_report run();

 private:
  /// Rows at one point of the box, and rows that are all at different ones.
  Rows rows_at(int64_t point, int64_t n_rows, int64_t n_events) const;
  Rows rows_apart(int64_t n_rows, int64_t n_events) const;
  Call call() const {
    Call c;
    c.is_training = true;  // what a training uses is what has to be right
    c.seed = seed_;
    c.uniforms = Stream::kGeneration;
    c.keys = Stream::kGenerationKey;
    c.failures = FailurePolicy::kMark;
    return c;
  }
  std::vector<double> gradient();
  void compare(int64_t point, double step, const std::vector<double>& gradient, Finding* worst);
  bool is_deterministic();
  void time_it(sagips_check_report* report);

  void check_gradient(int64_t point);
  std::string judge_gradient(sagips_check_report* report) const;

  const Pipeline pipeline_;
  const Kind kind_;
  const Box& box_;
  uint64_t seed_;
  CallbackMeter meter_;
  Evaluation evaluation_{&pipeline_, &box_, &meter_}, shifted_{&pipeline_, &box_, &meter_};
  CheckObjective objective_{&pipeline_};
  Finding short_step_, long_step_, broad_step_;
};

Rows Checker::rows_at(int64_t point, int64_t n_rows, int64_t n_events) const {
  const auto p_count = static_cast<int32_t>(box_.lower.size());
  std::vector<double> unit(box_.lower.size());
  fill_uniform({seed_, Stream::kCheck, 0, point, 0}, unit);
  Rows rows{n_rows, n_events, p_count, {}, {}};
  for (int64_t n = 0; n < n_rows; ++n) {
    for (size_t p = 0; p < unit.size(); ++p)
      rows.parameters.push_back(box_.lower[p] +
                                (0.2 + 0.6 * unit[p]) * (box_.upper[p] - box_.lower[p]));
    rows.draw.push_back(point * n_rows + n);
  }
  return rows;
}

Rows Checker::rows_apart(int64_t n_rows, int64_t n_events) const {
  Rows rows{n_rows, n_events, static_cast<int32_t>(box_.lower.size()), {}, {}};
  for (int64_t n = 0; n < n_rows; ++n) {
    const Rows row = rows_at(n, 1, n_events);
    rows.parameters.insert(rows.parameters.end(), row.parameters.begin(), row.parameters.end());
    rows.draw.push_back(n);
  }
  return rows;
}

/// Of the mean objective of each row (N, P), as a training would take it.
std::vector<double> Checker::gradient() {
  const CheckObjective::Opinion base = objective_.opinion_of(evaluation_);
  Gradient gradient;
  gradient.begin(box_, &evaluation_, &shifted_,
                 {base.by_events, base.by_weights, base.by_auxiliary});
  while (gradient.run() == Gradient::Want::kValues) {
    const CheckObjective::Opinion shifted = objective_.opinion_of_shifted(base, shifted_);
    gradient.give_values(shifted.by_weights);
  }
  return gradient.result();
}

void Checker::compare(int64_t point, double step, const std::vector<double>& gradient,
                      Finding* worst) {
  const Rows rows = rows_at(point, kRows, kEvents);
  const int32_t p_count = rows.n_parameters;
  std::vector<char> has_failed(at(kRows * p_count));
  const auto quotients_at = [&](double h) {
    const ShiftedRows s = shift_rows(rows, box_, SAGIPS_CENTRAL, h);
    shifted_.forward(call(), s.rows);
    for (int64_t i = 0; i < s.rows.n_rows; ++i)  // all parameters move, on two sides
      if (shifted_.has_failed(i)) has_failed[at(i / 2)] = 1;
    return quotients(s, p_count, objective_.of_rows(shifted_));
  };
  // Richardson: the error of order h^2 cancels between h and h/2; what is left of it is an
  // uncertainty. Where the quotients are noisy, that of their means.
  const std::vector<double> wide = quotients_at(step), narrow = quotients_at(step / 2);
  double largest = 0;
  std::vector<double> mean(at(p_count)), error(at(p_count)), curvature(at(p_count));
  for (int32_t p = 0; p < p_count; ++p) {
    const double range = box_.upper[at(p)] - box_.lower[at(p)];
    double n_used = 0, sum = 0, sum2 = 0, total = 0, change = 0, size_of_change = 0;
    for (int64_t n = 0; n < kRows; ++n) {
      const size_t i = at(n * p_count + p);
      if (has_failed[i] != 0 || evaluation_.has_failed(n)) continue;
      const double derivative = (4 * narrow[i] - wide[i]) / 3;
      const double d = (gradient[i] - derivative) * range, c = (narrow[i] - wide[i]) * range;
      n_used += 1, sum += d, sum2 += d * d, total += derivative * range;
      change += c, size_of_change += std::abs(c);
    }
    if (n_used < 2) continue;
    mean[at(p)] = sum / n_used;
    error[at(p)] =
        std::sqrt(std::max(sum2 / n_used - mean[at(p)] * mean[at(p)], 0.0) / (n_used - 1));
    curvature[at(p)] = kind_ == Kind::kPulledBack ? size_of_change * step * 10 / n_used
                                                  : std::abs(change) / n_used / 10;
    largest = std::max(largest, std::abs(total / n_used));
  }
  for (int32_t p = 0; p < p_count; ++p) {
    const double tolerance = kind_ == Kind::kValues ? kNoisyTolerance : kTolerance;
    const double floor = tolerance * std::max(largest, 1e-6);
    const double uncertainty = error[at(p)] + floor / kSigmas + curvature[at(p)];
    const double sigma = std::abs(mean[at(p)]) / uncertainty;
    worst->visible = std::max(worst->visible, kSigmas * uncertainty / std::max(largest, 1e-300));
    if (sigma > worst->sigma || worst->parameter < 0) {
      worst->error = std::abs(mean[at(p)]) / std::max(largest, 1e-300);
      worst->sigma = sigma;
      worst->parameter = p;
    }
  }
}

void Checker::check_gradient(int64_t point) {
  if (kind_ == Kind::kNothing) return;
  objective_.standardise(evaluation_);
  const std::vector<double> found = gradient();
  if (kind_ == Kind::kValues) {
    compare(point, kBroadStep, found, &broad_step_);
    return;
  }
  if (!pipeline_.jumps(true)) compare(point, kShortStep, found, &short_step_);
  compare(point, kLongStep, found, &long_step_);
}

bool Checker::is_deterministic() {
  const Rows rows = rows_at(0, 4, 16);
  evaluation_.forward(call(), rows);
  const std::vector<double> events = evaluation_.events(), weights = evaluation_.weights(),
                            auxiliary = evaluation_.auxiliary();
  const std::vector<int32_t> failed = evaluation_.failed();
  const auto same = [](const std::vector<double>& a, int64_t first, const std::vector<double>& b) {
    return std::memcmp(a.data() + first, b.data(), b.size() * sizeof(double)) == 0;
  };
  evaluation_.forward(call(), rows);  // again
  if (!same(events, 0, evaluation_.events()) || !same(weights, 0, evaluation_.weights()) ||
      !same(auxiliary, 0, evaluation_.auxiliary()) || failed != evaluation_.failed())
    return false;
  for (int64_t n = 3; n >= 0; --n) {  // row by row, backwards
    const auto p_count = static_cast<int64_t>(box_.lower.size());
    const Rows row{
        1,
        16,
        rows.n_parameters,
        {rows.parameters.begin() + n * p_count, rows.parameters.begin() + (n + 1) * p_count},
        {rows.draw[at(n)]}};
    evaluation_.forward(call(), row);
    if (!same(events, n * 16 * pipeline_.n_outputs(), evaluation_.events()) ||
        !same(weights, n * 16, evaluation_.weights()) ||
        !same(auxiliary, n * pipeline_.n_auxiliary(), evaluation_.auxiliary()))
      return false;
  }
  return true;
}

void Checker::time_it(sagips_check_report* report) {
  const auto seconds = [&](int64_t n_rows, int64_t n_events) {  // the best of five: others disturb
    double best = 0;
    for (int repeat = 0; repeat < 5; ++repeat) {
      const double before = meter_.seconds;
      evaluation_.forward(call(), rows_apart(n_rows, n_events));
      const double taken = (meter_.seconds - before) / static_cast<double>(n_rows);
      best = repeat == 0 ? taken : std::min(best, taken);
    }
    return best;
  };
  report->seconds_per_row = seconds(64, 1);
  report->seconds_per_event = std::max(0.0, (seconds(4, 1025) - seconds(4, 1)) / 1024);
}

double rounded(double value) { return std::round(value * 100) / 100; }

std::string percent(double fraction) { return to_text(rounded(fraction * 100)) + " %"; }

std::string Checker::judge_gradient(sagips_check_report* report) const {
  const std::string route = pipeline_.route_name();
  if (kind_ == Kind::kNothing)
    return concatenate("        gradient: not checked; the route is ", route);
  const bool is_noisy = kind_ == Kind::kValues;
  const Finding& worst = is_noisy                               ? broad_step_
                         : long_step_.sigma > short_step_.sigma ? long_step_
                                                                : short_step_;
  const bool breaks_promise = !is_noisy && !report->has_backward && report->lost_fraction > 0;
  report->gradient_correct = worst.sigma < kSigmas && !breaks_promise ? 1 : 0;
  report->worst_parameter = worst.parameter;
  report->worst_error = worst.error;
  report->worst_sigma = worst.sigma;
  if (report->gradient_correct)
    return concatenate(
        "ok      gradient: ", route, " agrees with differences of the mean objective",
        is_noisy ? concatenate(", whose noise hides errors of less than ", percent(worst.visible))
                 : "");
  if (breaks_promise)
    return "FAILED  gradient: a stage without a VJP is declared SAGIPS_SMOOTH and events are lost: "
           "differences of events do not see them go; clear the flag";
  const char* advice = "Correct its derivative, or take the backward away: differences need none";
  if (is_noisy)
    advice =
        "Correct the log-probability or the derivative of a stage, or take it away: differences "
        "need neither";
  else if (pipeline_.jumps(true))
    advice =
        "Correct the derivative of a stage of yours, or take its backward away: differences need "
        "none. If it cuts, the cut moves with the parameter: give its weight a smooth edge";
  else if (short_step_.sigma < kSigmas && report->lost_fraction > 0)
    advice =
        "Over short steps it is right and events are lost: a hard cut moves with the parameter. "
        "Give the weight a smooth edge, or take the backward away";
  return concatenate("FAILED  gradient: by parameter ", worst.parameter, " it is off by ",
                     percent(worst.error), " of the largest derivative, ", std::round(worst.sigma),
                     " sigmas. ", advice);
}

sagips_check_report Checker::run() {
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  report.has_backward = pipeline_.route_name() == gradient_route_name(GradientRoute::kVjp) ? 1 : 0;
  report.gradient_correct = -1;
  report.worst_parameter = -1;
  std::string text;
  const auto say = [&text](const auto&... parts) { text += concatenate(parts..., "\n"); };
  try {
    report.deterministic = is_deterministic() ? 1 : 0;
    say(report.deterministic
            ? "ok      deterministic: equal draws give equal bytes, in any batch"
            : "FAILED  not deterministic: equal draws gave different bytes; take all "
              "randomness from uniforms or row_key, and keep no state between rows");
    time_it(&report);
    double events = 0, lost = 0, failed = 0;
    std::string failure;
    for (int64_t point = 0; point < kPoints; ++point) {
      evaluation_.forward(call(), rows_at(point, kRows, kEvents));
      if (failure.empty()) failure = evaluation_.failure();
      for (int64_t n = 0; n < kRows; ++n) {
        if (evaluation_.has_failed(n)) {
          failed += 1;
          continue;
        }
        for (int64_t i = n * kEvents; i < (n + 1) * kEvents; ++i)
          lost += evaluation_.weights()[at(i)] == 0 ? 1 : 0;
        events += static_cast<double>(kEvents);
      }
      check_gradient(point);
    }
    report.finite = 1;
    report.failed_fraction = failed / static_cast<double>(kPoints * kRows);
    if (events == 0)
      fail(SAGIPS_ERROR_ROW, "all ", failed, " rows failed: ", failure,
           "; mend the model, or narrow the bounds of the parameters");
    report.lost_fraction = lost / events;
    say("ok      finite: outputs, weights, auxiliaries",
        kind_ == Kind::kNothing ? "" : ", gradients");
    say(judge_gradient(&report));
    say("        lost events: ", percent(report.lost_fraction));
    if (failed > 0)
      say("        failed rows: ", percent(report.failed_fraction), " (", failure,
          "); a training stops at the first one, unless the option failure.policy is skip or "
          "resample");
    say("        cost: ", rounded(report.seconds_per_row * 1e6), " us a row, ",
        rounded(report.seconds_per_event * 1e9), " ns an event");
  } catch (const Error& e) {
    if (e.status() != SAGIPS_ERROR_NONFINITE) throw;
    report.finite = 0;
    say("FAILED  finite: ", e.text());
  }
  report.passed = report.deterministic && report.finite && report.gradient_correct != 0 ? 1 : 0;
  std::strncpy(report.text, text.c_str(), sizeof(report.text) - 1);
  return report;
}

}  // namespace

sagips_check_report check_pipeline(const Pipeline& pipeline, const Box& box, uint64_t seed) {
  return Checker(pipeline, box, seed).run();
}

}  // namespace sagips
