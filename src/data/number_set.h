// SPDX-License-Identifier: BSD-3-Clause
// A set of 64-bit numbers that only grows: open addressing with linear steps, at most three
// quarters full, so 11 to 21 bytes a number. A slot of 0 is empty; the number 0 is remembered
// apart.
#ifndef SAGIPS_DATA_NUMBER_SET_H_
#define SAGIPS_DATA_NUMBER_SET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sagips {

class NumberSet {
 public:
  bool has(int64_t number) const {
    if (number == 0) return has_zero_;
    return !slots_.empty() && slots_[find(slots_, number)] != 0;
  }

  /// Room for `more` numbers, so that insert() needs no memory.
  void reserve(size_t more) {
    size_t wanted = slots_.empty() ? 64 : slots_.size();
    while ((used_ + more) * 4 > wanted * 3) wanted *= 2;
    if (wanted == slots_.size()) return;
    std::vector<int64_t> larger(wanted);
    for (const int64_t number : slots_)
      if (number != 0) larger[find(larger, number)] = number;
    slots_.swap(larger);
  }

  /// @return false if it was there. reserve() comes before.
  bool insert(int64_t number) noexcept {
    if (has(number)) return false;
    if (number == 0)
      has_zero_ = true;
    else
      slots_[find(slots_, number)] = number;
    ++used_;
    return true;
  }

 private:
  /// The slot that holds the number, or the empty one where it would go.
  static size_t find(const std::vector<int64_t>& slots, int64_t number) {
    const size_t mask = slots.size() - 1;  // a power of two
    uint64_t hash = static_cast<uint64_t>(number) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
    size_t i = static_cast<size_t>(hash) & mask;
    while (slots[i] != 0 && slots[i] != number) i = (i + 1) & mask;
    return i;
  }

  std::vector<int64_t> slots_;
  size_t used_ = 0;
  bool has_zero_ = false;
};

}  // namespace sagips

#endif  // SAGIPS_DATA_NUMBER_SET_H_
