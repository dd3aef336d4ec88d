// SPDX-License-Identifier: BSD-3-Clause
#include "device/cpu/packing.h"

#include <algorithm>

namespace sagips::cpu {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }

// Rows whose length is a multiple of this many bytes fall into few sets of the first-level cache.
constexpr int64_t kCachePeriod = 1024;

void copy_rows(int64_t rows, int64_t columns, const float* in, int64_t in_row, float* out,
               int64_t out_row) {
  for (int64_t r = 0; r < rows; ++r) std::copy_n(in + r * in_row, columns, out + r * out_row);
}
}  // namespace

Layout::Layout(const NetworkPlan& plan, const ProductKernels& kernels)
    : widths_(plan.widths), lanes_(kernels.lanes), panel_vectors_(kernels.panel_vectors) {
  int64_t forward = 0, backward = 0;
  for (int32_t l = 0; l < n_layers(); ++l) {
    const int64_t in = width(l), out = width(l + 1);
    forward_.push_back(forward);
    backward_.push_back(backward);
    forward += is_row_major(l + 1) ? padded(out) * in : out * padded(in);
    backward += is_row_major(l) ? padded(in) * out : in * padded(out);
    flat_weights_.push_back(plan.weight_offset(l));
    flat_biases_.push_back(plan.bias_offset(l));
  }
  backward_.push_back(backward);
  for (int32_t l = 0; l < n_layers(); ++l) {
    bias_.push_back(forward);
    forward += padded(width(l + 1));
  }
  bias_.push_back(forward);
}

// Wide from half a vector on; the input, which comes feature by feature, never.
bool Layout::is_row_major(int32_t level) const { return level > 0 && 2 * width(level) > lanes_; }

Level Layout::level(int32_t index) const {
  Level level;
  level.width = width(index);
  level.is_row_major = is_row_major(index);
  if (!level.is_row_major) return level;
  level.event_stride = padded(level.width);
  level.feature_stride = 1;
  if (level.event_stride * static_cast<int64_t>(sizeof(float)) % kCachePeriod == 0)
    level.event_stride += lanes_;
  return level;
}

int64_t Layout::level_size(int32_t index) const {
  const Level l = level(index);
  return kTile * (l.is_row_major ? l.event_stride : l.width);
}

PackedWeights::PackedWeights(const Layout& layout, const ProductKernels& kernels,
                             View<const float> params, Ways ways, Memory* memory)
    : forward(at(layout.forward_size()), MemoryAllocator<float>(memory)),
      backward(MemoryAllocator<float>(memory)) {
  const auto pack_into = [&](MemoryVector<float>* to) {
    return [&kernels, params, to](const Block& b) {
      const float* in = params.data() + b.flat;
      float* out = to->data() + b.packed;
      if (b.order == Order::kTransposed)
        kernels.transpose(b.rows, b.columns, in, b.flat_row, out, b.packed_row);
      else
        copy_rows(b.rows, b.columns, in, b.flat_row, out, b.packed_row);
      const bool is_transposed = b.order == Order::kTransposed;
      const int64_t n = is_transposed ? b.columns : b.rows,
                    used = is_transposed ? b.rows : b.columns;
      for (int64_t r = 0; r < n && used < b.packed_row; ++r)
        std::fill(out + r * b.packed_row + used, out + (r + 1) * b.packed_row, 0.0f);
    };
  };
  layout.for_each(pack_into(&forward));
  if (ways == Ways::kForward) return;
  backward.resize(at(layout.backward_size()));
  layout.for_each_transposed(pack_into(&backward));
}

void unpack(const Layout& layout, const ProductKernels& kernels, const float* packed,
            View<float> flat) {
  layout.for_each([&](const Block& b) {
    const float* in = packed + b.packed;
    float* out = flat.data() + b.flat;
    if (b.order == Order::kTransposed)
      kernels.transpose(b.columns, b.rows, in, b.packed_row, out, b.flat_row);
    else
      copy_rows(b.rows, b.columns, in, b.packed_row, out, b.flat_row);
  });
}

}  // namespace sagips::cpu
