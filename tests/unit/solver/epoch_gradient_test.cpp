// SPDX-License-Identifier: BSD-3-Clause
// The generator's gradient of a whole epoch against differences of the loss that the epoch reports,
// by every weight of the generator, with the same draws. The discriminator stands still (a learning
// rate far below the last bit) so that the loss is a function of the generator's weights alone.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "unit/solver/epoch_testing.h"

namespace sagips {
namespace {

// Steps of 2^-12: curvature leaves h^2 = 6e-8 times third derivatives, which at weights of order 1
// are at most some tens of gradients; the gradient itself is rounded to float, 6e-8. A difference
// quotient in place of a VJP adds (1e-4 of the range)^2, less than that.
constexpr double kTolerance = 1e-5;

void expect_gradient_is_that_of_the_loss(Trial* trial, double tolerance = kTolerance) {
  const std::vector<float> still = trial->start()->discriminators[0].parameters;
  const TrainingState after = trial->run();
  ASSERT_EQ(after.discriminators[0].parameters, still);
  const std::vector<float>& grad = after.generator.first_moment;  // beta1 = 0
  double largest = 0;
  for (const float g : grad) largest = std::max(largest, std::abs(static_cast<double>(g)));
  ASSERT_GT(largest, 1e-4);
  std::vector<float>& weights = trial->start()->generator.parameters;
  for (size_t i = 0; i < weights.size(); ++i) {
    const float before = weights[i], plus = before + 0x1p-12F, minus = before - 0x1p-12F;
    weights[i] = plus;
    const double above = trial->loss();
    weights[i] = minus;
    const double below = trial->loss();
    weights[i] = before;
    const double distance = static_cast<double>(plus) - static_cast<double>(minus);
    EXPECT_NEAR(grad[i], (above - below) / distance, tolerance * largest)
        << "weight " << i << " of " << weights.size();
  }
}

/// Two data sets that share mu, with their own widths, one logarithmic, and all kinds of knowledge.
Problem two_datasets(Form form, int32_t flags) {
  Problem problem;
  problem.parameters = {parameter_of("mu", -2, 2), parameter_of("sigma", 0.2, 2),
                        parameter_of("width", 0.1, 10), parameter_of("fixed", 0, 1)};
  problem.parameters[1].prior_mean = 0.7;
  problem.parameters[1].prior_sigma = 0.05;
  problem.parameters[2].scale = SAGIPS_LOGARITHMIC;
  problem.parameters[3].is_fixed = true;
  problem.parameters[3].fixed_value = 0.25;
  const std::vector<double> truth = {0.5, 0.8, 1.1, 0.25};
  Stage first = gaussian_stage(form, {0, 1}, flags), second = gaussian_stage(form, {0, 2}, flags);
  first.step = second.step = form == Form::kVjp ? 0 : 1e-4;
  problem.datasets = {dataset_of("first", pipeline_of(first), truth, 300, 1),
                      dataset_of("second", pipeline_of(second), truth, 90, 2)};
  problem.datasets[1].weight = 3;
  problem.datasets[0].measurements = {{0, 0.9, 0.1, SAGIPS_GAUSSIAN}};
  problem.datasets[1].measurements = {{0, 1.2, 0.3, SAGIPS_UPPER_LIMIT}};
  return problem;
}

class EpochGradient : public testing::TestWithParam<std::tuple<Form, int32_t>> {
 protected:
  Trial trial(const Settings& changes) {
    return Trial(two_datasets(std::get<0>(GetParam()), std::get<1>(GetParam())), changes);
  }
};

TEST_P(EpochGradient, TakesTheRouteOfItsStages) {
  const char* expected[] = {"vjp", "event differences", "objective differences"};
  Trial t = trial({});
  for (const DatasetPlan& d : t.plan().datasets)
    EXPECT_EQ(d.dataset->pipeline.route_name(),
              expected[static_cast<int>(std::get<0>(GetParam()))]);
}

TEST_P(EpochGradient, IsThatOfTheLossForEveryInputOfTheGenerator) {
  for (const char* input : {"noise", "annealed", "point"}) {
    SCOPED_TRACE(input);
    Trial t = trial({{"generator.input", input}});
    expect_gradient_is_that_of_the_loss(&t);
  }
}

TEST_P(EpochGradient, IsThatOfTheLossWithoutANetwork) {
  Trial t = trial({{"generator.kind", "direct"}});
  ASSERT_EQ(t.start()->generator.parameters.size(), 4U);
  expect_gradient_is_that_of_the_loss(&t);
}

TEST_P(EpochGradient, IsThatOfTheLossForLeastSquaresAndAbsolutePenalties) {
  Trial t = trial({{"loss", "least_squares"},
                   {"auxiliary.weighting", "absolute"},
                   {"auxiliary.weight", "0.3"},
                   {"generator.input", "noise"}});
  expect_gradient_is_that_of_the_loss(&t);
}

TEST_P(EpochGradient, IsThatOfTheLossWherePenaltiesRule) {
  Trial t = trial({{"generator.input", "noise"}, {"auxiliary.weight", "1e6"}});
  expect_gradient_is_that_of_the_loss(&t);
}

TEST_P(EpochGradient, IsThatOfTheLossOnFreshEventsAfterTwoDiscriminatorUpdates) {
  Trial t = trial({{"generator.fresh_events", "true"},
                   {"discriminator.updates", "2"},
                   {"generator.input", "noise"}});
  expect_gradient_is_that_of_the_loss(&t);
}

std::string form_name(const testing::TestParamInfo<std::tuple<Form, int32_t>>& info) {
  const char* kForms[] = {"Vjp", "EventDifferences", "ObjectiveDifferences"};
  return kForms[static_cast<int>(std::get<0>(info.param))] +
         std::string(std::get<1>(info.param) == kWeighted ? "Weighted" : "");
}

INSTANTIATE_TEST_SUITE_P(Routes, EpochGradient,
                         testing::Combine(testing::Values(Form::kVjp, Form::kSmooth, Form::kPlain),
                                          testing::Values(0, kWeighted)),
                         form_name);

Problem builtin_problem(const std::string& name) {
  const bool is_proxy = name == "proxy1d";
  const std::vector<double> lower = is_proxy ? std::vector<double>{0, -1, 0, 0, -1, 0}
                                             : std::vector<double>{.5, .5, 1, .5, .5, 1};
  const std::vector<double> upper =
      is_proxy ? std::vector<double>{3, 1, 5, 3, 1, 5} : std::vector<double>{3, 4, 6, 3, 4, 6};
  Problem problem;
  for (size_t p = 0; p < 6; ++p)
    problem.parameters.push_back(parameter_of("p" + std::to_string(p), lower[p], upper[p]));
  const std::vector<double> truth = is_proxy ? std::vector<double>{2.1875, -.5, 3, 1.09375, -.5, 4}
                                             : std::vector<double>{1.5, 1.4, 3, 2, 2.2, 4};
  problem.datasets = {dataset_of(name, pipeline_of(make_builtin(name, "")), truth, 500, 1)};
  if (is_proxy)
    problem.datasets[0].measurements = {{0, 3.3, 0.1, SAGIPS_GAUSSIAN},
                                        {1, 1.9, 0.1, SAGIPS_GAUSSIAN}};
  return problem;
}

TEST(EpochGradientOfBuiltins, IsThatOfTheLossForKuma6) {
  Trial t(builtin_problem("kuma6"), {{"generator.input", "noise"}});
  expect_gradient_is_that_of_the_loss(&t);
}

TEST(EpochGradientOfBuiltins, IsThatOfTheLossForProxy1dWithItsNorms) {
  // Its law is linear in cells: where an event passes a node within a step, the slope jumps by the
  // relative change of sigma from cell to cell, up to 1 %, for one of 51 events.
  constexpr double kJumps = 2e-4;
  Trial t(builtin_problem("proxy1d"), {{"generator.input", "noise"}});
  expect_gradient_is_that_of_the_loss(&t, kJumps);
}

TEST(EpochGradientOfHiddenLayers, IsThatOfTheLoss) {
  // A seed for which no event's unit changes sign within a step: eight of the first nine are.
  Trial t(gaussian_problem(200),
          {{"seed", "2"}, {"discriminator.hidden", "7,5"}, {"generator.input", "noise"}});
  expect_gradient_is_that_of_the_loss(&t);
}

TEST(EpochGradientOfPriors, IsTheSameWhateverTheWeightOfAuxiliaries) {
  const auto run = [](const char* weight, const char* weighting, bool is_measured) {
    Problem problem = gaussian_problem(200);
    problem.parameters[0].prior_mean = 0.7;
    problem.parameters[0].prior_sigma = 0.001;
    if (is_measured) problem.datasets[0].measurements = {{0, 5, 0.001, SAGIPS_GAUSSIAN}};
    Trial t(problem, {{"auxiliary.weight", weight},
                      {"auxiliary.weighting", weighting},
                      {"generator.kind", "direct"}});
    return t.run();
  };
  const TrainingState expected = run("1", "likelihood", false);
  // (0.7/0.001)^2 / 2, times 1/2 over the events that are trained on.
  EXPECT_GT(expected.loss_auxiliary, 500);
  for (const char* weighting : {"likelihood", "absolute"})
    for (const bool is_measured : {false, true})
      for (const char* weight : {"0", "1e6"}) {
        if (is_measured && std::string(weight) != "0") continue;
        const TrainingState state = run(weight, weighting, is_measured);
        EXPECT_EQ(state.loss_auxiliary, expected.loss_auxiliary) << weighting << weight;
        EXPECT_EQ(state.generator.first_moment, expected.generator.first_moment)
            << weighting << weight;
      }
}

TEST(EpochGradientOfPenalties, VanishesAtTheirMinimumForEveryScheme) {
  for (const int32_t scheme : {SAGIPS_CENTRAL, SAGIPS_ONE_SIDED, SAGIPS_SMOOTHED}) {
    const auto gradient = [&](double shift) {
      Problem problem = gaussian_problem(200, Form::kPlain);
      Stage stage = gaussian_stage(Form::kPlain, {});
      stage.scheme = scheme;
      stage.step = 0.01;
      problem.datasets[0].pipeline = pipeline_of(stage);
      // In the middle of the box: mu^2 + sigma = 0 + 1.1
      problem.datasets[0].measurements = {{0, 1.1 + shift, 1e-6, SAGIPS_GAUSSIAN}};
      Trial t(problem, {{"generator.kind", "direct"}});
      std::fill(t.start()->generator.parameters.begin(), t.start()->generator.parameters.end(),
                0.F);
      return t.run().generator.first_moment[1];
    };
    // 1 % of the range away it is 0.018/1e-12 / 200 times a slope of order 1; at it, the rounding
    // of a proposal to single precision is left, 1e-7 instead of 0.018, and the events' own.
    const double near = std::abs(gradient(0)), away = std::abs(gradient(0.018));
    EXPECT_GT(away, 1e6) << scheme;
    EXPECT_LT(near, 1e-3 * away) << scheme;
  }
}

// -------------------------------------------------------------------------------------- threads

int32_t backwards(void*, int64_t n, void (*body)(void*, int64_t), void* ctx) {
  for (int64_t i = n - 1; i >= 0; --i) body(ctx, i);
  return 0;
}

TEST(EpochInThreads, GivesTheSameBitsForBuiltinsAndForUsersStages) {
  const auto numbers_of = [](const TrainingState& s) {
    std::vector<float> all = s.generator.first_moment;
    for (const auto* more : {&s.generator.parameters, &s.discriminators[0].parameters})
      all.insert(all.end(), more->begin(), more->end());
    return all;
  };
  const std::vector<Problem> problems = {builtin_problem("kuma6"), builtin_problem("proxy1d"),
                                         gaussian_problem(200, Form::kVjp, kWeighted)};
  for (const Problem& problem : problems)
    for (const char* metric : {"none", "pullback"})
      for (const auto& [rows, events] : {std::pair("1", "5000"), std::pair("50", "101")}) {
        const Settings settings = {{"generator.input", "noise"},
                                   {"metric.kind", metric},
                                   {"discriminator.rate", "0.1"},
                                   {"rows", rows},
                                   {"events", events}};
        const std::vector<float> expected = numbers_of(Trial(problem, settings).run());
        for (const int32_t threads : {2, 3, 4})
          EXPECT_EQ(numbers_of(Trial(problem, settings, Parallel(threads)).run()), expected)
              << threads;
        Parallel hosted;
        hosted.use_host(backwards, nullptr);
        EXPECT_EQ(numbers_of(Trial(problem, settings, std::move(hosted)).run()), expected);
      }
}

TEST(EpochInThreads, GivesTheSameBitsWhenItsBuffersAreUsedAgain) {
  Trial t(builtin_problem("kuma6"), {{"generator.input", "noise"}, {"events", "3000"}});
  const TrainingState first = t.run(), second = t.run();
  EXPECT_EQ(first.generator.parameters, second.generator.parameters);
  EXPECT_EQ(first.loss_generator, second.loss_generator);
}

// ---------------------------------------------------------------------------------- bookkeeping

TEST(Epoch, ReportsTheDiscriminatorsLossWhateverTheUpdatesOfTheGenerator) {
  for (const char* updates : {"1", "2", "3"}) {
    Trial t(gaussian_problem(200), {{"generator.updates", updates}});
    EXPECT_GT(t.run().loss_discriminator, 0.1) << updates;
  }
}

TEST(Epoch, CountsTheLostOfAllDataSets) {
  Problem problem = two_datasets(Form::kVjp, kWeighted);
  problem.datasets[1].pipeline = pipeline_of(gaussian_stage(Form::kVjp, {0, 2}));  // loses nothing
  Trial t(problem, {{"events", "200"}});
  EXPECT_NEAR(t.run().lost_fraction, 0.1, 0.05);  // a fifth of the first half: 0.1 +- 0.01
}

TEST(Epoch, PassesThroughTheDataWithoutAGap) {
  Trial t(gaussian_problem(200), {{"discriminator.updates", "3"}});
  const TrainingState state = t.run();
  EXPECT_EQ(state.cursors[0], 3 * 3 * 17);
  EXPECT_EQ(state.synthetic_events, 3 * 3 * 17);
  EXPECT_EQ(state.epoch, 1);
}

TEST(Epoch, RefusesTheMetricWhereEventsHaveNoDerivative) {
  const Problem problem = gaussian_problem(200, Form::kPlain);
  const Options options = small_options({{"metric.kind", "pullback"}});
  try {
    const TrainingPlan plan(problem, options);
    FAIL() << "taken";
  } catch (const Error& e) {
    EXPECT_EQ(e.status(), SAGIPS_ERROR_UNSUPPORTED);
  }
}

}  // namespace
}  // namespace sagips
