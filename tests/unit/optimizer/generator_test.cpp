// SPDX-License-Identifier: BSD-3-Clause
// Proposals: where they start, which rows are equal, what noise does, and the way back.
#include "optimizer/generator.h"

#include <gtest/gtest.h>

#include "unit/device/network_testing.h"

namespace sagips {
namespace {

ParameterSpace make_space() {
  Parameter linear, logarithmic, fixed;
  linear.lower = -2, linear.upper = 4, linear.start = 1.5;
  logarithmic.lower = 0.1, logarithmic.upper = 10, logarithmic.start = 7;
  logarithmic.scale = SAGIPS_LOGARITHMIC;
  fixed.is_fixed = true, fixed.fixed_value = 0.5;
  return ParameterSpace({linear, logarithmic, fixed});
}

Options make_options(const std::string& input, const std::string& kind = "network") {
  Options options;
  options.set("generator.kind", kind);
  options.set("generator.input", input);
  options.set("generator.hidden", "7,5");
  options.set("epochs", "100");
  return options;
}

struct Fixture {
  Fixture(const Options& options, const std::vector<Parameter>& parameters)
      : space(parameters), generator(options, space), device(make_reference_device(&parallel)) {}
  Proposal propose(const std::vector<float>& params, int64_t n, int64_t epoch, int64_t row = 0) {
    return generator.propose(device.get(), params, n, epoch, {3, Stream::kNoise, 0, row, epoch});
  }
  ParameterSpace space;
  Generator generator;
  Parallel parallel;
  std::unique_ptr<Device> device;
};

const char* const kInputs[] = {"noise", "annealed", "point"};

TEST(Generator, StartsAtTheStartValues) {
  for (const char* input : kInputs) {
    Options options = make_options(input);
    options.set("generator.output_scale", "1e-9");  // what scatters is below the rounding to float
    Fixture f(options, make_space().parameters());
    const Proposal p = f.propose(f.generator.initial(1, 0), 7, 0);
    for (size_t n = 0; n < 7; ++n) {
      EXPECT_NEAR(p.parameters[n * 3], 1.5, 1e-6) << input;  // float: 6e-8 of z, slope <= 1.5
      EXPECT_NEAR(p.parameters[n * 3 + 1], 7, 1e-6) << input;
      EXPECT_EQ(p.parameters[n * 3 + 2], 0.5) << input;
    }
  }
}

TEST(Generator, ScattersAroundTheStartByItsOutputScale) {
  Options options = make_options("noise");
  double last = 0;
  for (const char* scale : {"0.001", "0.01", "0.1"}) {
    options.set("generator.output_scale", scale);
    Fixture f(options, make_space().parameters());
    const Proposal p = f.propose(f.generator.initial(1, 0), 70, 0);
    double largest = 0;
    for (size_t n = 0; n < 70; ++n)
      largest = std::max(largest, std::abs(p.parameters[n * 3] - 1.5));
    EXPECT_GT(largest, 3 * last) << scale;  // ten times, nearly: the map is curved
    last = largest;
  }
}

TEST(Generator, RowsOfAPointAreEqualAndThoseOfNoiseDiffer) {
  for (const char* input : kInputs) {
    Fixture f(make_options(input), make_space().parameters());
    const std::vector<float> params = f.generator.initial(1, 0);
    const Proposal p = f.propose(params, 7, 0);
    EXPECT_EQ(f.generator.is_point(0), std::string(input) == "point");
    for (size_t n = 1; n < 7; ++n)
      EXPECT_EQ(p.parameters[n * 3] == p.parameters[0], f.generator.is_point(0)) << input;
    EXPECT_EQ(p.outputs.size(), f.generator.is_point(0) ? 3U : 21U);
  }
}

TEST(Generator, AnnealedNoiseFallsLinearlyToAPoint) {
  Fixture f(make_options("annealed"), make_space().parameters());  // anneal 0.5 of 100 epochs
  const std::vector<float> params = f.generator.initial(1, 0);
  const auto noise = [&](int64_t epoch) {  // of the first input, same draws at every epoch
    return f.generator.propose(f.device.get(), params, 3, epoch, {3, Stream::kNoise, 0, 0, 0})
        .inputs[0];
  };
  EXPECT_NE(noise(0), 0);
  EXPECT_NEAR(noise(25), 0.5 * noise(0), 1e-15);
  EXPECT_NEAR(noise(49), 0.02 * noise(0), 1e-15);
  EXPECT_EQ(noise(50), 0);
  EXPECT_FALSE(f.generator.is_point(49));
  EXPECT_TRUE(f.generator.is_point(50));
  EXPECT_TRUE(f.generator.is_point(100));
}

TEST(Generator, ARowsNoiseIsItsNumberAndNotItsPlace) {
  Fixture f(make_options("noise"), make_space().parameters());
  const std::vector<float> params = f.generator.initial(1, 0);
  const Proposal all = f.propose(params, 7, 4), tail = f.propose(params, 3, 4, 4);
  const Proposal later = f.propose(params, 7, 5);
  for (size_t i = 0; i < 9; ++i) EXPECT_EQ(tail.parameters[i], all.parameters[12 + i]);
  EXPECT_NE(later.parameters[0], all.parameters[0]);
}

TEST(Generator, DirectHasOneParameterEach) {
  for (const char* input : kInputs) {
    Fixture f(make_options(input, "direct"), make_space().parameters());
    const std::vector<float> params = f.generator.initial(1, 0);
    ASSERT_EQ(params.size(), 3U);
    EXPECT_TRUE(f.generator.is_point(0));
    const Proposal p = f.propose(params, 2, 0);
    EXPECT_NEAR(p.parameters[0], 1.5, 1e-6);
    EXPECT_NEAR(p.parameters[1], 7, 1e-6);
    EXPECT_EQ(p.parameters[0], p.parameters[3]);
  }
}

TEST(Generator, SeedsAndMembersStartApart) {
  Fixture f(make_options("point"), make_space().parameters());
  EXPECT_EQ(f.generator.initial(1, 0), f.generator.initial(1, 0));
  EXPECT_NE(f.generator.initial(1, 0), f.generator.initial(2, 0));
  EXPECT_NE(f.generator.initial(1, 0), f.generator.initial(1, 1));
}

TEST(Generator, AbsorbIsTheDerivativeByEveryWeight) {
  for (const char* input : kInputs) {
    Options options = make_options(input);
    options.set("generator.output_scale", "1");
    Fixture f(options, make_space().parameters());
    const std::vector<float> params = f.generator.initial(1, 0);
    const int64_t n = 5;
    const std::vector<double> cotangent = normals(n * 3, 8);  // by unit coordinates
    const Proposal proposal = f.propose(params, n, 0);
    std::vector<float> grad(params.size());
    f.generator.absorb(f.device.get(), params, proposal, cotangent, grad);

    std::vector<double> moved = in_double(params);
    const auto sum = [&] {  // of cotangent * t, t = 1/(1 + exp(-z)); a fixed parameter has no t
      double total = 0;
      const int64_t distinct = static_cast<int64_t>(proposal.outputs.size()) / 3;
      for (int64_t r = 0; r < n; ++r) {
        const auto first = proposal.inputs.begin() + r % distinct * f.generator.plan().n_inputs();
        const std::vector<double> z = naive_outputs(f.generator.plan(), moved,
                                                    {first, first + f.generator.plan().n_inputs()});
        for (int64_t p = 0; p < 2; ++p)
          total += cotangent[at(r * 3 + p)] / (1 + std::exp(-z[at(p)]));
      }
      return total;
    };
    for (size_t i = 0; i < moved.size(); ++i)
      EXPECT_NEAR(grad[i], difference(&moved[i], sum), kDifferenceError + kFloatRounding * 10)
          << input << ", weight " << i;
  }
}

}  // namespace
}  // namespace sagips
