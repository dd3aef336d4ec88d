// SPDX-License-Identifier: BSD-3-Clause
// How a batch is cut into shards, the units of parallel work, and their results put together: by
// the size of the batch alone, and in shard order, so that neither threads nor schedulers change a
// bit.
#ifndef SAGIPS_DEVICE_CPU_SHARDS_H_
#define SAGIPS_DEVICE_CPU_SHARDS_H_

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/parallel.h"
#include "device/cpu/level.h"

namespace sagips::cpu {

/// A batch of n in equal shards: up to 8 of at least 768 events, then more of 2048. Adding up a
/// shard's gradient costs as much as a few dozen events. Those of a discriminator's step hold both
/// sides of the batch, one after the other, and the shard in the middle some of each.
struct Shards {
  int64_t n;
  int64_t count() const { return std::max(std::clamp<int64_t>(n / 768, 1, 8), n / 2048); }
  int64_t begin(int64_t shard) const { return n * shard / count(); }

  /// body(first, n) for the tiles of a shard.
  template <typename Body>
  void for_each_tile(int64_t shard, const Body& body) const {
    for_each_tile_in(shard, 0, n, body);
  }
  /// For those of the events [low, high), counted from low on.
  template <typename Body>
  void for_each_tile_in(int64_t shard, int64_t low, int64_t high, const Body& body) const {
    const int64_t end = std::min(begin(shard + 1), high);
    for (int64_t first = std::max(begin(shard), low); first < end; first += kTile)
      body(first - low, std::min(kTile, end - first));
  }
};

/// Runs tasks, each with a worker that no other thread uses meanwhile, and collects from the
/// workers in task order. A thread may be one task ahead of its turn, so that there are at most
/// twice as many workers as threads.
template <typename Worker>
class OrderedTasks {
 public:
  /// work(worker, task) in any thread; collect(worker, task) in task order, one at a time.
  template <typename Make, typename Work, typename Collect>
  void run(const Parallel& parallel, int64_t n, const Make& make, const Work& work,
           const Collect& collect) {
    parallel.for_each(n, [&](int64_t) {
      const int64_t task = begin();
      try {
        std::unique_ptr<Worker> worker = take();
        if (worker == nullptr) worker = make();
        work(worker.get(), task);
        end(task, std::move(worker), collect);
      } catch (...) {
        give_up();
        throw;
      }
    });
  }

 private:
  /// The next task, whatever the loop's index. Waits while as many are done too early as threads
  /// are at work: the one they wait for is at work in another thread.
  int64_t begin() {
    std::unique_lock<std::mutex> lock(mutex_);
    most_running_ = std::max(most_running_, ++running_);
    is_collected_.wait(lock, [&] { return waiting_.size() < most_running_ || has_failed_; });
    return next_++;
  }

  std::unique_ptr<Worker> take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Worker> worker = std::move(idle_.back());
    idle_.pop_back();
    return worker;
  }

  template <typename Collect>
  void end(int64_t task, std::unique_ptr<Worker> worker, const Collect& collect) {
    const std::lock_guard<std::mutex> lock(mutex_);
    --running_;
    waiting_[task] = std::move(worker);
    for (auto i = waiting_.begin(); i != waiting_.end() && i->first == collected_;
         i = waiting_.erase(i), ++collected_) {
      collect(i->second.get(), i->first);
      idle_.push_back(std::move(i->second));
    }
    is_collected_.notify_all();
  }

  void give_up() {
    const std::lock_guard<std::mutex> lock(mutex_);
    has_failed_ = true;
    is_collected_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable is_collected_;
  std::vector<std::unique_ptr<Worker>> idle_;
  std::map<int64_t, std::unique_ptr<Worker>> waiting_;  // done, but not their turn yet
  int64_t next_ = 0, collected_ = 0;
  size_t running_ = 0, most_running_ = 0;
  bool has_failed_ = false;
};

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_SHARDS_H_
