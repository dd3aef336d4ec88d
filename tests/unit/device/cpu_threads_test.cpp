// SPDX-License-Identifier: BSD-3-Clause
// Neither the number of threads, nor a host that runs the loops in its own order and threads, nor
// repetition changes a bit of what the vectorised device computes.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <random>
#include <thread>

#include "unit/device/device_testing.h"

namespace sagips {
namespace {

struct Place {
  const char* name;
  int64_t batch;
};
const Place kPlaces[] = {
    {"fast", 4099},
    {"fast_generator", 4099},
    {"odd_5_31_17_3", 1000},
    {"lift_clipped", 1000},
    {"even_3_64_64", 256},
    {"paper", 257},
    {"many_outputs", 1000},
    {"direct_generator", 4099},
    {"one_of_everything", 1000},
    {"deep", 7},
    {"rest_33_34", 1000},
    {"rest_generator", 1000},
};

class CpuThreads : public testing::TestWithParam<Place> {
 protected:
  void expect_same_bits(Simd simd, const Parallel& parallel, const std::string& who) {
    const Parallel serial;
    const Outputs wanted = run_all(make_cpu_device(&serial, simd).get(), w_);
    const auto device = make_cpu_device(&parallel, simd);
    for (int repetition = 0; repetition < 2; ++repetition) {
      std::string where;
      EXPECT_TRUE(has_same_bits(run_all(device.get(), w_), wanted, &where))
          << where << ", " << simd_name(simd) << ", " << who << ", repetition " << repetition;
    }
  }
  Workload w_ = make_workload(device_case(GetParam().name), GetParam().batch);
};

TEST_P(CpuThreads, OfOursChangeNothing) {
  for_each_simd([&](Simd simd) {
    for (const int32_t threads : {1, 2, 3, 4, 23})
      expect_same_bits(simd, Parallel(threads), std::to_string(threads) + " threads");
  });
}

/// Indices from the last to the first, in the calling thread.
int32_t run_backwards(void*, int64_t n, void (*body)(void*, int64_t), void* ctx) {
  for (int64_t i = n - 1; i >= 0; --i) body(ctx, i);
  return 0;
}

/// Indices in random order, each in whichever of three threads is free.
int32_t run_at_random(void* host, int64_t n, void (*body)(void*, int64_t), void* ctx) {
  std::vector<int64_t> order(at(n));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), *static_cast<std::mt19937*>(host));
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (size_t i = next++; i < order.size(); i = next++) body(ctx, order[i]);
    });
  for (std::thread& thread : threads) thread.join();
  return 0;
}

TEST_P(CpuThreads, OfAHostChangeNothing) {
  std::mt19937 random(20);
  for_each_simd([&](Simd simd) {
    Parallel backwards, at_random;
    backwards.use_host(run_backwards, nullptr);
    expect_same_bits(simd, backwards, "backwards");
    at_random.use_host(run_at_random, &random);
    expect_same_bits(simd, at_random, "three threads at random");
  });
}

std::string case_name(const testing::TestParamInfo<Place>& place) {
  return std::string(place.param.name) + "_" + std::to_string(place.param.batch);
}
INSTANTIATE_TEST_SUITE_P(Cases, CpuThreads, testing::ValuesIn(kPlaces), case_name);

// ------------------------------------------------------------------ sums that tell their order

/// Four equal parts with the same events and the weights 2^60, 1, -2^60, 1: of the two parts that
/// count, a sum in double precision keeps those that it meets when the others have cancelled. The
/// first part comes late.
class TellingSource : public EventSource {
 public:
  explicit TellingSource(const Sample& part) : part_(part) {}
  int64_t size() const override { return 4 * part_.size(); }
  double total_weight() const override { return 2 * static_cast<double>(part_.size()); }
  void fill(int64_t first, int64_t n, const EventTile& tile) const override {
    constexpr double kWeights[] = {0x1p60, 1, -0x1p60, 1};
    if (first == 0) std::this_thread::sleep_for(std::chrono::milliseconds(30));
    for (int64_t i = 0; i < n; ++i) {
      part_.source().fill((first + i) % part_.size(), 1,
                          {tile.events + i * part_.n_observables, tile.weights + i});
      tile.weights[i] = kWeights[(first + i) / part_.size()];
    }
  }

 private:
  Sample part_;
};

TEST(CpuThreadsThatDiffer, AddUpInTheOrderOfEventsWhoeverIsDoneFirst) {
  const DeviceCase c = {"telling", {2, 5, 1}, {}};
  const NetworkPlan plan = plan_of(c);
  const std::vector<float> params = parameters_of(plan, 5);
  const Sample real = events_of(c, 10, true);
  const TellingSource synthetic(events_of(c, 1024, false));
  for_each_simd([&](Simd simd) {
    std::vector<std::vector<float>> grads;
    for (const int32_t threads : {1, 3}) {
      const Parallel parallel(threads);
      grads.emplace_back(params.size());
      make_cpu_device(&parallel, simd)
          ->discriminator_step(plan, params, real.source(), synthetic, grads.back());
    }
    EXPECT_EQ(grads[1], grads[0]) << simd_name(simd);
  });
}

}  // namespace
}  // namespace sagips
