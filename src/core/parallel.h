// SPDX-License-Identifier: BSD-3-Clause
// Loops over independent shards of work. Work is cut into shards by its size alone and results are
// reduced in shard order, so neither the number of threads nor the scheduler changes a bit. A loop
// inside the body of a parallel one runs in that body's thread.
#ifndef SAGIPS_CORE_PARALLEL_H_
#define SAGIPS_CORE_PARALLEL_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "sagips.h"

namespace sagips {

class Parallel {
 public:
  /// While one lives, threads of ours that a loop has started stay for the next one, asleep.
  /// Without one they are gone when their loop ends. So that the host's process is what it was
  /// between its calls, and may fork there, one lives no longer than a call.
  class Kept {
   public:
    explicit Kept(const Parallel& parallel);
    ~Kept();
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

   private:
    const Parallel& parallel_;
  };

  /// `threads`, the calling one among them; 1: no other is ever started.
  explicit Parallel(int32_t threads = 1);
  ~Parallel();
  Parallel(Parallel&&) noexcept;
  Parallel& operator=(Parallel&&) = delete;

  /// Let the host run the loops in its own threads; nullptr returns to ours.
  void use_host(sagips_parallel_fn fn, void* host) {
    host_fn_ = fn;
    host_ = host;
  }

  /// False if loops run in the calling thread.
  bool is_used() const { return threads_ > 1 || host_fn_ != nullptr; }

  /// Run body(i) for i in [0, n), each once. An exception of a body is thrown again here. Inside
  /// the body of another loop, for one index, or while another thread's loop has our threads, that
  /// is done right here, in order.
  void for_each(int64_t n, const std::function<void(int64_t)>& body) const;

 private:
  struct Threads;
  /// `work` in n threads at once, the calling one among them.
  void run_in_threads(int64_t n, const std::function<void()>& work) const;

  int32_t threads_;
  std::unique_ptr<Threads> own_;  // nullptr where no loop needs any
  sagips_parallel_fn host_fn_ = nullptr;
  void* host_ = nullptr;
};

}  // namespace sagips

#endif  // SAGIPS_CORE_PARALLEL_H_
