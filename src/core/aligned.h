// SPDX-License-Identifier: BSD-3-Clause
// Vectors of numbers that begin at a cache line, so that no vector register's load spans two.
#ifndef SAGIPS_CORE_ALIGNED_H_
#define SAGIPS_CORE_ALIGNED_H_

#include <cstddef>
#include <new>
#include <vector>

namespace sagips {

constexpr std::size_t kCacheLine = 64;

template <typename T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT: allocators convert
  T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(kCacheLine)));
  }
  void deallocate(T* p, std::size_t) { ::operator delete(p, std::align_val_t(kCacheLine)); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
  friend bool operator!=(const AlignedAllocator&, const AlignedAllocator&) { return false; }
};

template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace sagips

#endif  // SAGIPS_CORE_ALIGNED_H_
