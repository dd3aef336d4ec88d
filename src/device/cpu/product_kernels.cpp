// SPDX-License-Identifier: BSD-3-Clause
// Products of layers, y = f(W x + b) and its way back, for every instruction set from this one
// source. A level x has two parts, x_w and x_n (wide and narrow, see level.h):
//
//   y_w = f(x_w W_ww + x_n W_wn + b_w)   blocks of events by vectors of features
//   y_n = f(x_w W_nw + x_n W_nn + b_n)   dot products of rows, then vectors of events
//
// Bias, leaky ReLU, its derivative and the bias gradient happen while a block is in registers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/product_kernels.cpp"

#include "core/simd_targets.h"
// After the above, once for each instruction set.
#include "device/cpu/block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sagips::cpu {
namespace HWY_NAMESPACE {

HWY_INLINE V leaky(V x, V slope) {
  return hn::IfThenElse(hn::Gt(x, hn::Zero(kFloats)), x, hn::Mul(x, slope));
}

/// g f'(h): the oracle asks h > 0, so that NaN counts as below.
HWY_INLINE V leaky_derivative(V g, V h, V slope) {
  return hn::IfThenElse(hn::Gt(h, hn::Zero(kFloats)), g, hn::Mul(g, slope));
}

// ------------------------------------------------------------------------ y wide

/// y = f(block) for the events from `first` on. Branches between rows would push the block out of
/// its registers: what is no event is zeroed instead, to have no part in the sums.
template <Epilogue kEpilogue, int MR, int NV>
HWY_INLINE void finish_block(const Product& p, int64_t first, int64_t column,
                             Block<MR, NV>& block) {
  const V slope = hn::Set(kFloats, p.slope);
  const int64_t y_row = p.y.row, n = p.n - first;
  float* y = p.y.data + first * y_row + column;
  if (kEpilogue == Epilogue::kDerivative && n < MR) {
    SAGIPS_UNROLL for (int r = 0; r < MR; ++r) {
      SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
        if (r >= n) block.c[r][v] = hn::Zero(kFloats);
      }
    }
  }
  V sums[NV];
  SAGIPS_UNROLL for (int v = 0; v < NV; ++v) sums[v] = hn::Zero(kFloats);
  SAGIPS_UNROLL for (int r = 0; r < MR; ++r, y += y_row) {
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
      V value = block.c[r][v];
      if (kEpilogue == Epilogue::kLeaky) value = leaky(value, slope);
      if (kEpilogue == Epilogue::kDerivative) {
        value = leaky_derivative(value, hn::LoadU(kFloats, y + v * kLanes), slope);
        sums[v] = hn::Add(sums[v], value);
      }
      hn::StoreU(value, kFloats, y + v * kLanes);
    }
  }
  if (kEpilogue != Epilogue::kDerivative || p.column_sums == nullptr) return;
  SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
    float* sum = p.column_sums + column + v * kLanes;
    hn::StoreU(hn::Add(hn::LoadU(kFloats, sum), sums[v]), kFloats, sum);
  }
}

template <int NV, Epilogue kEpilogue>
void multiply_panel(const Product& p, int64_t column, const float* weights) {
  constexpr int MR = height(NV);
  for (int64_t first = 0; first < p.n; first += MR) {
    Block<MR, NV> block;
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
      const V start =
          p.bias == nullptr ? hn::Zero(kFloats) : hn::LoadU(kFloats, p.bias + column + v * kLanes);
      SAGIPS_UNROLL for (int r = 0; r < MR; ++r) block.c[r][v] = start;
    }
    accumulate(block, {p.x.data + first * p.x.row, p.x.row, 1}, weights, NV * kLanes, p.x.wide);
    accumulate(block, {p.x.narrow_data() + first, 1, kTile}, weights + p.x.wide * NV * kLanes,
               NV * kLanes, p.x.narrow);
    finish_block<kEpilogue>(p, first, column, block);
  }
}

template <Epilogue kEpilogue>
void multiply_wide(const Product& p) {
  for_each_panel(p.y.wide, [&](int64_t column, int32_t vectors) {
    const float* weights = p.weights + column * p.x.width();
    if (vectors == 1) multiply_panel<1, kEpilogue>(p, column, weights);
    if (vectors == 2) multiply_panel<2, kEpilogue>(p, column, weights);
    if (kPanelVectors > 2 && vectors == 3) multiply_panel<3, kEpilogue>(p, column, weights);
    if (kPanelVectors > 2 && vectors == 4) multiply_panel<4, kEpilogue>(p, column, weights);
  });
}

// ------------------------------------------------------------------------ y narrow

#if HWY_TARGET == HWY_SCALAR
constexpr int kDots = 1;
HWY_INLINE void store_sums(const Block<1, 1>& block, float* out) {
  hn::StoreU(block.c[0][0], kFloats, out);
}
#else
constexpr int kDots = 4;

/// The sum of a vector's blocks of 4 lanes.
template <class D>
HWY_INLINE auto sum_blocks(D d, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(d) == 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return sum_blocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

/// The lanes of each of four vectors summed, into four floats.
HWY_INLINE void store_sums(const Block<4, 1>& block, float* out) {
  const hn::Repartition<double, Floats> pairs;
  const auto add_halves = [](V a, V b) {
    return hn::Add(hn::InterleaveLower(kFloats, a, b), hn::InterleaveUpper(kFloats, a, b));
  };
  const auto ab = hn::BitCast(pairs, add_halves(block.c[0][0], block.c[1][0]));
  const auto cd = hn::BitCast(pairs, add_halves(block.c[2][0], block.c[3][0]));
  const V sums = hn::Add(hn::BitCast(kFloats, hn::InterleaveLower(pairs, ab, cd)),
                         hn::BitCast(kFloats, hn::InterleaveUpper(pairs, ab, cd)));
  hn::StoreU(sum_blocks(kFloats, sums), hn::FixedTag<float, 4>(), out);
}
#endif

/// out(e) = sum_k x(e, k) w(k) for the wide part of x: vectors of features, kDots events at a time.
HWY_INLINE void dot_rows(const Level& x, const float* w, int64_t n, float* out) {
  const int64_t whole = x.wide / kLanes * kLanes;
  const auto tail = hn::FirstN(kFloats, static_cast<size_t>(x.wide - whole));
  for (int64_t e = 0; e < n; e += kDots) {
    const float* row = x.data + e * x.row;
    Block<kDots, 1> sums;
    SAGIPS_UNROLL for (int r = 0; r < kDots; ++r) sums.c[r][0] = hn::Zero(kFloats);
    for (int64_t k = 0; k < whole; k += kLanes) {
      const V factor = hn::LoadU(kFloats, w + k);
      SAGIPS_UNROLL for (int r = 0; r < kDots; ++r) {
        const V value = hn::LoadU(kFloats, row + r * x.row + k);
        sums.c[r][0] = hn::MulAdd(value, factor, sums.c[r][0]);
      }
    }
    if (whole < x.wide) {
      const V factor = hn::LoadU(kFloats, w + whole);
      SAGIPS_UNROLL for (int r = 0; r < kDots; ++r) {  // what pads x may be anything
        const V value = hn::IfThenElseZero(tail, hn::LoadU(kFloats, row + r * x.row + whole));
        sums.c[r][0] = hn::MulAdd(value, factor, sums.c[r][0]);
      }
    }
    store_sums(sums, out + e);
  }
}

template <Epilogue kEpilogue>
void multiply_narrow(const Product& p) {
  const int64_t row = padded(p.x.width());
  const float* w = p.weights + padded(p.y.wide) * p.x.width();
  const V slope = hn::Set(kFloats, p.slope);
  alignas(kCacheLine) float dots[kTile] = {};
  for (int32_t j = 0; j < p.y.narrow; ++j, w += row) {
    const V bias = hn::Set(kFloats, p.bias == nullptr ? 0.0f : p.bias[p.y.wide + j]);
    if (p.x.wide > 0) dot_rows(p.x, w, p.n, dots);
    for (int64_t e = 0; e < p.n; e += kLanes) {
      V sum = hn::Add(bias, hn::LoadU(kFloats, dots + e));
      for (int32_t k = 0; k < p.x.narrow; ++k)
        sum = hn::MulAdd(hn::LoadU(kFloats, p.x.narrow_data() + k * kTile + e),
                         hn::Set(kFloats, w[p.x.wide + k]), sum);
      float* y = p.y.narrow_data() + j * kTile + e;
      if (kEpilogue == Epilogue::kLeaky) sum = leaky(sum, slope);
      if (kEpilogue == Epilogue::kDerivative)
        sum = leaky_derivative(sum, hn::LoadU(kFloats, y), slope);
      hn::StoreU(sum, kFloats, y);
    }
  }
  if (p.column_sums != nullptr) add_narrow_events(p.y, p.n, p.column_sums);
}

template <Epilogue kEpilogue>
void multiply_parts(const Product& p) {
  multiply_wide<kEpilogue>(p);
  multiply_narrow<kEpilogue>(p);
}

void multiply(const Product& p) {
  if (p.epilogue == Epilogue::kNone) multiply_parts<Epilogue::kNone>(p);
  if (p.epilogue == Epilogue::kLeaky) multiply_parts<Epilogue::kLeaky>(p);
  if (p.epilogue == Epilogue::kDerivative) multiply_parts<Epilogue::kDerivative>(p);
}

constexpr ProductKernels kProductKernels{
    static_cast<int32_t>(kLanes), kPanelVectors, multiply, add_outer, add_events, add, transpose};

}  // namespace HWY_NAMESPACE
}  // namespace sagips::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips::cpu {
const ProductKernels& product_kernels(Simd simd) { return SAGIPS_SIMD_ROW(simd, kProductKernels); }
}  // namespace sagips::cpu
#endif
