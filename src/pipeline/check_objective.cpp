// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/check_objective.h"

#include <cmath>

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }
}  // namespace

void CheckObjective::standardise(const Evaluation& pass) {
  const int64_t a_count = pipeline_->n_auxiliary(), y_count = pipeline_->n_outputs();
  int64_t row = 0;  // any that works: all are at one point
  while (row + 1 < pass.rows().n_rows && pass.has_failed(row)) ++row;
  auxiliary_scale_.clear();
  for (int64_t a = 0; a < a_count; ++a) {
    const double size = std::abs(pass.auxiliary()[at(row * a_count + a)]);
    auxiliary_scale_.push_back(std::sin(1.0 + static_cast<double>(a)) / (size > 0 ? size : 1));
  }
  shift_.assign(at(y_count), 0);
  scale_.assign(at(y_count), 1);
  for (int64_t y = 0; y < y_count; ++y) {
    double n = 0, sum = 0, sum2 = 0;
    for (int64_t e = 0; e < pass.n_events(); ++e) {
      if (pass.weights()[at(e)] == 0) continue;
      const double v = pass.events()[at(e * y_count + y)];
      n += 1, sum += v, sum2 += v * v;
    }
    if (n < 1) continue;
    shift_[at(y)] = sum / n;
    const double variance = sum2 / n - shift_[at(y)] * shift_[at(y)];
    if (variance > 0) scale_[at(y)] = 1 / std::sqrt(variance);
  }
}

double CheckObjective::of_event(const double* event, double* slope) const {
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

double CheckObjective::of_auxiliary(const Evaluation& pass, int64_t row) const {
  const int64_t a_count = pipeline_->n_auxiliary();
  double sum = 0;
  for (int64_t a = 0; a < a_count && !pass.has_failed(row); ++a)
    sum += auxiliary_scale_[at(a)] * pass.auxiliary()[at(row * a_count + a)];
  return sum;
}

void CheckObjective::sum_row(const Evaluation& pass, int64_t row, double* mean,
                             double* total) const {
  const int64_t n_events = pass.rows().n_events, y_count = pipeline_->n_outputs();
  double sum = 0, weights = 0;
  for (int64_t i = row * n_events; i < (row + 1) * n_events; ++i) {
    const double w = pass.weights()[at(i)];
    if (w == 0) continue;
    sum += w * of_event(pass.events().data() + i * y_count, nullptr);
    weights += w;
  }
  *mean = weights != 0 ? sum / weights : 0;
  *total = weights;
}

std::vector<double> CheckObjective::of_rows(const Evaluation& pass) const {
  std::vector<double> values;
  for (int64_t n = 0; n < pass.rows().n_rows; ++n) {
    double mean = 0, total = 0;
    sum_row(pass, n, &mean, &total);
    values.push_back(mean + of_auxiliary(pass, n));
  }
  return values;
}

CheckObjective::Opinion CheckObjective::opinion_of(const Evaluation& pass) const {
  const int64_t n_events = pass.rows().n_events, y_count = pipeline_->n_outputs();
  const int64_t n_rows = pass.rows().n_rows, a_count = pipeline_->n_auxiliary();
  Opinion o;
  o.by_events.resize(at(pass.n_events() * y_count));
  o.by_weights.resize(at(pass.n_events()));
  o.by_auxiliary.resize(pass.auxiliary().size());
  o.mean.resize(at(n_rows));
  o.total.resize(at(n_rows));
  std::vector<double> slope(at(y_count));
  for (int64_t n = 0; n < n_rows; ++n) {
    double &mean = o.mean[at(n)], &total = o.total[at(n)];
    sum_row(pass, n, &mean, &total);
    for (int64_t i = n * n_events; i < (n + 1) * n_events; ++i) {
      const double w = pass.weights()[at(i)];
      if (w == 0 || total == 0) continue;
      const double f = of_event(pass.events().data() + i * y_count, slope.data());
      for (int64_t y = 0; y < y_count; ++y)
        o.by_events[at(i * y_count + y)] = w / total * slope[at(y)];
      o.by_weights[at(i)] = (f - mean) / total;
    }
    for (int64_t a = 0; a < a_count && !pass.has_failed(n); ++a)
      o.by_auxiliary[at(n * a_count + a)] = auxiliary_scale_[at(a)];
  }
  return o;
}

CheckObjective::Opinion CheckObjective::opinion_of_shifted(const Opinion& base,
                                                           const Evaluation& shifted) const {
  const int64_t n_events = shifted.rows().n_events, y_count = pipeline_->n_outputs();
  const int64_t n_rows = shifted.rows().n_rows;
  const auto n_base = static_cast<int64_t>(base.mean.size());
  Opinion o;
  o.by_weights.resize(at(shifted.n_events()));
  for (int64_t n = 0; n < n_rows; ++n) {
    const int64_t from = n * n_base / n_rows;  // as many for each row of the base, in its order
    for (int64_t i = n * n_events; i < (n + 1) * n_events; ++i)
      if (shifted.weights()[at(i)] != 0 && base.total[at(from)] != 0)
        o.by_weights[at(i)] =
            (of_event(shifted.events().data() + i * y_count, nullptr) - base.mean[at(from)]) /
            base.total[at(from)];
  }
  return o;
}

}  // namespace sagips
