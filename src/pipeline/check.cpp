// SPDX-License-Identifier: BSD-3-Clause
// The derivative of a mean objective, twice. With a smooth test function f of the standardised
// observables and weights w, L = sum w f / sum w over the surviving events of a row. At a point of
// the box, for many rows of draws, the VJP's dL/dp is compared with the difference quotient of L
// under the same draws, at two steps: a short one, which sees a wrong derivative to 1e-3, and a
// long one, over which enough events cross a cut for its boundary term to stand out of the noise.
// The rows give the standard error of the mean disagreement, so a claim of a defect is a claim of
// so many sigmas. Where built-in stages let events jump, and carry what that gives as a mean over
// many, only the long step is judged: too few events jump over a short one. All of that as in
// training.
#include "pipeline/check.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string>

#include "core/error.h"
#include "pipeline/differences.h"
#include "pipeline/evaluation.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kPoints = 3;       // of the box, in its inner 60 %
constexpr int64_t kRows = 32;        // rows of draws at each
constexpr int64_t kEvents = 1024;    // events a row
constexpr double kShortStep = 1e-4;  // of a parameter's range
constexpr double kLongStep = 1e-2;
constexpr double kSigmas = 6;        // disagreement that counts
constexpr double kTolerance = 1e-3;  // and its least size, of the largest derivative

/// One disagreement.
struct Finding {
  double error = 0, sigma = 0;  // relative, in standard errors
  int32_t parameter = -1;
};

class Checker {
 public:
  Checker(const Pipeline& pipeline, const Box& box, uint64_t seed)
      : pipeline_(pipeline),
        box_(box),
        seed_(seed),
        evaluation_(&pipeline, &box, &meter_),
        shifted_(&pipeline, &box, &meter_) {}

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
    return c;
  }
  void standardise();
  double test_function(const double* event, double* slope) const;
  std::vector<double> objective_of_rows(const Evaluation& e) const;
  std::vector<double> vjp(Evaluation* e) const;
  void compare(int64_t point, double step, const std::vector<double>& by_vjp, Finding* worst);
  bool is_deterministic();
  void time_it(sagips_check_report* report);

  const Pipeline& pipeline_;
  const Box& box_;
  uint64_t seed_;
  CallbackMeter meter_;
  Evaluation evaluation_, shifted_;
  std::vector<double> shift_, scale_;    // of each observable
  std::vector<double> auxiliary_scale_;  // of each auxiliary
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

void Checker::standardise() {
  const int32_t n_auxiliary = pipeline_.n_auxiliary();
  auxiliary_scale_.assign(at(n_auxiliary), 1);
  for (int32_t a = 0; a < n_auxiliary; ++a) {
    const double size = std::abs(evaluation_.auxiliary()[at(a)]);  // rows are at one point
    if (size > 0) auxiliary_scale_[at(a)] = 1 / size;
  }
  const int64_t y_count = pipeline_.n_outputs();
  shift_.assign(at(y_count), 0);
  scale_.assign(at(y_count), 1);
  for (int64_t y = 0; y < y_count; ++y) {
    double n = 0, sum = 0, sum2 = 0;
    for (int64_t e = 0; e < evaluation_.n_events(); ++e) {
      if (evaluation_.weights()[at(e)] == 0) continue;
      const double v = evaluation_.events()[at(e * y_count + y)];
      n += 1, sum += v, sum2 += v * v;
    }
    if (n < 1) continue;
    shift_[at(y)] = sum / n;
    const double variance = sum2 / n - shift_[at(y)] * shift_[at(y)];
    if (variance > 0) scale_[at(y)] = 1 / std::sqrt(variance);
  }
}

// f = sum_y sin(x_y + y) + 1/2 product of sin(x_y): bounded, smooth, and sees correlations.
double Checker::test_function(const double* event, double* slope) const {
  double sum = 0, product = 0.5;
  const size_t y_count = scale_.size();
  for (size_t y = 0; y < y_count; ++y) {
    const double x = (event[y] - shift_[y]) * scale_[y];
    sum += std::sin(x + static_cast<double>(y));
    product *= std::sin(x);
  }
  if (slope != nullptr)
    for (size_t y = 0; y < y_count; ++y) {
      const double x = (event[y] - shift_[y]) * scale_[y];
      double others = 0.5;
      for (size_t o = 0; o < y_count; ++o)
        if (o != y) others *= std::sin((event[o] - shift_[o]) * scale_[o]);
      slope[y] = scale_[y] * (std::cos(x + static_cast<double>(y)) + others * std::cos(x));
    }
  return sum + product;
}

/// L of each row, plus its auxiliaries, each with a coefficient of its own.
std::vector<double> Checker::objective_of_rows(const Evaluation& e) const {
  const int64_t n_events = e.rows().n_events, y_count = pipeline_.n_outputs();
  std::vector<double> values;
  for (int64_t n = 0; n < e.rows().n_rows; ++n) {
    double sum = 0, weights = 0;
    for (int64_t i = n * n_events; i < (n + 1) * n_events; ++i) {
      const double w = e.weights()[at(i)];
      if (w == 0) continue;
      sum += w * test_function(e.events().data() + i * y_count, nullptr);
      weights += w;
    }
    double value = weights != 0 ? sum / weights : 0;
    for (int32_t a = 0; a < pipeline_.n_auxiliary(); ++a)
      value += std::sin(1.0 + a) * auxiliary_scale_[at(a)] *
               e.auxiliary()[at(n * pipeline_.n_auxiliary() + a)];
    values.push_back(value);
  }
  return values;
}

std::vector<double> Checker::vjp(Evaluation* e) const {
  const int64_t n_events = e->rows().n_events, y_count = pipeline_.n_outputs();
  const int64_t n_rows = e->rows().n_rows;
  std::vector<double> by_events(at(e->n_events() * y_count)), by_weights(at(e->n_events()));
  std::vector<double> by_auxiliary(e->auxiliary().size()), slope(at(y_count));
  for (int64_t n = 0; n < n_rows; ++n) {
    double sum = 0, weights = 0;
    for (int64_t i = n * n_events; i < (n + 1) * n_events; ++i) {
      const double w = e->weights()[at(i)];
      if (w == 0) continue;
      sum += w * test_function(e->events().data() + i * y_count, nullptr);
      weights += w;
    }
    for (int64_t i = n * n_events; i < (n + 1) * n_events; ++i) {
      const double w = e->weights()[at(i)];
      if (w == 0 || weights == 0) continue;
      const double f = test_function(e->events().data() + i * y_count, slope.data());
      for (int64_t y = 0; y < y_count; ++y)
        by_events[at(i * y_count + y)] = w / weights * slope[at(y)];
      by_weights[at(i)] = (f - sum / weights) / weights;
    }
    for (int32_t a = 0; a < pipeline_.n_auxiliary(); ++a)
      by_auxiliary[at(n * pipeline_.n_auxiliary() + a)] =
          std::sin(1.0 + a) * auxiliary_scale_[at(a)];
  }
  return e->pull_back(by_events, by_weights, by_auxiliary);
}

void Checker::compare(int64_t point, double step, const std::vector<double>& by_vjp,
                      Finding* worst) {
  const Rows rows = rows_at(point, kRows, kEvents);
  const int32_t p_count = rows.n_parameters;
  const auto quotients_at = [&](double h) {
    const ShiftedRows s = shift_rows(rows, box_, SAGIPS_CENTRAL, h);
    shifted_.forward(call(), s.rows);
    return quotients(s, p_count, objective_of_rows(shifted_));
  };
  // Richardson: the error of order h^2 cancels between h and h/2; what is left of it is an
  // uncertainty.
  const std::vector<double> wide = quotients_at(step), narrow = quotients_at(step / 2);
  double largest = 0;
  std::vector<double> mean(at(p_count)), error(at(p_count)), curvature(at(p_count));
  for (int32_t p = 0; p < p_count; ++p) {
    double sum = 0, sum2 = 0, total = 0;
    for (int64_t n = 0; n < kRows; ++n) {
      const size_t i = at(n * p_count + p);
      const double derivative = (4 * narrow[i] - wide[i]) / 3,
                   range = box_.upper[at(p)] - box_.lower[at(p)];
      const double d = (by_vjp[i] - derivative) * range;
      sum += d, sum2 += d * d, total += derivative * range;
      curvature[at(p)] += std::abs(narrow[i] - wide[i]) * range * step * 10 / kRows;
    }
    mean[at(p)] = sum / kRows;
    error[at(p)] = std::sqrt(std::max(sum2 / kRows - mean[at(p)] * mean[at(p)], 0.0) / (kRows - 1));
    largest = std::max(largest, std::abs(total / kRows));
  }
  for (int32_t p = 0; p < p_count; ++p) {
    const double floor = kTolerance * std::max(largest, 1e-6);
    const double uncertainty = error[at(p)] + floor / kSigmas + curvature[at(p)];
    const double sigma = std::abs(mean[at(p)]) / uncertainty;
    if (sigma > worst->sigma || worst->parameter < 0)
      *worst = {std::abs(mean[at(p)]) / std::max(largest, 1e-300), sigma, p};
  }
}

bool Checker::is_deterministic() {
  const Rows rows = rows_at(0, 4, 16);
  evaluation_.forward(call(), rows);
  const std::vector<double> events = evaluation_.events(), weights = evaluation_.weights(),
                            auxiliary = evaluation_.auxiliary();
  const auto same = [](const std::vector<double>& a, int64_t first, const std::vector<double>& b) {
    return std::memcmp(a.data() + first, b.data(), b.size() * sizeof(double)) == 0;
  };
  evaluation_.forward(call(), rows);  // again
  if (!same(events, 0, evaluation_.events()) || !same(weights, 0, evaluation_.weights()) ||
      !same(auxiliary, 0, evaluation_.auxiliary()))
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

sagips_check_report Checker::run() {
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  const std::string route = pipeline_.route_name();
  const bool can_pull_back = pipeline_.is_pulled_back();
  report.has_backward = route == gradient_route_name(GradientRoute::kVjp) ? 1 : 0;
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
    double events = 0, lost = 0;
    Finding short_step, long_step;
    for (int64_t point = 0; point < kPoints; ++point) {
      evaluation_.forward(call(), rows_at(point, kRows, kEvents));
      for (const double w : evaluation_.weights()) lost += w == 0 ? 1 : 0;
      events += static_cast<double>(evaluation_.n_events());
      if (!can_pull_back) continue;
      standardise();
      const std::vector<double> by_vjp = vjp(&evaluation_);
      if (!pipeline_.jumps(true)) compare(point, kShortStep, by_vjp, &short_step);
      compare(point, kLongStep, by_vjp, &long_step);
    }
    report.finite = 1;
    report.lost_fraction = lost / events;
    const bool breaks_promise =
        can_pull_back && !report.has_backward && lost > 0 && !pipeline_.jumps(true);
    say("ok      finite: outputs, weights, auxiliaries", can_pull_back ? ", gradients" : "");
    if (can_pull_back) {
      const Finding& worst = long_step.sigma > short_step.sigma ? long_step : short_step;
      report.gradient_correct = worst.sigma < kSigmas && !breaks_promise ? 1 : 0;
      report.worst_parameter = worst.parameter;
      report.worst_error = worst.error;
      report.worst_sigma = worst.sigma;
      if (report.gradient_correct)
        say("ok      gradient: ", route, " agrees with differences of the mean objective");
      else if (breaks_promise)
        say("FAILED  gradient: a stage without a VJP is declared SAGIPS_SMOOTH and events are "
            "lost: "
            "differences of events do not see them go; clear the flag");
      else
        say("FAILED  gradient: by parameter ", worst.parameter, " it is off by ",
            percent(worst.error), " of the largest derivative, ", std::round(worst.sigma),
            " sigmas. ",
            pipeline_.jumps(true)
                ? "A built-in lets events jump and tells what that gives as a mean over many: give "
                  "a cut a kernel, a smaller one or a width; else correct the derivative of a "
                  "stage "
                  "of yours, or take its backward away"
            : short_step.sigma < kSigmas && report.lost_fraction > 0
                ? "Over short steps it is right and events are lost: a hard cut moves with the "
                  "parameter. Give the weight a smooth edge, or take the backward away"
                : "Correct its derivative, or take the backward away: differences need none");
    } else {
      say("        gradient: not checked; the route is ", route);
    }
    say("        lost events: ", percent(report.lost_fraction));
    say("        cost: ", rounded(report.seconds_per_row * 1e6), " us a row, ",
        rounded(report.seconds_per_event * 1e9), " ns an event");
  } catch (const Error& e) {
    if (e.status() != SAGIPS_ERROR_NONFINITE) throw;
    report.finite = 0;
    say("FAILED  finite: ", e.text());
  }
  report.passed =
      report.deterministic && report.finite && (report.gradient_correct || !can_pull_back) ? 1 : 0;
  std::strncpy(report.text, text.c_str(), sizeof(report.text) - 1);
  return report;
}

}  // namespace

sagips_check_report check_pipeline(const Pipeline& pipeline, const Box& box, uint64_t seed) {
  const Pipeline called = pipeline.called_back();
  return Checker(called, box, seed).run();
}

}  // namespace sagips
