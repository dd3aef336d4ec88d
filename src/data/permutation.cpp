// SPDX-License-Identifier: BSD-3-Clause
#include "data/permutation.h"

#include <algorithm>

namespace sagips {
namespace {

constexpr int64_t kTogether = 64;  // places walked at once

/// The lower half of the hash is not used, so that every bit of x has reached what is.
uint32_t hash(uint32_t x, uint64_t key) {
  x = (x ^ static_cast<uint32_t>(key)) * 0x9e3779b1U;
  x = (x ^ (x >> 15)) * 0x85ebca77U;
  return x >> 16;
}

uint64_t hash(uint64_t x, uint64_t key) {  // of splitmix64 (Steele et al. 2014)
  x = (x ^ key) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 30)) * 0x94d049bb133111ebULL;
  return x >> 32;
}

template <typename Word>
struct Network {
  const uint64_t* keys;
  int32_t rounds;
  uint32_t right_bits;
  Word left_mask, right_mask;

  Word operator()(Word x) const {
    Word left = x >> right_bits, right = x & right_mask;
    for (int32_t round = 0; round < rounds; round += 2) {
      left ^= hash(right, keys[round]) & left_mask;
      right ^= hash(left, keys[round + 1]) & right_mask;
    }
    return static_cast<Word>(left << right_bits) | right;
  }
};

/// Walk up to kTogether places; those that landed outside walk on, the others stand.
template <typename Word>
void walk(const Network<Word>& network, Word n, View<int64_t> places) {
  int64_t left_over = places.size();
  int32_t which[kTogether];
  Word x[kTogether];
  for (int64_t i = 0; i < left_over; ++i) which[i] = static_cast<int32_t>(i);
  for (int64_t i = 0; i < left_over; ++i) x[i] = static_cast<Word>(places[i]);
  while (left_over > 0) {
    int64_t outside = 0;
    for (int64_t i = 0; i < left_over; ++i) {
      const int32_t place = which[i];
      x[place] = network(x[place]);
      which[outside] = place;
      outside += x[place] >= n ? 1 : 0;
    }
    left_over = outside;
  }
  for (int64_t i = 0; i < places.size(); ++i) places[i] = static_cast<int64_t>(x[i]);
}

}  // namespace

Permutation::Permutation(const Sequence& sequence, int64_t n) : n_(n) {
  uint32_t bits = 0;
  while ((int64_t{1} << bits) < n) ++bits;
  left_bits_ = bits / 2;
  right_bits_ = bits - left_bits_;
  rounds_ = bits < 10 ? 16 : 4;
  for (int64_t pair = 0; pair < rounds_ / 2; ++pair) {
    const auto w = philox_block(sequence, pair);
    keys_[2 * pair] = static_cast<uint64_t>(w[0]) << 32 | w[1];
    keys_[2 * pair + 1] = static_cast<uint64_t>(w[2]) << 32 | w[3];
  }
}

void Permutation::apply(View<int64_t> places) const {
  const uint64_t left = (uint64_t{1} << left_bits_) - 1, right = (uint64_t{1} << right_bits_) - 1;
  const bool is_short = left_bits_ + right_bits_ < 32;
  for (int64_t first = 0; first < places.size(); first += kTogether) {
    const View<int64_t> some = places.part(first, std::min(kTogether, places.size() - first));
    if (is_short)
      walk<uint32_t>(
          {keys_, rounds_, right_bits_, static_cast<uint32_t>(left), static_cast<uint32_t>(right)},
          static_cast<uint32_t>(n_), some);
    else
      walk<uint64_t>({keys_, rounds_, right_bits_, left, right}, static_cast<uint64_t>(n_), some);
  }
}

}  // namespace sagips
