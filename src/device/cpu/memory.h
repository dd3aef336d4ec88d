// SPDX-License-Identifier: BSD-3-Clause
// Memory that a device keeps from call to call. malloc may give large blocks back to the system
// when they are freed and fault them in again for the next call, page by page, which takes longer
// than what a small batch is to do with them.
#ifndef SAGIPS_DEVICE_CPU_MEMORY_H_
#define SAGIPS_DEVICE_CPU_MEMORY_H_

#include <cstddef>
#include <mutex>
#include <vector>

#include "core/aligned.h"

namespace sagips::cpu {

/// Free blocks, for any thread. There are never more than were in use at one time, since one that
/// is too small goes where a larger one has to be made.
class Memory {
 public:
  Memory() = default;
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// At least so many bytes, from a cache line on, holding anything.
  void* take(size_t bytes);
  void give(void* block, size_t bytes) noexcept;

 private:
  struct Block {
    void* data;
    size_t bytes;
  };
  std::mutex mutex_;
  std::vector<Block> free_;    // by size
  std::vector<Block> in_use_;  // with their true sizes
};

/// Vectors of numbers in such memory, without first values.
template <typename T>
struct MemoryAllocator {
  using value_type = T;
  explicit MemoryAllocator(Memory* from) : memory(from) {}
  template <typename U>
  MemoryAllocator(const MemoryAllocator<U>& other) : memory(other.memory) {}  // NOLINT: converts
  T* allocate(size_t n) { return static_cast<T*>(memory->take(n * sizeof(T))); }
  void deallocate(T* p, size_t n) { memory->give(p, n * sizeof(T)); }
  template <typename U>
  void construct(U* p) {
    ::new (static_cast<void*>(p)) U;
  }
  template <typename U, typename V>
  void construct(U* p, const V& value) {
    ::new (static_cast<void*>(p)) U(value);
  }
  friend bool operator==(const MemoryAllocator& a, const MemoryAllocator& b) {
    return a.memory == b.memory;
  }
  friend bool operator!=(const MemoryAllocator& a, const MemoryAllocator& b) { return !(a == b); }

  Memory* memory;
};

template <typename T>
using MemoryVector = std::vector<T, MemoryAllocator<T>>;

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_MEMORY_H_
