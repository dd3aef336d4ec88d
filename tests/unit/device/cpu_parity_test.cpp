// SPDX-License-Identifier: BSD-3-Clause
// Every call of the vectorised device against the reference in double precision, on every network
// and batch of the list of cases and for every instruction set of this machine; and that the
// comparison sees a device that is a little wrong.
#include <gtest/gtest.h>

#include "core/text.h"
#include "unit/device/device_testing.h"

namespace sagips {
namespace {

// |ours - reference| / |reference| of an output. A float carries 6e-8; sums of up to a thousand
// terms, up to eight layers of them, and gradients of real and synthetic events that cancel to a
// tenth leave two digits less. Errors of training batches are a thousand times larger.
constexpr double kParity = 1e-5;

/// What differs by more than `tolerance`, a line each.
std::string differences(const Outputs& ours, const Outputs& wanted, double tolerance) {
  std::string text;
  if (ours.size() != wanted.size()) return "not the same calls";
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double error = relative_error(ours[i].values, wanted[i]);
    if (!(error <= tolerance)) text += wanted[i].name + ": relative error " + to_text(error) + "\n";
  }
  return text;
}

struct Place {
  size_t index = 0;  // in device_cases()
  int64_t batch = 0;
};

std::vector<Place> all_places() {
  std::vector<Place> places;
  for (size_t i = 0; i < device_cases().size(); ++i)
    for (const int64_t batch : device_cases()[i].batches) places.push_back({i, batch});
  return places;
}

class CpuParity : public testing::TestWithParam<Place> {};

TEST_P(CpuParity, EveryCallIsTheReferences) {
  const Workload w = make_workload(device_cases()[GetParam().index], GetParam().batch);
  const Parallel parallel;
  const Outputs wanted = run_all(make_reference_device(&parallel).get(), w);
  for_each_simd([&](Simd simd) {
    const Outputs ours = run_all(make_cpu_device(&parallel, simd).get(), w);
    EXPECT_EQ(differences(ours, wanted, kParity), "") << w.name << ", " << simd_name(simd);
  });
}

std::string place_name(const testing::TestParamInfo<Place>& place) {
  return device_cases()[place.param.index].name + "_" + std::to_string(place.param.batch);
}
INSTANTIATE_TEST_SUITE_P(Cases, CpuParity, testing::ValuesIn(all_places()), place_name);

// ------------------------------------------------------------------------- the comparison itself

/// The reference with one thing wrong.
struct Fault {
  const char* name;
  const char* seen_in;  // the first output that shows it
  std::function<void(Workload*)> put_in;
};

const Fault kFaults[] = {
    {"another slope", "generator_forward", [](Workload* w) { w->plan.slope += 1e-3; }},
    {"the other loss", "event_gradient", [](Workload* w) { w->plan.loss = Loss::kLeastSquares; }},
    {"one weight of one event", "discriminator_step weights of layer 0",
     [](Workload* w) { w->synthetic.weights.back() += 0.1; }},
    {"one bias", "generator_forward", [](Workload* w) { w->params.back() += 1e-3F; }},
    {"one observable of one event", "event_logits",
     [](Workload* w) { w->synthetic.events.back() += 0.01; }},
    {"one row of noise", "generator_forward", [](Workload* w) { w->noise.back() += 0.01; }},
    {"one row of the cotangent", "generator_backward weights of layer 0",
     [](Workload* w) { w->cotangent.back() += 0.01; }},
    {"observables rounded to float", "lift_events",
     [](Workload* w) {
       for (double& x : w->synthetic.events) x = 1e3 + (x - w->plan.shift[0]);
       w->plan.shift[0] = 1e3;
       for (double& x : w->synthetic.events) x = static_cast<double>(static_cast<float>(x));
     }},
};

TEST(CpuParityItself, SeesADeviceThatIsALittleWrong) {
  const DeviceCase c = {"small", {1, 9, 5, 1}, {}, Weighting::kRandom, {}, 0.2, true};
  const Workload right = make_workload(c, 1000);
  const Parallel parallel;
  const auto device = make_reference_device(&parallel);
  const Outputs wanted = run_all(device.get(), right);
  EXPECT_EQ(differences(run_all(device.get(), right), wanted, 0), "");
  for (const Fault& fault : kFaults) {
    Workload wrong = right;
    fault.put_in(&wrong);
    const std::string text = differences(run_all(device.get(), wrong), wanted, kParity);
    EXPECT_NE(text.find(fault.seen_in), std::string::npos) << fault.name << ":\n" << text;
  }
}

TEST(CpuParityItself, SeesWhatWasNotWritten) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(relative_error({1, nan}, {"", {1, 2}}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(relative_error({1e-9}, {"", {0}}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(relative_error({0}, {"", {0}}), 0);
  EXPECT_DOUBLE_EQ(relative_error({3, 4}, {"", {0, 4}, 3}), 0.5 * std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(relative_error({3, 4}, {"", {0, 4}}), 0.75);
}

}  // namespace
}  // namespace sagips
