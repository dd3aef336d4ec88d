// SPDX-License-Identifier: BSD-3-Clause
// A device that notes how long the calls of another take: the library is timed from outside.

#ifndef SAGIPS_BENCH_ENGINE_TIMED_DEVICE_H_
#define SAGIPS_BENCH_ENGINE_TIMED_DEVICE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "device/device.h"

namespace sagips_bench {

// Seconds by the name of what took them.
using Phases = std::map<std::string, double>;

class TimedDevice : public sagips::Device {
 public:
  TimedDevice(std::unique_ptr<sagips::Device> device, Phases* phases)
      : device_(std::move(device)), phases_(phases) {}
  const char* name() const override { return device_->name(); }

  double discriminator_step(const sagips::NetworkPlan& plan, sagips::View<const float> params,
                            const sagips::EventSource& real, const sagips::EventSource& synthetic,
                            sagips::View<float> grad) override;
  double event_gradient(const sagips::NetworkPlan& plan, sagips::View<const float> params,
                        const sagips::EventSource& synthetic, sagips::View<double> grad_events,
                        sagips::View<double> event_loss) override;
  void event_logits(const sagips::NetworkPlan& plan, sagips::View<const float> params,
                    const sagips::EventSource& events, sagips::View<double> logits) override;
  void lift_events(const sagips::NetworkPlan& plan, const sagips::EventSource& events,
                   sagips::View<double> inputs) override;
  void generator_forward(const sagips::NetworkPlan& plan, sagips::View<const float> params,
                         int64_t n, sagips::View<const double> inputs,
                         sagips::View<double> outputs) override;
  void generator_backward(const sagips::NetworkPlan& plan, sagips::View<const float> params,
                          int64_t n, sagips::View<const double> inputs,
                          sagips::View<const double> grad_outputs,
                          sagips::View<float> grad) override;

 private:
  std::unique_ptr<sagips::Device> device_;
  Phases* phases_;
};

// "cpu" or "reference".
std::unique_ptr<sagips::Device> make_device(const std::string& name, sagips::Simd simd,
                                            const sagips::Parallel* parallel);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_TIMED_DEVICE_H_
