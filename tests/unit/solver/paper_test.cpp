// SPDX-License-Identifier: BSD-3-Clause
// The preset `paper`: every choice is fixed in the file beside this one, and a change of any of
// them shows here. One epoch at full size says that the preset runs, and where its losses start.
#include <gtest/gtest.h>

#include "solver/epoch.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

std::string golden_path() {
  const std::string here = __FILE__;
  return here.substr(0, here.rfind('/')) + "/paper_options.toml";
}

Options paper() {
  Options options;
  options.preset("paper");
  return options;
}

Problem proxy1d_problem(int64_t n) {
  const double lower[] = {0, -1, 0, 0, -1, 0}, upper[] = {3, 1, 5, 3, 1, 5};
  Problem problem;
  for (size_t p = 0; p < 6; ++p)
    problem.parameters.push_back(parameter_of("p" + std::to_string(p), lower[p], upper[p]));
  problem.datasets = {dataset_of("proxy", pipeline_of(make_builtin("proxy1d", "")),
                                 {2.1875, -0.5, 3, 1.09375, -0.5, 4}, n, 1)};
  problem.datasets[0].measurements = {{0, 3.2785707, 0.01, SAGIPS_GAUSSIAN},
                                      {1, 1.8789538, 0.01, SAGIPS_GAUSSIAN}};
  return problem;
}

TEST(Paper, OptionsAreThoseOfTheGoldenFile) {
  const std::string golden = file_bytes(golden_path());
  ASSERT_FALSE(golden.empty()) << golden_path();
  EXPECT_EQ(paper().write_toml(), golden);
  Options read;
  read.read_toml(golden);
  EXPECT_TRUE(read == paper());
}

TEST(Paper, NetworksHaveItsNumbersOfParameters) {
  const Problem problem = proxy1d_problem(1000);
  const Options options = paper();
  const TrainingPlan plan(problem, options);
  // SAGIPS paper, table III.
  EXPECT_EQ(plan.generator.plan().n_parameters(), 51206);
  EXPECT_EQ(plan.datasets[0].discriminator.n_parameters(), 50049);
  EXPECT_EQ(plan.rows * plan.events_per_row(0), 102400);
  EXPECT_EQ(plan.events_per_row(99999), 100);
}

TEST(Paper, UpdatesByConstantRatesOfItsTable) {
  const Problem problem = proxy1d_problem(1000);
  const Options options = paper();
  const TrainingPlan plan(problem, options);
  for (const int64_t epoch : {0, 1, 50000, 99999}) {
    EXPECT_DOUBLE_EQ(plan.generator_rate.at(epoch), 1e-5);
    EXPECT_DOUBLE_EQ(plan.discriminator_rate.at(epoch), 1e-4);
    EXPECT_FALSE(plan.generator.is_point(epoch));
    EXPECT_EQ(plan.average.share(epoch, 0), 1);
  }
}

TEST(Slow, OneEpochOfThePaperAtFullSizeOnProxy1d) {
  Solver solver(proxy1d_problem(1000000), paper());
  solver.step(1);
  const sagips_progress p = solver.progress();
  EXPECT_EQ(p.epoch, 1);
  EXPECT_EQ(p.synthetic_events, 102400);
  // Least squares of an undecided discriminator: 1/4 for measured events and 1/4 for synthetic
  // ones. The random first network has logits below 1 for observables below 1, whose squared errors
  // lie in [s(-1)^2, s(1)^2] = [0.07, 0.53], and those of the two kinds of events nearly cancel.
  EXPECT_NEAR(p.loss_discriminator, 0.5, 0.15);
  EXPECT_GT(p.loss_generator, 0.07);
  EXPECT_LT(p.loss_generator, 0.53);
  EXPECT_TRUE(std::isfinite(p.loss_auxiliary));
  EXPECT_GT(p.loss_auxiliary, 0);
  for (const double x : solver.predict(5)) EXPECT_TRUE(std::isfinite(x));
}

}  // namespace
}  // namespace sagips
