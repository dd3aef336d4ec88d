// SPDX-License-Identifier: BSD-3-Clause
// What a callback may not do, and what lost events and the host's reporting callbacks may.
#include <limits>
#include <stdexcept>

#include "testing.h"

namespace capi {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const Settings kSettings{{"epochs", "9"}};

TEST(Reentry, EveryEntryIntoTheSameSolverIsBusyAndDisturbsNothing) {
  const Bits wanted = bits_by_epoch(9, kSettings).back();
  const Folder folder;
  Model model;
  const Solver solver = make_solver(&model, kSettings);
  const Problem problem = make_problem(make_pipeline(&model));
  int64_t tried = 0;
  model.after = [&](int32_t, sagips_batch* b) {
    if (b->epoch != 0 && b->epoch != 7) return 0;
    double numbers[kP * kP];
    float weight = 0;
    sagips_progress progress{};
    progress.struct_size = sizeof(progress);
    sagips_assessment assessment{};
    assessment.struct_size = sizeof(assessment);
    const char* path = folder.path().c_str();
    EXPECT_FAILS(sagips_solver_step(solver, 1, nullptr), SAGIPS_ERROR_BUSY, {"inside", "wait"});
    EXPECT_FAILS(sagips_solver_progress(solver, &progress), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_predict(solver, 0, 1, kP, numbers), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_estimate(solver, 0, kP, numbers, numbers), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_assess(solver, 0, nullptr, &assessment), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_get_weights(solver, 0, 0, nullptr, 1, &weight), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_set_weights(solver, 0, 0, nullptr, 1, &weight), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_update_events(solver, problem), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_save(solver, path), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_load(solver, path), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_set_progress_callback(solver, nullptr, nullptr), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_set_metrics_callback(solver, nullptr, nullptr), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_set_log_callback(solver, nullptr, nullptr), SAGIPS_ERROR_BUSY);
    EXPECT_FAILS(sagips_solver_set_parallel_for(solver, nullptr, nullptr), SAGIPS_ERROR_BUSY);
    // What never changes may be read.
    int32_t condition = -1;
    int64_t count = 0;
    size_t needed = 0;
    EXPECT_OK(sagips_solver_condition(solver, &condition));
    EXPECT_EQ(condition, SAGIPS_INSIDE);
    EXPECT_OK(sagips_solver_weight_count(solver, SAGIPS_GENERATOR, nullptr, &count));
    EXPECT_OK(sagips_solver_options(solver, nullptr, 0, &needed));
    ++tried;
    return 0;
  };
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  EXPECT_EQ(tried, 4);  // forward and backward in two epochs
  EXPECT_EQ(bits_of(solver), wanted);
}

TEST(Reentry, AnotherSolverMayBeTrainedInsideACallback) {
  const Bits wanted = bits_by_epoch(9, kSettings).back();
  Model inner_model, model;
  const Solver inner = make_solver(&inner_model, kSettings);
  const Solver solver = make_solver(&model, kSettings);
  model.after = [&](int32_t, sagips_batch* b) {
    if (b->request == SAGIPS_BACKWARD) return 0;
    EXPECT_OK(sagips_solver_step(inner, 1, nullptr));
    return 0;
  };
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  EXPECT_EQ(bits_of(solver), wanted);
  EXPECT_EQ(bits_of(inner), wanted);
}

TEST(Reentry, TheStatusOfABusyCallDoesNotReplaceTheCallbacksOwnReason) {
  Model model;
  const Solver solver = make_solver(&model);
  model.after = [&](int32_t, sagips_batch*) {
    sagips_solver_step(solver, 1, nullptr);
    return -9;
  };
  EXPECT_FAILS(sagips_solver_step(solver, 1, nullptr), SAGIPS_ERROR_CALLBACK, {"-9"});
}

// ------------------------------------------------------------------------------------ lost events

class LostEvents : public ::testing::TestWithParam<std::tuple<Route, bool>> {
 protected:
  Bits train(double lost_output) const {
    const auto [route, has_detector] = GetParam();
    Model model;
    model.lost_above = 0.8;
    model.lost_output = lost_output;
    const Solver solver = make_solver(&model, kSettings, has_detector, route);
    EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
    double mean[kP], covariance[kP * kP];
    EXPECT_OK(sagips_solver_estimate(solver, 0, kP, mean, covariance));
    Bits bits = bits_of(solver);
    bits.bytes.append(reinterpret_cast<const char*>(covariance), sizeof(covariance));
    return bits;
  }
};

TEST_P(LostEvents, OutputsOfWeightZeroAreNeverRead) {
  const Bits wanted = train(0);
  EXPECT_EQ(train(kNan), wanted);
  EXPECT_EQ(train(-std::numeric_limits<double>::infinity()), wanted);
  EXPECT_EQ(train(1e308), wanted);
}

std::string route_name(const ::testing::TestParamInfo<std::tuple<Route, bool>>& info) {
  const char* names[] = {"Vjp", "EventDifferences", "ObjectiveDifferences"};
  return std::string(names[static_cast<int>(std::get<0>(info.param))]) +
         (std::get<1>(info.param) ? "InAChain" : "");
}
INSTANTIATE_TEST_SUITE_P(Callbacks, LostEvents,
                         ::testing::Combine(::testing::Values(Route::kVjp, Route::kSmooth,
                                                              Route::kPlain),
                                            ::testing::Bool()),
                         route_name);

// A later stage need not look at weight_in: whatever it makes of a lost event stays lost.
TEST(LostEvent, StaysLostWhenALaterStageGivesItTheWeightNan) {
  const auto train = [](double lost_output) {
    Model model;
    model.lost_above = 0.8;
    model.lost_output = lost_output;
    model.detector_weighs = true;
    const Solver solver = make_solver(&model, kSettings, true);
    EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
    return bits_of(solver);
  };
  const Bits wanted = train(0);
  EXPECT_EQ(train(kNan), wanted);
}

// ------------------------------------------------------------------------------ reporting
// callbacks

int32_t throwing_progress(void*, const sagips_progress*) { throw std::runtime_error("full disk"); }
void throwing_metrics(void*, const sagips_metrics*) { throw 1; }
void throwing_log(void*, int32_t, const char*) { throw std::runtime_error("broken pipe"); }

TEST(Reports, AThrowingProgressCallbackEndsTheStepAfterTheEpochThatItWasToldOf) {
  const std::vector<Bits> wanted = bits_by_epoch(9, kSettings);
  Model model;
  const Solver solver = make_solver(&model, kSettings);
  EXPECT_OK(sagips_solver_set_progress_callback(solver, throwing_progress, nullptr));
  for (size_t k = 1; k <= 3; ++k) {
    EXPECT_FAILS(sagips_solver_step(solver, 9, nullptr), SAGIPS_ERROR_EXCEPTION,
                 {"progress", "catch it there"});
    EXPECT_EQ(bits_of(solver), wanted[k]);
  }
  EXPECT_OK(sagips_solver_set_progress_callback(solver, nullptr, nullptr));
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  EXPECT_EQ(bits_of(solver), wanted.back());
}

TEST(Reports, AThrowingMetricsCallbackEndsTheStepAfterItsEpoch) {
  const std::vector<Bits> wanted = bits_by_epoch(9, kSettings);
  Model model;
  const Solver solver = make_solver(&model, kSettings);
  EXPECT_OK(sagips_solver_set_metrics_callback(solver, throwing_metrics, nullptr));
  EXPECT_FAILS(sagips_solver_step(solver, 9, nullptr), SAGIPS_ERROR_EXCEPTION,
               {"metrics", "catch it there"});
  EXPECT_EQ(bits_of(solver), wanted[3]);  // metrics.every = 3
  EXPECT_OK(sagips_solver_set_metrics_callback(solver, nullptr, nullptr));
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  EXPECT_EQ(bits_of(solver), wanted.back());
}

// A skip is told around its commit: the text may claim nothing of an epoch.
TEST(Reports, AThrowingLogCallbackLosesNoEpochAndTheTextSaysWhereTheTrainingStands) {
  Model model;
  const Solver solver = make_solver(&model, kSettings);
  model.after = [](int32_t, sagips_batch* b) { return b->epoch == 2 ? 1 : 0; };
  EXPECT_OK(sagips_solver_set_log_callback(solver, throwing_log, nullptr));
  EXPECT_FAILS(sagips_solver_step(solver, 9, nullptr), SAGIPS_ERROR_EXCEPTION, {"log"});
  EXPECT_EQ(progress_of(solver).epoch, 0);  // the route is told first, and once
  EXPECT_FAILS(sagips_solver_step(solver, 9, nullptr), SAGIPS_ERROR_EXCEPTION, {"log"});
  EXPECT_EQ(std::string(sagips_last_error()).find("is committed"), std::string::npos)
      << sagips_last_error();
  const int64_t epoch = progress_of(solver).epoch;
  EXPECT_EQ(epoch, 2 + progress_of(solver).skipped);  // committed with its count, or not at all
  EXPECT_OK(sagips_solver_set_log_callback(solver, nullptr, nullptr));
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  EXPECT_EQ(progress_of(solver).epoch, 9);
  EXPECT_EQ(progress_of(solver).skipped, 1);
}

TEST(Reports, ComeWithTheNumbersOfTheirEpoch) {
  struct Heard {
    std::vector<int64_t> epochs, reports;
  } heard;
  Model model;
  const Solver solver = make_solver(&model, kSettings);
  EXPECT_OK(sagips_solver_set_progress_callback(
      solver,
      [](void* user, const sagips_progress* p) {
        EXPECT_EQ(p->struct_size, sizeof(*p));
        static_cast<Heard*>(user)->epochs.push_back(p->epoch);
        return 0;
      },
      &heard));
  EXPECT_OK(sagips_solver_set_metrics_callback(
      solver,
      [](void* user, const sagips_metrics* m) {
        EXPECT_EQ(m->struct_size, sizeof(*m));
        EXPECT_EQ(m->n_parameters, kP);
        for (int32_t p = 0; p < kP; ++p)
          EXPECT_TRUE(m->estimate[p] > kLower[p] && m->estimate[p] < kUpper[p]);
        EXPECT_GT(m->grad_norm, 0);
        EXPECT_GT(m->events_per_second, 0);
        static_cast<Heard*>(user)->reports.push_back(m->progress->epoch);
      },
      &heard));
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  EXPECT_EQ(heard.epochs, (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(heard.reports, (std::vector<int64_t>{3, 6, 9}));
}

}  // namespace
}  // namespace capi
