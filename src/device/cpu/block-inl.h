// SPDX-License-Identifier: BSD-3-Clause
// What the kernels of layers share: one loop that fills the machine, a block of MR rows and NV
// vectors of a result held in registers,
//
//   c(r, :) += a(r, k) b(k, :)      for k = 0 .. n-1
//   forward           c = y (events, outputs)   a = x,  b = weights, packed     k over inputs
//   data gradient     c = y (events, inputs)    a = g,  b = weights transposed  k over outputs
//   weight gradient   c = dw (inputs, outputs)  a = h,  b = g                   k over events
//
// Read once for each instruction set, by a source that included "core/simd_targets.h".
#include <cstddef>

#include "core/aligned.h"
#include "device/cpu/level.h"

#if defined(SAGIPS_DEVICE_CPU_BLOCK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SAGIPS_DEVICE_CPU_BLOCK_INL_H_
#undef SAGIPS_DEVICE_CPU_BLOCK_INL_H_
#else
#define SAGIPS_DEVICE_CPU_BLOCK_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace sagips::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;
constexpr Floats kFloats{};
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(kFloats));

// Block heights for panels of 1, 2, 3, 4 vectors: as many accumulators as the registers hold beside
// the vectors of b and one broadcast. All divide kTile.
#if HWY_TARGET == HWY_AVX2
constexpr int kPanelVectors = 2;
constexpr int kHeights[] = {12, 6, 1, 1};
#elif HWY_TARGET == HWY_SCALAR
constexpr int kPanelVectors = 4;
constexpr int kHeights[] = {6, 4, 3, 3};
#else  // 32 registers
constexpr int kPanelVectors = 4;
constexpr int kHeights[] = {12, 12, 8, 6};
#endif
constexpr int height(int vectors) { return kHeights[vectors - 1]; }

#undef SAGIPS_UNROLL
#define SAGIPS_UNROLL _Pragma("GCC unroll 16")

template <int MR, int NV>
struct Block {
  V c[MR][NV];
};

/// One operand of the loop: a(r, k) = data[r * row + k * step].
struct Strided {
  const float* data;
  int64_t row, step;
};

/// c(r, :) += a(r, 0) b(0, :).
template <int MR, int NV>
HWY_INLINE void add_product(Block<MR, NV>& block, Strided a, const float* HWY_RESTRICT b) {
  V vb[NV];
  SAGIPS_UNROLL for (int v = 0; v < NV; ++v) vb[v] = hn::LoadU(kFloats, b + v * kLanes);
  SAGIPS_UNROLL for (int r = 0; r < MR; ++r) {
    const V x = hn::Set(kFloats, a.data[r * a.row]);
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
      block.c[r][v] = hn::MulAdd(x, vb[v], block.c[r][v]);
    }
  }
}

/// The same, summed over k.
template <int MR, int NV>
HWY_INLINE void accumulate(Block<MR, NV>& block, Strided a, const float* HWY_RESTRICT b,
                           int64_t b_step, int64_t n) {
  for (int64_t k = 0; k < n; ++k) {
    add_product(block, a, b);
    a.data += a.step;
    b += b_step;
  }
}

constexpr int64_t padded(int64_t width) { return (width + kLanes - 1) / kLanes * kLanes; }

/// visit(first column, vectors) for the panels of a wide part.
template <typename Visit>
HWY_INLINE void for_each_panel(int64_t wide, const Visit& visit) {
  const Panels panels{static_cast<int32_t>(padded(wide) / kLanes), kPanelVectors};
  int64_t column = 0;
  for (int32_t panel = 0; panel < panels.count(); ++panel) {
    visit(column, panels.size(panel));
    column += panels.size(panel) * kLanes;
  }
}

// In gradient_kernels.cpp and packing_kernels.cpp.
void add_outer(const Outer& o);
void add_events(const Level& y, int64_t n, float* sums);
void add_narrow_events(const Level& y, int64_t n, float* sums);
void add(int64_t n, const float* part, double* total);
void transpose(int64_t rows, int64_t columns, const float* in, int64_t in_row, float* out,
               int64_t out_row);

}  // namespace HWY_NAMESPACE
}  // namespace sagips::cpu
HWY_AFTER_NAMESPACE();

#endif
