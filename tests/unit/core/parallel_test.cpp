// SPDX-License-Identifier: BSD-3-Clause
// Loops in threads of ours and of a host: each index once, exceptions come back, and neither the
// host's signals nor its rounding mode get into a piece of work.
#include "core/parallel.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/float_environment.h"
#include "core_testing.h"

namespace sagips {
namespace {

/// How a host may run a loop; `user` points at one of these.
struct Host {
  enum class Way { kForward, kBackward, kThreads, kSkipsTheLast, kTwiceTheFirst, kFails, kNothing };
  Way way = Way::kForward;
  int64_t calls = 0;
};

int32_t run_loop(void* user, int64_t n, void (*body)(void*, int64_t), void* ctx) {
  auto* host = static_cast<Host*>(user);
  ++host->calls;
  if (host->way == Host::Way::kNothing) return 0;
  if (host->way == Host::Way::kThreads) {
    std::vector<std::thread> threads;
    for (int64_t t = 0; t < 3; ++t)
      threads.emplace_back([=] {
        for (int64_t i = t; i < n; i += 3) body(ctx, i);
      });
    for (std::thread& thread : threads) thread.join();
    return 0;
  }
  const int64_t end = host->way == Host::Way::kSkipsTheLast ? n - 1 : n;
  for (int64_t i = 0; i < end; ++i) body(ctx, host->way == Host::Way::kBackward ? n - 1 - i : i);
  if (host->way == Host::Way::kTwiceTheFirst) body(ctx, 0);
  return host->way == Host::Way::kFails ? 7 : 0;
}

std::vector<int> counts_of(const Parallel& parallel, int64_t n) {
  std::vector<std::atomic<int>> counts(static_cast<size_t>(n));
  parallel.for_each(n, [&](int64_t i) { ++counts[static_cast<size_t>(i)]; });
  return {counts.begin(), counts.end()};
}

TEST(Parallel, RunsEachIndexOnce) {
  for (const int32_t threads : {1, 2, 3, 8, 64})
    for (const int64_t n : {0, 1, 2, 7, 1000})
      EXPECT_EQ(counts_of(Parallel(threads), n), std::vector<int>(static_cast<size_t>(n), 1));
}

TEST(Parallel, RunsEachIndexOnceInTheHostsThreads) {
  for (const Host::Way way : {Host::Way::kForward, Host::Way::kBackward, Host::Way::kThreads}) {
    Host host{way};
    Parallel parallel(4);
    parallel.use_host(run_loop, &host);
    EXPECT_EQ(counts_of(parallel, 13), std::vector<int>(13, 1));
    EXPECT_EQ(host.calls, 1);
    parallel.use_host(nullptr, nullptr);
    EXPECT_EQ(counts_of(parallel, 13), std::vector<int>(13, 1));
    EXPECT_EQ(host.calls, 1);
  }
}

TEST(Parallel, ALoopInsideALoopRunsInItsThreadAndInOrder) {
  for (const bool is_hosted : {false, true}) {
    Host outer_host{Host::Way::kThreads}, inner_host{Host::Way::kThreads};
    Parallel outer(3), inner(3);
    if (is_hosted) outer.use_host(run_loop, &outer_host);
    if (is_hosted) inner.use_host(run_loop, &inner_host);
    std::vector<std::vector<int64_t>> order(5);
    std::atomic<int> elsewhere{0};
    outer.for_each(5, [&](int64_t i) {
      const std::thread::id here = std::this_thread::get_id();
      inner.for_each(7, [&](int64_t k) {
        if (std::this_thread::get_id() != here) ++elsewhere;
        order[static_cast<size_t>(i)].push_back(k);
      });
    });
    EXPECT_EQ(elsewhere, 0) << is_hosted;
    for (const auto& indices : order)
      EXPECT_EQ(indices, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6})) << is_hosted;
    EXPECT_EQ(inner_host.calls, 0);
    EXPECT_EQ(counts_of(inner, 13), std::vector<int>(13, 1));  // and after it as ever
    EXPECT_EQ(inner_host.calls, is_hosted ? 1 : 0);
  }
}

TEST(Parallel, AnExceptionOfALoopInsideALoopComesBack) {
  const Parallel parallel(3);
  EXPECT_THROW(parallel.for_each(4,
                                 [&](int64_t i) {
                                   parallel.for_each(4, [&](int64_t k) {
                                     if (i == 2 && k == 3) throw std::runtime_error("2, 3");
                                   });
                                 }),
               std::runtime_error);
  EXPECT_EQ(counts_of(parallel, 7), std::vector<int>(7, 1));
}

TEST(Parallel, TellsAHostThatDoesNotRunEachOnce) {
  for (const Host::Way way : {Host::Way::kSkipsTheLast, Host::Way::kTwiceTheFirst,
                              Host::Way::kFails, Host::Way::kNothing}) {
    Host host{way};
    Parallel parallel;
    parallel.use_host(run_loop, &host);
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_CALLBACK, "parallel_for",
                        parallel.for_each(5, [](int64_t) {}));
  }
}

TEST(Parallel, AnExceptionComesBackAfterAllIsDone) {
  for (const int32_t threads : {1, 3}) {
    std::atomic<int> done{0};
    EXPECT_THROW(Parallel(threads).for_each(50,
                                            [&](int64_t i) {
                                              if (i == 49) throw std::runtime_error("49");
                                              ++done;
                                            }),
                 std::runtime_error);
    EXPECT_EQ(done, 49);
  }
}

TEST(Parallel, AnExceptionComesBackThroughTheHost) {
  Host host;
  Parallel parallel;
  parallel.use_host(run_loop, &host);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_DATA, "no good",
                      parallel.for_each(5, [](int64_t) { fail(SAGIPS_ERROR_DATA, "no good"); }));
}

TEST(Parallel, ALoopInABodyRunsInItsThread) {
  for (const bool is_hosted : {false, true}) {
    Host host{Host::Way::kThreads};
    Parallel parallel(4);
    if (is_hosted) parallel.use_host(run_loop, &host);
    std::atomic<int> elsewhere{0}, done{0};
    parallel.for_each(6, [&](int64_t) {
      const std::thread::id mine = std::this_thread::get_id();
      parallel.for_each(7, [&](int64_t) {
        ++done;
        if (std::this_thread::get_id() != mine) ++elsewhere;
      });
    });
    EXPECT_EQ(done, 42);
    EXPECT_EQ(elsewhere, 0);
    EXPECT_EQ(host.calls, is_hosted ? 1 : 0);
    EXPECT_EQ(counts_of(parallel, 13), std::vector<int>(13, 1));
    EXPECT_EQ(host.calls, is_hosted ? 2 : 0);  // and the next loop is parallel again
  }
}

TEST(Parallel, ThreadsOfOursTakeNoSignals) {
  sigset_t before;
  ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, nullptr, &before), 0);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> unblocked{0}, elsewhere{0};
  Parallel(4).for_each(200, [&](int64_t) {
    std::this_thread::yield();
    if (std::this_thread::get_id() == caller) return;
    ++elsewhere;
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGALRM})
      if (::sigismember(&mask, signal) != 1) ++unblocked;
  });
  EXPECT_EQ(unblocked, 0);
  sigset_t after;
  ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, nullptr, &after), 0);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGALRM})
    EXPECT_EQ(::sigismember(&after, signal), ::sigismember(&before, signal));
}

// ------------------------------------------------------------------------ threads that are kept

/// Threads of this process, by their numbers in the system.
std::set<std::string> listed_threads() {
  std::set<std::string> threads;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    threads.insert(task.path().filename());
  return threads;
}

/// Tells threads that have come since it was made. Those of before may end meanwhile: one that was
/// joined can be listed for a moment longer.
class NewThreads {
 public:
  int64_t count() const {
    const std::set<std::string> now = listed_threads();
    return std::count_if(now.begin(), now.end(),
                         [&](const std::string& thread) { return before_.count(thread) == 0; });
  }
  /// The same, once it is `expected`, or after two seconds.
  int64_t count_settling_at(int64_t expected) const {
    for (int tries = 0; tries < 2000 && count() != expected; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return count();
  }

 private:
  const std::set<std::string> before_ = listed_threads();
};

/// The threads that took part in a loop of `n` pieces, each of which waits until all have begun, so
/// that every one has a thread of its own.
std::set<std::thread::id> threads_of_a_loop(const Parallel& parallel, int64_t n) {
  std::mutex mutex;
  std::set<std::thread::id> ids;
  std::atomic<int64_t> begun{0};
  parallel.for_each(n, [&](int64_t) {
    for (++begun; begun < n;) std::this_thread::yield();
    const std::lock_guard<std::mutex> lock(mutex);
    ids.insert(std::this_thread::get_id());
  });
  return ids;
}

TEST(Parallel, KeptThreadsRunLoopAfterLoopAndAreGoneAtTheEnd) {
  const NewThreads threads;
  const Parallel parallel(4);
  {
    const Parallel::Kept kept(parallel);
    EXPECT_EQ(threads.count(), 0) << "none before the first loop";
    const std::set<std::thread::id> ids = threads_of_a_loop(parallel, 4);
    EXPECT_EQ(ids.size(), 4U);
    for (int loop = 0; loop < 200; ++loop) {
      EXPECT_EQ(threads_of_a_loop(parallel, 4), ids);
      EXPECT_EQ(counts_of(parallel, loop % 7), std::vector<int>(static_cast<size_t>(loop % 7), 1));
    }
    EXPECT_EQ(threads.count(), 3);
    { const Parallel::Kept again(parallel); }
    EXPECT_EQ(threads.count(), 3) << "the outer one still keeps them";
  }
  EXPECT_EQ(threads.count_settling_at(0), 0);
  EXPECT_EQ(counts_of(parallel, 13), std::vector<int>(13, 1));
  EXPECT_EQ(threads.count_settling_at(0), 0) << "nobody keeps them any more";
}

TEST(Parallel, StartsNoMoreThreadsThanALoopHasPieces) {
  const NewThreads threads;
  const Parallel parallel(16);
  const Parallel::Kept kept(parallel);
  EXPECT_EQ(threads_of_a_loop(parallel, 2).size(), 2U);
  EXPECT_EQ(threads.count(), 1);
  EXPECT_EQ(threads_of_a_loop(parallel, 5).size(), 5U);
  EXPECT_EQ(threads.count(), 4);
}

TEST(Parallel, OneThreadIsTheCallingOne) {
  const NewThreads threads;
  const Parallel parallel(1);
  const Parallel::Kept kept(parallel);
  EXPECT_EQ(threads_of_a_loop(parallel, 1), std::set<std::thread::id>{std::this_thread::get_id()});
  parallel.for_each(100, [&](int64_t) { EXPECT_EQ(threads.count(), 0); });
}

TEST(Parallel, KeptThreadsOutliveExceptions) {
  const Parallel parallel(3);
  const Parallel::Kept kept(parallel);
  const std::set<std::thread::id> ids = threads_of_a_loop(parallel, 3);
  for (int64_t bad = 0; bad < 50; ++bad)
    EXPECT_THROW(parallel.for_each(50,
                                   [&](int64_t i) {
                                     if (i == bad) throw std::runtime_error("bad");
                                   }),
                 std::runtime_error);
  EXPECT_EQ(threads_of_a_loop(parallel, 3), ids);
}

TEST(Parallel, LoopsOfSeveralThreadsAtOnceRunEachIndexOnce) {
  const Parallel parallel(3);
  for (const bool is_kept : {false, true}) {
    const auto kept = is_kept ? std::make_unique<Parallel::Kept>(parallel) : nullptr;
    std::vector<std::thread> callers;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
      callers.emplace_back([&] {
        for (int loop = 0; loop < 100; ++loop)
          if (counts_of(parallel, 9) != std::vector<int>(9, 1)) ++wrong;
      });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(wrong, 0) << is_kept;
  }
}

TEST(Parallel, KeptThreadsTakeNoSignals) {
  const Parallel parallel(3);
  const Parallel::Kept kept(parallel);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> unblocked{0}, elsewhere{0};
  for (int loop = 0; loop < 2; ++loop) {
    std::atomic<int> begun{0};
    parallel.for_each(3, [&](int64_t) {
      for (++begun; begun < 3;) std::this_thread::yield();
      if (std::this_thread::get_id() == caller) return;
      ++elsewhere;
      sigset_t mask;
      ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
      for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGALRM})
        if (::sigismember(&mask, signal) != 1) ++unblocked;
    });
  }
  EXPECT_EQ(elsewhere, 4);
  EXPECT_EQ(unblocked, 0);
}

TEST(Parallel, AProcessThatForksWhenNoneAreKeptHasLoopsInBoth) {
  const Parallel parallel(3);
  {
    const Parallel::Kept kept(parallel);
    EXPECT_EQ(threads_of_a_loop(parallel, 3).size(), 3U);
  }
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(threads_of_a_loop(parallel, 3).size() == 3 ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(threads_of_a_loop(parallel, 3).size(), 3U);
}

// ------------------------------------------------------------------------ rounding

TEST(Parallel, PiecesRoundAsTheLibraryDoesInAnyThread) {
  const int before = std::fegetround();
  for (const bool is_hosted : {false, true}) {
    ASSERT_EQ(std::fesetround(FE_UPWARD), 0);
    {
      const LibraryFloats floats;
      Host host{Host::Way::kThreads};
      Parallel parallel(4);
      if (is_hosted) parallel.use_host(run_loop, &host);
      std::atomic<int> wrong{0};
      parallel.for_each(50, [&](int64_t) { wrong += std::fegetround() != FE_TONEAREST ? 1 : 0; });
      EXPECT_EQ(wrong, 0) << is_hosted;
    }
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    std::fesetround(before);
  }
}

TEST(Parallel, TheHostsLoopItselfRoundsAsTheHostDoes) {
  const int before = std::fegetround();
  std::fesetround(FE_UPWARD);
  int inside_host = -1;
  {
    const LibraryFloats floats;
    Parallel parallel;
    parallel.use_host(
        [](void* user, int64_t n, void (*body)(void*, int64_t), void* ctx) -> int32_t {
          *static_cast<int*>(user) = std::fegetround();
          for (int64_t i = 0; i < n; ++i) body(ctx, i);
          return 0;
        },
        &inside_host);
    parallel.for_each(3, [](int64_t) {});
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  }
  std::fesetround(before);
  EXPECT_EQ(inside_host, FE_UPWARD);
}

}  // namespace
}  // namespace sagips
