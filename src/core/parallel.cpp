// SPDX-License-Identifier: BSD-3-Clause
#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include "core/crew.h"
#include "core/error.h"
#include "core/float_environment.h"

namespace sagips {
namespace {

/// This thread runs a piece of a loop, so that a loop in there finds the threads busy.
thread_local bool is_inside_loop = false;

/// A loop in flight: the body, and the first exception that left it.
struct Loop {
  const std::function<void(int64_t)>* body = nullptr;
  int64_t n = 0;
  std::unique_ptr<std::atomic<bool>[]> is_taken;  // each index, where a host hands them out
  std::atomic<bool> is_misused{false};
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> done{0};
  std::mutex mutex;
  std::exception_ptr failure;

  void run_one(int64_t i) noexcept {
    const LibraryFloats floats;  // a host's thread may round differently
    const bool was_inside = std::exchange(is_inside_loop, true);
    try {
      (*body)(i);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
    is_inside_loop = was_inside;
    done.fetch_add(1);
  }
};

void run_for_host(void* ctx, int64_t i) {
  auto* loop = static_cast<Loop*>(ctx);
  if (i < 0 || i >= loop->n || loop->is_taken[static_cast<size_t>(i)].exchange(true))
    loop->is_misused = true;
  else
    loop->run_one(i);
}

/// Let the host run the loop, and see that it did.
void run_in_host(Loop* loop, int64_t n, sagips_parallel_fn fn, void* host) {
  loop->n = n;
  loop->is_taken = std::make_unique<std::atomic<bool>[]>(static_cast<size_t>(n));
  int32_t status = 0;
  try {
    const HostFloats floats;
    status = fn(host, n, run_for_host, loop);
  } catch (...) {
    fail(SAGIPS_ERROR_EXCEPTION,
         "an exception left the host's parallel_for, which it may not; catch it there");
  }
  if (loop->failure) return;
  if (loop->is_misused || status != 0 || loop->done != n)
    fail(SAGIPS_ERROR_CALLBACK, "the host's parallel_for returned ", status, " and ran ",
         loop->done.load(), " of ", n, " pieces",
         loop->is_misused ? ", giving an index twice or outside [0, n)" : "",
         " (must run each once and return 0); correct it");
}

}  // namespace

/// Threads of ours, and who wants them kept.
struct Parallel::Threads {
  std::mutex in_use;  // by a loop, or by who keeps or dismisses them
  Crew crew;
  int32_t keepers = 0;
};

Parallel::Parallel(int32_t threads)
    : threads_(threads), own_(threads > 1 ? std::make_unique<Threads>() : nullptr) {}
Parallel::~Parallel() = default;
Parallel::Parallel(Parallel&&) noexcept = default;

Parallel::Kept::Kept(const Parallel& parallel) : parallel_(parallel) {
  if (parallel_.own_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(parallel_.own_->in_use);
  ++parallel_.own_->keepers;
}

Parallel::Kept::~Kept() {
  if (parallel_.own_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(parallel_.own_->in_use);
  if (--parallel_.own_->keepers == 0) parallel_.own_->crew.dismiss();
}

void Parallel::run_in_threads(int64_t n, const std::function<void()>& work) const {
  const std::unique_lock<std::mutex> lock(own_->in_use, std::try_to_lock);
  if (!lock.owns_lock()) return work();
  own_->crew.run(n - 1, work);
  if (own_->keepers == 0) own_->crew.dismiss();
}

void Parallel::for_each(int64_t n, const std::function<void(int64_t)>& body) const {
  const int64_t threads = std::min<int64_t>(threads_, n);
  const bool is_serial = is_inside_loop || n <= 1 || (host_fn_ == nullptr && threads <= 1);
  if (is_serial) {
    for (int64_t i = 0; i < n; ++i) body(i);
    return;
  }
  Loop loop;
  loop.body = &body;
  if (host_fn_ != nullptr)
    run_in_host(&loop, n, host_fn_, host_);
  else
    run_in_threads(threads, [&loop, n] {
      for (int64_t i = loop.next++; i < n; i = loop.next++) loop.run_one(i);
    });
  if (loop.failure) std::rethrow_exception(loop.failure);
}

}  // namespace sagips
