// SPDX-License-Identifier: BSD-3-Clause
// Weights on their way between the flat order and the packed ones, and sums of gradients, for every
// instruction set from this one source.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/packing_kernels.cpp"

#include "core/simd_targets.h"
// After the above, once for each instruction set.
#include "device/cpu/block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sagips::cpu {
namespace HWY_NAMESPACE {

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
void transpose(int64_t rows, int64_t columns, const float* in, int64_t in_row, float* out,
               int64_t out_row) {
  transpose_plainly(rows, columns, in, in_row, out, out_row);
}
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

}  // namespace HWY_NAMESPACE
}  // namespace sagips::cpu
HWY_AFTER_NAMESPACE();
