// SPDX-License-Identifier: BSD-3-Clause
// Gradients by weights and biases, for every instruction set from this one source:
//
//   dw(j, k) += sum_e g(e, j) h(e, k),   db(j) += sum_e g(e, j)
//
// Vectors run over the features of g, where those are narrow over the features of h, and where both
// are, over events.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/gradient_kernels.cpp"

#include "core/simd_targets.h"
// After the above, once for each instruction set.
#include "device/cpu/block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sagips::cpu {
namespace HWY_NAMESPACE {

/// c(r, :) += sum_e a(r, e) b(e, :) over one panel of b's features.
struct OuterPanel {
  Strided a;
  int64_t rows;
  const float* b;
  int64_t b_row;
  float* c;
  int64_t c_row;
  int64_t n;
};

/// A few accumulators would wait for themselves, so those of every kPhases-th event are apart.
template <int MR, int NV>
void add_outer_block(const OuterPanel& p, int64_t row) {
  constexpr int kPhases = MR * NV >= 8 ? 1 : 8 / (MR * NV);
  Block<MR, NV> blocks[kPhases];
  float* c = p.c + row * p.c_row;
  SAGIPS_UNROLL for (int r = 0; r < MR; ++r) {
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
      blocks[0].c[r][v] = hn::LoadU(kFloats, c + r * p.c_row + v * kLanes);
      SAGIPS_UNROLL for (int i = 1; i < kPhases; ++i) blocks[i].c[r][v] = hn::Zero(kFloats);
    }
  }
  Strided a = p.a;
  a.data += row * a.row;
  const float* b = p.b;
  int64_t e = 0;
  for (; e + kPhases <= p.n; e += kPhases) {
    SAGIPS_UNROLL for (int i = 0; i < kPhases; ++i) {
      add_product(blocks[i], a, b);
      a.data += a.step;
      b += p.b_row;
    }
  }
  if constexpr (kPhases > 1) accumulate(blocks[0], a, b, p.b_row, p.n - e);
  SAGIPS_UNROLL for (int r = 0; r < MR; ++r) {
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
      V sum = blocks[0].c[r][v];
      SAGIPS_UNROLL for (int i = 1; i < kPhases; ++i) sum = hn::Add(sum, blocks[i].c[r][v]);
      hn::StoreU(sum, kFloats, c + r * p.c_row + v * kLanes);
    }
  }
}

template <int NV>
void add_outer_panel(const OuterPanel& p) {
  constexpr int MR = height(NV);
  int64_t row = 0;
  for (; row + MR <= p.rows; row += MR) add_outer_block<MR, NV>(p, row);
  if constexpr (MR > 4)
    for (; row + 4 <= p.rows; row += 4) add_outer_block<4, NV>(p, row);
  if constexpr (MR > 2)
    for (; row + 2 <= p.rows; row += 2) add_outer_block<2, NV>(p, row);
  for (; row < p.rows; ++row) add_outer_block<1, NV>(p, row);
}

void add_outer_panel(int32_t vectors, const OuterPanel& p) {
  if (vectors == 1) add_outer_panel<1>(p);
  if (vectors == 2) add_outer_panel<2>(p);
  if (kPanelVectors > 2 && vectors == 3) add_outer_panel<3>(p);
  if (kPanelVectors > 2 && vectors == 4) add_outer_panel<4>(p);
}

/// sum_e g(e) h(e).
HWY_INLINE float dot_events(const float* g, const float* h, int64_t n) {
  const int64_t whole = n / kLanes * kLanes;
  const auto tail = hn::FirstN(kFloats, static_cast<size_t>(n - whole));
  V sum = hn::Zero(kFloats);
  for (int64_t e = 0; e < whole; e += kLanes)
    sum = hn::MulAdd(hn::LoadU(kFloats, g + e), hn::LoadU(kFloats, h + e), sum);
  if (whole < n)
    sum = hn::MulAdd(hn::IfThenElseZero(tail, hn::LoadU(kFloats, g + whole)),
                     hn::IfThenElseZero(tail, hn::LoadU(kFloats, h + whole)), sum);
  return hn::GetLane(hn::SumOfLanes(kFloats, sum));
}

void add_outer(const Outer& o) {
  const Level &g = o.g, &h = o.h;
  for_each_panel(g.wide, [&](int64_t column, int32_t vectors) {
    const int64_t c_row = vectors * kLanes;
    OuterPanel p{{h.data, 1, h.row}, h.wide, g.data + column, g.row, nullptr, c_row, o.n};
    p.c = o.grad + column * h.width();
    add_outer_panel(vectors, p);
    p.a = {h.narrow_data(), kTile, 1};
    p.rows = h.narrow;
    p.c += h.wide * c_row;
    add_outer_panel(vectors, p);
  });
  float* c = o.grad + padded(g.wide) * h.width();
  const int64_t c_row = padded(h.width());
  const Strided a = {g.narrow_data(), kTile, 1};
  for_each_panel(h.wide, [&](int64_t column, int32_t vectors) {
    add_outer_panel(vectors, {a, g.narrow, h.data + column, h.row, c + column, c_row, o.n});
  });
  for (int32_t j = 0; j < g.narrow; ++j)
    for (int32_t k = 0; k < h.narrow; ++k)
      c[j * c_row + h.wide + k] +=
          dot_events(g.narrow_data() + j * kTile, h.narrow_data() + k * kTile, o.n);
}

void add_narrow_events(const Level& y, int64_t n, float* sums) {
  const int64_t whole = n / kLanes * kLanes;
  const auto tail = hn::FirstN(kFloats, static_cast<size_t>(n - whole));
  for (int32_t j = 0; j < y.narrow; ++j) {
    const float* data = y.narrow_data() + j * kTile;
    V sum =
        whole < n ? hn::IfThenElseZero(tail, hn::LoadU(kFloats, data + whole)) : hn::Zero(kFloats);
    for (int64_t e = 0; e < whole; e += kLanes) sum = hn::Add(sum, hn::LoadU(kFloats, data + e));
    sums[y.wide + j] += hn::GetLane(hn::SumOfLanes(kFloats, sum));
  }
}

void add_events(const Level& y, int64_t n, float* sums) {
  for (int64_t j = 0; j < y.wide; j += kLanes) {
    V sum = hn::LoadU(kFloats, sums + j);
    for (int64_t e = 0; e < n; ++e) sum = hn::Add(sum, hn::LoadU(kFloats, y.data + e * y.row + j));
    hn::StoreU(sum, kFloats, sums + j);
  }
  add_narrow_events(y, n, sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace sagips::cpu
HWY_AFTER_NAMESPACE();
