// SPDX-License-Identifier: BSD-3-Clause
// The vectorised part of nn/adam.h.
#ifndef SAGIPS_NN_ADAM_KERNELS_H_
#define SAGIPS_NN_ADAM_KERNELS_H_

#include <cstdint>

#include "core/simd.h"

namespace sagips {

struct AdamFactors {
  double beta1, beta2;
  float rate;    // of this step, over 1 - beta1^t
  float unbias;  // 1 / sqrt(1 - beta2^t)
  float epsilon;
};

/// The numbers of a network, side by side.
template <typename T>
struct AdamArrays {
  T *parameters, *first_moment, *second_moment;
};

struct AdamKernels {
  /// One step, from one network's numbers to another's or in their place.
  /// @return whether all that was written is finite
  bool (*update)(const AdamFactors&, int64_t n, const float* grad,
                 const AdamArrays<const float>& from, const AdamArrays<float>& to);
};
const AdamKernels& adam_kernels(Simd simd);

}  // namespace sagips

#endif  // SAGIPS_NN_ADAM_KERNELS_H_
