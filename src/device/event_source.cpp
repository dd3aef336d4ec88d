// SPDX-License-Identifier: BSD-3-Clause
#include "device/event_source.h"

#include <algorithm>

namespace sagips {

BufferSource::BufferSource(const double* events, const double* weights, int64_t n,
                           int32_t n_observables)
    : events_(events), weights_(weights), n_(n), n_observables_(n_observables) {
  total_weight_ = 0;
  if (weights_ == nullptr)
    total_weight_ = static_cast<double>(n);
  else
    for (int64_t i = 0; i < n; ++i) total_weight_ += weights_[i];
}

BufferSource::BufferSource(const double* events, const double* weights, int64_t n,
                           int32_t n_observables, double total_weight)
    : events_(events),
      weights_(weights),
      n_(n),
      n_observables_(n_observables),
      total_weight_(total_weight) {}

void BufferSource::fill(int64_t first, int64_t n, const EventTile& tile) const {
  std::copy_n(events_ + first * n_observables_, n * n_observables_, tile.events);
  if (weights_ == nullptr)
    std::fill_n(tile.weights, n, 1.0);
  else
    std::copy_n(weights_ + first, n, tile.weights);
}

}  // namespace sagips
