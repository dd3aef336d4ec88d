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
    forward += padded(wide(l + 1)) * in + narrow(l + 1) * padded(in);
    backward += padded(wide(l)) * out + narrow(l) * padded(out);
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

// A vector beside whole ones costs each product of n inputs n multiply-adds an event, however full
// it is; r features as dot products cost about r (n / lanes + 3), the 3 to sum lanes. At n = 32 the
// two meet at r = 5 of 16 lanes, measured. Alone, a vector is worth it from half full on.
int32_t Layout::wide(int32_t level) const {
  if (level == 0) return 0;  // the inputs come feature by feature
  const int32_t width = widths_[at(level)];
  const auto lanes = static_cast<int32_t>(lanes_), rest = width % lanes;
  const int32_t most_narrow = width < lanes ? lanes / 2 : lanes / 4;
  return rest <= most_narrow ? width - rest : width;
}

Level Layout::level(int32_t index) const {
  Level level;
  level.wide = wide(index);
  level.narrow = narrow(index);
  level.row = padded(level.wide);
  if (level.row > 0 && level.row * static_cast<int64_t>(sizeof(float)) % kCachePeriod == 0)
    level.row += lanes_;
  return level;
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
