// SPDX-License-Identifier: BSD-3-Clause
#include "engine/timed_device.h"

#include "statistics.h"

namespace sagips_bench {
namespace {

using sagips::EventSource;
using sagips::NetworkPlan;
using sagips::View;

// Adds the time of its life to a phase.
class Note {
 public:
  Note(Phases* phases, const char* name) : phases_(phases), name_(name) {}
  ~Note() { (*phases_)[name_] += watch_.wall(); }
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;

 private:
  Phases* phases_;
  const char* name_;
  Stopwatch watch_;
};

}  // namespace

double TimedDevice::discriminator_step(const NetworkPlan& plan, View<const float> params,
                                       const EventSource& real, const EventSource& synthetic,
                                       View<float> grad) {
  const Note note(phases_, "discriminator step");
  return device_->discriminator_step(plan, params, real, synthetic, grad);
}

double TimedDevice::event_gradient(const NetworkPlan& plan, View<const float> params,
                                   const EventSource& synthetic, View<double> grad_events,
                                   View<double> event_loss) {
  const Note note(phases_, "event gradient");
  return device_->event_gradient(plan, params, synthetic, grad_events, event_loss);
}

void TimedDevice::event_logits(const NetworkPlan& plan, View<const float> params,
                               const EventSource& events, View<double> logits) {
  const Note note(phases_, "event logits");
  device_->event_logits(plan, params, events, logits);
}

void TimedDevice::lift_events(const NetworkPlan& plan, const EventSource& events,
                              View<double> inputs) {
  const Note note(phases_, "lift");
  device_->lift_events(plan, events, inputs);
}

void TimedDevice::generator_forward(const NetworkPlan& plan, View<const float> params, int64_t n,
                                    View<const double> inputs, View<double> outputs) {
  const Note note(phases_, "generator forward");
  device_->generator_forward(plan, params, n, inputs, outputs);
}

void TimedDevice::generator_backward(const NetworkPlan& plan, View<const float> params, int64_t n,
                                     View<const double> inputs, View<const double> grad_outputs,
                                     View<float> grad) {
  const Note note(phases_, "generator backward");
  device_->generator_backward(plan, params, n, inputs, grad_outputs, grad);
}

std::unique_ptr<sagips::Device> make_device(const std::string& name, sagips::Simd simd,
                                            const sagips::Parallel* parallel) {
  return name == "reference" ? sagips::make_reference_device(parallel)
                             : sagips::make_cpu_device(parallel, simd);
}

}  // namespace sagips_bench
