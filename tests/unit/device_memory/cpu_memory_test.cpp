// SPDX-License-Identifier: BSD-3-Clause
// What a call of the vectorised device takes of memory goes with its threads and not with its
// batch, and nothing is left of it but workspaces that are used again. A program of its own, since
// it brings its own malloc, which counts.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "unit/device/device_testing.h"

// -------------------------------------------------------------------- a malloc of the GNU C
// library that counts. Not for sanitizers, which bring their own.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t n, size_t size);
void* __libc_realloc(void* p, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* p);
}

namespace {

std::atomic<int64_t> now{0}, most{0};  // bytes in use, and the most there were

void* counted(void* p) {
  if (p == nullptr) return p;
  const int64_t n = now += static_cast<int64_t>(::malloc_usable_size(p));
  for (int64_t m = most; n > m && !most.compare_exchange_weak(m, n);) continue;
  return p;
}
void uncounted(void* p) {
  if (p != nullptr) now -= static_cast<int64_t>(::malloc_usable_size(p));
}

}  // namespace

extern "C" {
void* malloc(size_t size) { return counted(__libc_malloc(size)); }
void* calloc(size_t n, size_t size) { return counted(__libc_calloc(n, size)); }
void* realloc(void* p, size_t size) {
  uncounted(p);
  return counted(__libc_realloc(p, size));
}
void* memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
void* aligned_alloc(size_t alignment, size_t size) {
  return counted(__libc_memalign(alignment, size));
}
int posix_memalign(void** p, size_t alignment, size_t size) {
  *p = counted(__libc_memalign(alignment, size));
  return *p == nullptr ? ENOMEM : 0;
}
void free(void* p) {
  uncounted(p);
  __libc_free(p);
}
}

namespace sagips {
namespace {

/// Events that nobody stores: a tile of them is made when it is asked for.
class EndlessSource : public EventSource {
 public:
  EndlessSource(int64_t n, int32_t n_observables) : n_(n), n_observables_(n_observables) {}
  int64_t size() const override { return n_; }
  double total_weight() const override { return static_cast<double>(n_); }
  void fill(int64_t first, int64_t n, const EventTile& tile) const override {
    for (int64_t i = 0; i < n * n_observables_; ++i)
      tile.events[i] = static_cast<double>((first * n_observables_ + i) * 7919 % 2003) / 1000 - 1;
    for (int64_t e = 0; e < n; ++e) tile.weights[e] = 1;
  }

 private:
  int64_t n_;
  int32_t n_observables_;
};

/// The most bytes that a call held beyond what was there before it.
template <typename Call>
int64_t peak_of(const Call& call) {
  const int64_t before = now;
  most = before;
  call();
  return most - before;
}

constexpr int64_t kFew = 10000, kMany = 100000;
constexpr double kSame = 1.1;      // threads of ours are a few hundred bytes each
constexpr double kAhead = 2;       // a thread may be one shard ahead of its turn, and keeps it
constexpr int64_t kSlack = 16384;  // two pages of each of two of them

struct Network {
  explicit Network(const char* name)
      : plan(plan_of(device_case(name))), params(parameters_of(plan, 5)), grad(params) {}
  NetworkPlan plan;
  std::vector<float> params, grad;
};

class CpuMemory : public testing::TestWithParam<int32_t> {
 protected:
  /// The peak of a first call for many events in T threads is at most 2 T times that for few events
  /// in one.
  template <typename Call>
  void expect_bounded(const char* what, const Call& call) {
    for_each_simd([&](Simd simd) {
      const Parallel serial, parallel(GetParam());
      const int64_t few = call(make_cpu_device(&serial, simd).get(), kFew);
      const int64_t many = call(make_cpu_device(&parallel, simd).get(), kMany);
      EXPECT_GT(few, 0) << what << ": nothing was counted";
      EXPECT_LT(many, kSame * kAhead * GetParam() * static_cast<double>(few) + kSlack)
          << what << ", " << simd_name(simd) << ": " << few << " bytes for " << kFew << " events";
    });
  }
};

TEST_P(CpuMemory, OfADiscriminatorStepDoesNotGoWithTheBatch) {
  Network network("odd_7_13");
  expect_bounded("discriminator_step", [&](Device* device, int64_t n) {
    const EndlessSource real(n, 7), synthetic(n, 7);
    return peak_of([&] {
      device->discriminator_step(network.plan, network.params, real, synthetic, network.grad);
    });
  });
}

TEST_P(CpuMemory, OfAnEventGradientDoesNotGoWithTheBatch) {
  const Network network("fast");
  std::vector<double> by_event(kMany * 2), losses(kMany);
  expect_bounded("event_gradient", [&](Device* device, int64_t n) {
    const View<double> grad(by_event.data(), n * 2), loss(losses.data(), n);
    return peak_of([&] {
      device->event_gradient(network.plan, network.params, EndlessSource(n, 2), grad, loss);
    });
  });
}

TEST_P(CpuMemory, OfLogitsDoesNotGoWithTheBatch) {
  const Network network("odd_7_13");
  std::vector<double> logits(kMany);
  expect_bounded("event_logits", [&](Device* device, int64_t n) {
    const View<double> out(logits.data(), n);
    return peak_of(
        [&] { device->event_logits(network.plan, network.params, EndlessSource(n, 7), out); });
  });
}

INSTANTIATE_TEST_SUITE_P(Threads, CpuMemory, testing::Values(1, 3));

TEST(CpuMemoryOfADevice, IsThatOfAFewGradientsAThread) {
  Network network("paper");
  const auto parameters = static_cast<double>(network.params.size() * sizeof(float));
  for_each_simd([&](Simd simd) {
    for (const int32_t threads : {1, 4}) {
      const Parallel parallel(threads);
      const auto device = make_cpu_device(&parallel, simd);
      const EndlessSource events(1000, 2);
      const int64_t peak = peak_of([&] {
        device->discriminator_step(network.plan, network.params, events, events, network.grad);
      });
      constexpr double kPerThread = 8,
                       kOnce = 40;  // shards' gradients in double, at most 16 of them
      EXPECT_LT(static_cast<double>(peak), (kOnce + kPerThread * threads) * parameters)
          << simd_name(simd) << ", " << threads << " threads";
    }
  });
}

TEST(CpuMemoryOfADevice, DoesNotGrowFromCallToCall) {
  Network network("odd_5_31_17_3");
  for_each_simd([&](Simd simd) {
    const Parallel parallel(3);
    const int64_t before = now;
    {
      const auto device = make_cpu_device(&parallel, simd);
      const EndlessSource events(500, 5);
      const auto step = [&] {
        device->discriminator_step(network.plan, network.params, events, events, network.grad);
      };
      for (int i = 0; i < 20; ++i) step();  // every thread has met every piece of work
      const int64_t settled = now;
      for (int i = 0; i < 50; ++i) step();
      EXPECT_LE(now, settled + kSlack) << simd_name(simd);
    }
    EXPECT_LE(now, before + kSlack) << simd_name(simd) << ", after its end";
  });
}

}  // namespace
}  // namespace sagips
