// SPDX-License-Identifier: BSD-3-Clause
// Data that grow while a training goes on: what stays, what follows, and that a resumed training
// has the same bits.
#include <gtest/gtest.h>

#include <cmath>

#include "unit/core/core_testing.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

/// gaussian_problem(n) whose events come in numbered, `stride` apart, from `first` on.
class Growing {
 public:
  explicit Growing(int64_t n) : all_(gaussian_problem(n)), problem_(all_) {
    problem_.datasets[0].events.reset();
    problem_.datasets[0].collector = std::make_shared<EventCollector>("toy");
  }
  /// Event i of all has the number i.
  void add(int64_t first, int64_t stride) {
    const EventTable& table = *all_.datasets[0].events;
    std::vector<double> events;
    std::vector<int64_t> numbers;
    for (int64_t i = first; i < table.size(); i += stride) {
      double event = 0;
      table.read(i, &event);
      events.push_back(event);
      numbers.push_back(i);
    }
    problem_.datasets[0].collector->add<double>(
        {events.data(), nullptr, static_cast<int64_t>(events.size()), 1, 1, false}, numbers.data());
  }
  const Problem& problem() const { return problem_; }
  const Problem& all() const { return all_; }

 private:
  Problem all_, problem_;
};

struct Case {
  const char* name;
  Settings settings;
};
class Update : public testing::TestWithParam<Case> {};

TEST_P(Update, ACheckpointOfLaterResumesWithTheSameBits) {
  const Options options = small_options(GetParam().settings);
  const FastFolder scratch;
  Growing growing(240);
  growing.add(0, 2);  // the even ones
  Solver solver(growing.problem(), options);
  solver.step(5);
  growing.add(1, 2);
  solver.step(2);  // on what it has
  solver.update_events(growing.problem());
  solver.step(4);
  solver.save(scratch / "run");
  Solver resumed(growing.all(), options);  // as if all had been there from the start
  EXPECT_EQ(error_of([&] { resumed.load(scratch / "run"); }).text(), "");
  EXPECT_TRUE(saved_bytes(&resumed, scratch / "a") == saved_bytes(&solver, scratch / "b"));
  solver.step(12);
  resumed.step(12);
  EXPECT_TRUE(saved_bytes(&resumed, scratch / "a") == saved_bytes(&solver, scratch / "b"));
  const Estimate a = solver.estimate(), b = resumed.estimate();
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.total(), b.total());
  EXPECT_EQ(solver.assess(-1).auc, resumed.assess(-1).auc);

  Solver never(growing.all(), options);  // and it does matter
  never.step(23);
  EXPECT_FALSE(saved_bytes(&never, scratch / "c") == saved_bytes(&solver, scratch / "b"));
}
INSTANTIATE_TEST_SUITE_P(
    Trainings, Update,
    testing::Values(Case{"Plain", {{"data.holdout", "0.2"}}},
                    Case{"Ensemble", {{"ensemble.members", "3"}, {"data.holdout", "0.2"}}},
                    Case{"Fraction", {{"data.fraction", "0.4"}, {"data.holdout", "0.2"}}},
                    Case{"Threads", {{"threads", "2"}, {"data.holdout", "0.1"}}}),
    [](const auto& test) { return test.param.name; });

TEST(Updates, NetworksAndInputsStayAndCountsFollow) {
  Growing growing(300);
  growing.add(0, 3);
  Solver solver(growing.problem(), small_options({{"data.holdout", "0.1"}}));
  solver.step(3);
  const DatasetPlan& plan = solver.plan().datasets[0];
  const NetworkPlan network = plan.discriminator;
  const std::vector<float> weights = solver.weights(SAGIPS_DISCRIMINATOR, 0);
  const double penalty = solver.plan().penalty_scale;
  const double sigma = std::sqrt(solver.estimate().covariance[0]);
  growing.add(1, 3);
  growing.add(2, 3);
  solver.update_events(growing.problem());
  EXPECT_EQ(solver.weights(SAGIPS_DISCRIMINATOR, 0), weights);
  EXPECT_EQ(plan.discriminator.shift, network.shift);
  EXPECT_EQ(plan.discriminator.scale, network.scale);
  EXPECT_EQ(plan.discriminator.lift_matrix, network.lift_matrix);
  EXPECT_EQ(plan.order.n_held_out(), 30);
  EXPECT_EQ(plan.order.n_training(), 270);
  EXPECT_DOUBLE_EQ(plan.effective_events, 270);
  EXPECT_DOUBLE_EQ(solver.plan().penalty_scale, penalty / 3);
  const double now = std::sqrt(solver.estimate().covariance[0]);
  EXPECT_LT(now, 0.9 * sigma);  // sqrt(1/3) for the same features, whitened on few events
}

TEST(Updates, NothingNewChangesNothing) {
  const FastFolder scratch;
  Growing growing(90);
  growing.add(0, 1);
  const Options options = small_options({{"data.holdout", "0.1"}});
  Solver solver(growing.problem(), options), other(growing.problem(), options);
  solver.step(4);
  other.step(4);
  solver.update_events(growing.problem());
  solver.step(4);
  other.step(4);
  EXPECT_TRUE(saved_bytes(&solver, scratch / "a") == saved_bytes(&other, scratch / "b"));
}

TEST(Updates, OfSolversThatShareATableNeedNoCopy) {
  Growing growing(90);
  growing.add(0, 1);
  const Solver a(growing.problem(), small_options()), b(growing.problem(), small_options());
  EXPECT_EQ(a.problem().datasets[0].events, b.problem().datasets[0].events);
}

TEST(Updates, AreRefusedAsAWhole) {
  const FastFolder scratch;
  Solver solver(gaussian_problem(90), small_options());
  solver.step(3);
  const std::string before = saved_bytes(&solver, scratch / "a");
  const auto status = [&](const Problem& from) {
    const Error error = error_of([&] { solver.update_events(from); });
    EXPECT_TRUE(saved_bytes(&solver, scratch / "a") == before) << error.text();
    return error.status();
  };
  Problem other = gaussian_problem(90);
  other.datasets[0].name = "play";
  EXPECT_EQ(status(other), SAGIPS_ERROR_NOT_FOUND);
  Problem more = gaussian_problem(90);
  more.datasets.push_back(more.datasets[0]);
  more.datasets[1].name = "more";
  EXPECT_EQ(status(more), SAGIPS_ERROR_NOT_FOUND);
  Problem none = gaussian_problem(90);
  none.datasets.clear();
  EXPECT_EQ(status(none), SAGIPS_ERROR_NOT_FOUND);
  Problem empty = gaussian_problem(90);
  empty.datasets[0].events.reset();
  EXPECT_EQ(status(empty), SAGIPS_ERROR_DATA);
  EXPECT_EQ(status(gaussian_problem(89)), SAGIPS_ERROR_DATA);
  EXPECT_EQ(status(gaussian_problem(99, Form::kVjp, 0, 2)), SAGIPS_ERROR_DATA);  // others
  Problem wide = gaussian_problem(90);
  const std::vector<double> events(200, 1);
  wide.datasets[0].events =
      EventTable::make<double>({events.data(), nullptr, 100, 2, 2, false}, "toy");
  EXPECT_EQ(status(wide), SAGIPS_ERROR_SHAPE);
  EXPECT_EQ(status(gaussian_problem(90)), SAGIPS_OK);  // the same
}

TEST(Updates, AreWrittenIntoTheCheckpoint) {
  const FastFolder scratch;
  Solver solver(gaussian_problem(90), small_options());
  solver.step(3);
  solver.update_events(gaussian_problem(110));  // the first 90 are the same
  const std::string bytes = saved_bytes(&solver, scratch.path());
  EXPECT_NE(bytes.find("toy: 90 events in epoch 0, 20 in epoch 3"), std::string::npos);
  EXPECT_NE(bytes.find("toy: 110 events of 1 observables"), std::string::npos);
}

}  // namespace
}  // namespace sagips
