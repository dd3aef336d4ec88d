// SPDX-License-Identifier: BSD-3-Clause
// Every random number of the library: Philox4x32-10 (Salmon et al., SC11,
// doi 10.1145/2063384.2063405) addressed by what the number is for, so that nothing has to be
// stored and any order gives the same.
//
//   key         = seed (64)
//   subsequence = stream (8) | member (16) | row (40)
//   block       = epoch (38) | index (24)          four 32-bit words, two uniforms
//
// which is exactly the state curand_init(seed, subsequence, 4 * block) sets up on a device.
#ifndef SAGIPS_CORE_PHILOX_H_
#define SAGIPS_CORE_PHILOX_H_

#include <array>
#include <cstdint>

#include "core/simd.h"
#include "core/view.h"

namespace sagips {

/// What numbers are for. Values are part of the checkpoint's meaning: never renumber.
enum class Stream : uint8_t {
  kInitialWeights = 1,  // row = network
  kNoise = 2,           // row of the generator's input
  kUniforms = 3,        // row = pipeline_row()
  kRowKey = 4,          // seeds of users' own engines, row = pipeline_row()
  kDataOrder = 5,       // row = data set; epoch = pass through the data
  kHoldout = 6,         // row = data set
  kSubset = 13,         // row = data set
  kBootstrap = 7,       // row = data set, index = position
  kMetric = 8,          // random cotangents
  kPrediction = 9,      // noise of sagips_solver_predict
  kGeneration = 10,     // sagips_pipeline_generate and other draws outside training
  kGenerationKey = 11,
  kCheck = 12,    // points of sagips_pipeline_check
  kShifted = 14,  // kUniforms of smoothed differences
  kShiftedKey = 15,
  kDirections = 16,  // of smoothed differences, row = pipeline_row()
  kOrders = 17,      // of Latin hypercubes of kUniforms, row = pipeline_row()
  kShiftedOrders = 18,
};

/// Whose numbers: the place of a sequence in the table above.
struct Sequence {
  uint64_t seed = 0;
  Stream stream = Stream::kUniforms;
  int32_t member = 0;
  int64_t row = 0;
  int64_t epoch = 0;
};

/// What the table above has room for.
constexpr int64_t kMostDatasets = 64, kMostStages = 64;
constexpr int64_t kMostRows = int64_t{1} << 28;     // of one data set in one epoch
constexpr int64_t kMostNumbers = int64_t{1} << 25;  // of one sequence

/// Row of a pipeline's draws: data set (6) | stage (6) | row (28).
int64_t pipeline_row(int64_t dataset, int64_t stage, int64_t row);

/// Block `index` of a sequence.
std::array<uint32_t, 4> philox_block(const Sequence& sequence, int64_t index);

/// Two words to a uniform in the open interval (0, 1): 52 bits and a half, so that neither end
/// occurs.
inline double to_uniform(uint32_t high, uint32_t low) {
  const uint64_t bits = (static_cast<uint64_t>(high) << 32 | low) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

/// 64 random bits, block 0.
uint64_t philox_bits(const Sequence& sequence);

/// SAGIPS_ERROR_UNSUPPORTED if one sequence has no room for n numbers.
void check_sequence(int64_t n);

/// Fill with uniforms in (0, 1), two from each block, starting at block `first`. The bits are those
/// of philox_block() on every instruction set; without one, the best is taken.
void fill_uniform(const Sequence& sequence, View<double> out, int64_t first, Simd simd);
void fill_uniform(const Sequence& sequence, View<double> out);

/// The first uniform of many blocks at once, `indices` being epoch (38) | index (24) of each: that
/// of `sequence` is not used.
void pick_uniforms(const Sequence& sequence, View<const uint64_t> indices, View<double> out,
                   Simd simd);
void pick_uniforms(const Sequence& sequence, View<const uint64_t> indices, View<double> out);

/// Fill with standard normals (Box and Muller), starting at block 0.
void fill_normal(const Sequence& sequence, View<double> out);

}  // namespace sagips

#endif  // SAGIPS_CORE_PHILOX_H_
