// SPDX-License-Identifier: BSD-3-Clause
#include "core/parallel.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/float_environment.h"

namespace sagips {
namespace {

/// A loop in flight: the body, and the first exception that left it.
struct Loop {
  const std::function<void(int64_t)>* body = nullptr;
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> done{0};
  std::mutex mutex;
  std::exception_ptr failure;

  void run_one(int64_t i) noexcept {
    const LibraryFloats floats;  // a host's thread may round differently
    try {
      (*body)(i);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
    done.fetch_add(1);
  }
};

void run_for_host(void* ctx, int64_t i) { static_cast<Loop*>(ctx)->run_one(i); }

/// Threads inherit the mask they are started under: with all signals blocked, the host's handlers
/// never run in a thread of ours.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

void run_in_threads(Loop* loop, int64_t n, int64_t threads) {
  const auto work = [loop, n] {
    for (int64_t i = loop->next++; i < n; i = loop->next++) loop->run_one(i);
  };
  std::vector<std::thread> helpers;
  try {
    const AllSignalsBlocked blocked;
    for (int64_t t = 1; t < threads; ++t) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that are there, at least this one, do the work.
  }
  work();
  for (auto& helper : helpers) helper.join();
}

}  // namespace

void Parallel::for_each(int64_t n, const std::function<void(int64_t)>& body) const {
  const int64_t threads = std::min<int64_t>(threads_, n);
  if (host_fn_ == nullptr && threads <= 1) {
    for (int64_t i = 0; i < n; ++i) body(i);
    return;
  }
  Loop loop;
  loop.body = &body;
  if (host_fn_ != nullptr) {
    const HostFloats floats;
    const int32_t status = host_fn_(host_, n, run_for_host, &loop);
    if (!loop.failure && (status != 0 || loop.done != n))
      fail(SAGIPS_ERROR_CALLBACK, "the host's parallel_for ran ", loop.done.load(), " of ", n,
           " pieces and returned ", status, " (must run each once and return 0)");
  } else {
    run_in_threads(&loop, n, threads);
  }
  if (loop.failure) std::rethrow_exception(loop.failure);
}

}  // namespace sagips
