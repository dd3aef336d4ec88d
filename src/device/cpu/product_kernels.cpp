// SPDX-License-Identifier: BSD-3-Clause
// The arithmetic of layers, for every instruction set from this one source. All products that fill
// the machine are one loop, a block of MR rows and NV vectors of a result held in registers:
//
//   c(r, :) += a(r, k) b(k, :)      for k = 0 .. n-1
//   forward           c = y (events, outputs)   a = x,  b = weights, packed     k over inputs
//   data gradient     c = y (events, inputs)    a = g,  b = weights transposed  k over outputs
//   weight gradient   c = dw (inputs, outputs)  a = h,  b = g                   k over events
//
// Bias, leaky ReLU, its derivative and the bias gradient happen while the block is in registers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/product_kernels.cpp"

#include <cstddef>

#include "core/simd_targets.h"
#include "device/cpu/level.h"

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

template <int MR, int NV>
HWY_INLINE void accumulate(Block<MR, NV>& block, Strided a, const float* HWY_RESTRICT b,
                           int64_t b_step, int64_t n) {
  const float* HWY_RESTRICT p = a.data;
  for (int64_t k = 0; k < n; ++k) {
    V vb[NV];
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) vb[v] = hn::LoadU(kFloats, b + v * kLanes);
    SAGIPS_UNROLL for (int r = 0; r < MR; ++r) {
      const V x = hn::Set(kFloats, p[r * a.row]);
      SAGIPS_UNROLL for (int v = 0; v < NV; ++v) block.c[r][v] =
          hn::MulAdd(x, vb[v], block.c[r][v]);
    }
    p += a.step;
    b += b_step;
  }
}

HWY_INLINE V leaky(V x, V slope) {
  return hn::IfThenElse(hn::Gt(x, hn::Zero(kFloats)), x, hn::Mul(x, slope));
}

/// g f'(h): the oracle asks h > 0, so that NaN counts as below.
HWY_INLINE V leaky_derivative(V g, V h, V slope) {
  return hn::IfThenElse(hn::Gt(h, hn::Zero(kFloats)), g, hn::Mul(g, slope));
}

// ------------------------------------------------------------------------ y wide: vectors of
// features

template <int NV, Epilogue kEpilogue>
void multiply_panel(const Product& p, int64_t column, const float* weights) {
  constexpr int MR = height(NV);
  const V slope = hn::Set(kFloats, p.slope);
  V sums[NV];
  SAGIPS_UNROLL for (int v = 0; v < NV; ++v) sums[v] = hn::Zero(kFloats);
  for (int64_t first = 0; first < p.n; first += MR) {
    Block<MR, NV> block;
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
      const V start =
          p.bias == nullptr ? hn::Zero(kFloats) : hn::LoadU(kFloats, p.bias + column + v * kLanes);
      SAGIPS_UNROLL for (int r = 0; r < MR; ++r) block.c[r][v] = start;
    }
    accumulate(block, {p.x.data + first * p.x.event_stride, p.x.event_stride, p.x.feature_stride},
               weights, NV * kLanes, p.x.width);
    float* y = p.y.data + first * p.y.event_stride + column;
    SAGIPS_UNROLL for (int r = 0; r < MR; ++r) {
      SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
        float* out = y + r * p.y.event_stride + v * kLanes;
        V value = block.c[r][v];
        if (kEpilogue == Epilogue::kLeaky) value = leaky(value, slope);
        if (kEpilogue == Epilogue::kDerivative) {
          value = leaky_derivative(value, hn::LoadU(kFloats, out), slope);
          if (first + r < p.n) sums[v] = hn::Add(sums[v], value);
        }
        hn::StoreU(value, kFloats, out);
      }
    }
  }
  if (kEpilogue == Epilogue::kDerivative && p.column_sums != nullptr) {
    SAGIPS_UNROLL for (int v = 0; v < NV; ++v) {
      float* sum = p.column_sums + column + v * kLanes;
      hn::StoreU(hn::Add(hn::LoadU(kFloats, sum), sums[v]), kFloats, sum);
    }
  }
}

template <Epilogue kEpilogue>
void multiply_wide(const Product& p) {
  const Panels panels{static_cast<int32_t>((p.y.width + kLanes - 1) / kLanes), kPanelVectors};
  int64_t column = 0;
  for (int32_t panel = 0; panel < panels.count(); ++panel) {
    const int32_t vectors = panels.size(panel);
    const float* weights = p.weights + column * p.x.width;
    if (vectors == 1) multiply_panel<1, kEpilogue>(p, column, weights);
    if (vectors == 2) multiply_panel<2, kEpilogue>(p, column, weights);
    if (kPanelVectors > 2 && vectors == 3) multiply_panel<3, kEpilogue>(p, column, weights);
    if (kPanelVectors > 2 && vectors == 4) multiply_panel<4, kEpilogue>(p, column, weights);
    column += vectors * kLanes;
  }
}

// ------------------------------------------------------------------------ y narrow

HWY_INLINE float finish(const Product& p, float value, const float* out) {
  if (p.epilogue == Epilogue::kLeaky) return value > 0 ? value : p.slope * value;
  if (p.epilogue == Epilogue::kDerivative) return *out > 0 ? value : p.slope * value;
  return value;
}

/// x row-major: each y is a scalar product over features; weights are rows, padded with zeros.
void multiply_by_dots(const Product& p) {
  const int64_t width = p.x.width, whole = width / kLanes * kLanes;
  const int64_t row = (width + kLanes - 1) / kLanes * kLanes;
  const auto tail = hn::FirstN(kFloats, static_cast<size_t>(width - whole));
  for (int32_t j = 0; j < p.y.width; ++j) {
    const float* w = p.weights + j * row;
    for (int64_t e = 0; e < p.n; ++e) {
      const float* x = p.x.data + e * p.x.event_stride;
      V sum = hn::Zero(kFloats), other = hn::Zero(kFloats);
      int64_t k = 0;
      for (; k + 2 * kLanes <= whole; k += 2 * kLanes) {
        sum = hn::MulAdd(hn::LoadU(kFloats, x + k), hn::LoadU(kFloats, w + k), sum);
        other = hn::MulAdd(hn::LoadU(kFloats, x + k + kLanes), hn::LoadU(kFloats, w + k + kLanes),
                           other);
      }
      for (; k < whole; k += kLanes)
        sum = hn::MulAdd(hn::LoadU(kFloats, x + k), hn::LoadU(kFloats, w + k), sum);
      if (k < width)  // what pads x may be anything
        sum = hn::MulAdd(hn::IfThenElseZero(tail, hn::LoadU(kFloats, x + k)),
                         hn::LoadU(kFloats, w + k), sum);
      float* y = p.y.data + j * p.y.feature_stride + e;
      const float bias = p.bias == nullptr ? 0.0f : p.bias[j];
      *y = finish(p, bias + hn::GetLane(hn::SumOfLanes(kFloats, hn::Add(sum, other))), y);
    }
  }
}

/// x (features, events): vectors of events.
void multiply_by_events(const Product& p) {
  const int64_t row = (p.x.width + kLanes - 1) / kLanes * kLanes;
  const V slope = hn::Set(kFloats, p.slope);
  for (int32_t j = 0; j < p.y.width; ++j) {
    const float* w = p.weights + j * row;
    for (int64_t e = 0; e < p.n; e += kLanes) {
      V sum = hn::Set(kFloats, p.bias == nullptr ? 0.0f : p.bias[j]);
      for (int32_t k = 0; k < p.x.width; ++k)
        sum = hn::MulAdd(hn::LoadU(kFloats, p.x.data + k * p.x.feature_stride + e),
                         hn::Set(kFloats, w[k]), sum);
      float* y = p.y.data + j * p.y.feature_stride + e;
      if (p.epilogue == Epilogue::kLeaky) sum = leaky(sum, slope);
      if (p.epilogue == Epilogue::kDerivative)
        sum = leaky_derivative(sum, hn::LoadU(kFloats, y), slope);
      hn::StoreU(sum, kFloats, y);
    }
  }
}

void multiply(const Product& p) {
  if (p.y.is_row_major) {
    if (p.epilogue == Epilogue::kNone) multiply_wide<Epilogue::kNone>(p);
    if (p.epilogue == Epilogue::kLeaky) multiply_wide<Epilogue::kLeaky>(p);
    if (p.epilogue == Epilogue::kDerivative) multiply_wide<Epilogue::kDerivative>(p);
    return;
  }
  if (p.x.is_row_major)
    multiply_by_dots(p);
  else
    multiply_by_events(p);
  if (p.column_sums == nullptr) return;
  for (int32_t j = 0; j < p.y.width; ++j)
    for (int64_t e = 0; e < p.n; ++e) p.column_sums[j] += p.y.data[j * p.y.feature_stride + e];
}

// ------------------------------------------------------------------------ weight gradient

/// c(r, :) += sum_e a(e, r) b(e, :) for the features r of `a`, over one panel of b's features.
struct OuterPanel {
  const Level& a;
  const Level& b;
  int64_t column;  // of b
  float* c;
  int64_t c_row;
  int64_t n;
};

template <int MR, int NV>
void add_outer_block(const OuterPanel& p, int64_t row) {
  Block<MR, NV> block;
  float* c = p.c + row * p.c_row;
  SAGIPS_UNROLL for (int r = 0; r < MR; ++r) SAGIPS_UNROLL for (int v = 0; v < NV; ++v)
      block.c[r][v] = hn::LoadU(kFloats, c + r * p.c_row + v * kLanes);
  accumulate(block, {p.a.data + row * p.a.feature_stride, p.a.feature_stride, p.a.event_stride},
             p.b.data + p.column, p.b.event_stride, p.n);
  SAGIPS_UNROLL for (int r = 0; r < MR; ++r) SAGIPS_UNROLL for (int v = 0; v < NV; ++v)
      hn::StoreU(block.c[r][v], kFloats, c + r * p.c_row + v * kLanes);
}

template <int NV>
void add_outer_panel(const OuterPanel& p) {
  constexpr int MR = height(NV);
  const int64_t rows = p.a.width;
  int64_t row = 0;
  for (; row + MR <= rows; row += MR) add_outer_block<MR, NV>(p, row);
  if constexpr (MR > 4)
    for (; row + 4 <= rows; row += 4) add_outer_block<4, NV>(p, row);
  if constexpr (MR > 2)
    for (; row + 2 <= rows; row += 2) add_outer_block<2, NV>(p, row);
  for (; row < rows; ++row) add_outer_block<1, NV>(p, row);
}

/// dw(j, k) for narrow g and h, both (features, events).
void add_outer_by_events(const Outer& o) {
  const int64_t row = (o.h.width + kLanes - 1) / kLanes * kLanes;
  const int64_t whole = o.n / kLanes * kLanes;
  const auto tail = hn::FirstN(kFloats, static_cast<size_t>(o.n - whole));
  for (int32_t j = 0; j < o.g.width; ++j)
    for (int32_t k = 0; k < o.h.width; ++k) {
      const float* g = o.g.data + j * o.g.feature_stride;
      const float* h = o.h.data + k * o.h.feature_stride;
      V sum = hn::Zero(kFloats);
      for (int64_t e = 0; e < whole; e += kLanes)
        sum = hn::MulAdd(hn::LoadU(kFloats, g + e), hn::LoadU(kFloats, h + e), sum);
      if (whole < o.n)
        sum = hn::MulAdd(hn::IfThenElseZero(tail, hn::LoadU(kFloats, g + whole)),
                         hn::IfThenElseZero(tail, hn::LoadU(kFloats, h + whole)), sum);
      o.grad[j * row + k] += hn::GetLane(hn::SumOfLanes(kFloats, sum));
    }
}

void add_outer(const Outer& o) {
  if (!o.g.is_row_major && !o.h.is_row_major) {
    add_outer_by_events(o);
    return;
  }
  // Vectors run over the features of g, or of h where g is narrow.
  const Level& a = o.g.is_row_major ? o.h : o.g;
  const Level& b = o.g.is_row_major ? o.g : o.h;
  const Panels panels{static_cast<int32_t>((b.width + kLanes - 1) / kLanes), kPanelVectors};
  const int64_t padded = panels.vectors * kLanes;
  int64_t column = 0;
  for (int32_t panel = 0; panel < panels.count(); ++panel) {
    const int32_t vectors = panels.size(panel);
    const OuterPanel p =
        o.g.is_row_major
            ? OuterPanel{a, b, column, o.grad + column * a.width, vectors * kLanes, o.n}
            : OuterPanel{a, b, column, o.grad + column, padded, o.n};
    if (vectors == 1) add_outer_panel<1>(p);
    if (vectors == 2) add_outer_panel<2>(p);
    if (kPanelVectors > 2 && vectors == 3) add_outer_panel<3>(p);
    if (kPanelVectors > 2 && vectors == 4) add_outer_panel<4>(p);
    column += vectors * kLanes;
  }
}

void add(int64_t n, const float* part, double* total) {
  const hn::ScalableTag<double> doubles;
  const hn::Rebind<float, decltype(doubles)> floats;
  const auto step = static_cast<int64_t>(hn::Lanes(doubles));
  int64_t i = 0;
  for (; i + step <= n; i += step) {
    const auto wide = hn::PromoteTo(doubles, hn::LoadU(floats, part + i));
    hn::StoreU(hn::Add(hn::LoadU(doubles, total + i), wide), doubles, total + i);
  }
  for (; i < n; ++i) total[i] += static_cast<double>(part[i]);
}

void transpose_plainly(int64_t rows, int64_t columns, const float* in, int64_t in_row, float* out,
                       int64_t out_row) {
  for (int64_t c = 0; c < columns; ++c)
    for (int64_t r = 0; r < rows; ++r) out[c * out_row + r] = in[r * in_row + c];
}

#if HWY_TARGET == HWY_SCALAR
constexpr auto transpose = transpose_plainly;
#else
/// Four columns of every fourth row, a block of 4 lanes each.
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const float* in, int64_t in_row) {
  if constexpr (hn::MaxLanes(d) == 4) {
    return hn::LoadU(d, in);
  } else {
    const hn::Half<D> half;
    const auto rows = static_cast<int64_t>(hn::MaxLanes(half));
    return hn::Combine(d, load_blocks(half, in + rows * in_row, in_row),
                       load_blocks(half, in, in_row));
  }
}

/// Squares of 4 x 4, as many as a vector has blocks: pairs of rows are interleaved, and then the
/// pairs of pairs. @return the rows that are done
template <class D>
HWY_INLINE int64_t transpose_squares(D d, int64_t rows, int64_t columns, const float* in,
                                     int64_t in_row, float* out, int64_t out_row) {
  const hn::Repartition<double, D> pairs;
  const auto low = [&](auto a, auto b) {
    return hn::BitCast(d, hn::InterleaveLower(pairs, hn::BitCast(pairs, a), hn::BitCast(pairs, b)));
  };
  const auto high = [&](auto a, auto b) {
    return hn::BitCast(d, hn::InterleaveUpper(pairs, hn::BitCast(pairs, a), hn::BitCast(pairs, b)));
  };
  const auto step = static_cast<int64_t>(hn::MaxLanes(d));
  int64_t r = 0;
  for (; r + step <= rows; r += step)
    for (int64_t c = 0; c + 4 <= columns; c += 4) {
      const float* from = in + r * in_row + c;
      const auto a = load_blocks(d, from, in_row), b = load_blocks(d, from + in_row, in_row);
      const auto e = load_blocks(d, from + 2 * in_row, in_row);
      const auto f = load_blocks(d, from + 3 * in_row, in_row);
      const auto low_ab = hn::InterleaveLower(d, a, b), low_ef = hn::InterleaveLower(d, e, f);
      const auto high_ab = hn::InterleaveUpper(d, a, b), high_ef = hn::InterleaveUpper(d, e, f);
      float* to = out + c * out_row + r;
      hn::StoreU(low(low_ab, low_ef), d, to);
      hn::StoreU(high(low_ab, low_ef), d, to + out_row);
      hn::StoreU(low(high_ab, high_ef), d, to + 2 * out_row);
      hn::StoreU(high(high_ab, high_ef), d, to + 3 * out_row);
    }
  return r;
}

void transpose(int64_t rows, int64_t columns, const float* in, int64_t in_row, float* out,
               int64_t out_row) {
  const int64_t whole = columns / 4 * 4;
  int64_t r = transpose_squares(kFloats, rows, whole, in, in_row, out, out_row);
  r += transpose_squares(hn::FixedTag<float, 4>(), rows - r, whole, in + r * in_row, in_row,
                         out + r, out_row);
  transpose_plainly(rows - r, whole, in + r * in_row, in_row, out + r, out_row);
  transpose_plainly(rows, columns - whole, in + whole, in_row, out + whole * out_row, out_row);
}
#endif

constexpr ProductKernels kProductKernels{
    static_cast<int32_t>(kLanes), kPanelVectors, multiply, add_outer, add, transpose};

}  // namespace HWY_NAMESPACE
}  // namespace sagips::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sagips::cpu {
const ProductKernels& product_kernels(Simd simd) { return SAGIPS_SIMD_ROW(simd, kProductKernels); }
}  // namespace sagips::cpu
#endif
