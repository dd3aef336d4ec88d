// SPDX-License-Identifier: BSD-3-Clause
// Threads that wait for work and do it together with the one who asks. They take no signals: those
// are the host's. Between two pieces of work they look for the next one for a moment, and then
// sleep.
#ifndef SAGIPS_CORE_CREW_H_
#define SAGIPS_CORE_CREW_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sagips {

class Crew {
 public:
  Crew() = default;
  ~Crew() { dismiss(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Run `work`, which may not throw, here and in up to `helpers` threads at once; return when all
  /// that began it have ended it. One that comes too late does not begin. Threads are started where
  /// there are fewer; where none can be started, those that are there do. One caller at a time.
  void run(int64_t helpers, const std::function<void()>& work);

  /// End the threads; the next run() starts new ones.
  void dismiss();

 private:
  void enlist(int64_t helpers);
  void serve();
  void look_for_work() const;

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable is_wanted_, is_left_;
  const std::function<void()>* work_ = nullptr;
  std::atomic<int64_t> wanted_{0};  // threads that may still begin
  int64_t working_ = 0;             // threads that have begun and not ended
  std::atomic<bool> ends_{false};
};

}  // namespace sagips

#endif  // SAGIPS_CORE_CREW_H_
