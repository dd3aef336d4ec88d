// SPDX-License-Identifier: BSD-3-Clause
// Loops over independent shards of work. Work is cut into shards by its size alone and results are
// reduced in shard order, so neither the number of threads nor the scheduler changes a bit. A loop
// inside the body of a parallel one runs in that body's thread.
#ifndef SAGIPS_CORE_PARALLEL_H_
#define SAGIPS_CORE_PARALLEL_H_

#include <cstdint>
#include <functional>

#include "sagips.h"

namespace sagips {

class Parallel {
 public:
  /// `threads` of our own, started for each loop and gone after it; 1: the calling thread.
  explicit Parallel(int32_t threads = 1) : threads_(threads) {}

  /// Let the host run the loops in its own threads; nullptr returns to ours.
  void use_host(sagips_parallel_fn fn, void* host) {
    host_fn_ = fn;
    host_ = host;
  }

  /// False if loops run in the calling thread.
  bool is_used() const { return threads_ > 1 || host_fn_ != nullptr; }

  /// Run body(i) for i in [0, n), each once. An exception of a body is thrown again here. Inside
  /// the body of another loop, or for one index, that is done right here, in order.
  void for_each(int64_t n, const std::function<void(int64_t)>& body) const;

 private:
  int32_t threads_;
  sagips_parallel_fn host_fn_ = nullptr;
  void* host_ = nullptr;
};

}  // namespace sagips

#endif  // SAGIPS_CORE_PARALLEL_H_
