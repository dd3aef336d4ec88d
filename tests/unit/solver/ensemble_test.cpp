// SPDX-License-Identifier: BSD-3-Clause
// Members of an ensemble: each is what it would be alone, whoever runs it; an epoch is committed
// for all or for none.
#include "solver/ensemble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "unit/core/core_testing.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

Settings with(const Settings& a, const Settings& b) {
  Settings all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

Settings members(int n, const Settings& more = {}) {
  return with({{"ensemble.members", to_text(int64_t{n})}}, more);
}

/// All networks of a member, and what it says of itself.
std::vector<double> everything(Solver* solver, int32_t member) {
  std::vector<double> all;
  for (const int32_t network : {SAGIPS_GENERATOR, SAGIPS_GENERATOR_AVERAGE, SAGIPS_DISCRIMINATOR}) {
    const std::vector<float>& weights = solver->weights(network, 0, member);
    all.insert(all.end(), weights.begin(), weights.end());
  }
  const Estimate e = solver->estimate(member);
  for (const auto& more : {solver->predict(3, member), e.mean, e.covariance, e.ensemble, e.scatter})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// The toy with a stage that counts as one of ours, and so may run in any thread.
Problem builtin_problem(Form form = Form::kVjp) {
  Problem problem = gaussian_problem(70, form);
  Stage stage = gaussian_stage(form, {});
  stage.is_builtin = true;
  problem.datasets[0].pipeline = pipeline_of(stage);
  return problem;
}

const Settings kRich = {{"generator.input", "noise"},
                        {"discriminator.hidden", "5"},
                        {"metric.kind", "pullback"},
                        {"data.fraction", "0.7"}};

TEST(Ensemble, AMemberIsTheSameAloneAndAmongAnyNumber) {
  const Problem problem = gaussian_problem(70);
  std::vector<std::vector<double>> expected;
  for (const char* k : {"0", "1", "2", "3", "4"}) {
    Solver alone(problem,
                 small_options(with(kRich, {{"ensemble.first", k}, {"data.bootstrap", "true"}})));
    alone.step(23);
    expected.push_back(everything(&alone, 0));
  }
  for (const int n : {2, 3, 5}) {
    Solver all(problem, small_options(members(n, kRich)));
    all.step(23);
    for (int32_t k = 0; k < n; ++k)
      EXPECT_EQ(everything(&all, k), expected[at(k)]) << k << "/" << n;
  }
  Solver later(problem, small_options(members(3, with(kRich, {{"ensemble.first", "2"}}))));
  later.step(23);
  for (int32_t k = 0; k < 3; ++k) EXPECT_EQ(everything(&later, k), expected[at(k) + 2]) << k;
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(std::unique(expected.begin(), expected.end()), expected.end());
}

TEST(Ensemble, OfOneIsTheSolverThatItWas) {
  Solver plain(gaussian_problem(70), small_options());
  Solver one(gaussian_problem(70), small_options(members(1)));
  plain.step(23);
  one.step(23);
  EXPECT_EQ(everything(&one, 0), everything(&plain, 0));
  EXPECT_EQ(everything(&one, 0).size(), everything(&one, 0).size());
  EXPECT_EQ(one.estimate().total(), one.estimate(0).total());
  EXPECT_EQ(one.predict(3), one.predict(3, 0));
}

int32_t run_in_threads(void*, int64_t n, void (*body)(void*, int64_t), void* ctx) {
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < 3; ++t)
    threads.emplace_back([=] {
      for (int64_t i = n - 1 - t; i >= 0; i -= 3) body(ctx, i);
    });
  for (std::thread& thread : threads) thread.join();
  return 0;
}

TEST(Ensemble, NeitherThreadsNorTheHostsSchedulerChangeABit) {
  for (const bool is_builtin : {false, true})
    for (const Form form : {Form::kVjp, Form::kPlain}) {
      const Problem problem = is_builtin ? builtin_problem(form) : gaussian_problem(70, form);
      std::vector<std::vector<double>> expected(4);
      for (const char* threads : {"1", "2", "3", "4", "host"}) {
        const bool is_host = std::string(threads) == "host";
        Solver solver(problem, small_options(members(4, {{"threads", is_host ? "1" : threads},
                                                         {"events", "101"},
                                                         {"epochs", "21"},
                                                         {"generator.input", "noise"}})));
        if (is_host) solver.use_host_threads(run_in_threads, nullptr);
        solver.step(21);
        for (int32_t k = 0; k < 4; ++k) {
          if (expected[at(k)].empty()) expected[at(k)] = everything(&solver, k);
          EXPECT_EQ(everything(&solver, k), expected[at(k)]) << threads << " " << k;
        }
      }
    }
}

TEST(Ensemble, CallbacksStayInTheThreadOfTheCall) {
  struct Watch {
    std::thread::id caller = std::this_thread::get_id();
    int64_t elsewhere = 0;
    std::set<std::pair<int32_t, int64_t>> seen;  // member, epoch
    uint64_t ticket = 0;
  } watch;
  Problem problem = gaussian_problem(70);
  Stage stage = gaussian_stage(Form::kPlain, {});
  stage.user = std::shared_ptr<void>(&watch, [](void*) {});
  stage.forward = [](void* user, sagips_batch* b) -> int32_t {
    auto* w = static_cast<Watch*>(user);
    if (std::this_thread::get_id() != w->caller) ++w->elsewhere;
    if (b->training == 1) w->seen.insert({b->member, b->epoch});
    EXPECT_EQ(b->ticket, ++w->ticket);
    return gaussian_forward(nullptr, b);
  };
  problem.datasets[0].pipeline = pipeline_of(stage);
  Solver solver(problem, small_options(members(3, {{"threads", "4"}, {"ensemble.first", "7"}})));
  solver.step(2);
  solver.estimate();
  solver.step(1);
  EXPECT_EQ(watch.elsewhere, 0);
  std::set<std::pair<int32_t, int64_t>> expected;
  for (int32_t k = 7; k < 10; ++k)
    for (int64_t epoch = 0; epoch < 3; ++epoch) expected.insert({k, epoch});
  EXPECT_EQ(watch.seen, expected);
}

TEST(Ensemble, ReplicasOfTheSameDataDifferByTheirSeedsOnly) {
  const Settings same = {{"ensemble.bootstrap", "false"}, {"data.fraction", "0.5"}};
  Solver all(gaussian_problem(70), small_options(members(3, same)));
  Solver plain(gaussian_problem(70), small_options({{"data.fraction", "0.5"}}));
  const auto events_of = [&](int32_t k) {
    const DataOrder& order = all.plan(k).datasets[0].order;
    std::multiset<int64_t> events;
    for (int64_t i = 0; i < order.n_training(); ++i) events.insert(order.training(i));
    return events;
  };
  EXPECT_EQ(events_of(1), events_of(0));
  EXPECT_EQ(events_of(2), events_of(0));
  all.step(23);
  plain.step(23);
  EXPECT_EQ(everything(&all, 0), everything(&plain, 0));
  EXPECT_NE(all.weights(SAGIPS_GENERATOR, 0, 1), all.weights(SAGIPS_GENERATOR, 0, 0));
  EXPECT_EQ(all.estimate(1).ensemble, std::vector<double>(4, 0));
}

TEST(Ensemble, EachMemberDrawsItsOwnDataUnlessToldOtherwise) {
  Solver all(gaussian_problem(70), small_options(members(2)));
  std::set<int64_t> seen[2];
  for (int32_t k = 0; k < 2; ++k) {
    const DataOrder& order = all.plan(k).datasets[0].order;
    EXPECT_EQ(order.n_held_out(), all.plan(0).datasets[0].order.n_held_out());
    EXPECT_EQ(order.held_out(3), all.plan(0).datasets[0].order.held_out(3));
    for (int64_t i = 0; i < order.n_training(); ++i) seen[k].insert(order.training(i));
    EXPECT_LT(static_cast<int64_t>(seen[k].size()), order.n_training());
  }
  EXPECT_NE(seen[0], seen[1]);
}

// ---------------------------------------------------------------------------------- skip, failure

struct Trouble {
  int32_t member;
  int64_t epoch;
  int32_t answer;  // of the callback
};

int32_t troubled_forward(void* user, sagips_batch* b) {
  const auto* t = static_cast<const Trouble*>(user);
  if (b->training == 1 && b->member == t->member && b->epoch == t->epoch) return t->answer;
  return gaussian_forward(nullptr, b);
}

Problem troubled_problem(const Trouble& trouble, bool is_builtin) {
  Problem problem = gaussian_problem(70);
  Stage stage = gaussian_stage(Form::kVjp, {});
  stage.backward = [](void*, sagips_batch* b) { return gaussian_backward(nullptr, b); };
  stage.forward = troubled_forward;
  stage.user = std::make_shared<Trouble>(trouble);
  stage.is_builtin = is_builtin;
  problem.datasets[0].pipeline = pipeline_of(stage);
  return problem;
}

TEST(Ensemble, ASkipSkipsTheEpochOfOneMember) {
  for (const bool is_builtin : {false, true}) {
    Solver skipping(troubled_problem({1, 2, 1}, is_builtin),
                    small_options(members(3, {{"threads", "3"}})));
    Solver plain(gaussian_problem(70), small_options(members(3)));
    std::string log;
    skipping.set_log_callback(
        [](void* to, int32_t, const char* text) { *static_cast<std::string*>(to) += text; }, &log);
    skipping.step(2);
    plain.step(2);
    const std::vector<double> before = everything(&skipping, 1);
    skipping.step(1);
    plain.step(1);
    EXPECT_EQ(everything(&skipping, 1), before);
    for (const int32_t k : {0, 2}) EXPECT_EQ(everything(&skipping, k), everything(&plain, k));
    EXPECT_EQ(skipping.progress().epoch, 3);
    EXPECT_EQ(skipping.progress().skipped, 1);
    EXPECT_EQ(skipping.progress().synthetic_events, 8 * 22);
    EXPECT_NE(log.find("epoch 2 of member 1 was skipped"), std::string::npos) << log;
  }
}

TEST(Ensemble, AFailureOfOneMemberLeavesAllAtTheirLastEpoch) {
  for (const bool is_builtin : {false, true})
    for (const char* threads : {"1", "3"}) {
      const FastFolder scratch;
      Solver solver(troubled_problem({2, 3, -1}, is_builtin),
                    small_options(members(4, {{"threads", threads}})));
      solver.step(3);
      const std::string before = saved_bytes(&solver, scratch / "before");
      for (int again = 0; again < 2; ++again)
        SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_CALLBACK, "member 2: stage 'gaussian'", solver.step(5));
      EXPECT_EQ(solver.progress().epoch, 3);
      EXPECT_TRUE(saved_bytes(&solver, scratch / "after") == before);
    }
}

TEST(Ensemble, TheLowestMemberThatFailsSpeaks) {
  Problem problem = builtin_problem();
  Stage stage = gaussian_stage(Form::kVjp, {});
  stage.is_builtin = true;
  stage.forward = [](void*, sagips_batch* b) -> int32_t {
    if (b->member == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return b->member >= 1 && b->epoch == 0 ? -b->member : gaussian_forward(nullptr, b);
  };
  problem.datasets[0].pipeline = pipeline_of(stage);
  for (const char* threads : {"1", "4"}) {
    Solver solver(problem, small_options(members(4, {{"threads", threads}})));
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_CALLBACK, "member 1: ", solver.step(1));
  }
}

TEST(Ensemble, SkipsOfEachMemberCountForItself) {
  Problem problem = gaussian_problem(70);
  Stage stage = gaussian_stage(Form::kVjp, {});
  stage.forward = [](void*, sagips_batch* b) -> int32_t {
    return b->training == 1 && b->epoch % 3 == b->member ? 1 : gaussian_forward(nullptr, b);
  };
  problem.datasets[0].pipeline = pipeline_of(stage);
  Solver solver(problem, small_options(members(3, {{"skip.limit", "0.4"}, {"epochs", "60"}})));
  solver.step(60);
  EXPECT_EQ(solver.progress().skipped, 60);
  EXPECT_EQ(solver.progress().epoch, 60);
}

// -------------------------------------------------------------------------------- equations 7, 8

TEST(Ensemble, AnswersWithTheMeanOfItsMembersAndTheirSpread) {
  for (const char* input : {"point", "noise"}) {
    Solver solver(gaussian_problem(70), small_options(members(3, {{"generator.input", input}})));
    solver.step(9);
    const Proposals p = solver.proposals();
    ASSERT_EQ(p.members.size(), 6U);
    constexpr int64_t kRows = 256;  // proposals() looks at as many where there is noise
    std::vector<std::vector<double>> rows;
    for (int32_t k = 0; k < 3; ++k) {
      rows.push_back(solver.predict(kRows, k));
      EXPECT_EQ(solver.proposals(k).mean, solver.proposals(k).members);
      for (size_t i = 0; i < 2; ++i)
        EXPECT_EQ(p.members[at(k) * 2 + i], solver.proposals(k).mean[i]);
    }
    const std::vector<double> all = solver.predict(kRows);
    double sigma[2] = {0, 0}, square[2] = {0, 0};
    for (size_t i = 0; i < all.size(); ++i) {
      const double mean = (rows[0][i] + rows[1][i] + rows[2][i]) / 3;
      EXPECT_NEAR(all[i], mean, 1e-12);
      double squares = 0;
      for (const auto& r : rows) {
        squares += (r[i] - mean) * (r[i] - mean);
        square[i % 2] += (r[i] - p.mean[i % 2]) * (r[i] - p.mean[i % 2]) / (3 * kRows);
      }
      sigma[i % 2] += std::sqrt(squares / 3) / kRows;
    }
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(p.mean[i], (p.members[i] + p.members[2 + i] + p.members[4 + i]) / 3, 1e-12);
      EXPECT_NEAR(p.sigma[i], sigma[i], 1e-12) << input;
      EXPECT_NEAR(p.spread[i], std::sqrt(square[i]), 1e-12) << input;
    }
  }
}

TEST(Ensemble, StatesTheErrorOfItsMean) {
  Solver solver(gaussian_problem(200), small_options(members(4)));
  solver.step(23);
  const Estimate all = solver.estimate(), one = solver.estimate(1);
  const std::vector<double> sample = sample_covariance(solver.proposals().members, 2);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(all.ensemble[i], sample[i] / 4, 1e-15);
    EXPECT_EQ(all.total()[i], all.covariance[i] + (all.ensemble[i] + all.scatter[i]));
    // Without priors and auxiliaries a draw of the data adds as much as the data's size.
    EXPECT_NEAR(one.ensemble[i], one.covariance[i], 1e-9 * one.covariance[i / 2 * 3]);
  }
  const std::vector<double> rows = {1, 10, 2, 30, 6, 20};
  EXPECT_EQ(sample_covariance(rows, 2), (std::vector<double>{7, 5, 5, 100}));
  EXPECT_EQ(sample_covariance({1, 10}, 2), std::vector<double>(4, 0));
}

TEST(Ensemble, ADrawOfTheDataDoesNotMoveWhatIsMeasuredBeside) {
  Problem problem = gaussian_problem(200);
  problem.parameters[1].prior_mean = 0.8;
  problem.parameters[1].prior_sigma = 1e-5;  // all that is known of sigma
  Solver solver(problem, small_options({{"data.bootstrap", "true"}, {"generator.kind", "direct"}}));
  const Estimate e = solver.estimate();
  EXPECT_NEAR(e.covariance[3], 1e-10, 1e-12);
  EXPECT_LT(e.ensemble[3], 1e-4 * e.covariance[3]);
  EXPECT_NEAR(e.ensemble[0], e.covariance[0], 1e-3 * e.covariance[0]);
}

TEST(Ensemble, TellsTheMeanOfItsMembersInProgressAndMetrics) {
  struct Seen {
    std::vector<double> estimate, members, spread;
  } seen;
  Solver all(gaussian_problem(70), small_options(members(3, {{"metrics.every", "5"}})));
  all.set_metrics_callback(
      [](void* user, const sagips_metrics* m) {
        auto* to = static_cast<Seen*>(user);
        ASSERT_EQ(m->n_members, 3);
        to->estimate.assign(m->estimate, m->estimate + 2);
        to->spread.assign(m->spread, m->spread + 2);
        to->members.assign(m->members, m->members + 6);
      },
      &seen);
  all.step(5);
  EXPECT_EQ(seen.estimate, all.proposals().mean);
  EXPECT_EQ(seen.spread, all.proposals().spread);
  EXPECT_EQ(seen.members, all.proposals().members);
  double loss = 0;
  int64_t events = 0;
  for (const char* k : {"0", "1", "2"}) {
    Solver one(gaussian_problem(70),
               small_options({{"ensemble.first", k}, {"data.bootstrap", "true"}}));
    one.step(5);
    loss += one.progress().loss_discriminator / 3;
    events += one.progress().synthetic_events;
  }
  EXPECT_NEAR(all.progress().loss_discriminator, loss, 1e-12);
  EXPECT_EQ(all.progress().synthetic_events, events);
  EXPECT_EQ(all.progress().epoch, 5);
}

TEST(Ensemble, DriftsAsItsMeanDoes) {
  Solver solver(gaussian_problem(100),
                small_options(members(3, {{"epochs", "40"}, {"stop.window", "0.5"}})));
  std::vector<std::vector<double>> estimates;
  for (int t = 0; t < 40; ++t) {
    solver.step(1);
    estimates.push_back(solver.proposals().mean);
  }
  double largest = 0;
  const double ranges[] = {4, 1.8};
  for (size_t p = 0; p < 2; ++p) {
    double moved = 0;
    for (size_t i = 0; i < 20; ++i) moved += (i < 10 ? -0.1 : 0.1) * estimates[20 + i][p];
    largest = std::max(largest, std::abs(moved) / ranges[p]);
  }
  EXPECT_NEAR(solver.drift(), largest, 1e-12);
}

TEST(Ensemble, IsAssessedAsAWholeAndMemberByMember) {
  Solver solver(gaussian_problem(400),
                small_options(members(2, {{"data.holdout", "0.2"}, {"assess.epochs", "5"}})));
  solver.step(23);
  const Assessment all = solver.assess(-1), one = solver.assess(-1, 1);
  EXPECT_EQ(all.n_held_out, 80);
  EXPECT_EQ(one.n_held_out, 80);
  EXPECT_NE(all.auc, one.auc);
  EXPECT_TRUE(std::isfinite(all.drift_sigma) && std::isfinite(one.drift_sigma));
}

}  // namespace
}  // namespace sagips
