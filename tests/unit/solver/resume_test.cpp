// SPDX-License-Identifier: BSD-3-Clause
// A training that is saved, and goes on in a fresh solver, ends with the bytes of one that was
// never interrupted: for every option that gives the training a memory, at every epoch.
#include <gtest/gtest.h>

#include <random>

#include "unit/solver/memory_testing.h"

namespace sagips {
namespace {

class Resume : public testing::TestWithParam<Memory> {};

TEST_P(Resume, EndsWithTheSameBytesFromEveryEpoch) {
  const Problem problem = problem_of(GetParam());
  const Options options = small_options(GetParam().settings);
  const int64_t epochs = options.integer("epochs");
  const FastFolder scratch;
  Solver whole(problem, options);
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    whole.save(scratch / "way");
    whole.step(1);
  }
  const std::string expected = saved_bytes(&whole, scratch / "end");
  const std::vector<double> proposal = whole.predict(3), estimate = whole.estimate().mean;
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    Solver resumed(problem, options);
    resumed.load(scratch / "way" + "/" + checkpoint_name(epoch));
    ASSERT_EQ(resumed.progress().epoch, epoch);
    resumed.step(epochs);
    ASSERT_TRUE(saved_bytes(&resumed, scratch / "again") == expected) << "from epoch " << epoch;
    ASSERT_EQ(resumed.predict(3), proposal);
    ASSERT_EQ(resumed.estimate().mean, estimate);
  }
}

TEST_P(Resume, ChangesWhatIsSavedFromEpochToEpoch) {  // or the test above could not fail
  Solver solver(problem_of(GetParam()), small_options(GetParam().settings));
  const FastFolder scratch;
  std::string before = saved_bytes(&solver, scratch.path());
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    solver.step(1);
    const std::string after = saved_bytes(&solver, scratch.path());
    EXPECT_FALSE(after == before);
    before = after;
  }
}

INSTANTIATE_TEST_SUITE_P(Memories, Resume, testing::ValuesIn(memories()),
                         [](const auto& test) { return test.param.name; });

TEST(ResumeChain, AHundredRestartsAreNone) {
  const Problem problem = gaussian_problem(70);
  const Options options = small_options({{"epochs", "150"},
                                         {"generator.input", "annealed"},
                                         {"metric.kind", "pullback"},
                                         {"growth.factor", "4"}});
  const FastFolder scratch;
  Solver whole(problem, options);
  whole.step(150);
  const std::string expected = saved_bytes(&whole, scratch / "whole");
  std::mt19937 random(5);
  auto solver = std::make_unique<Solver>(problem, options);
  for (int restart = 0; solver->progress().epoch < 150; ++restart) {
    ASSERT_LT(restart, 150);
    solver->step(static_cast<int64_t>(1 + random() % 2));
    solver->save(scratch / "chain");
    solver = std::make_unique<Solver>(problem, options);
    solver->load(scratch / "chain");  // the newest
  }
  EXPECT_TRUE(saved_bytes(solver.get(), scratch / "end") == expected);
}

TEST(ResumeChain, StepsOfOneAreOneLongStep) {
  const FastFolder scratch;
  const Options options = small_options({{"generator.input", "noise"}});
  Solver one(gaussian_problem(70), options), many(gaussian_problem(70), options);
  one.step(23);
  for (int i = 0; i < 23; ++i) many.step(1);
  EXPECT_TRUE(saved_bytes(&one, scratch / "a") == saved_bytes(&many, scratch / "b"));
}

TEST(ResumeChain, GoesOnWithTheTrainingTime) {
  const FastFolder scratch;
  const Options options = small_options();
  Solver first(gaussian_problem(70), options), second(gaussian_problem(70), options);
  first.step(10);
  first.save(scratch.path());
  const sagips_progress saved = first.progress();
  second.step(3);  // time of its own, which the load replaces
  second.load(scratch.path());
  EXPECT_DOUBLE_EQ(second.progress().seconds_training, saved.seconds_training);
  EXPECT_NEAR(second.progress().seconds_callback, saved.seconds_callback, 1e-12);
  second.step(5);
  EXPECT_GT(second.progress().seconds_training, saved.seconds_training);
  EXPECT_GT(second.progress().seconds_callback, saved.seconds_callback);
}

}  // namespace
}  // namespace sagips
