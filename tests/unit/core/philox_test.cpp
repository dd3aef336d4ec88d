// SPDX-License-Identifier: BSD-3-Clause
// The generator against published vectors, the table of counters against its comment, and the
// numbers made from its words.
#include "core/philox.h"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core_testing.h"

namespace sagips {
namespace {

using Words = std::array<uint32_t, 4>;

/// The words that the counter (c0, c1, c2, c3) and the key (k0, k1) must give.
struct Vector {
  uint64_t block, subsequence, key;
  Words words;
};

// Philox4x32-10 of Random123's kat_vectors.
const Vector kPublished[] = {
    {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {0x85a308d3243f6a88,
     0x0370734413198a2e,
     0x299f31d0a4093822,
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};

/// The sequence that sits at a subsequence and the high part of a block.
Sequence sequence_at(const Vector& v) {
  return {v.key, static_cast<Stream>(v.subsequence >> 56),
          static_cast<int32_t>(v.subsequence >> 40 & 0xffff),
          static_cast<int64_t>(v.subsequence & 0xffffffffff), static_cast<int64_t>(v.block >> 24)};
}

TEST(Philox, GivesThePublishedWords) {
  for (const Vector& v : kPublished)
    EXPECT_EQ(philox_block(sequence_at(v), static_cast<int64_t>(v.block & 0xffffff)), v.words);
}

TEST(Philox, PicksTheFirstUniformOfAnyBlocks) {
  const Sequence s{0x0123456789abcdef, Stream::kBootstrap, 7, 3, 0};
  std::vector<uint64_t> indices;
  for (uint64_t i = 0; i < 21; ++i) indices.push_back(i * 0x2345678901 & 0x3fffffffffffff);
  for (const Simd simd : supported_simd())
    for (const size_t n : {0, 1, 7, 8, 21}) {
      std::vector<double> out(n);
      pick_uniforms(s, {indices.data(), static_cast<int64_t>(n)}, out, simd);
      for (size_t i = 0; i < n; ++i) {
        Sequence at = s;
        at.epoch = static_cast<int64_t>(indices[i] >> 24);
        const Words w = philox_block(at, static_cast<int64_t>(indices[i] & 0xffffff));
        EXPECT_EQ(out[i], to_uniform(w[0], w[1])) << simd_name(simd) << ", " << i;
      }
    }
}

TEST(Philox, CounterIsLaidOutAsInTheComment) {
  // key = seed; subsequence = stream (8) | member (16) | row (40); block = epoch (38) | index (24)
  const Sequence s{0x0123456789abcdef, Stream::kMetric, 0x1234, 0xabcdef0123, 0x3fedcba987};
  const int64_t index = 0xfedcba;
  const uint64_t subsequence = uint64_t{8} << 56 | uint64_t{0x1234} << 40 | 0xabcdef0123;
  const uint64_t block = uint64_t{0x3fedcba987} << 24 | 0xfedcba;
  const auto expected = r123::Philox4x32()(
      {{static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
        static_cast<uint32_t>(subsequence), static_cast<uint32_t>(subsequence >> 32)}},
      {{0x89abcdef, 0x01234567}});
  EXPECT_EQ(philox_block(s, index), (Words{expected[0], expected[1], expected[2], expected[3]}));
}

TEST(Philox, StreamsKeepTheirNumbers) {  // they are part of what a checkpoint means
  const std::pair<Stream, int> numbers[] = {
      {Stream::kInitialWeights, 1}, {Stream::kNoise, 2},          {Stream::kUniforms, 3},
      {Stream::kRowKey, 4},         {Stream::kDataOrder, 5},      {Stream::kHoldout, 6},
      {Stream::kBootstrap, 7},      {Stream::kMetric, 8},         {Stream::kPrediction, 9},
      {Stream::kGeneration, 10},    {Stream::kGenerationKey, 11}, {Stream::kCheck, 12},
      {Stream::kSubset, 13},        {Stream::kShifted, 14},       {Stream::kShiftedKey, 15},
      {Stream::kDirections, 16},    {Stream::kOrders, 17},        {Stream::kShiftedOrders, 18}};
  for (const auto& [stream, number] : numbers) EXPECT_EQ(static_cast<int>(stream), number);
}

TEST(Philox, NoTwoPlacesShareTheirWords) {
  std::set<Words> seen;
  int64_t n = 0;
  const auto add = [&](const Sequence& s, int64_t index) {
    seen.insert(philox_block(s, index));
    ++n;
  };
  for (const uint64_t seed : {0ULL, 1ULL, 1ULL << 32, 1ULL << 63})
    for (int stream = 1; stream <= 18; ++stream)
      for (const int32_t member : {0, 1, 0xffff})
        for (const int64_t row : {int64_t{0}, int64_t{1}, (int64_t{1} << 40) - 1})
          for (const int64_t epoch : {int64_t{0}, int64_t{1}, (int64_t{1} << 38) - 1})
            for (const int64_t index : {int64_t{0}, int64_t{1}, (int64_t{1} << 24) - 1})
              add({seed, static_cast<Stream>(stream), member, row, epoch}, index);
  EXPECT_EQ(static_cast<int64_t>(seen.size()), n);
}

TEST(Philox, RowsOfPipelinesDoNotOverlapAndEndInTime) {
  std::set<int64_t> rows;
  const int64_t last = (int64_t{1} << 28) - 1;
  for (const int64_t dataset : {0, 1, 63})
    for (const int64_t stage : {0, 1, 63})
      for (const int64_t row : {int64_t{0}, int64_t{1}, last}) {
        const int64_t place = pipeline_row(dataset, stage, row);
        EXPECT_GE(place, 0);
        EXPECT_LT(place, int64_t{1} << 40);
        EXPECT_TRUE(rows.insert(place).second);
      }
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, "268435456", pipeline_row(0, 0, last + 1));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, "64 stages", pipeline_row(0, 64, 0));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, "64 data sets", pipeline_row(64, 0, 0));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, "row -1", pipeline_row(0, 0, -1));
}

// -------------------------------------------------------------------------- words to numbers

TEST(Uniform, ExtremeWordsStayInsideTheOpenInterval) {
  const uint32_t ends[] = {0, 1, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff};
  for (const uint32_t high : ends)
    for (const uint32_t low : ends) {
      const double u = to_uniform(high, low);
      EXPECT_GT(u, 0);
      EXPECT_LT(u, 1);
      EXPECT_TRUE(std::isfinite(std::log(u)) && std::isfinite(std::log1p(-u)));
    }
  EXPECT_EQ(to_uniform(0, 0), 0x1p-53);
  EXPECT_EQ(to_uniform(0xffffffff, 0xffffffff), 1 - 0x1p-53);
  EXPECT_EQ(to_uniform(0x80000000, 0), 0.5 + 0x1p-53);
  EXPECT_EQ(to_uniform(0, 0xfff), 0x1p-53);  // the low twelve bits are left out
  EXPECT_EQ(to_uniform(0, 0x1000), 0x1p-52 + 0x1p-53);
}

TEST(Uniform, FillTakesTwoFromEachBlock) {
  const Sequence s{7, Stream::kUniforms, 1, 2, 3};
  for (const int64_t n : {0, 1, 2, 7}) {
    std::vector<double> out(static_cast<size_t>(n), -1);
    fill_uniform(s, out);
    for (int64_t i = 0; i < n; ++i) {
      const Words w = philox_block(s, i / 2);
      EXPECT_EQ(out[static_cast<size_t>(i)],
                i % 2 == 0 ? to_uniform(w[0], w[1]) : to_uniform(w[2], w[3]));
    }
  }
}

TEST(Uniform, FillGivesTheBitsOfTheBlocksOnEveryInstructionSetFromAnyBlockOn) {
  const Sequence sequences[] = {
      {7, Stream::kUniforms, 1, 2, 3},
      {0xfedcba9876543210, Stream::kCheck, 0xffff, (int64_t{1} << 40) - 1, 255},  // block 2^32 - 1
      {~uint64_t{0}, Stream::kNoise, 3, 4, (int64_t{1} << 38) - 1}};
  for (const Simd simd : supported_simd())
    for (const Sequence& s : sequences)
      for (const int64_t first : {int64_t{0}, int64_t{1}, int64_t{13}, (int64_t{1} << 24) - 1050})
        for (const int64_t n : {0, 1, 2, 3, 7, 13, 15, 16, 17, 31, 33, 2047, 2049}) {
          std::vector<double> out(static_cast<size_t>(n) + 1, -1);
          fill_uniform(s, View<double>(out.data(), n), first, simd);
          EXPECT_EQ(out.back(), -1) << "written beyond the end";
          for (int64_t i = 0; i < n; ++i) {
            const Words w = philox_block(s, first + i / 2);
            ASSERT_EQ(out[static_cast<size_t>(i)],
                      i % 2 == 0 ? to_uniform(w[0], w[1]) : to_uniform(w[2], w[3]))
                << simd_name(simd) << ", " << i << " of " << n << " from block " << first;
          }
        }
}

TEST(Uniform, FillRefusesMoreThanTheIndexCanCount) {
  double nothing = 0;  // never touched
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, "33554432",
                      fill_uniform({}, View<double>(&nothing, (int64_t{1} << 25) + 1)));
  SAGIPS_EXPECT_ERROR(
      SAGIPS_ERROR_UNSUPPORTED, "33554432",
      fill_uniform({}, View<double>(&nothing, 1), int64_t{1} << 24, Simd::kPortable));
}

TEST(Uniform, FillsTheIntervalEvenly) {
  constexpr int64_t kBins = 100, kDraws = 200000;
  std::vector<double> out(kDraws);
  fill_uniform({1, Stream::kUniforms, 0, 0, 0}, out);
  std::vector<int64_t> bins(kBins);
  for (const double u : out) ++bins[static_cast<size_t>(u * kBins)];
  double chi2 = 0;
  for (const int64_t n : bins) {
    const double d = static_cast<double>(n) - kDraws / kBins;
    chi2 += d * d / (kDraws / kBins);
  }
  EXPECT_LT(chi2, 99 + 5 * std::sqrt(2 * 99.0));  // 99 degrees of freedom, five sigmas
  EXPECT_GT(chi2, 99 - 5 * std::sqrt(2 * 99.0));
}

TEST(Normal, HasTheMomentsOfTheNormalLaw) {
  constexpr int64_t kDraws = 400001;  // odd: the last block gives one
  std::vector<double> out(kDraws);
  fill_normal({1, Stream::kNoise, 0, 0, 0}, out);
  double moments[5] = {0, 0, 0, 0, 0};
  for (const double x : out)
    for (int k = 1; k <= 4; ++k) moments[k] += std::pow(x, k) / kDraws;
  // Variances of x, x^2, x^3, x^4 are 1, 2, 15, 96; five sigmas.
  const double root = std::sqrt(double{kDraws});
  EXPECT_NEAR(moments[1], 0, 5 / root);
  EXPECT_NEAR(moments[2], 1, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(moments[3], 0, 5 * std::sqrt(15.0) / root);
  EXPECT_NEAR(moments[4], 3, 5 * std::sqrt(96.0) / root);
}

TEST(Normal, IsBoxAndMullerOfTheBlocks) {
  const Sequence s{3, Stream::kNoise, 0, 1, 2};
  for (const int64_t n : {1, 2, 7, 16}) {
    std::vector<double> out(static_cast<size_t>(n));
    fill_normal(s, out);
    for (int64_t i = 0; i < n; ++i) {
      const Words w = philox_block(s, i / 2);
      const double radius = std::sqrt(-2 * std::log(to_uniform(w[0], w[1])));
      const double angle = 6.283185307179586 * to_uniform(w[2], w[3]);
      EXPECT_EQ(out[static_cast<size_t>(i)],
                radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle)));
    }
  }
}

TEST(Normal, TheTwoOfABlockAreNotCorrelated) {
  constexpr size_t kPairs = 100000;
  std::vector<double> out(2 * kPairs);
  fill_normal({2, Stream::kNoise, 0, 0, 0}, out);
  double product = 0, squares = 0;
  for (size_t i = 0; i < kPairs; ++i) {
    product += out[2 * i] * out[2 * i + 1];
    squares += (out[2 * i] * out[2 * i] - 1) * (out[2 * i + 1] * out[2 * i + 1] - 1);
  }
  EXPECT_LT(std::abs(product), 5 * std::sqrt(double{kPairs}));
  EXPECT_LT(std::abs(squares), 5 * 2 * std::sqrt(double{kPairs}));
}

TEST(Philox, BitsAreTheFirstTwoWords) {
  const Sequence s{5, Stream::kRowKey, 0, 9, 4};
  const Words w = philox_block(s, 0);
  EXPECT_EQ(philox_bits(s), static_cast<uint64_t>(w[0]) << 32 | w[1]);
}

}  // namespace
}  // namespace sagips
