// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/generate.h"

#include <algorithm>

#include "core/error.h"
#include "pipeline/evaluation.h"

namespace sagips {

void generate_events(const Pipeline& pipeline, const std::vector<double>& point, int64_t n,
                     uint64_t seed, const Generated& out) {
  constexpr int64_t kRow = 4096;
  CallbackMeter meter;
  const Box box{point, point};
  Evaluation evaluation(&pipeline, &box, &meter);
  Call call;
  call.seed = seed;
  call.uniforms = Stream::kGeneration;
  call.keys = Stream::kGenerationKey;
  const int64_t width = pipeline.n_outputs();
  for (int64_t first = 0; first < n; first += kRow) {
    const int64_t count = std::min(kRow, n - first);
    evaluation.forward(call, {1, count, static_cast<int32_t>(point.size()), point, {first / kRow}});
    const auto& weights = evaluation.weights();
    if (out.weights == nullptr && std::count(weights.begin(), weights.end(), 0.0) > 0)
      fail(SAGIPS_ERROR_LOST,
           "events are lost at this point (weight 0), and there is no array for "
           "weights that would tell which; pass one and leave those events out");
    std::copy_n(evaluation.events().data(), count * width, out.events + first * width);
    if (out.weights != nullptr)
      std::copy_n(evaluation.weights().data(), count, out.weights + first);
    if (out.auxiliary != nullptr && first == 0)
      std::copy_n(evaluation.auxiliary().data(), pipeline.n_auxiliary(), out.auxiliary);
  }
}

}  // namespace sagips
