// SPDX-License-Identifier: BSD-3-Clause
// Where the weights of a network lie for the kernels. A product y = w x wants w in the order in
// which its inner loop meets it, and with y's parts (see level.h) one after the other:
//   y wide     panels of whole vectors of y's features, each (x features, columns)
//   y narrow   rows (y features, x features), padded to whole vectors
// once for the way forward (x -> y) and once, transposed, for the way back. Gradients of weights
// are summed in the order of the way forward, with the biases behind them, all padded with zeros.
#ifndef SAGIPS_DEVICE_CPU_PACKING_H_
#define SAGIPS_DEVICE_CPU_PACKING_H_

#include <cstdint>
#include <vector>

#include "core/view.h"
#include "device/cpu/level.h"
#include "device/cpu/memory.h"
#include "device/network_plan.h"

namespace sagips::cpu {

/// A piece of a weight matrix in both places: element (r, c) is flat[flat + r flat_row + c], and
/// packed[packed + r packed_row + c] or, transposed, packed[packed + c packed_row + r]. Zeros pad
/// the packed rows.
enum class Order { kSame, kTransposed };
struct Block {
  int64_t rows, columns;
  int64_t flat, flat_row;
  int64_t packed, packed_row;
  Order order;
};

/// Sizes and offsets of a network on a machine of so many lanes.
class Layout {
 public:
  Layout(const NetworkPlan& plan, const ProductKernels& kernels);

  int32_t n_layers() const { return static_cast<int32_t>(widths_.size()) - 1; }
  int32_t width(int32_t level) const { return widths_[static_cast<size_t>(level)]; }
  /// Level 0 is the input. `data` is left for the tile to set.
  Level level(int32_t level) const;

  int64_t padded(int64_t width) const { return (width + lanes_ - 1) / lanes_ * lanes_; }
  /// Offsets into forward weights (and gradients), transposed weights, and padded biases.
  int64_t forward_offset(int32_t layer) const { return forward_[static_cast<size_t>(layer)]; }
  int64_t backward_offset(int32_t layer) const { return backward_[static_cast<size_t>(layer)]; }
  int64_t bias_offset(int32_t layer) const { return bias_[static_cast<size_t>(layer)]; }
  /// Lengths: of forward weights with biases behind them, and of transposed weights.
  int64_t forward_size() const { return bias_.back(); }
  int64_t backward_size() const { return backward_.back(); }

  /// Call visit(block) for all weights and biases, as they lie in the forward order.
  template <typename Visit>
  void for_each(const Visit& visit) const;
  /// The same for the weights in transposed order.
  template <typename Visit>
  void for_each_transposed(const Visit& visit) const;

 private:
  /// Features of a level's two parts.
  int32_t wide(int32_t level) const;
  int32_t narrow(int32_t level) const { return width(level) - wide(level); }
  /// visit(first feature, features, columns with those that pad) for the panels of a wide part.
  template <typename Visit>
  void for_each_panel(int64_t wide, const Visit& visit) const;

  std::vector<int32_t> widths_;
  int64_t lanes_;
  int32_t panel_vectors_;
  std::vector<int64_t> forward_, backward_, bias_;  // one more than layers
  std::vector<int64_t> flat_weights_, flat_biases_;
};

/// A network's weights in both orders, or in that of the way forward alone.
enum class Ways { kForward, kBoth };
struct PackedWeights {
  PackedWeights(const Layout& layout, const ProductKernels& kernels, View<const float> params,
                Ways ways, Memory* memory);
  MemoryVector<float> forward;   // and biases
  MemoryVector<float> backward;  // transposed
};

/// A gradient in the forward order -> the flat parameters' order.
void unpack(const Layout& layout, const ProductKernels& kernels, const float* packed,
            View<float> flat);

template <typename Visit>
void Layout::for_each(const Visit& visit) const {
  for (int32_t l = 0; l < n_layers(); ++l) {
    const int64_t in = width(l), out = width(l + 1);
    const int64_t flat = flat_weights_[static_cast<size_t>(l)], packed = forward_offset(l);
    const int64_t out_wide = wide(l + 1);
    for_each_panel(out_wide, [&](int64_t first, int64_t n, int64_t room) {
      visit(Block{n, in, flat + first * in, in, packed + first * in, room, Order::kTransposed});
    });
    visit(Block{out - out_wide, in, flat + out_wide * in, in, packed + padded(out_wide) * in,
                padded(in), Order::kSame});
    visit(Block{1, out, flat_biases_[static_cast<size_t>(l)], out, bias_offset(l), padded(out),
                Order::kSame});
  }
}

template <typename Visit>
void Layout::for_each_transposed(const Visit& visit) const {
  for (int32_t l = 0; l < n_layers(); ++l) {
    const int64_t in = width(l), out = width(l + 1);
    const int64_t flat = flat_weights_[static_cast<size_t>(l)], packed = backward_offset(l);
    const int64_t in_wide = wide(l);
    for_each_panel(in_wide, [&](int64_t first, int64_t n, int64_t room) {
      visit(Block{out, n, flat + first, in, packed + first * out, room, Order::kSame});
    });
    visit(Block{out, in - in_wide, flat + in_wide, in, packed + padded(in_wide) * out, padded(out),
                Order::kTransposed});
  }
}

template <typename Visit>
void Layout::for_each_panel(int64_t wide, const Visit& visit) const {
  const Panels panels{static_cast<int32_t>(padded(wide) / lanes_), panel_vectors_};
  int64_t first = 0;
  for (int32_t panel = 0; panel < panels.count(); ++panel) {
    const int64_t room = panels.size(panel) * lanes_;
    visit(first, first + room < wide ? room : wide - first, room);
    first += room;
  }
}

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_PACKING_H_
