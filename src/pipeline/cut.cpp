// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/cut.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace sagips {
namespace {

constexpr double kCutStep = 0.05;  // of an observable's spread: enough events lie near an edge

struct Cut {
  int32_t observable = 0;
  double lower = 0, upper = 0;  // may be infinite
  double width = 0;             // of the edges in training; 0: they are hard

  bool is_soft(const sagips_batch& b) const { return width > 0 && b.training != 0; }
};

/// 1 at an infinite distance inside, 0 outside.
double edge(double distance, double width) { return 1 / (1 + std::exp(-distance / width)); }

int32_t cut_forward(void* user, sagips_batch* b) {
  const Cut& cut = *static_cast<const Cut*>(user);
  const int64_t events = b->n_rows * b->n_events;
  std::copy_n(b->inputs, events * b->n_inputs, b->outputs);
  const bool is_soft = cut.is_soft(*b);
  for (int64_t e = 0; e < events; ++e) {
    if (b->weight_in != nullptr && b->weight_in[e] == 0) {
      b->weight[e] = 0;
      continue;
    }
    const double y = b->inputs[e * b->n_inputs + cut.observable];
    if (is_soft)
      b->weight[e] = edge(y - cut.lower, cut.width) * edge(cut.upper - y, cut.width);
    else
      b->weight[e] = y >= cut.lower && y < cut.upper ? 1 : 0;
  }
  return 0;
}

/// Of soft edges, and so only called in training. The derivative of the weight a b is ab (b - a)/d.
int32_t cut_backward(void* user, sagips_batch* b) {
  const Cut& cut = *static_cast<const Cut*>(user);
  const int64_t width = b->n_inputs;
  for (int64_t e = 0; e < b->n_rows * b->n_events; ++e) {
    if (b->weight[e] == 0) continue;
    for (int64_t k = e * width; k < (e + 1) * width; ++k) b->grad_inputs[k] += b->grad_outputs[k];
    const int64_t i = e * width + cut.observable;
    const double above = edge(b->inputs[i] - cut.lower, cut.width);
    const double below = edge(cut.upper - b->inputs[i], cut.width);
    b->grad_inputs[i] += b->grad_weight[e] * above * below * (below - above) / cut.width;
  }
  return 0;
}

Cut read_cut(const StageSettings& settings, int32_t n_inputs) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Cut cut;
  const std::vector<int32_t> observables = settings.observables("observable", n_inputs);
  if (observables.size() > 1 || (settings.has("observable") && observables.empty()))
    settings.refuse(SAGIPS_ERROR_SHAPE, "observable", "names ", observables.size(),
                    " observables (must be one); add a cut for each");
  if (observables.empty() && n_inputs > 1)
    fail(SAGIPS_ERROR_STATE, "built-in 'cut' is not told which of ", n_inputs,
         " observables it cuts; set observable=...");
  cut.observable = observables.empty() ? 0 : observables[0];
  if (!settings.has("lower") && !settings.has("upper"))
    fail(SAGIPS_ERROR_STATE, "built-in 'cut' has no edge; set lower=..., upper=... or both");
  cut.lower = settings.number("lower", -kInfinity);
  cut.upper = settings.number("upper", kInfinity);
  if (!(cut.lower < cut.upper))
    settings.refuse(SAGIPS_ERROR_RANGE, "lower", "is ", cut.lower, " and upper is ", cut.upper,
                    " (lower must be below upper, or nothing survives)");
  cut.width = settings.number("width", 0);
  if (cut.width < 0)
    settings.refuse(SAGIPS_ERROR_RANGE, "width", "is ", cut.width, " (must not be negative)");
  return cut;
}

}  // namespace

Stage make_cut(const StageSettings& settings, int32_t n_inputs) {
  auto cut = std::make_shared<Cut>(read_cut(settings, n_inputs));
  Stage stage;
  stage.n_outputs = n_inputs;
  stage.forward = cut_forward;
  if (cut->width > 0) stage.backward = cut_backward;
  stage.has_no_parameters = true;
  stage.step = kCutStep;
  stage.writes_weight = true;
  stage.jumps = cut->width > 0 ? Jumps::kOutsideTraining : Jumps::kAlways;
  stage.user = cut;
  return stage;
}

}  // namespace sagips
