// SPDX-License-Identifier: BSD-3-Clause
#include "core/philox.h"

#include <Random123/philox.h>

#include <cmath>

#include "core/error.h"
#include "core/philox_fill.h"

namespace sagips {

namespace {

PhiloxPlace place_of(const Sequence& s, int64_t index) {
  const uint64_t subsequence = static_cast<uint64_t>(s.stream) << 56 |
                               (static_cast<uint64_t>(s.member) & 0xffff) << 40 |
                               (static_cast<uint64_t>(s.row) & 0xffffffffff);
  return {s.seed, subsequence, static_cast<uint64_t>(s.epoch) << 24 | static_cast<uint64_t>(index)};
}

Simd best_simd() {
  static const Simd best = supported_simd().front();
  return best;
}

}  // namespace

void check_sequence(int64_t n) {
  if (n > kMostNumbers)
    fail(SAGIPS_ERROR_UNSUPPORTED, "one row asks for ", n, " random numbers (at most ",
         kMostNumbers, "); use more rows with fewer events");
}

int64_t pipeline_row(int64_t dataset, int64_t stage, int64_t row) {
  if (dataset < 0 || dataset >= kMostDatasets || stage < 0 || stage >= kMostStages || row < 0 ||
      row >= kMostRows)
    fail(SAGIPS_ERROR_UNSUPPORTED, "row ", row, " of stage ", stage, " of data set ", dataset,
         " has no random numbers (at most ", kMostRows, " rows, ", kMostStages, " stages, ",
         kMostDatasets, " data sets)");
  return (dataset * kMostStages + stage) * kMostRows + row;
}

std::array<uint32_t, 4> philox_block(const Sequence& sequence, int64_t index) {
  const PhiloxPlace place = place_of(sequence, index);
  const r123::Philox4x32::ctr_type counter = {
      {static_cast<uint32_t>(place.block), static_cast<uint32_t>(place.block >> 32),
       static_cast<uint32_t>(place.subsequence), static_cast<uint32_t>(place.subsequence >> 32)}};
  const r123::Philox4x32::key_type key = {
      {static_cast<uint32_t>(place.seed), static_cast<uint32_t>(place.seed >> 32)}};
  const auto words = r123::Philox4x32()(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

uint64_t philox_bits(const Sequence& sequence) {
  const auto w = philox_block(sequence, 0);
  return static_cast<uint64_t>(w[0]) << 32 | w[1];
}

void fill_uniform(const Sequence& sequence, View<double> out, int64_t first, Simd simd) {
  check_sequence(2 * first + out.size());
  // Rows of one event: a vector of blocks takes longer than the one or two that are wanted.
  constexpr int64_t kFew = 4;
  if (out.size() <= kFew) {
    for (int64_t i = 0; i < out.size(); i += 2) {
      const auto w = philox_block(sequence, first + i / 2);
      out[i] = to_uniform(w[0], w[1]);
      if (i + 1 < out.size()) out[i + 1] = to_uniform(w[2], w[3]);
    }
    return;
  }
  philox_table(simd).fill(place_of(sequence, first), out.data(), out.size());
}

void fill_uniform(const Sequence& sequence, View<double> out) {
  fill_uniform(sequence, out, 0, best_simd());
}

void pick_uniforms(const Sequence& sequence, View<const uint64_t> indices, View<double> out,
                   Simd simd) {
  philox_table(simd).pick(place_of(sequence, 0), indices.data(), out.data(), indices.size());
}

void pick_uniforms(const Sequence& sequence, View<const uint64_t> indices, View<double> out) {
  pick_uniforms(sequence, indices, out, best_simd());
}

void fill_normal(const Sequence& sequence, View<double> out) {
  constexpr double kTwoPi = 6.283185307179586;
  fill_uniform(sequence, out);
  for (int64_t i = 0; i < out.size(); i += 2) {
    const double radius = std::sqrt(-2 * std::log(out[i]));
    if (i + 1 == out.size()) {  // half a block
      const auto w = philox_block(sequence, i / 2);
      out[i] = radius * std::cos(kTwoPi * to_uniform(w[2], w[3]));
      return;
    }
    const double angle = kTwoPi * out[i + 1];
    out[i] = radius * std::cos(angle);
    out[i + 1] = radius * std::sin(angle);
  }
}

}  // namespace sagips
