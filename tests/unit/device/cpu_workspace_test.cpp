// SPDX-License-Identifier: BSD-3-Clause
// A device recycles its memory from call to call: nothing that an earlier call left there, were it
// a larger network, NaN or a call that ended by an exception, gets into a later one.
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "unit/device/device_testing.h"

namespace sagips {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// Every network that is not large, in the order of the list, with batches that leave most of their
/// only or of their last tile to what was there before.
std::vector<Workload> workloads() {
  std::vector<Workload> all;
  for (const DeviceCase& c : device_cases())
    if (plan_of(c).n_parameters() < 10000)
      for (const int64_t batch : {7, 49}) all.push_back(make_workload(c, batch));
  return all;
}

/// Every number that a network computes becomes NaN.
Workload poisoned(Workload w) {
  w.params.assign(w.params.size(), std::numeric_limits<float>::quiet_NaN());
  w.noise.assign(w.noise.size(), kNan);
  w.cotangent.assign(w.cotangent.size(), kNan);
  for (Sample* sample : {&w.real, &w.synthetic}) sample->events.assign(sample->events.size(), kNan);
  return w;
}

/// What a new device computes, one for each.
std::vector<Outputs> fresh(const std::vector<Workload>& all, Simd simd) {
  const Parallel serial;
  std::vector<Outputs> outputs;
  for (const Workload& w : all) outputs.push_back(run_all(make_cpu_device(&serial, simd).get(), w));
  return outputs;
}

void expect_fresh(Device* device, const Workload& w, const Outputs& wanted, const char* after) {
  std::string where;
  EXPECT_TRUE(has_same_bits(run_all(device, w), wanted, &where))
      << where << " of " << w.name << " after " << after;
}

TEST(CpuWorkspace, KeepsNothingOfAnotherNetwork) {
  const std::vector<Workload> all = workloads();
  for_each_simd([&](Simd simd) {
    SCOPED_TRACE(simd_name(simd));
    const std::vector<Outputs> wanted = fresh(all, simd);
    const Parallel parallel(2);
    const auto device = make_cpu_device(&parallel, simd);
    for (size_t i = 0; i < all.size(); ++i)
      expect_fresh(device.get(), all[i], wanted[i], "those above it");
    for (size_t i = all.size(); i-- > 0;)
      expect_fresh(device.get(), all[i], wanted[i], "those below it");
  });
}

TEST(CpuWorkspace, KeepsNoNan) {
  const std::vector<Workload> all = workloads();
  const Workload large = poisoned(make_workload({"wide", {9, 130, 20, 1}, {}}, 50));
  const Workload lifted = poisoned(make_workload(device_case("lift_hidden"), 49));
  for_each_simd([&](Simd simd) {
    SCOPED_TRACE(simd_name(simd));
    const std::vector<Outputs> wanted = fresh(all, simd);
    const Parallel parallel(2);
    const auto device = make_cpu_device(&parallel, simd);
    for (size_t i = 0; i < all.size(); ++i) {
      for (const Workload& poison : {large, lifted, poisoned(all[i])})
        run_all(device.get(), poison);
      expect_fresh(device.get(), all[i], wanted[i], "NaN everywhere");
    }
  });
}

/// Events, until one is asked for that is not there.
class EndingSource : public BufferSource {
 public:
  explicit EndingSource(const Sample& sample) : BufferSource(sample.source()) {}
  void fill(int64_t first, int64_t n, const EventTile& tile) const override {
    if (first + n > size() / 2) throw std::runtime_error("no more events");
    BufferSource::fill(first, n, tile);
  }
};

TEST(CpuWorkspace, AnExceptionOfTheSourceComesBackAndLeavesNothing) {
  const Workload w = make_workload(device_case("even_3_64_64"), 1000);
  const EndingSource ending(w.synthetic);
  for_each_simd([&](Simd simd) {
    SCOPED_TRACE(simd_name(simd));
    const Outputs wanted = fresh({w}, simd).front();
    const Parallel parallel(2);
    const auto device = make_cpu_device(&parallel, simd);
    std::vector<float> grad(w.params.size());
    std::vector<double> by_event(w.synthetic.events.size()), by_logit(w.synthetic.weights.size());
    EXPECT_THROW(device->discriminator_step(w.plan, w.params, w.real.source(), ending, grad),
                 std::runtime_error);
    EXPECT_THROW(device->event_gradient(w.plan, w.params, ending, by_event, by_logit),
                 std::runtime_error);
    EXPECT_THROW(device->event_logits(w.plan, w.params, ending, by_logit), std::runtime_error);
    expect_fresh(device.get(), w, wanted, "exceptions");
  });
}

/// A source that knows its batch was asked for once, and tile by tile.
class CountingSource : public BufferSource {
 public:
  explicit CountingSource(const Sample& sample)
      : BufferSource(sample.source()), counts(sample.weights.size()) {}
  void fill(int64_t first, int64_t n, const EventTile& tile) const override {
    for (int64_t e = first; e < first + n; ++e) ++counts.at(at(e));
    BufferSource::fill(first, n, tile);
  }
  mutable std::vector<int> counts;  // of each event; one thread only
};

TEST(CpuWorkspace, AsksForEachEventOnce) {
  const Workload w = make_workload(device_case("odd_7_13"), 1000);
  const std::vector<int> once(w.synthetic.weights.size(), 1), real_once(w.real.weights.size(), 1);
  for_each_simd([&](Simd simd) {
    const Parallel serial;
    const auto device = make_cpu_device(&serial, simd);
    std::vector<float> grad(w.params.size());
    std::vector<double> by_event(w.synthetic.events.size()), losses(w.synthetic.weights.size());
    const CountingSource real(w.real), synthetic(w.synthetic), again(w.synthetic);
    device->discriminator_step(w.plan, w.params, real, synthetic, grad);
    device->event_gradient(w.plan, w.params, again, by_event, losses);
    EXPECT_EQ(real.counts, real_once) << simd_name(simd);
    EXPECT_EQ(synthetic.counts, once) << simd_name(simd);
    EXPECT_EQ(again.counts, once) << simd_name(simd);
  });
}

}  // namespace
}  // namespace sagips
