// SPDX-License-Identifier: BSD-3-Clause
#include "device/cpu/layers.h"

namespace sagips::cpu {

Layers::Layers(const Layout& layout, const PackedWeights& weights, const ProductKernels& kernels,
               float slope, Memory* memory)
    : layout_(layout),
      weights_(weights),
      kernels_(kernels),
      slope_(slope),
      memory_(MemoryAllocator<float>(memory)) {
  int64_t size = 0;
  for (int32_t l = 0; l <= layout.n_layers(); ++l) size += layout.level(l).size();
  memory_.resize(static_cast<size_t>(size), 0.0f);
  float* data = memory_.data();
  for (int32_t l = 0; l <= layout.n_layers(); ++l) {
    levels_.push_back(layout.level(l));
    levels_.back().data = data;
    data += levels_.back().size();
  }
}

void Layers::forward(int64_t n) {
  const int32_t last = layout_.n_layers() - 1;
  for (int32_t l = 0; l <= last; ++l) {
    Product p;
    p.x = levels_[static_cast<size_t>(l)];
    p.y = levels_[static_cast<size_t>(l) + 1];
    p.weights = weights_.forward.data() + layout_.forward_offset(l);
    p.bias = weights_.forward.data() + layout_.bias_offset(l);
    p.epilogue = l < last ? Epilogue::kLeaky : Epilogue::kNone;
    p.slope = slope_;
    p.n = n;
    kernels_.multiply(p);
  }
}

const float* Layers::backward(int64_t n, float* grad, bool wants_inputs) {
  const int32_t last = layout_.n_layers() - 1;
  if (grad != nullptr) kernels_.add_events(levels_.back(), n, grad + layout_.bias_offset(last));
  for (int32_t l = last; l >= 0; --l) {
    const Level& h = levels_[static_cast<size_t>(l)];
    const Level& g = levels_[static_cast<size_t>(l) + 1];
    if (grad != nullptr) kernels_.add_outer({h, g, grad + layout_.forward_offset(l), n});
    if (l == 0 && !wants_inputs) break;
    Product p;
    p.x = g;
    p.y = h;
    p.weights = weights_.backward.data() + layout_.backward_offset(l);
    p.epilogue = l > 0 ? Epilogue::kDerivative : Epilogue::kNone;
    p.slope = slope_;
    if (grad != nullptr && l > 0) p.column_sums = grad + layout_.bias_offset(l - 1);
    p.n = n;
    kernels_.multiply(p);
  }
  return levels_.front().data;
}

}  // namespace sagips::cpu
