// SPDX-License-Identifier: BSD-3-Clause
#include "core/crew.h"

#include <signal.h>

#include <algorithm>
#include <exception>

namespace sagips {
namespace {

// How often a thread looks before it sleeps: some 10 us, the way from one loop of an epoch to the
// next. Waking it takes the other side as long.
constexpr int kLooks = 4000;

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

}  // namespace

void Crew::run(int64_t helpers, const std::function<void()>& work) {
  enlist(helpers);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    work_ = &work;
    wanted_ = std::min(helpers, static_cast<int64_t>(threads_.size()));
  }
  is_wanted_.notify_all();
  work();
  std::unique_lock<std::mutex> lock(mutex_);
  wanted_ = 0;  // who is not there yet need not come
  is_left_.wait(lock, [&] { return working_ == 0; });
}

void Crew::dismiss() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_ = true;
  }
  is_wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  ends_ = false;
}

void Crew::enlist(int64_t helpers) {
  const auto n = static_cast<size_t>(helpers);
  if (threads_.size() >= n) return;
  try {
    const AllSignalsBlocked blocked;
    threads_.reserve(n);
    while (threads_.size() < n) threads_.emplace_back([this] { serve(); });
  } catch (const std::exception&) {
    // No more threads, or no memory for them: those that are there, at least the caller, do.
  }
}

void Crew::serve() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ends_) {
    if (wanted_ == 0) {
      lock.unlock();
      look_for_work();
      lock.lock();
      is_wanted_.wait(lock, [&] { return wanted_ > 0 || ends_; });
      continue;
    }
    --wanted_;
    ++working_;
    const std::function<void()>& work = *work_;
    lock.unlock();
    work();
    lock.lock();
    if (--working_ == 0) is_left_.notify_one();
  }
}

void Crew::look_for_work() const {
  for (int i = 0; i < kLooks && wanted_ == 0 && !ends_; ++i) continue;
}

}  // namespace sagips
