// SPDX-License-Identifier: BSD-3-Clause
#include "device/cpu/memory.h"

#include <algorithm>
#include <new>

namespace sagips::cpu {
namespace {

constexpr size_t kKept = 65536;  // bytes from which on a block is kept; malloc keeps smaller ones

constexpr auto kAlignment = static_cast<std::align_val_t>(kCacheLine);

}  // namespace

Memory::~Memory() {
  for (const Block& block : free_) ::operator delete(block.data, kAlignment);
}

void* Memory::take(size_t bytes) {
  if (bytes < kKept) return ::operator new(bytes, kAlignment);
  const std::lock_guard<std::mutex> lock(mutex_);
  in_use_.reserve(in_use_.size() + 1);
  free_.reserve(free_.size() + in_use_.size() + 1);  // so that give() needs no memory
  const auto fits = std::find_if(free_.begin(), free_.end(),
                                 [bytes](const Block& block) { return block.bytes >= bytes; });
  Block block{nullptr, bytes};
  if (fits != free_.end()) {
    block = *fits;
    free_.erase(fits);
  } else {
    if (!free_.empty()) {  // the largest: it is too small
      ::operator delete(free_.back().data, kAlignment);
      free_.pop_back();
    }
    block.data = ::operator new(bytes, kAlignment);
  }
  in_use_.push_back(block);
  return block.data;
}

void Memory::give(void* data, size_t bytes) noexcept {
  if (bytes < kKept) {
    ::operator delete(data, kAlignment);
    return;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto block = std::find_if(in_use_.begin(), in_use_.end(),
                                  [data](const Block& b) { return b.data == data; });
  const auto place = std::find_if(free_.begin(), free_.end(),
                                  [&](const Block& b) { return b.bytes >= block->bytes; });
  free_.insert(place, *block);
  in_use_.erase(block);
}

}  // namespace sagips::cpu
