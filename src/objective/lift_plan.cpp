// SPDX-License-Identifier: BSD-3-Clause
#include "objective/lift_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "device/reference/lift.h"
#include "nn/linear_algebra.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int kPieces = 16;  // of a curve: half a standard deviation each, to +-4
static_assert(kPieces + 1 <= kMostCurvePoints);
constexpr double kNearest = 1e-6;  // of the range: points nearer than this are one
constexpr double kTailEvents = 5;  // beyond the last point, so that it is not one event's whim

double normal_share(double g) { return 0.5 * std::erfc(-g * std::sqrt(0.5)); }

/// The inverse of normal_share, by bisection: exact to the last digit and needed a few times.
double normal_score(double share) {
  double low = -40, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    (normal_share(middle) < share ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// Slopes that keep the cubics monotone: harmonic means of the chords on both sides (Fritsch and
/// Butland 1984), and at the ends the chord.
void set_slopes(ScoreCurve* curve) {
  const size_t n = curve->n_pieces();
  const auto width = [&](size_t i) { return curve->x[i + 1] - curve->x[i]; };
  const auto chord = [&](size_t i) { return (curve->score[i + 1] - curve->score[i]) / width(i); };
  curve->slope.assign(n + 1, chord(0));
  curve->slope[n] = chord(n - 1);
  for (size_t i = 1; i < n; ++i) {
    const double left = 2 * width(i) + width(i - 1), right = width(i) + 2 * width(i - 1);
    curve->slope[i] = (left + right) / (left / chord(i - 1) + right / chord(i));
  }
}

/// Append every way to spread at most `left` over observables y.. with at least two of them used.
void append_products(int32_t left, int64_t y, std::vector<int32_t>* degrees,
                     std::vector<int32_t>* out) {
  if (y == static_cast<int64_t>(degrees->size())) {
    if (std::count_if(degrees->begin(), degrees->end(), [](int32_t n) { return n > 0; }) >= 2)
      out->insert(out->end(), degrees->begin(), degrees->end());
    return;
  }
  for (int32_t n = 0; n <= left; ++n) {
    (*degrees)[at(y)] = n;
    append_products(left - n, y + 1, degrees, out);
  }
  (*degrees)[at(y)] = 0;
}

}  // namespace

void plan_standardisation(const std::vector<double>& events, const std::vector<double>& weights,
                          const std::string& dataset, NetworkPlan* plan) {
  const auto n = static_cast<int64_t>(weights.size());
  const int64_t y_count = static_cast<int64_t>(events.size()) / n;
  plan->shift.assign(at(y_count), 0);
  plan->scale.assign(at(y_count), 1);
  double total = 0;
  for (const double w : weights) total += w;
  for (int64_t y = 0; y < y_count; ++y) {
    double mean = 0, variance = 0;
    for (int64_t e = 0; e < n; ++e) mean += weights[at(e)] * events[at(e * y_count + y)] / total;
    for (int64_t e = 0; e < n; ++e) {
      const double d = events[at(e * y_count + y)] - mean;
      variance += weights[at(e)] * d * d / total;
    }
    const double floor = 1e-14 * std::abs(mean);
    if (!(variance > floor * floor))
      fail(SAGIPS_ERROR_DATA, "observable ", y, " of data set '", dataset, "' has the variance ",
           variance, " (must be positive): it tells nothing; leave it out of events and pipeline");
    plan->shift[at(y)] = mean;
    plan->scale[at(y)] = 1 / std::sqrt(variance);
  }
}

std::vector<int32_t> lift_degrees(const LiftSettings& settings, int32_t n_observables) {
  std::vector<int32_t> degrees;
  for (int32_t y = 0; y < n_observables; ++y)
    for (int32_t degree = 1; degree <= settings.degree; ++degree) {
      std::vector<int32_t> single(at(n_observables));
      single[at(y)] = degree;
      degrees.insert(degrees.end(), single.begin(), single.end());
    }
  std::vector<int32_t> product(at(n_observables));
  append_products(settings.cross_degree, 0, &product, &degrees);
  return degrees;
}

ScoreCurve normal_scores(const std::vector<double>& x, const std::vector<double>& weights,
                         double clip) {
  // 1. Events in the order of x, and the weight up to each.
  std::vector<std::pair<double, double>> events;
  double total = 0, squares = 0;
  for (size_t e = 0; e < x.size(); ++e) {
    if (!(weights[e] > 0)) continue;
    events.emplace_back(x[e], weights[e]);
    total += weights[e];
    squares += weights[e] * weights[e];
  }
  std::sort(events.begin(), events.end());

  // 2. Quantiles at equal steps of the score. Equal values share the middle of their scores.
  const double last_share =
      std::max(normal_share(-clip), std::min(0.25, kTailEvents * squares / (total * total)));
  const double end = -normal_score(last_share);
  ScoreCurve curve;
  const double range = events.empty() ? 0 : events.back().first - events.front().first;
  double below = 0;  // weight of the events before e
  for (size_t e = 0, i = 0; e < events.size() && i <= kPieces;) {
    size_t next = e;
    double here = 0;
    while (next < events.size() && events[next].first == events[e].first)
      here += events[next++].second;
    const auto target = [&](size_t point) {
      return total * normal_share(end * (2 * static_cast<double>(point) / kPieces - 1));
    };
    if (below + here >= target(i)) {
      const double value = events[e].first;
      if (curve.x.empty() || value - curve.x.back() > kNearest * range) {
        curve.x.push_back(value);
        curve.score.push_back(normal_score((below + 0.5 * here) / total));
      }
      while (i <= kPieces && below + here >= target(i)) ++i;
    }
    below += here;
    e = next;
  }

  // 3. A single value has no curve: any line through it will do.
  if (curve.x.size() < 2) {
    const double x0 = curve.x.empty() ? 0 : curve.x.front();
    const double unit = std::max({1.0, range, std::abs(x0)});
    curve.x = {x0 - unit, x0 + unit};
    curve.score = {-1, 1};
  }
  set_slopes(&curve);
  return curve;
}

int32_t plan_lift(const LiftSettings& settings, const std::vector<double>& events,
                  const std::vector<double>& weights, int32_t n_observables, NetworkPlan* plan) {
  if (settings.degree <= 1 && settings.cross_degree <= 1) return n_observables;
  const size_t y_count = at(n_observables), n = weights.size();
  std::vector<double> x(n);
  for (size_t y = 0; y < y_count; ++y) {
    for (size_t e = 0; e < n; ++e) {
      const double value = events[e * y_count + y];
      x[e] = plan->scale.empty() ? value : (value - plan->shift[y]) * plan->scale[y];
    }
    plan->lift_curves.push_back(normal_scores(x, weights, settings.clip));
  }
  plan->lift_degrees = lift_degrees(settings, n_observables);
  const size_t k_count = plan->lift_degrees.size() / y_count;

  // 1. Mean and covariance of the products under the weights.
  std::vector<double> mean(k_count), covariance(k_count * k_count), m(k_count), event(y_count);
  reference::Lift lift(*plan);
  double total = 0;
  for (size_t e = 0; e < n; ++e) {
    if (weights[e] == 0) continue;  // lost
    for (size_t y = 0; y < y_count; ++y) {
      const double value = events[e * y_count + y];
      event[y] = plan->scale.empty() ? value : (value - plan->shift[y]) * plan->scale[y];
    }
    lift.make_products(event.data(), m.data());
    total += weights[e];
    for (size_t i = 0; i < k_count; ++i) {
      mean[i] += weights[e] * m[i];
      for (size_t j = 0; j <= i; ++j) covariance[i * k_count + j] += weights[e] * m[i] * m[j];
    }
  }
  for (size_t i = 0; i < k_count; ++i) mean[i] /= total;
  for (size_t i = 0; i < k_count; ++i)
    for (size_t j = 0; j <= i; ++j) {
      covariance[i * k_count + j] = covariance[i * k_count + j] / total - mean[i] * mean[j];
      covariance[j * k_count + i] = covariance[i * k_count + j];
    }

  // 2. Its Cholesky factor, inverted. Products that the data hardly tell apart get a little ridge.
  constexpr double kRidge = 1e-9;
  for (size_t i = 0; i < k_count; ++i) covariance[i * k_count + i] *= 1 + kRidge;
  plan->lift_mean = mean;
  plan->lift_matrix = inverse_cholesky(covariance, static_cast<int64_t>(k_count));
  return static_cast<int32_t>(k_count);
}

}  // namespace sagips
