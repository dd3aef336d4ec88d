// SPDX-License-Identifier: BSD-3-Clause
// What a solver tells of its gradients: once, at its first step, with steps in units of parameters.
#include "solver/route_text.h"

#include <gtest/gtest.h>

#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

std::string text_of(const Stage& first, const Stage* second = nullptr) {
  Problem problem = gaussian_problem(31);  // mu in [-2, 2], sigma in [0.2, 2]
  Pipeline pipeline = pipeline_of(first);
  if (second != nullptr) pipeline.add(*second);
  problem.datasets[0].pipeline = pipeline;
  const Options options = small_options();
  const TrainingPlan plan(problem, options);
  return describe_route(plan, 0);
}

void expect_words(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) EXPECT_NE(text.find(word), std::string::npos) << text;
}

Stage plain_second() {
  Stage stage = gaussian_stage(Form::kPlain, {1});
  stage.name = "second";
  stage.n_inputs = 1;
  return stage;
}

TEST(RouteText, OfAProductIsTheRouteAlone) {
  const std::string text = text_of(gaussian_stage(Form::kVjp, {}));
  expect_words(text, {"gradient by vjp"});
  EXPECT_EQ(text.find("step"), std::string::npos) << text;
}

TEST(RouteText, TellsSchemeAndStepsOfDifferences) {
  expect_words(text_of(gaussian_stage(Form::kSmooth, {})),
               {"event differences", "events of stage 'gaussian'", "central",
                "steps mu 4e-4, sigma 0.00018"});
  Stage one_sided = gaussian_stage(Form::kPlain, {1});
  one_sided.scheme = SAGIPS_ONE_SIDED;
  one_sided.step = 0.125;
  const std::string text = text_of(one_sided);
  expect_words(text, {"objective differences", "one-sided", "steps sigma 0.225"});
  EXPECT_EQ(text.find("mu"), std::string::npos) << text;
}

TEST(RouteText, TellsDirectionsSectionsAndInputs) {
  Stage smoothed = gaussian_stage(Form::kPlain, {});
  smoothed.scheme = SAGIPS_SMOOTHED;
  smoothed.directions = 4;
  const Stage second = plain_second();
  expect_words(text_of(smoothed, &second),
               {"smoothed differences + objective differences", "stages 'gaussian' to 'second'",
                "smoothed in 4 directions", "mu 0.04"});
  const Stage vjp = gaussian_stage(Form::kVjp, {});
  const std::string text = text_of(vjp, &second);
  expect_words(text, {"vjp + objective differences", "stage 'second'", "sigma 0.018",
                      "0.01 of the spread of its inputs"});
}

TEST(RouteText, IsToldAtTheFirstStepOnly) {
  Solver solver(gaussian_problem(31), small_options());
  std::string log;
  solver.set_log_callback(
      [](void* to, int32_t level, const char* text) {
        *static_cast<std::string*>(to) += concatenate(level, " ", text, "\n");
      },
      &log);
  solver.step(0);
  EXPECT_EQ(log, "");
  solver.step(2);
  const std::string told = log;
  EXPECT_EQ(told.rfind("1 data set '", 0), 0u) << told;
  solver.step(1);
  EXPECT_EQ(log, told);
}

}  // namespace
}  // namespace sagips
