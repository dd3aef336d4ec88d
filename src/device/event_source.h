// SPDX-License-Identifier: BSD-3-Clause
// Where a device gets events from, a tile at a time: out of a data set, out of a buffer, or, for an
// engine that keeps nothing in memory, straight out of a pipeline.
#ifndef SAGIPS_DEVICE_EVENT_SOURCE_H_
#define SAGIPS_DEVICE_EVENT_SOURCE_H_

#include <cstdint>

#include "core/view.h"

namespace sagips {

/// Room for n events of Y observables and their weights.
struct EventTile {
  double* events = nullptr;   // (n, Y)
  double* weights = nullptr;  // (n)
};

class EventSource {
 public:
  virtual ~EventSource() = default;
  /// B, events in the batch.
  virtual int64_t size() const = 0;
  /// Sum of all weights, positive: losses are means under the weights.
  virtual double total_weight() const = 0;
  /// Write events [first, first + n). An event of weight 0 may hold anything. Called by any thread.
  virtual void fill(int64_t first, int64_t n, const EventTile& tile) const = 0;
};

/// Events that lie in memory: (B, Y) and (B); no weights means 1.
class BufferSource : public EventSource {
 public:
  BufferSource(const double* events, const double* weights, int64_t n, int32_t n_observables);
  /// The same, by someone who knows the sum of the weights.
  BufferSource(const double* events, const double* weights, int64_t n, int32_t n_observables,
               double total_weight);
  int64_t size() const override { return n_; }
  double total_weight() const override { return total_weight_; }
  void fill(int64_t first, int64_t n, const EventTile& tile) const override;

 private:
  const double* events_;
  const double* weights_;
  int64_t n_;
  int64_t n_observables_;
  double total_weight_;
};

}  // namespace sagips

#endif  // SAGIPS_DEVICE_EVENT_SOURCE_H_
