// SPDX-License-Identifier: BSD-3-Clause
// Several members through the ABI: which of them a call is about, and what all together answer.
#include <cmath>
#include <set>
#include <thread>

#include "testing.h"

namespace capi {
namespace {

constexpr int32_t kM = 3;
const Settings kThree{{"ensemble.members", "3"}, {"epochs", "30"}, {"metrics.every", "10"}};

std::vector<double> estimate_of(sagips_solver* solver, int32_t member) {
  std::vector<double> mean(kP);
  EXPECT_OK(sagips_solver_estimate(solver, member, kP, mean.data(), nullptr));
  return mean;
}

TEST(EnsembleAbi, CountsItsMembers) {
  Model model;
  const Solver solver = make_solver(&model, kThree);
  int32_t n_members = 0;
  EXPECT_OK(sagips_solver_shape(solver, nullptr, &n_members, nullptr));
  EXPECT_EQ(n_members, kM);
}

TEST(EnsembleAbi, CallbacksAreToldTheMembersNumber) {
  Model model;
  std::multiset<int32_t> seen;
  model.after = [&](int32_t, sagips_batch* b) {
    if (b->request == SAGIPS_FORWARD) seen.insert(b->member);
    return 0;
  };
  Settings settings = kThree;
  settings.push_back({"ensemble.first", "40"});
  settings.push_back({"threads", "4"});
  const Solver solver = make_solver(&model, settings);
  EXPECT_OK(sagips_solver_step(solver, 2, nullptr));
  EXPECT_EQ(seen, (std::multiset<int32_t>{40, 40, 41, 41, 42, 42}));
}

TEST(EnsembleAbi, AllMembersAnswerWithTheirMean) {
  Model model;
  Settings settings = kThree;
  settings.push_back({"generator.input", "noise"});
  const Solver solver = make_solver(&model, settings);
  EXPECT_OK(sagips_solver_step(solver, 30, nullptr));
  double rows[kM][4 * kP], all[4 * kP];
  std::vector<double> mean(kP);
  for (int32_t k = 0; k < kM; ++k) {
    EXPECT_OK(sagips_solver_predict(solver, k, 4, kP, rows[k]));
    for (size_t p = 0; p < kP; ++p) mean[p] += estimate_of(solver, k)[p] / kM;
  }
  EXPECT_OK(sagips_solver_predict(solver, SAGIPS_ALL_MEMBERS, 4, kP, all));
  for (size_t i = 0; i < 4 * kP; ++i)
    EXPECT_NEAR(all[i], (rows[0][i] + rows[1][i] + rows[2][i]) / kM, 1e-12);
  for (size_t p = 0; p < kP; ++p)
    EXPECT_NEAR(estimate_of(solver, SAGIPS_ALL_MEMBERS)[p], mean[p], 1e-12);
}

struct Parts {
  double mean[kP], covariance[kP * kP], statistical[kP * kP], ensemble[kP * kP], training[kP * kP],
      sigma[kP], member_covariance[kP * kP], members[kM * kP];
  explicit Parts(sagips_solver* solver, int32_t member) {
    const int32_t n_members = member == SAGIPS_ALL_MEMBERS ? kM : 1;
    sagips_estimate e{sizeof(e), mean,      covariance, statistical,
                      ensemble,  training,  sigma,      member_covariance,
                      members,   n_members, 0};
    EXPECT_OK(sagips_solver_describe_estimate(solver, member, kP, &e));
    EXPECT_EQ(e.struct_size, sizeof(e));
  }
};

TEST(EnsembleAbi, AnEstimateIsToldInItsParts) {
  Model model;
  const Solver solver = make_solver(&model, kThree);
  EXPECT_OK(sagips_solver_step(solver, 30, nullptr));
  const Parts all(solver, SAGIPS_ALL_MEMBERS), one(solver, 1);
  double mean[kP], covariance[kP * kP];
  EXPECT_OK(sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, kP, mean, covariance));
  for (int i = 0; i < kP * kP; ++i) {
    EXPECT_EQ(all.covariance[i], covariance[i]);
    EXPECT_DOUBLE_EQ(all.covariance[i], all.statistical[i] + all.ensemble[i] + all.training[i]);
    EXPECT_DOUBLE_EQ(one.covariance[i], one.statistical[i] + one.ensemble[i] + one.training[i]);
    EXPECT_DOUBLE_EQ(all.ensemble[i], all.member_covariance[i] / kM);
    EXPECT_EQ(one.member_covariance[i], 0);
  }
  for (int p = 0; p < kP; ++p) {
    EXPECT_EQ(all.mean[p], mean[p]);
    EXPECT_EQ(one.mean[p], all.members[kP + p]);
    EXPECT_EQ(one.members[p], one.mean[p]);
    EXPECT_EQ(one.sigma[p], 0);
    EXPECT_GT(one.ensemble[p * (kP + 1)], 0);  // it drew its own data
    // Eq. 8 divides by M, the covariance by M - 1.
    EXPECT_NEAR(all.sigma[p] * all.sigma[p] * kM / (kM - 1), all.member_covariance[p * (kP + 1)],
                1e-12);
  }
}

TEST(EnsembleAbi, PartsThatNeedNoPipelineCallNone) {
  Model model;
  const Solver solver = make_solver(&model, kThree);
  EXPECT_OK(sagips_solver_step(solver, 3, nullptr));
  const int64_t calls = model.calls;
  double mean[kP], members[kM * kP], sigma[kP], member_covariance[kP * kP];
  sagips_estimate e{};
  e.struct_size = sizeof(e);
  EXPECT_OK(sagips_solver_describe_estimate(solver, SAGIPS_ALL_MEMBERS, kP, &e));  // nothing
  e.mean = mean;
  e.members = members;
  e.n_members = kM;
  e.member_sigma = sigma;
  e.member_covariance = member_covariance;
  EXPECT_OK(sagips_solver_describe_estimate(solver, SAGIPS_ALL_MEMBERS, kP, &e));
  EXPECT_EQ(model.calls, calls);
}

TEST(EnsembleAbi, AFailedDescriptionWritesNothing) {
  Model model;
  const Solver solver = make_solver(&model, kThree);
  EXPECT_OK(sagips_solver_step(solver, 3, nullptr));
  model.acts_always = true;
  model.after = [](int32_t, sagips_batch*) { return -1; };
  double mean[kP] = {-7, -7}, covariance[kP * kP] = {-7};
  sagips_estimate e{};
  e.struct_size = sizeof(e);
  e.mean = mean;
  e.covariance = covariance;
  EXPECT_FAILS(sagips_solver_describe_estimate(solver, SAGIPS_ALL_MEMBERS, kP, &e),
               SAGIPS_ERROR_CALLBACK);
  EXPECT_EQ(mean[0], -7);
  EXPECT_EQ(covariance[0], -7);
}

TEST(EnsembleAbi, WeightsAreOneMembers) {
  Model model;
  const Solver solver = make_solver(&model, kThree);
  int64_t n = 0;
  EXPECT_OK(sagips_solver_weight_count(solver, SAGIPS_GENERATOR_AVERAGE, nullptr, &n));
  std::vector<float> first(static_cast<size_t>(n)), last(first);
  const auto get = [&](int32_t member, std::vector<float>* to) {
    EXPECT_OK(sagips_solver_get_weights(solver, member, SAGIPS_GENERATOR_AVERAGE, nullptr, n,
                                        to->data()));
  };
  get(0, &first);
  get(2, &last);
  EXPECT_NE(first, last);
  const std::vector<double> before = estimate_of(solver, 0);
  EXPECT_OK(
      sagips_solver_set_weights(solver, 2, SAGIPS_GENERATOR_AVERAGE, nullptr, n, first.data()));
  EXPECT_EQ(estimate_of(solver, 2), before);
  EXPECT_EQ(estimate_of(solver, 0), before);
  EXPECT_FAILS(sagips_solver_get_weights(solver, kM, SAGIPS_GENERATOR, nullptr, n, first.data()),
               SAGIPS_ERROR_RANGE, {"member 3", "has 3"});
}

TEST(EnsembleAbi, IsAssessedAsAWholeAndMemberByMember) {
  Model model;
  Settings settings = kThree;
  settings.push_back({"data.holdout", "0.2"});
  settings.push_back({"assess.epochs", "3"});
  const Solver solver = make_solver(&model, settings);
  EXPECT_OK(sagips_solver_step(solver, 30, nullptr));
  for (const int32_t member : {SAGIPS_ALL_MEMBERS + 0, 0, 2}) {
    sagips_assessment a{};
    a.struct_size = sizeof(a);
    EXPECT_OK(sagips_solver_assess(solver, member, "data", &a));
    EXPECT_EQ(a.n_held_out, 80);
  }
}

TEST(EnsembleAbi, ReportsAreOfAllMembers) {
  Model model;
  const Solver solver = make_solver(&model, kThree);
  int reports = 0;
  EXPECT_OK(sagips_solver_set_metrics_callback(
      solver,
      [](void* count, const sagips_metrics* m) {
        ++*static_cast<int*>(count);
        EXPECT_EQ(m->struct_size, sizeof(*m));
        ASSERT_EQ(m->n_members, kM);
        for (int p = 0; p < kP; ++p) {
          double mean = 0;
          for (int k = 0; k < kM; ++k) mean += m->members[k * kP + p] / kM;
          EXPECT_NEAR(m->estimate[p], mean, 1e-12);
          EXPECT_GT(m->spread[p], 0);
        }
      },
      &reports));
  EXPECT_OK(sagips_solver_step(solver, 30, nullptr));
  EXPECT_EQ(reports, 3);
  const sagips_progress progress = progress_of(solver);
  EXPECT_EQ(progress.epoch, 30);
  EXPECT_GT(progress.synthetic_events, 0);
  EXPECT_EQ(progress.synthetic_events % kM, 0);
}

TEST(EnsembleAbi, BuiltInStagesRunInTheHostsThreadsWithTheSameBits) {
  const auto train = [](const char* threads, sagips_parallel_fn parallel) {
    Pipeline pipeline;
    EXPECT_OK(sagips_pipeline_create(pipeline.out()));
    EXPECT_OK(sagips_pipeline_add_builtin(pipeline, "kuma6", nullptr));
    const double truth[6] = {2, 3, 1.5, 2.5, 1, 2};
    std::vector<double> events(2 * 500);
    EXPECT_OK(sagips_pipeline_generate(pipeline, 6, truth, 500, 1, 2, events.data(), nullptr, 0,
                                       nullptr));
    Problem problem;
    EXPECT_OK(sagips_problem_create(problem.out()));
    for (const char* name : {"a", "b", "c", "d", "e", "f"})
      EXPECT_OK(sagips_problem_add_parameter(problem, name, 0.5, 5));
    EXPECT_OK(sagips_problem_add_dataset(problem, "data", pipeline));
    EXPECT_OK(sagips_problem_set_events(problem, "data", events.data(), nullptr, 500, 2, 0));
    Solver solver;
    const Options options =
        make_options({{"ensemble.members", "4"}, {"threads", threads}, {"epochs", "8"}});
    EXPECT_OK(sagips_solver_create(solver.out(), problem, options, nullptr));
    EXPECT_OK(sagips_solver_set_parallel_for(solver, parallel, nullptr));
    EXPECT_OK(sagips_solver_step(solver, 8, nullptr));
    std::vector<double> all(6 + 36);
    EXPECT_OK(sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, 6, all.data(), all.data() + 6));
    return all;
  };
  const std::vector<double> expected = train("1", nullptr);
  for (const char* threads : {"2", "3", "4"}) EXPECT_EQ(train(threads, nullptr), expected);
  EXPECT_EQ(train("1",
                  [](void*, int64_t n, void (*body)(void*, int64_t), void* ctx) -> int32_t {
                    std::thread half([=] {
                      for (int64_t i = 0; i < n; i += 2) body(ctx, i);
                    });
                    for (int64_t i = 1; i < n; i += 2) body(ctx, i);
                    half.join();
                    return 0;
                  }),
            expected);
}

}  // namespace
}  // namespace capi
