// SPDX-License-Identifier: BSD-3-Clause
// The discriminator's opinion of synthetic events, by differences: by each observable and by each
// weight, where the mean under the weights moves too.
#include <gtest/gtest.h>

#include "objective/discriminator.h"
#include "unit/device/network_testing.h"

namespace sagips {
namespace {

struct WholeScore : Score {
  std::vector<double> grad_weights;
};

WholeScore score_of(const NetworkPlan& plan, const std::vector<float>& params,
                    const Sample& sample) {
  const Parallel parallel;
  const auto device = make_reference_device(&parallel);
  WholeScore score;
  score_events(device.get(), plan, params, sample.source(), &score);
  score.grad_weights.resize(sample.weights.size());
  differentiate_by_weights(score, sample.weights, sample.source().total_weight(),
                           score.grad_weights);
  std::vector<double> losses = score.event_loss;  // in place is the same
  differentiate_by_weights(score, sample.weights, sample.source().total_weight(), score.event_loss);
  EXPECT_EQ(score.event_loss, score.grad_weights);
  score.event_loss = losses;
  return score;
}

const NetworkCase kNetworks[] = {{"linear", {}, 1},
                                 {"hidden", {13, 5}, 2, 1, 1, 0, 4, true, 0.2, Loss::kLeastSquares},
                                 {"lifted", {7}, 2, 1, 4, 2, 1.5, true}};

TEST(Score, GradientsAreTheDerivativesByEventsAndWeights) {
  for (const NetworkCase& network : kNetworks)
    for (const Weighting weighting :
         {Weighting::kOne, Weighting::kSomeLost, Weighting::kSomeNegative}) {
      SCOPED_TRACE(network.name);
      const NetworkPlan plan = make_plan(network, 1);
      const std::vector<float> params = random_parameters(plan, 2);
      const std::vector<double> exact = in_double(params);
      Sample sample = make_sample(37, network.n_observables, weighting, 3);
      const WholeScore score = score_of(plan, params, sample);
      const auto naive = [&] { return naive_mean_loss(plan, exact, sample, true); };
      EXPECT_NEAR(score.loss, naive(), 1e-12);
      for (size_t i = 0; i < sample.events.size(); ++i)
        EXPECT_NEAR(score.grad_events[i], difference(&sample.events[i], naive), kDifferenceError);
      for (size_t e = 0; e < sample.weights.size(); ++e) {
        if (sample.weights[e] == 0)
          EXPECT_EQ(score.grad_weights[e], 0) << "lost";
        else
          EXPECT_NEAR(score.grad_weights[e], difference(&sample.weights[e], naive),
                      kDifferenceError);
      }
    }
}

TEST(Score, WeightsGradientIsBlindToTheirCommonScale) {
  const NetworkPlan plan = make_plan(kNetworks[1], 1);
  const Sample sample = make_sample(50, 2, Weighting::kSomeNegative, 5);
  const WholeScore score = score_of(plan, random_parameters(plan, 2), sample);
  double sum = 0, largest = 0;
  for (size_t e = 0; e < sample.weights.size(); ++e) {
    sum += sample.weights[e] * score.grad_weights[e];
    largest = std::max(largest, std::abs(score.grad_weights[e]));
  }
  EXPECT_GT(largest, 1e-4);
  EXPECT_NEAR(sum, 0, 1e-14);  // 50 terms of 1e-2, each right to 1e-18
}

TEST(Score, LossesOfEventsThatNobodyWantsAreLeftOutAndNothingElseChanges) {
  const Parallel parallel;
  for (const NetworkCase& network : kNetworks) {
    const NetworkPlan plan = make_plan(network, 1);
    const std::vector<float> params = random_parameters(plan, 2);
    const Sample sample = make_sample(101, network.n_observables, Weighting::kSomeLost, 3);
    for (const bool is_reference : {true, false}) {
      const auto device = is_reference ? make_reference_device(&parallel)
                                       : make_cpu_device(&parallel, choose_simd("auto"));
      Score all, some;
      score_events(device.get(), plan, params, sample.source(), &all);
      score_events(device.get(), plan, params, sample.source(), &some, EventLoss::kLeftOut);
      EXPECT_EQ(some.loss, all.loss);
      EXPECT_EQ(some.grad_events, all.grad_events);
      EXPECT_EQ(all.event_loss.size(), sample.weights.size());
      EXPECT_TRUE(some.event_loss.empty());
    }
  }
}

TEST(Score, OneEventHasALossAndNoWeightGradient) {
  const NetworkPlan plan = make_plan(kNetworks[0], 1);
  const WholeScore score = score_of(plan, random_parameters(plan, 2), {{0.5}, {3}, 1});
  EXPECT_EQ(score.loss, score.event_loss[0]);
  EXPECT_EQ(score.grad_weights[0], 0);
  EXPECT_NE(score.grad_events[0], 0);
}

}  // namespace
}  // namespace sagips
