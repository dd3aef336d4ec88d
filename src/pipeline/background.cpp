// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/background.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace sagips {
namespace {

struct Background {
  int64_t n = 0;
  std::vector<double> events;   // (n, Y)
  std::vector<double> reached;  // (n) running sum of the weights; empty: equal ones
  double fraction = 0;
  bool is_parameter = false;

  double fraction_of(const double* parameters) const {
    return is_parameter ? parameters[0] : fraction;
  }
  /// The event that a uniform stands for.
  int64_t pick(double uniform) const {
    if (reached.empty())
      return std::min(n - 1, static_cast<int64_t>(uniform * static_cast<double>(n)));
    const auto place = std::upper_bound(reached.begin(), reached.end(), uniform * reached.back());
    return std::min(n - 1, static_cast<int64_t>(place - reached.begin()));
  }
};

bool is_fraction(double f) { return f >= 0 && f < 1; }

int32_t background_forward(void* user, sagips_batch* b) {
  const Background& sample = *static_cast<const Background*>(user);
  const int64_t width = b->n_outputs;
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double f = sample.fraction_of(b->parameters + n * b->n_parameters);
    if (!is_fraction(f)) {
      b->row_status[n] = 1;
      continue;
    }
    for (int64_t e = n * b->n_events; e < (n + 1) * b->n_events; ++e) {
      const double* u = b->uniforms + 2 * e;
      const double* from = b->inputs + e * width;
      if (u[0] < f) from = sample.events.data() + sample.pick(u[1]) * width;
      std::copy_n(from, width, b->outputs + e * width);
      b->weight[e] = 1;
    }
  }
  return 0;
}

int32_t background_backward(void* user, sagips_batch* b) {
  const Background& sample = *static_cast<const Background*>(user);
  const int64_t width = b->n_outputs;
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double f = sample.fraction_of(b->parameters + n * b->n_parameters);
    if (!is_fraction(f)) continue;
    double by_background = 0, by_signal = 0;
    for (int64_t e = n * b->n_events; e < (n + 1) * b->n_events; ++e) {
      if (b->weight[e] == 0) continue;  // lost before
      const bool is_background = b->uniforms[2 * e] < f;
      (is_background ? by_background : by_signal) += b->grad_weight[e];
      if (is_background) continue;
      for (int64_t k = e * width; k < (e + 1) * width; ++k) b->grad_inputs[k] += b->grad_outputs[k];
    }
    if (!sample.is_parameter) continue;
    b->grad_parameters[n * b->n_parameters] += -by_signal / (1 - f);
    if (f > 0) b->grad_parameters[n * b->n_parameters] += by_background / f;
  }
  return 0;
}

void read_fraction(const StageSettings& settings, Background* background, Stage* stage) {
  if (settings.has("fraction") == settings.has("parameters"))
    fail(SAGIPS_ERROR_STATE, "built-in 'background' has ",
         settings.has("fraction") ? "two fractions" : "no fraction",
         "; set either fraction=... or parameters=..., the parameter that it is");
  background->fraction = settings.number("fraction", 0);
  if (!is_fraction(background->fraction))
    settings.refuse(SAGIPS_ERROR_RANGE, "fraction", "is ", background->fraction,
                    " (must lie in [0, 1))");
  background->is_parameter = settings.has("parameters");
  stage->columns = settings.indices("parameters");
  if (background->is_parameter && stage->columns.size() != 1)
    settings.refuse(SAGIPS_ERROR_SHAPE, "parameters", "names ", stage->columns.size(),
                    " parameters (must be one, the fraction)");
}

void check_sample(const BackgroundSample& sample, int32_t n_inputs) {
  if (sample.n_observables != n_inputs)
    fail(SAGIPS_ERROR_SHAPE, "the background sample has ", sample.n_observables,
         " observables, but the stages before it deliver ", n_inputs, "; give it the same ones");
  for (int64_t i = 0; i < sample.n * n_inputs; ++i)
    if (!std::isfinite(sample.events[i]))
      fail(SAGIPS_ERROR_DATA, "observable ", i % n_inputs, " of background event ", i / n_inputs,
           " is ", sample.events[i], " (must be finite); leave such events out");
  for (int64_t i = 0; i < sample.n && sample.weights != nullptr; ++i)
    if (!(sample.weights[i] >= 0) || !std::isfinite(sample.weights[i]))
      fail(SAGIPS_ERROR_DATA, "the weight of background event ", i, " is ", sample.weights[i],
           " (must be finite and not negative: events are drawn in proportion to it); leave such "
           "events out");
}

/// Events that can be drawn, those of weight 0 left out.
void copy_sample(const BackgroundSample& sample, Background* background) {
  const int64_t width = sample.n_observables;
  if (sample.weights == nullptr) {
    background->n = sample.n;
    background->events.assign(sample.events, sample.events + sample.n * width);
    return;
  }
  double sum = 0;
  for (int64_t i = 0; i < sample.n; ++i) {
    if (sample.weights[i] == 0) continue;
    background->reached.push_back(sum += sample.weights[i]);
    const double* event = sample.events + i * width;
    background->events.insert(background->events.end(), event, event + width);
  }
  background->n = static_cast<int64_t>(background->reached.size());
  if (!(sum > 0) || !std::isfinite(sum))
    fail(SAGIPS_ERROR_DATA, "the weights of the background events sum to ", sum,
         " (must be positive and finite); correct them, or pass NULL for equal ones");
}

}  // namespace

Stage make_background(const StageSettings& settings, const BackgroundSample& sample,
                      int32_t n_inputs) {
  auto background = std::make_shared<Background>();
  Stage stage;
  read_fraction(settings, background.get(), &stage);
  check_sample(sample, n_inputs);
  copy_sample(sample, background.get());
  stage.n_outputs = n_inputs;
  stage.n_uniforms = 2;
  stage.forward = background_forward;
  stage.backward = background_backward;
  stage.writes_weight = true;
  stage.jumps = background->is_parameter ? Jumps::kAlways : Jumps::kNever;
  stage.user = background;
  return stage;
}

}  // namespace sagips
