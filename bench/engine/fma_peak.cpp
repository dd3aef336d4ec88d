// SPDX-License-Identifier: BSD-3-Clause
#include "engine/fma_peak.h"

#include <algorithm>
#include <cstdint>

#include "statistics.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fma_peak.cpp"
#include "core/simd_targets.h"
// clang-format off
#include <hwy/foreach_target.h>
// clang-format on
#include <hwy/highway.h>

// Shared by all instruction sets; this file is read once for each.
#ifndef SAGIPS_BENCH_ENGINE_FMA_TABLE_
#define SAGIPS_BENCH_ENGINE_FMA_TABLE_
namespace sagips_bench {

constexpr int kChains = 12;  // 2 units of latency 4 to 5; with two operands they fit 16 registers

struct FmaTable {
  int64_t lanes;
  float (*run)(int64_t n, float factor, float addend);  // n multiply-adds in each chain
};

}  // namespace sagips_bench
#endif

HWY_BEFORE_NAMESPACE();
namespace sagips_bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;

// x -> factor x + addend, which the compiler can neither shorten nor do without.
HWY_NOINLINE float run(int64_t n, float factor, float addend) {
  const D d;
  const auto b = hn::Set(d, factor), c = hn::Set(d, addend);
  hn::Vec<D> chain[kChains];
  for (int i = 0; i < kChains; ++i) chain[i] = hn::Set(d, 1 + 0.01F * static_cast<float>(i));
  for (int64_t k = 0; k < n; ++k)
    for (int i = 0; i < kChains; ++i) chain[i] = hn::MulAdd(chain[i], b, c);
  auto sum = chain[0];
  for (int i = 1; i < kChains; ++i) sum = hn::Add(sum, chain[i]);
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

constexpr FmaTable kTable{HWY_LANES(float), run};

}  // namespace HWY_NAMESPACE
}  // namespace sagips_bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips_bench {

Peak measure_peak(sagips::Simd simd, double seconds) {
  constexpr int64_t kWindow = 200000;  // a millisecond or two
  const FmaTable& table = SAGIPS_SIMD_ROW(simd, kTable);
  const double gflop = 2e-9 * static_cast<double>(kWindow * kChains * table.lanes);
  volatile float factor = 0.9999F, addend = 1e-4F, sink = 0;
  Peak peak{};
  double work = 0;
  const Stopwatch watch;
  do {
    const Stopwatch window;
    sink = table.run(kWindow, factor, addend);
    peak.best = std::max(peak.best, gflop / window.wall());
    work += gflop;
  } while (watch.wall() < seconds);
  peak.gflops = work / watch.wall();
  peak.by_cpu = work / watch.cpu();
  static_cast<void>(sink);
  return peak;
}

}  // namespace sagips_bench
#endif
