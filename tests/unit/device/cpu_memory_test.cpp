// SPDX-License-Identifier: BSD-3-Clause
// Large blocks come back, one that is too small makes room, and small ones are malloc's.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "device/cpu/memory.h"

namespace sagips::cpu {
namespace {

constexpr size_t kLarge = 100000;

TEST(CpuMemory, ABlockThatWasGivenBackIsTakenAgain) {
  Memory memory;
  void* first = memory.take(kLarge);
  void* second = memory.take(2 * kLarge);
  EXPECT_NE(first, second);
  memory.give(first, kLarge);
  memory.give(second, 2 * kLarge);
  EXPECT_EQ(memory.take(kLarge - 1), first) << "the smallest that fits";
  EXPECT_EQ(memory.take(kLarge + 1), second);
  memory.give(second, kLarge + 1);
  EXPECT_EQ(memory.take(2 * kLarge), second) << "its whole size is remembered";
  memory.give(first, kLarge - 1);
  memory.give(second, 2 * kLarge);
}

TEST(CpuMemory, BlocksAreWholeAndBeginAtACacheLine) {
  Memory memory;
  for (const size_t bytes : {size_t{1}, size_t{100}, kLarge, 3 * kLarge, kLarge + 7}) {
    void* block = memory.take(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % kCacheLine, 0U);
    std::memset(block, 1, bytes);
    memory.give(block, bytes);
  }
}

TEST(CpuMemory, ThreadsNeverShareABlock) {
  Memory memory;
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&memory, &wrong, t] {
      for (size_t i = 0; i < 200; ++i) {
        MemoryVector<int> own(kLarge / 4 + i * 100, t, MemoryAllocator<int>(&memory));
        for (const int x : own) wrong[static_cast<size_t>(t)] += x == t ? 0 : 1;
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const int n : wrong) EXPECT_EQ(n, 0);
}

}  // namespace
}  // namespace sagips::cpu
