// SPDX-License-Identifier: BSD-3-Clause
// All layers of a network for one tile: forward, and backward in the memory of the activations.
//
//   h_{l+1} = f(W_l h_l + b_l);   dW_l += g_{l+1} h_l^T,  db_l += sum g_{l+1},  g_l = (W_l^T
//   g_{l+1}) f'(h_l)
//
// g_l takes the place of h_l as soon as dW_l, its last reader, is done.
#ifndef SAGIPS_DEVICE_CPU_LAYERS_H_
#define SAGIPS_DEVICE_CPU_LAYERS_H_

#include <cstdint>
#include <vector>

#include "device/cpu/level.h"
#include "device/cpu/memory.h"
#include "device/cpu/packing.h"

namespace sagips::cpu {

class Layers {
 public:
  Layers(const Layout& layout, const PackedWeights& weights, const ProductKernels& kernels,
         float slope, Memory* memory);

  /// (features, kTile) floats of the first layer's inputs; zeros beyond the events.
  float* inputs() { return levels_.front().data; }
  /// The last level: outputs after forward(), where their gradient goes before backward().
  const Level& outputs() const { return levels_.back(); }

  void forward(int64_t n);
  /// `grad` in the packed order, or nullptr.
  /// @return the gradient by the inputs (features, kTile) if wanted, in the inputs' memory
  const float* backward(int64_t n, float* grad, bool wants_inputs);

 private:
  const Layout& layout_;
  const PackedWeights& weights_;
  const ProductKernels& kernels_;
  float slope_;
  MemoryVector<float> memory_;
  std::vector<Level> levels_;
};

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_LAYERS_H_
