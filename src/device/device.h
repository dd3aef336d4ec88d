// SPDX-License-Identifier: BSD-3-Clause
// The seam between training and the machine that does the arithmetic: a few coarse calls over
// batches of events. The plain reference in double precision is the first device, and the oracle of
// others. Members of an ensemble call one device from several threads at the same time.
#ifndef SAGIPS_DEVICE_DEVICE_H_
#define SAGIPS_DEVICE_DEVICE_H_

#include <cstdint>
#include <memory>

#include "core/parallel.h"
#include "core/simd.h"
#include "core/view.h"
#include "device/event_source.h"
#include "device/network_plan.h"

namespace sagips {

class Device {
 public:
  virtual ~Device() = default;
  virtual const char* name() const = 0;

  /// Discriminator loss  <l_real>_w + <l_synthetic>_w  and its gradient by the flat parameters.
  virtual double discriminator_step(const NetworkPlan& plan, View<const float> params,
                                    const EventSource& real, const EventSource& synthetic,
                                    View<float> grad) = 0;

  /// Generator loss <l>_w over synthetic events.
  /// @param grad_events (B, Y) derivative of it by each event; 0 for lost events
  /// @param event_loss (B) l of each event, 0 for lost events; empty: not wanted
  virtual double event_gradient(const NetworkPlan& plan, View<const float> params,
                                const EventSource& synthetic, View<double> grad_events,
                                View<double> event_loss) = 0;

  /// Logits (B) of a discriminator; 0 for lost events.
  virtual void event_logits(const NetworkPlan& plan, View<const float> params,
                            const EventSource& events, View<double> logits) = 0;

  /// Inputs (B, widths[0]) of the first layer: events standardised and lifted. For lost events,
  /// those of an event at the mean.
  virtual void lift_events(const NetworkPlan& plan, const EventSource& events,
                           View<double> inputs) = 0;

  /// Outputs (N, P) of a generator for inputs (N, widths[0]).
  virtual void generator_forward(const NetworkPlan& plan, View<const float> params, int64_t n,
                                 View<const double> inputs, View<double> outputs) = 0;

  /// Gradient by the flat parameters, given that by the outputs (N, P); a sum over rows.
  virtual void generator_backward(const NetworkPlan& plan, View<const float> params, int64_t n,
                                  View<const double> inputs, View<const double> grad_outputs,
                                  View<float> grad) = 0;
};

/// Plain C++ in double precision, rounded to float at its outputs.
std::unique_ptr<Device> make_reference_device(const Parallel* parallel);

/// The vectorised engine: single precision, a tile of events at a time through all layers, so that
/// what it needs of memory goes with the threads and not with the batch.
std::unique_ptr<Device> make_cpu_device(const Parallel* parallel, Simd simd);

/// Loss of a synthetic event in the generator's eyes, and its derivative by the logit.
double generator_loss(Loss loss, double logit, double* derivative);

/// Loss of one event in the discriminator's eyes, and its derivative by the logit.
double discriminator_loss(Loss loss, bool is_real, double logit, double* derivative);

}  // namespace sagips

#endif  // SAGIPS_DEVICE_DEVICE_H_
