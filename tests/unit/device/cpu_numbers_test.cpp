// SPDX-License-Identifier: BSD-3-Clause
// Numbers at the ends of their range: NaN, infinities, denormals, huge logits, weights of any size
// and observables that vary in their fifth digit are the reference's concern as much as ours.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/text.h"
#include "unit/device/device_testing.h"

namespace sagips {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kParity = 1e-5;  // as in cpu_parity_test.cpp

/// "nan", "inf", "-inf" or "number".
std::string class_of(double x) { return std::isfinite(x) ? "number" : to_text(x); }

/// The first output that is another class of number than the reference's.
std::string class_difference(const Outputs& ours, const Outputs& wanted) {
  for (size_t i = 0; i < wanted.size(); ++i)
    for (size_t k = 0; k < wanted[i].values.size(); ++k) {
      const std::string a = class_of(ours[i].values[k]), b = class_of(wanted[i].values[k]);
      if (a != b)
        return wanted[i].name + "[" + std::to_string(k) + "] is " + a + ", the reference says " + b;
    }
  return "";
}

Outputs run_reference(const Workload& w) {
  const Parallel serial;
  return run_all(make_reference_device(&serial).get(), w);
}
Outputs run_cpu(const Workload& w, Simd simd) {
  const Parallel serial;
  return run_all(make_cpu_device(&serial, simd).get(), w);
}

void expect_same_classes(const Workload& w, const std::string& what) {
  const Outputs wanted = run_reference(w);
  for_each_simd([&](Simd simd) {
    EXPECT_EQ(class_difference(run_cpu(w, simd), wanted), "")
        << w.name << ", " << simd_name(simd) << ", " << what;
  });
}

class CpuNumbers : public testing::TestWithParam<const char*> {
 protected:
  Workload w_ = make_workload(device_case(GetParam()), 49);
};

TEST_P(CpuNumbers, NanAndInfinityInParametersAreTheReferences) {
  for (const double value : {kNan, kInfinity, -kInfinity})
    for (int32_t l = 0; l < w_.plan.n_layers(); ++l)
      for (const int64_t place :
           {w_.plan.weight_offset(l), w_.plan.bias_offset(l) + w_.plan.outputs_of_layer(l) - 1}) {
        Workload w = w_;
        w.params[at(place)] = static_cast<float>(value);
        expect_same_classes(w, to_text(value) + " is parameter " + std::to_string(place));
      }
}

TEST_P(CpuNumbers, NanAndInfinityInOneEventAreTheReferences) {
  for (const double value : {kNan, kInfinity, -kInfinity})
    for (const size_t event : {size_t{0}, w_.synthetic.weights.size() - 1}) {
      Workload w = w_;
      w.synthetic.events[event * at(w.synthetic.n_observables)] = value;
      expect_same_classes(w, to_text(value) + " in synthetic event " + std::to_string(event));
      std::swap(w.synthetic, w.real);
      expect_same_classes(w, to_text(value) + " in real event " + std::to_string(event));
    }
}

TEST_P(CpuNumbers, NanAndInfinityInOneRowAreTheReferences) {
  for (const double value : {kNan, kInfinity, -kInfinity}) {
    Workload w = w_;
    w.noise.back() = value;
    expect_same_classes(w, to_text(value) + " in the noise");
    w = w_;
    w.cotangent.front() = value;
    expect_same_classes(w, to_text(value) + " in the cotangent");
  }
}

TEST_P(CpuNumbers, DenormalsAreNearlyZeros) {
  const float denormal = 1e-41F;
  Workload w = w_;
  for (size_t i = 2; i < w.params.size(); i += 3) w.params[i] = i % 2 == 0 ? denormal : -denormal;
  for (Sample* sample : {&w.real, &w.synthetic})
    for (size_t i = 0; i < sample->events.size(); i += 4)
      sample->events[i] = i % 8 == 0 ? 1e-310 : -static_cast<double>(denormal);
  for (size_t i = 0; i < w.noise.size(); i += 2) w.noise[i] = 1e-310;
  move_off_kinks(w.plan, w.params, &w.real);
  move_off_kinks(w.plan, w.params, &w.synthetic);
  const Outputs wanted = run_reference(w);
  for_each_simd([&](Simd simd) {
    const Outputs ours = run_cpu(w, simd);
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].name.find(" of layer") != std::string::npos) continue;  // some are denormal
      EXPECT_LT(relative_error(ours[i].values, wanted[i]), kParity)
          << wanted[i].name << " of " << w.name << ", " << simd_name(simd);
    }
    EXPECT_EQ(class_difference(ours, wanted), "") << w.name << ", " << simd_name(simd);
  });
}

INSTANTIATE_TEST_SUITE_P(Cases, CpuNumbers,
                         testing::Values("one_one", "one_of_everything", "odd_2_33", "odd_7_13",
                                         "odd_5_31_17_3", "rest_33_34", "deep", "fast",
                                         "lift_hidden", "lift_clipped"),
                         [](const auto& place) { return std::string(place.param); });

// ------------------------------------------------------------------------------------ lost events

TEST(CpuLostEvents, AreNeverReadAndHaveNoGradient) {
  for (const char* name : {"two_one", "odd_7_13", "deep", "fast_lost_squares", "lift_clipped"})
    for (const int64_t batch : {7, 256}) {
      const Workload clean = make_workload(device_case(name), batch);
      const auto y_count = at(clean.synthetic.n_observables);
      for (const double garbage : {kNan, kInfinity, -kInfinity, 1e300}) {
        Workload dirty = clean;
        for (Sample* sample : {&dirty.real, &dirty.synthetic})
          for (size_t i = 0; i < sample->events.size(); ++i)
            if (sample->weights[i / y_count] == 0) sample->events[i] = garbage;
        for_each_simd([&](Simd simd) {
          const Outputs ours = run_cpu(dirty, simd);
          std::string where;
          EXPECT_TRUE(has_same_bits(ours, run_cpu(clean, simd), &where))
              << where << " of " << name << ", " << simd_name(simd) << ", lost events hold "
              << garbage;
          for (const Output& output : ours) {
            const size_t columns = output.name == "event_gradient grad_events"  ? y_count
                                   : output.name == "event_gradient event_loss" ? 1
                                   : output.name == "event_logits"              ? 1
                                                                                : 0;
            for (size_t i = 0; columns != 0 && i < output.values.size(); ++i) {
              if (dirty.synthetic.weights[i / columns] != 0) continue;
              EXPECT_EQ(output.values[i], 0) << output.name << " of a lost event";
            }
          }
        });
      }
    }
}

// ------------------------------------------------------------------------------------ huge logits

/// The observable is the logit.
Workload identity(Loss loss, double logit) {
  Workload w;
  w.plan.widths = {1, 1};
  w.plan.loss = loss;
  w.params = {1, 0};
  w.synthetic = w.real = {{logit}, {1}, 1, true};
  return w;
}

TEST(CpuLosses, OfAnyLogitAreTheReferences) {
  // exp() of a float ends at 88.7 and, to denormals, at -103.9; 1 + exp() at 16.6.
  for (const double size : {0.0, 1e-30, 1e-3, 1.0, 16.5, 17.0, 30.0, 36.9, 88.0, 89.0, 103.0, 105.0,
                            709.0, 1e4, 1e30, kInfinity})
    for (const double logit : {size, -size})
      for (const Loss loss : {Loss::kBinaryCrossEntropy, Loss::kLeastSquares}) {
        const Workload w = identity(loss, logit);
        const Parallel serial;
        const Outputs wanted = run_discriminator(make_reference_device(&serial).get(), w);
        for_each_simd([&](Simd simd) {
          const Outputs ours = run_discriminator(make_cpu_device(&serial, simd).get(), w);
          EXPECT_EQ(class_difference(ours, wanted), "") << logit;
          for (size_t i = 0; i < wanted.size(); ++i) {
            if (!std::isfinite(wanted[i].values[0])) continue;
            EXPECT_NEAR(ours[i].values[0], wanted[i].values[0],
                        kParity * std::max(1.0, std::abs(wanted[i].values[0])))
                << wanted[i].name << " of the logit " << logit << ", " << simd_name(simd);
          }
        });
      }
}

TEST(CpuLosses, DoNotDependOnTheScaleOfAllWeights) {
  const Workload w = make_workload(device_case("odd_5_31_17_3"), 49);
  for (const int exponent : {-900, -140, 3, 140, 900}) {  // beyond the range of a float as well
    Workload scaled = w;
    for (Sample* sample : {&scaled.real, &scaled.synthetic})
      for (double& weight : sample->weights) weight = std::ldexp(weight, exponent);
    for_each_simd([&](Simd simd) {
      std::string where;
      EXPECT_TRUE(has_same_bits(run_cpu(scaled, simd), run_cpu(w, simd), &where))
          << where << ", " << simd_name(simd) << ", weights times 2^" << exponent;
    });
  }
}

// -------------------------------------------------------------------------- a narrow observable

TEST(CpuStandardisation, OfANarrowPeakKeepsItsShape) {
  // The mass of a Z boson to 10 MeV: a float knows 91.19 GeV to 8 keV, a thousandth of it.
  const DeviceCase c = {"peak", {1, 24, 1}, {}, Weighting::kNone, Loss::kBinaryCrossEntropy, 0.2};
  Workload w = make_workload(c, 1000);
  w.plan.shift = {91.19};
  w.plan.scale = {1 / 0.01};
  for (Sample* sample : {&w.real, &w.synthetic}) {
    for (double& x : sample->events) x = 91.19 + 0.01 * x;
    move_off_kinks(w.plan, w.params, sample);
  }
  const Outputs wanted = run_reference(w);
  Workload rounded = w;
  for (double& x : rounded.synthetic.events) x = static_cast<double>(static_cast<float>(x));
  const Outputs lossy = run_reference(rounded);
  bool is_seen = false;
  for_each_simd([&](Simd simd) {
    const Outputs ours = run_cpu(w, simd);
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_LT(relative_error(ours[i].values, wanted[i]), kParity)
          << wanted[i].name << ", " << simd_name(simd);
      is_seen = is_seen || relative_error(lossy[i].values, wanted[i]) > 10 * kParity;
    }
  });
  EXPECT_TRUE(is_seen) << "events that are rounded to float would not be noticed";
}

}  // namespace
}  // namespace sagips
