// SPDX-License-Identifier: BSD-3-Clause
// How the numbers of one layer's neurons lie in memory, for a tile of events: in two parts.
//
//   wide     (events, features), rows padded to whole vectors; arithmetic over vectors of features
//   narrow   (features, events), behind it; arithmetic over vectors of events
//
// Narrow are the last features where they would leave most of a vector empty (one of 33 with
// vectors of 16), and the inputs of the first layer. Either part may be empty.
#ifndef SAGIPS_DEVICE_CPU_LEVEL_H_
#define SAGIPS_DEVICE_CPU_LEVEL_H_

#include <cstdint>

#include "core/simd.h"

namespace sagips::cpu {

/// Events that go through all layers together. Activations of the paper's network, 48 x 128 floats
/// a layer, stay in the second-level cache beside its weights; 48 is a multiple of all block
/// heights.
constexpr int64_t kTile = 48;

struct Level {
  float* data = nullptr;
  int32_t wide = 0, narrow = 0;  // features
  int64_t row = 0;               // of the wide part, floats

  int32_t width() const { return wide + narrow; }
  int64_t size() const { return kTile * (row + narrow); }
  float* narrow_data() const { return data + kTile * row; }
  float& at(int64_t event, int64_t feature) const {
    return feature < wide ? data[event * row + feature]
                          : narrow_data()[(feature - wide) * kTile + event];
  }
};

/// What happens to y on its way to memory.
enum class Epilogue {
  kNone,
  kLeaky,       // y = f(y)
  kDerivative,  // y = y f'(h), where h is what y's memory holds before
};

/// y(e, j) = epilogue(bias_j + sum_k x(e, k) w(j, k)) for n events. Those beyond n, up to kTile,
/// may be written too, and hold nothing of use.
struct Product {
  Level x, y;
  const float* weights = nullptr;  // packed for y: see packing.h
  const float* bias = nullptr;     // padded to whole vectors; nullptr: none
  Epilogue epilogue = Epilogue::kNone;
  float slope = 0;
  float* column_sums = nullptr;  // if not nullptr: += sum over events of y, padded
  int64_t n = 0;
};

/// dw(j, k) += sum_e g(e, j) h(e, k), with dw packed as the weights of h -> g.
struct Outer {
  Level h, g;
  float* grad = nullptr;
  int64_t n = 0;
};

/// Vectors in each panel of a row of `vectors`: as even as can be, none above `most`.
struct Panels {
  int32_t vectors, most;
  int32_t count() const { return (vectors + most - 1) / most; }
  int32_t size(int32_t panel) const {
    return vectors / count() + (panel < vectors % count() ? 1 : 0);
  }
};

/// The arithmetic of layers for one instruction set.
struct ProductKernels {
  int32_t lanes;          // floats in a vector
  int32_t panel_vectors;  // most vectors in a panel
  void (*multiply)(const Product&);
  void (*add_outer)(const Outer&);
  /// sums(j) += sum over n events of y(e, j).
  void (*add_events)(const Level& y, int64_t n, float* sums);
  /// total(i) += part(i); both begin at a cache line.
  void (*add)(int64_t n, const float* part, double* total);
  /// out(c, r) = in(r, c) for matrices whose rows lie in_row and out_row apart.
  void (*transpose)(int64_t rows, int64_t columns, const float* in, int64_t in_row, float* out,
                    int64_t out_row);
};
const ProductKernels& product_kernels(Simd simd);

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_LEVEL_H_
