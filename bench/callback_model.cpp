// SPDX-License-Identifier: BSD-3-Clause
#include "callback_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "statistics.h"

namespace sagips_bench {
namespace {

constexpr double kSecondsPerRepeat = 0.005;
constexpr int kRepeats = 25;

double busy(const BusyModel& model, double u) {
  double x = u;
  for (int step = 0; step < model.steps; ++step) x = 0.5 * x + 0.25;
  return x;
}

// noinline: callback and bare loop run the same instructions.
[[gnu::noinline]] void make_row(const BusyModel& model, double p, int64_t n_events,
                                const double* uniforms, double* events) {
  for (int64_t e = 0; e < n_events; ++e) events[e] = p + uniforms[e] + busy(model, uniforms[e]);
}

[[gnu::noinline]] void pull_row(const BusyModel& model, int64_t n_events, const double* uniforms,
                                const double* grad_events, double* grad) {
  for (int64_t e = 0; e < n_events; ++e) {
    *grad += grad_events[e] * (1.0 + 0.0 * busy(model, uniforms[e]));
  }
}

}  // namespace

int32_t busy_forward(void* user, sagips_batch* batch) {
  for (int64_t n = 0; n < batch->n_rows; ++n) {
    const int64_t first = n * batch->n_events;
    make_row(*static_cast<const BusyModel*>(user), batch->parameters[n], batch->n_events,
             batch->uniforms + first, batch->outputs + first);
  }
  return 0;
}

int32_t busy_backward(void* user, sagips_batch* batch) {
  for (int64_t n = 0; n < batch->n_rows; ++n) {
    const int64_t first = n * batch->n_events;
    pull_row(*static_cast<const BusyModel*>(user), batch->n_events, batch->uniforms + first,
             batch->grad_outputs + first, batch->grad_parameters + n);
  }
  return 0;
}

BareLoop::BareLoop(int64_t rows, int64_t events_per_row)
    : n_rows(rows),
      n_events(events_per_row),
      parameters(static_cast<size_t>(rows), 0.5),
      uniforms(static_cast<size_t>(rows * events_per_row)),
      events(uniforms.size()),
      grad_events(uniforms.size(), 1e-3),
      grad(parameters.size()) {
  for (size_t i = 0; i < uniforms.size(); ++i) {
    uniforms[i] = (static_cast<double>(i) + 0.5) / static_cast<double>(uniforms.size());
  }
}

void BareLoop::forward(const BusyModel& model) {
  for (int64_t n = 0; n < n_rows; ++n) {
    make_row(model, parameters[static_cast<size_t>(n)], n_events, uniforms.data() + n * n_events,
             events.data() + n * n_events);
  }
}

void BareLoop::backward(const BusyModel& model) {
  for (int64_t n = 0; n < n_rows; ++n) {
    pull_row(model, n_events, uniforms.data() + n * n_events, grad_events.data() + n * n_events,
             grad.data() + n);
  }
}

BusyModel calibrated_model() {
  constexpr int64_t kEvents = 1000;
  BusyModel model{100};
  BareLoop loop(1, kEvents);
  for (int round = 0; round < 3; ++round) {
    const double per_event = quickest_seconds({[&] { loop.forward(model); }})[0] / kEvents;
    model.steps =
        std::max(1, static_cast<int>(std::lround(model.steps * kBusySecondsPerEvent / per_event)));
  }
  return model;
}

std::vector<double> quickest_seconds(const std::vector<std::function<void()>>& bodies) {
  const auto seconds_of = [](const std::function<void()>& body, int64_t calls) {
    const Stopwatch watch;
    for (int64_t i = 0; i < calls; ++i) body();
    return watch.cpu();
  };
  std::vector<int64_t> calls(bodies.size(), 1);
  std::vector<double> quickest(bodies.size(), std::numeric_limits<double>::infinity());
  for (size_t k = 0; k < bodies.size(); ++k) {
    while (seconds_of(bodies[k], calls[k]) < kSecondsPerRepeat) calls[k] *= 2;
  }
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    for (size_t k = 0; k < bodies.size(); ++k) {
      const double each = seconds_of(bodies[k], calls[k]) / static_cast<double>(calls[k]);
      quickest[k] = std::min(quickest[k], each);
    }
  }
  return quickest;
}

}  // namespace sagips_bench
