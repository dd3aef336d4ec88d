// SPDX-License-Identifier: BSD-3-Clause
#include "data/data_order.h"

#include <algorithm>
#include <cmath>

namespace sagips {
namespace {

/// Finaliser of splitmix64 (Steele et al. 2014): every input bit changes every output bit.
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

int64_t part(int64_t whole, double fraction) {
  return static_cast<int64_t>(std::floor(static_cast<double>(whole) * fraction));
}

}  // namespace

Permutation::Permutation(const Sequence& sequence, int64_t n) : n_(n), half_bits_(1) {
  while ((int64_t{1} << (2 * half_bits_)) < n) ++half_bits_;
  for (int64_t round = 0; round < 4; ++round) {
    const auto w = philox_block(sequence, round);
    keys_[round] = static_cast<uint64_t>(w[0]) << 32 | w[1];
  }
}

int64_t Permutation::operator()(int64_t i) const {
  const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
  auto x = static_cast<uint64_t>(i);
  do {
    uint64_t left = x >> half_bits_, right = x & mask;
    for (const uint64_t key : keys_) {
      const uint64_t next = left ^ (mix(right ^ key) & mask);
      left = right;
      right = next;
    }
    x = left << half_bits_ | right;
  } while (x >= static_cast<uint64_t>(n_));
  return static_cast<int64_t>(x);
}

DataOrder::DataOrder(uint64_t seed, int32_t member, int64_t dataset, int64_t n,
                     const Settings& settings)
    : seed_(seed),
      member_(member),
      dataset_(dataset),
      is_bootstrap_(settings.is_bootstrap),
      held_out_(std::min(part(n, settings.holdout), settings.holdout_limit)),
      training_(std::max<int64_t>(1, part(n - held_out_, settings.fraction))),
      split_({seed, Stream::kHoldout, 0, dataset, 0}, n),
      subset_({seed, Stream::kSubset, 0, dataset, 0}, n - held_out_) {}

void DataOrder::training(int64_t first, View<int64_t> out) const {
  for (int64_t done = 0; done < out.size();) {
    const int64_t pass = (first + done) / training_, begin = (first + done) % training_;
    const int64_t n = std::min(out.size() - done, training_ - begin);
    const Permutation order({seed_, Stream::kDataOrder, member_, dataset_, pass}, training_);
    for (int64_t k = 0; k < n; ++k) {
      const int64_t i = order(begin + k);
      out[done + k] = split_(held_out_ + subset_(is_bootstrap_ ? resample(i) : i));
    }
    done += n;
  }
}

int64_t DataOrder::resample(int64_t i) const {
  const auto w = philox_block({seed_, Stream::kBootstrap, member_, dataset_, i >> 20}, i & 0xfffff);
  return static_cast<int64_t>(to_uniform(w[0], w[1]) * static_cast<double>(training_));
}

}  // namespace sagips
