// SPDX-License-Identifier: BSD-3-Clause
// Numbers in the order of the kernels: a level's two parts, and weights: all are there, zeros pad
// them, and the way back to the flat order is the inverse.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "device/cpu/packing.h"
#include "unit/device/device_testing.h"

namespace sagips {
namespace {

TEST(CpuTranspose, PutsEveryElementInItsPlaceAndTouchesNoOther) {
  constexpr int64_t kRow = 41, kOutRow = 47;
  std::vector<float> in(static_cast<size_t>(kRow * kRow));
  std::iota(in.begin(), in.end(), 1.0F);
  for_each_simd([&](Simd simd) {
    for (const int64_t rows : {1, 3, 4, 7, 16, 20, 39})
      for (const int64_t columns : {1, 3, 4, 6, 16, 33}) {
        std::vector<float> out(static_cast<size_t>(kRow * kOutRow), -1.0F), wanted = out;
        cpu::product_kernels(simd).transpose(rows, columns, in.data(), kRow, out.data(), kOutRow);
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t c = 0; c < columns; ++c) wanted[at(c * kOutRow + r)] = in[at(r * kRow + c)];
        EXPECT_EQ(out, wanted) << simd_name(simd) << ", " << rows << " x " << columns;
      }
  });
}

TEST(CpuLevel, IsNarrowInThatWhichFillsAQuarterOfAVectorAtMost) {
  for_each_simd([&](Simd simd) {
    const cpu::ProductKernels& kernels = cpu::product_kernels(simd);
    for (int32_t width = 1; width <= 130; ++width) {
      NetworkPlan plan;
      plan.widths = {width, width, 1};
      const cpu::Layout layout(plan, kernels);
      const cpu::Level inputs = layout.level(0), level = layout.level(1);
      EXPECT_EQ(inputs.narrow, width);
      const int32_t rest = width % kernels.lanes;
      const bool is_narrow = width > kernels.lanes
                                 ? 4 * rest <= kernels.lanes
                                 : width < kernels.lanes && 2 * rest <= kernels.lanes;
      EXPECT_EQ(level.narrow, is_narrow ? rest : 0) << width << ", " << simd_name(simd);
      EXPECT_EQ(level.width(), width);
    }
  });
}

TEST(CpuLevel, HasAPlaceForEveryNumber) {
  for_each_simd([&](Simd simd) {
    for (const int32_t width : {1, 7, 16, 33, 48, 67, 256, 257}) {
      NetworkPlan plan;
      plan.widths = {1, width, 1};
      cpu::Level level = cpu::Layout(plan, cpu::product_kernels(simd)).level(1);
      std::vector<float> data(at(level.size()));
      level.data = data.data();
      for (int64_t e = 0; e < cpu::kTile; ++e)
        for (int32_t j = 0; j < width; ++j) ++level.at(e, j);
      EXPECT_EQ(std::count(data.begin(), data.end(), 1.0F), cpu::kTile * width)
          << width << ", " << simd_name(simd);
    }
  });
}

TEST(CpuPacking, HoldsEveryWeightOnceInEachOrderAndZerosBesideThem) {
  for (const DeviceCase& c : device_cases()) {
    const NetworkPlan plan = plan_of(c);
    if (plan.n_parameters() > 100000) continue;
    std::vector<float> flat(at(plan.n_parameters()));
    std::iota(flat.begin(), flat.end(), 1.0F);  // no two are equal, and none is 0
    std::vector<float> weights;                 // without biases
    for (int32_t l = 0; l < plan.n_layers(); ++l)
      weights.insert(weights.end(), flat.begin() + plan.weight_offset(l),
                     flat.begin() + plan.weight_offset(l) +
                         int64_t{plan.widths[at(l)]} * plan.widths[at(l) + 1]);
    std::sort(weights.begin(), weights.end());
    const auto without_zeros = [](const auto& packed) {
      std::vector<float> found;
      std::copy_if(packed.begin(), packed.end(), std::back_inserter(found),
                   [](float w) { return w != 0; });
      std::sort(found.begin(), found.end());
      return found;
    };
    for_each_simd([&](Simd simd) {
      const cpu::ProductKernels& kernels = cpu::product_kernels(simd);
      const cpu::Layout layout(plan, kernels);
      cpu::Memory memory;
      const cpu::PackedWeights packed(layout, kernels, flat, cpu::Ways::kBoth, &memory);
      EXPECT_EQ(without_zeros(packed.forward), flat) << c.name << ", " << simd_name(simd);
      EXPECT_EQ(without_zeros(packed.backward), weights) << c.name << ", " << simd_name(simd);
      std::vector<float> again(flat.size());
      cpu::unpack(layout, kernels, packed.forward.data(), again);
      EXPECT_EQ(again, flat) << c.name << ", " << simd_name(simd);
      const cpu::PackedWeights one_way(layout, kernels, flat, cpu::Ways::kForward, &memory);
      EXPECT_EQ(one_way.forward, packed.forward);
      EXPECT_TRUE(one_way.backward.empty());
    });
  }
}

}  // namespace
}  // namespace sagips
