// SPDX-License-Identifier: BSD-3-Clause
// What holds for every batch: lost events are never read, nothing depends on threads, and a batch's
// size changes the place of shards and tiles but not what is computed.
#include <gtest/gtest.h>

#include <limits>

#include "unit/device/network_testing.h"

namespace sagips {
namespace {

const NetworkCase kNetwork = {"lifted", {13, 7}, 2, 1, 3, 2, 4, true};

struct Results {
  double discriminator_loss = 0, generator_loss = 0;
  std::vector<float> grad;
  std::vector<double> grad_events, losses, logits, inputs;
};

Results run_all(const Sample& real, const Sample& synthetic, int32_t threads) {
  const NetworkPlan plan = make_plan(kNetwork, 3);
  const std::vector<float> params = random_parameters(plan, 5);
  const Parallel parallel(threads);
  const auto device = make_reference_device(&parallel);
  Results r;
  r.grad.resize(params.size());
  r.grad_events.resize(synthetic.events.size());
  r.losses.resize(synthetic.weights.size());
  r.logits.resize(synthetic.weights.size());
  r.inputs.resize(synthetic.weights.size() * at(plan.n_inputs()));
  r.discriminator_loss =
      device->discriminator_step(plan, params, real.source(), synthetic.source(), r.grad);
  r.generator_loss =
      device->event_gradient(plan, params, synthetic.source(), r.grad_events, r.losses);
  device->event_logits(plan, params, synthetic.source(), r.logits);
  device->lift_events(plan, synthetic.source(), r.inputs);
  return r;
}

void expect_same_bits(const Results& a, const Results& b) {
  EXPECT_EQ(a.discriminator_loss, b.discriminator_loss);
  EXPECT_EQ(a.generator_loss, b.generator_loss);
  EXPECT_EQ(a.grad, b.grad);
  EXPECT_EQ(a.grad_events, b.grad_events);
  EXPECT_EQ(a.losses, b.losses);
  EXPECT_EQ(a.logits, b.logits);
  EXPECT_EQ(a.inputs, b.inputs);
}

TEST(ReferenceDevice, ThreadsDoNotChangeABit) {
  for (const int64_t n : {1, 31, 64, 65, 700}) {
    const Sample real = make_sample(n, 2, Weighting::kSomeNegative, 1);
    const Sample synthetic = make_sample(n, 2, Weighting::kSomeLost, 2);
    const Results one = run_all(real, synthetic, 1);
    for (const int32_t threads : {2, 3, 4, 40}) {
      SCOPED_TRACE(threads);
      expect_same_bits(one, run_all(real, synthetic, threads));
    }
  }
}

TEST(ReferenceDevice, NeverReadsALostEvent) {
  const Sample real = make_sample(50, 2, Weighting::kSomeLost, 1);
  const Sample synthetic = make_sample(130, 2, Weighting::kSomeLost, 2);
  const Results clean = run_all(real, synthetic, 1);
  for (const double garbage :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e300}) {
    Sample dirty_real = real, dirty = synthetic;
    for (Sample* sample : {&dirty_real, &dirty})
      for (size_t i = 0; i < sample->events.size(); ++i)
        if (sample->weights[i / 2] == 0) sample->events[i] = garbage;
    expect_same_bits(clean, run_all(dirty_real, dirty, 1));
  }
}

TEST(ReferenceDevice, AnEventsLogitDoesNotDependOnItsBatch) {
  const NetworkPlan plan = make_plan(kNetwork, 3);
  const std::vector<float> params = random_parameters(plan, 5);
  const Parallel parallel;
  const auto device = make_reference_device(&parallel);
  const Sample all = make_sample(1100, 2, Weighting::kOne, 4);
  std::vector<double> together(1100), single(1);
  device->event_logits(plan, params, all.source(), together);
  for (int64_t e = 0; e < all.size(); e += 37) {
    device->event_logits(plan, params, BufferSource(all.events.data() + e * 2, nullptr, 1, 2),
                         single);
    EXPECT_EQ(single[0], together[at(e)]) << e;
  }
}

TEST(ReferenceDevice, AScaleOfAllWeightsChangesNothing) {
  const Sample real = make_sample(40, 2, Weighting::kSomeNegative, 1);
  const Sample synthetic = make_sample(40, 2, Weighting::kSomeLost, 2);
  Sample scaled_real = real, scaled = synthetic;
  for (double& w : scaled_real.weights) w *= 8;  // a power of two: without rounding
  for (double& w : scaled.weights) w *= 0.125;
  expect_same_bits(run_all(real, synthetic, 1), run_all(scaled_real, scaled, 1));
}

TEST(BufferSource, WithoutWeightsEveryEventCountsOnce) {
  const std::vector<double> events = {1, 2, 3, 4, 5, 6};
  const BufferSource source(events.data(), nullptr, 3, 2);
  EXPECT_EQ(source.size(), 3);
  EXPECT_EQ(source.total_weight(), 3);
  std::vector<double> values(4), weights(2);
  source.fill(1, 2, {values.data(), weights.data()});
  EXPECT_EQ(values, (std::vector<double>{3, 4, 5, 6}));
  EXPECT_EQ(weights, (std::vector<double>{1, 1}));
}

TEST(NetworkPlan, HasThePapersNumbersOfParameters) {
  // SAGIPS paper, table III: 51,206 and 50,049.
  NetworkPlan generator, discriminator;
  generator.widths = {6, 128, 128, 128, 128, 6};
  discriminator.widths = {2, 128, 128, 128, 128, 1};
  EXPECT_EQ(generator.n_parameters(), 51206);
  EXPECT_EQ(discriminator.n_parameters(), 50049);
  EXPECT_EQ(generator.n_weights(), 50688);
}

TEST(NetworkPlan, LaysOutWeightsThenBiasesWithoutGaps) {
  NetworkPlan plan;
  plan.widths = {3, 5, 2, 1};
  EXPECT_EQ(plan.weight_offset(0), 0);
  EXPECT_EQ(plan.weight_offset(1), 15);
  EXPECT_EQ(plan.weight_offset(2), 25);
  EXPECT_EQ(plan.n_weights(), 27);
  EXPECT_EQ(plan.bias_offset(0), 27);
  EXPECT_EQ(plan.bias_offset(1), 32);
  EXPECT_EQ(plan.bias_offset(2), 34);
  EXPECT_EQ(plan.n_parameters(), 35);
}

}  // namespace
}  // namespace sagips
