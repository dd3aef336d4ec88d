// SPDX-License-Identifier: BSD-3-Clause
// The gradient of every mixture of routes is, on average, the derivative of the expected objective:
// before, inside and behind a stage whose events jump.
#include "pipeline/gradient.h"

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "unit/pipeline/gradient_testing.h"

namespace sagips {
namespace {

const Box kBox{{-1, 0.2, 0, -1}, {1, 1.2, 1, 1}};

Rows two_rows(int64_t n_events) {
  return {2, n_events, 4, {0.1, 0.9, 0.4, 0.3, -0.2, 0.8, 0.6, -0.1}, {0, 1}};
}

struct Statistics {
  std::vector<double> mean, error;  // of the mean
};

Statistics gradients(MixedPassage* passage, const Rows& rows, int64_t passes) {
  Statistics s;
  s.mean.resize(8), s.error.resize(8);
  for (int64_t t = 0; t < passes; ++t) {
    const std::vector<double> grad = passage->gradient(rows, t);
    for (size_t i = 0; i < 8; ++i) s.mean[i] += grad[i], s.error[i] += grad[i] * grad[i];
  }
  const auto n = static_cast<double>(passes);
  for (size_t i = 0; i < 8; ++i) {
    s.mean[i] /= n;
    s.error[i] = std::sqrt(std::max(0.0, s.error[i] / n - s.mean[i] * s.mean[i]) / (n - 1));
  }
  return s;
}

// 8 numbers in some twenty tests, each 4.5 sigma off with probability 7e-6.
constexpr double kSigmas = 4.5;
// Steps of 1 % of a range of 1 or 2, and of the spread of inputs: two-sided 1e-4 of third
// derivatives of order 10, one-sided 1e-2 of second derivatives of order 1. The ratio of two sums
// of some 1000 events adds 1e-3 of a gradient.
constexpr double kTwoSidedBias = 2e-3, kOneSidedBias = 3e-2;
constexpr double kPrecise = 0.06;  // of gradients of order 1/4: a stage forgotten is seen

struct Case {
  const char* name;
  Way theory, counter, detector;
  bool cuts;
  int32_t directions = 8;
  int64_t n_events = 1000;
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }

class MixedRoutes : public testing::TestWithParam<Case> {};

TEST_P(MixedRoutes, GiveTheDerivativeOfTheExpectedObjective) {
  const Case& c = GetParam();
  Behaviour behaviour;
  behaviour.cuts = c.cuts;
  Stage counter = counter_stage(c.counter, behaviour);
  counter.directions = c.directions;
  MixedPassage passage({theory_stage(c.theory), counter, detector_stage(c.detector)}, kBox);
  const Rows rows = two_rows(c.n_events);
  const Statistics s = gradients(&passage, rows, 200000 / c.n_events);
  const std::vector<double> expected = expected_gradient(rows, c.cuts);
  const bool is_one_sided = c.counter == Way::kOneSided;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double bias = is_one_sided ? kOneSidedBias : kTwoSidedBias;
    EXPECT_NEAR(s.mean[i], expected[i], kSigmas * s.error[i] + bias)
        << "parameter " << i % 4 << " of row " << i / 4 << ", error " << s.error[i];
    EXPECT_LT(s.error[i], kPrecise) << i;
  }
}

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Section, MixedRoutes,
    testing::Values(
        Case{"Central", Way::kVjp, Way::kCentral, Way::kVjp, false},
        Case{"CentralWithACut", Way::kVjp, Way::kCentral, Way::kVjp, true},
        Case{"OneSided", Way::kVjp, Way::kOneSided, Way::kVjp, false},
        Case{"OneSidedWithACut", Way::kVjp, Way::kOneSided, Way::kVjp, true},
        Case{"SmoothedInOneDirection", Way::kVjp, Way::kSmoothed, Way::kVjp, true, 1},
        Case{"Smoothed", Way::kVjp, Way::kSmoothed, Way::kVjp, true},
        Case{"SmoothedInManyDirections", Way::kVjp, Way::kSmoothed, Way::kVjp, true, 16},
        Case{"SmoothEventsAround", Way::kSmooth, Way::kCentral, Way::kSmooth, true},
        Case{"SmoothEventsAroundSmoothed", Way::kSmooth, Way::kSmoothed, Way::kSmooth, true},
        Case{"FromTheFirstStage", Way::kCentral, Way::kCentral, Way::kVjp, true},
        Case{"ToTheLastStage", Way::kVjp, Way::kSmoothed, Way::kCentral, true},
        Case{"WithAllStages", Way::kCentral, Way::kCentral, Way::kCentral, true},
        Case{"WithAllStagesSmoothed", Way::kSmoothed, Way::kSmoothed, Way::kSmoothed, true},
        Case{"Score", Way::kVjp, Way::kScore, Way::kVjp, false},
        Case{"ScoreBetweenSmoothEvents", Way::kSmooth, Way::kScore, Way::kSmooth, false},
        Case{"ScoreBeforeASection", Way::kVjp, Way::kScore, Way::kCentral, false},
        Case{"ScoreBehindASection", Way::kCentral, Way::kScore, Way::kVjp, false}),
    name_of);

TEST(MixedRoutesOfFewEvents, TakeAsManyDirectionsAsThereAreEvents) {
  // L of 5 events a row depends on each of them: for the ratio, 0.1 of a gradient.
  constexpr double kOfTenEvents = 0.1;
  Stage counter = counter_stage(Way::kSmoothed);
  counter.directions = 16;
  MixedPassage passage({theory_stage(Way::kVjp), counter, detector_stage(Way::kVjp)}, kBox);
  const Rows rows = two_rows(5);
  const Statistics s = gradients(&passage, rows, 20000);
  const std::vector<double> expected = expected_gradient(rows, false);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(s.mean[i], expected[i], kSigmas * s.error[i] + kOfTenEvents) << i;
  EXPECT_EQ(passage.shifted_rows(), 20000 * 2 * 2 * 5);  // rows, sides, directions
}

TEST(MixedRoutes, LeaveFixedParametersAlone) {
  Box box = kBox;
  box.lower[2] = box.upper[2] = 0.4;  // the counter keeps p1
  for (const Way way : {Way::kCentral, Way::kOneSided, Way::kSmoothed, Way::kScore}) {
    MixedPassage passage(
        {theory_stage(Way::kCentral), counter_stage(way), detector_stage(Way::kCentral)}, box);
    MixedPassage free(
        {theory_stage(Way::kCentral), counter_stage(way), detector_stage(Way::kCentral)}, kBox);
    Rows rows = two_rows(50);
    rows.parameters[2] = rows.parameters[6] = 0.4;
    const std::vector<double> grad = passage.gradient(rows, 1), all = free.gradient(rows, 1);
    for (const size_t i : {2U, 6U}) {
      EXPECT_EQ(grad[i], 0) << i;
      EXPECT_NE(all[i], 0) << i;
    }
    for (const size_t i : {0U, 1U, 3U, 4U, 5U, 7U}) EXPECT_NE(grad[i], 0) << i;
    if (way == Way::kSmoothed) continue;  // its noise is another one
    for (const size_t i : {0U, 1U, 3U, 4U, 5U, 7U}) EXPECT_EQ(grad[i], all[i]) << i;
  }
}

TEST(MixedRoutes, AskForNoMoreRowsThanTheyNeed) {
  const auto rows_of = [](Way theory, Way counter, Way detector) {
    MixedPassage passage({theory_stage(theory), counter_stage(counter), detector_stage(detector)},
                         kBox);
    passage.gradient(two_rows(40), 0);
    return passage.shifted_rows();
  };
  EXPECT_EQ(rows_of(Way::kVjp, Way::kVjp, Way::kVjp), 0);
  EXPECT_EQ(rows_of(Way::kVjp, Way::kCentral, Way::kVjp), 2 * (2 + 1) * 2);  // q, p1 and x
  EXPECT_EQ(rows_of(Way::kVjp, Way::kOneSided, Way::kVjp), 2 * (2 + 1));
  EXPECT_EQ(rows_of(Way::kVjp, Way::kSmoothed, Way::kVjp),
            2 * 8 * 2);  // of an eighth of the events
  EXPECT_EQ(rows_of(Way::kCentral, Way::kCentral, Way::kVjp), 2 * 3 * 2);  // p0, p1, q
  EXPECT_EQ(rows_of(Way::kVjp, Way::kScore, Way::kCentral),
            2 * 2 * 2);  // nobody asks for its inputs
}

// --------------------------------------------------------------------------- rows that fail

Behaviour failing(int32_t request) {
  Behaviour b;
  b.failing_request = request;
  return b;
}

Rows many_rows() {
  Rows rows{16, 30, 4, {}, {}};
  for (int64_t n = 0; n < 16; ++n) {
    for (const double p : {0.1, 0.9, 0.4, 0.3}) rows.parameters.push_back(p);
    rows.draw.push_back(n);
  }
  return rows;
}

/// Rows whose own key fails in a stage, which the evaluation does not tell.
bool has_key_that_fails(const Call& call, int64_t stage, int64_t draw) {
  return philox_bits({call.seed, call.keys, call.member, pipeline_row(call.dataset, stage, draw),
                      call.epoch}) %
             Behaviour().every ==
         0;
}

TEST(FailedRows, HaveNoGradientWhereverTheyFail) {
  struct Place {
    size_t stage;
    Way way;
    int32_t request;
  };
  for (const Place& place :
       {Place{0, Way::kVjp, SAGIPS_FORWARD}, Place{1, Way::kCentral, SAGIPS_FORWARD},
        Place{2, Way::kVjp, SAGIPS_FORWARD}, Place{0, Way::kVjp, SAGIPS_BACKWARD},
        Place{2, Way::kVjp, SAGIPS_BACKWARD}}) {
    const auto behaviour = [&](size_t stage) {
      return stage == place.stage ? failing(place.request) : Behaviour();
    };
    MixedPassage passage(
        {theory_stage(Way::kVjp, behaviour(0)), counter_stage(Way::kCentral, behaviour(1)),
         detector_stage(Way::kVjp, behaviour(2))},
        kBox);
    const std::vector<double> grad = passage.gradient(many_rows(), 2, FailurePolicy::kMark);
    int64_t failed = 0;
    for (int64_t n = 0; n < 16; ++n) {
      const bool fails =
          has_key_that_fails(passage.base().call(), static_cast<int64_t>(place.stage), n);
      failed += fails ? 1 : 0;
      for (int64_t p = 0; p < 4; ++p)
        EXPECT_EQ(grad[static_cast<size_t>(4 * n + p)] == 0, fails) << n << p << place.stage;
      EXPECT_EQ(passage.base().has_no_gradient(n), fails);
      EXPECT_EQ(passage.base().has_failed(n), fails && place.request == SAGIPS_FORWARD);
    }
    EXPECT_GT(failed, 1);
    EXPECT_LT(failed, 9);
    const bool is_way_back = place.request == SAGIPS_BACKWARD;
    EXPECT_EQ(passage.base().way_back().rows_failed, is_way_back ? failed : 0);
  }
}

TEST(FailedRows, OnTheWayBackAreAnErrorUnlessTheyMayFail) {
  MixedPassage passage({theory_stage(Way::kVjp, failing(SAGIPS_BACKWARD)),
                        counter_stage(Way::kCentral), detector_stage(Way::kVjp)},
                       kBox);
  try {
    passage.gradient(many_rows(), 2);
    FAIL() << "taken";
  } catch (const Error& e) {
    EXPECT_EQ(e.status(), SAGIPS_ERROR_ROW);
    EXPECT_NE(std::string(e.what()).find("stage 'theory' reports failure 3"), std::string::npos);
  }
}

TEST(FailedRows, OfALogProbabilityAreLeftOutOfItsQuotients) {
  MixedPassage passage(
      {theory_stage(Way::kVjp), counter_stage(Way::kScore, failing(SAGIPS_LOG_PROBABILITY)),
       detector_stage(Way::kVjp)},
      kBox);
  MixedPassage whole(
      {theory_stage(Way::kVjp), counter_stage(Way::kScore), detector_stage(Way::kVjp)}, kBox);
  Rows rows = many_rows();
  rows.parameters[4 * 3 + 2] = 0.9;
  const std::vector<double> grad = passage.gradient(rows, 3, FailurePolicy::kMark);
  const std::vector<double> all = whole.gradient(rows, 3, FailurePolicy::kMark);
  for (size_t i = 0; i < grad.size(); ++i) {
    const bool is_behind = i % 4 == 3;  // a parameter of the detector alone
    if (i / 4 == 3 && !is_behind) {
      EXPECT_NE(grad[i], all[i]) << i;
    } else {
      EXPECT_EQ(grad[i], all[i]) << i;
    }
  }
  EXPECT_EQ(passage.base().way_back().rows_failed, 2 * 3);  // sides of q, p1 and x
  EXPECT_NE(passage.base().way_back().failure.find("stage 'counter'"), std::string::npos);
}

TEST(FailedRows, OnOneSideOfAQuotientLeaveTheOtherSide) {
  constexpr double kNear = 0.695;  // the model fails from kHighest on, a step is 0.01
  Behaviour edge = failing(SAGIPS_FORWARD);
  edge.by_parameter = true;
  Rows rows = many_rows();
  rows.parameters[4 * 3 + 2] = kNear;
  const auto stages = [](Behaviour behaviour) {
    return std::vector<Stage>{theory_stage(Way::kVjp), counter_stage(Way::kCentral, behaviour),
                              detector_stage(Way::kVjp)};
  };
  MixedPassage failing_above(stages(edge), kBox);
  const std::vector<double> grad = failing_above.gradient(rows, 4, FailurePolicy::kMark);
  EXPECT_FALSE(failing_above.base().has_no_gradient(3));
  MixedPassage whole(stages({}), kBox);
  const std::vector<double> all = whole.gradient(rows, 4, FailurePolicy::kMark);
  for (size_t i = 0; i < grad.size(); ++i) {
    if (i == 4 * 3 + 2) continue;
    EXPECT_EQ(grad[i], all[i]) << i;
  }
  // The same quotient where the box, with the same step, ends at the row.
  Box ends = kBox;
  ends.upper[2] = kNear;
  std::vector<Stage> at_end = stages({});
  at_end[1].step = 0.01;
  ends.lower[2] = kNear - 1;
  const std::vector<double> one_sided = MixedPassage(at_end, ends).gradient(rows, 4);
  EXPECT_NEAR(grad[4 * 3 + 2], one_sided[4 * 3 + 2], 1e-9);
  EXPECT_NE(grad[4 * 3 + 2], all[4 * 3 + 2]);
}

TEST(FailedRows, DrawnAgainHaveOtherDrawsAndTheRestKeepTheirs) {
  Pipeline pipeline;
  for (const Stage& stage : {theory_stage(Way::kVjp, failing(SAGIPS_FORWARD)),
                             counter_stage(Way::kCentral), detector_stage(Way::kVjp)})
    pipeline.add(stage);
  CallbackMeter meter;
  Evaluation base(&pipeline, &kBox, &meter), again(&pipeline, &kBox, &meter);
  Call call{17};
  call.failures = FailurePolicy::kMark;
  base.forward(call, many_rows());
  Rows anew{0, 30, 4, {}, {}}, expected = many_rows();
  for (int64_t n = 0; n < 16; ++n) {
    if (!base.has_failed(n)) continue;
    for (const double p : {0.1, 0.9, 0.4, 0.3}) anew.parameters.push_back(p);
    anew.draw.push_back(n + kDrawsAnAttempt);
    expected.draw[static_cast<size_t>(n)] = anew.draw.back();
    ++anew.n_rows;
  }
  ASSERT_GT(anew.n_rows, 1);
  again.forward(call, anew);
  base.replace_failed(again);
  Evaluation whole(&pipeline, &kBox, &meter);
  whole.forward(call, expected);
  EXPECT_EQ(base.rows().draw, expected.draw);
  EXPECT_EQ(base.weights(), whole.weights());
  EXPECT_EQ(base.auxiliary(), whole.auxiliary());
  EXPECT_EQ(base.failed(), whole.failed());
  for (size_t i = 0; i < base.events().size(); ++i)
    if (base.weights()[i] != 0) {
      EXPECT_EQ(base.events()[i], whole.events()[i]) << i;
    }
}

// ------------------------------------------------------------------------------- the score

TEST(Score, SaysNothingWhereAShiftedLawForbidsTheEvent) {
  Stage counter = counter_stage(Way::kScore);
  counter.log_probability = [](void* user, sagips_batch* b) -> int32_t {
    law_of_clicks(user, b);
    for (int64_t i = 0; i < b->n_rows * b->n_events; i += 2)
      b->log_probability[i] = -std::numeric_limits<double>::infinity();
    return 0;
  };
  MixedPassage half({theory_stage(Way::kVjp), counter, detector_stage(Way::kVjp)}, kBox);
  MixedPassage whole(
      {theory_stage(Way::kVjp), counter_stage(Way::kScore), detector_stage(Way::kVjp)}, kBox);
  const Rows rows = two_rows(1000);
  const std::vector<double> some = half.gradient(rows, 0), all = whole.gradient(rows, 0);
  for (const double g : some) EXPECT_TRUE(std::isfinite(g));
  EXPECT_NE(some[2], all[2]);
  EXPECT_EQ(some[3], all[3]);  // of a stage behind it
}

TEST(Score, RefusesALawThatIsNoNumber) {
  Stage counter = counter_stage(Way::kScore);
  for (const double bad : {kNothing, std::numeric_limits<double>::infinity()}) {
    static double written;
    written = bad;
    counter.log_probability = [](void* user, sagips_batch* b) -> int32_t {
      law_of_clicks(user, b);
      for (int64_t i = 0; i < b->n_rows * b->n_events; ++i)
        if (b->weight_in[i] != 0) b->log_probability[i] = written;
      return 0;
    };
    MixedPassage passage({theory_stage(Way::kVjp), counter, detector_stage(Way::kVjp)}, kBox);
    try {
      passage.gradient(two_rows(20), 0);
      FAIL() << "taken";
    } catch (const Error& e) {
      EXPECT_EQ(e.status(), SAGIPS_ERROR_NONFINITE);
      EXPECT_NE(std::string(e.what()).find("log_probability"), std::string::npos);
    }
  }
}

// ----------------------------------------------------------------------------------- threads

TEST(ConcurrentStages, GiveTheSameBits) {
  for (const Way way : {Way::kCentral, Way::kSmoothed, Way::kScore}) {
    std::vector<Stage> stages = {theory_stage(Way::kVjp), counter_stage(way),
                                 detector_stage(Way::kSmooth)};
    const std::vector<double> expected = MixedPassage(stages, kBox).gradient(many_rows(), 5);
    for (Stage& stage : stages) stage.is_concurrent = true;
    for (const int32_t threads : {1, 2, 5}) {
      const Parallel parallel(threads);
      EXPECT_EQ(MixedPassage(stages, kBox, &parallel).gradient(many_rows(), 5), expected)
          << threads;
    }
  }
}

}  // namespace
}  // namespace sagips
