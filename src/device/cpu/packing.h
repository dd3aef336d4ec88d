// SPDX-License-Identifier: BSD-3-Clause
// Where the weights of a network lie for the kernels. A product y = w x wants w in the order in
// which its inner loop meets it:
//   y wide     panels of whole vectors of y's features, each (x features, columns)
//   y narrow   rows (y features, x features), padded to whole vectors
// once for the way forward (x -> y) and once, transposed, for the way back. Gradients of weights
// are summed in the order of the way forward, with the biases behind them, all padded with zeros.
#ifndef SAGIPS_DEVICE_CPU_PACKING_H_
#define SAGIPS_DEVICE_CPU_PACKING_H_

#include <cstdint>
#include <vector>

#include "core/aligned.h"
#include "core/view.h"
#include "device/cpu/level.h"
#include "device/network_plan.h"

namespace sagips::cpu {

/// Sizes and offsets of a network on a machine of so many lanes.
class Layout {
 public:
  Layout(const NetworkPlan& plan, const ProductKernels& kernels);

  int32_t n_layers() const { return static_cast<int32_t>(widths_.size()) - 1; }
  int32_t width(int32_t level) const { return widths_[static_cast<size_t>(level)]; }
  /// Level 0 is the input. `data` is left for the tile to set.
  Level level(int32_t level) const;
  /// Floats that a tile needs for a level.
  int64_t level_size(int32_t level) const;

  int64_t padded(int64_t width) const { return (width + lanes_ - 1) / lanes_ * lanes_; }
  /// Offsets into forward weights (and gradients), transposed weights, and padded biases.
  int64_t forward_offset(int32_t layer) const { return forward_[static_cast<size_t>(layer)]; }
  int64_t backward_offset(int32_t layer) const { return backward_[static_cast<size_t>(layer)]; }
  int64_t bias_offset(int32_t layer) const { return bias_[static_cast<size_t>(layer)]; }
  /// Lengths: of forward weights with biases behind them, and of transposed weights.
  int64_t forward_size() const { return bias_.back(); }
  int64_t backward_size() const { return backward_.back(); }

  /// Call visit(packed, flat) for all weights and biases: places in the forward order and in the
  /// flat buffer of the plan.
  template <typename Visit>
  void for_each(const Visit& visit) const;
  /// The same for the weights in transposed order.
  template <typename Visit>
  void for_each_transposed(const Visit& visit) const;

 private:
  struct Place {  // of w(j, k) in a product's packed weights: base + j jump + k step, j in one
                  // panel
    int64_t base, jump, step;
  };
  bool is_row_major(int32_t level) const;
  template <typename VisitPanel>
  void for_each_panel(int64_t offset, int32_t y_width, int32_t x_width, bool is_wide,
                      const VisitPanel& visit) const;

  std::vector<int32_t> widths_;
  int64_t lanes_;
  int32_t panel_vectors_;
  std::vector<int64_t> forward_, backward_, bias_;  // one more than layers
  std::vector<int64_t> flat_weights_, flat_biases_;
};

/// A network's weights in both orders.
struct PackedWeights {
  PackedWeights(const Layout& layout, View<const float> params);
  AlignedVector<float> forward;   // and biases
  AlignedVector<float> backward;  // transposed
};

template <typename VisitPanel>
void Layout::for_each_panel(int64_t offset, int32_t y_width, int32_t x_width, bool is_wide,
                            const VisitPanel& visit) const {
  if (!is_wide) {
    visit(0, y_width, Place{offset, padded(x_width), 1});
    return;
  }
  const Panels panels{static_cast<int32_t>(padded(y_width) / lanes_), panel_vectors_};
  int64_t column = 0;
  for (int32_t panel = 0; panel < panels.count(); ++panel) {
    const int64_t columns = panels.size(panel) * lanes_;
    const int64_t end = column + columns < y_width ? column + columns : y_width;
    visit(static_cast<int32_t>(column), static_cast<int32_t>(end),
          Place{offset + column * x_width - column, 1, columns});
    column += columns;
  }
}

template <typename Visit>
void Layout::for_each(const Visit& visit) const {
  for (int32_t l = 0; l < n_layers(); ++l) {
    const int64_t in = width(l), flat = flat_weights_[static_cast<size_t>(l)];
    for_each_panel(forward_offset(l), width(l + 1), width(l), is_row_major(l + 1),
                   [&](int32_t begin, int32_t end, const Place& place) {
                     for (int64_t j = begin; j < end; ++j)
                       for (int64_t k = 0; k < in; ++k)
                         visit(place.base + j * place.jump + k * place.step, flat + j * in + k);
                   });
    for (int64_t j = 0; j < width(l + 1); ++j)
      visit(bias_offset(l) + j, flat_biases_[static_cast<size_t>(l)] + j);
  }
}

template <typename Visit>
void Layout::for_each_transposed(const Visit& visit) const {
  for (int32_t l = 0; l < n_layers(); ++l) {
    const int64_t in = width(l), out = width(l + 1), flat = flat_weights_[static_cast<size_t>(l)];
    for_each_panel(backward_offset(l), width(l), width(l + 1), is_row_major(l),
                   [&](int32_t begin, int32_t end, const Place& place) {
                     for (int64_t k = 0; k < out; ++k)
                       for (int64_t j = begin; j < end; ++j)
                         visit(place.base + j * place.jump + k * place.step, flat + k * in + j);
                   });
  }
}

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_PACKING_H_
