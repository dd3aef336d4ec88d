// SPDX-License-Identifier: BSD-3-Clause
// Where numbers end: sizes that nothing holds, gradients that overflow, and assessments of which
// nothing is left. Each is an error that names itself, and nothing of it is kept.
#include <cmath>

#include "testing.h"

namespace capi {
namespace {

// ------------------------------------------------------------------------------------- at creation

struct Refusal {
  const char* name;
  sagips_status status;
  std::vector<const char*> words;
  Settings settings;
};

void PrintTo(const Refusal& r, std::ostream* out) { *out << r.name; }

const std::vector<Refusal> kRefusals{
    {"EventsThatOverflow",
     SAGIPS_ERROR_MEMORY,
     {"1048576 rows", "`growth.factor`"},
     {{"rows", "1048576"}, {"events", "1099511627776"}, {"growth.factor", "16"}}},
    {"BytesThatOverflow",  // 2^58 events, each of tens of bytes
     SAGIPS_ERROR_MEMORY,
     {"1048576 rows", "`rows`"},
     {{"rows", "1048576"}, {"events", "274877906944"}, {"growth.factor", "1"}}},
    {"UniformsOfARow",
     SAGIPS_ERROR_UNSUPPORTED,
     {"16777217 events a row", "source", "33554434", "33554432"},
     {{"events", "16777217"}, {"growth.factor", "1"}}},
    {"UniformsOfARowThatGrows",
     SAGIPS_ERROR_UNSUPPORTED,
     {"source", "fewer events"},
     {{"events", "16777216"}, {"growth.factor", "2"}}},
    {"RowsOfAllUpdates",
     SAGIPS_ERROR_UNSUPPORTED,
     {"rows", "268435456"},
     {{"rows", "134217728"},
      {"events", "1"},
      {"growth.factor", "1"},
      {"discriminator.updates", "2"}}},
    {"CheckpointsWithoutAFolder",
     SAGIPS_ERROR_STATE,
     {"checkpoint.every is 5", "checkpoint.folder"},
     {{"checkpoint.every", "5"}}}};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, BeforeAnythingIsMade) {
  Model model;
  const Problem problem = make_problem(make_pipeline(&model));
  const int64_t calls = model.calls;
  Solver solver;
  const sagips_status status =
      sagips_solver_create(solver.out(), problem, make_options(GetParam().settings), nullptr);
  EXPECT_EQ(status, GetParam().status) << sagips_last_error();
  for (const char* word : GetParam().words)
    EXPECT_NE(std::string(sagips_last_error()).find(word), std::string::npos)
        << word << " is not in: " << sagips_last_error();
  EXPECT_EQ(solver, static_cast<sagips_solver*>(nullptr));
  EXPECT_EQ(model.calls, calls);
  EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(), nullptr));
  EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
}

INSTANTIATE_TEST_SUITE_P(Limits, Refused, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return test.param.name; });

TEST(Limits, WhatStillHasRandomNumbersIsTaken) {
  Model model;  // two uniforms an event
  const Solver solver = make_solver(&model, {{"events", "16777216"}, {"growth.factor", "1"}});
  EXPECT_EQ(progress_of(solver).epoch, 0);
}

// --------------------------------------------------------------------------------- huge gradients

class HugeGradient : public testing::TestWithParam<double> {};

TEST_P(HugeGradient, IsAnErrorOfItsEpochAndLeavesNoTrace) {
  constexpr int64_t kEpochs = 12, kFault = 3;
  const Settings settings = {{"epochs", std::to_string(kEpochs)}};
  const std::vector<Bits> expected = bits_by_epoch(kEpochs, settings);
  for (const int64_t row : {0, 2}) {
    Model model;
    bool is_faulty = true;
    model.after = [&](int32_t, sagips_batch* b) -> int32_t {
      if (is_faulty && b->epoch == kFault && b->request == SAGIPS_BACKWARD)
        b->grad_parameters[row * kP] = GetParam();
      return 0;
    };
    const Solver solver = make_solver(&model, settings);
    for (int again = 0; again < 2; ++again) {
      EXPECT_FAILS(sagips_solver_step(solver, kEpochs, nullptr), SAGIPS_ERROR_NUMERIC,
                   {"generator", "epoch 3"});
      EXPECT_EQ(bits_of(solver), expected[kFault]);
    }
    is_faulty = false;
    for (int64_t epoch = kFault + 1; epoch <= kEpochs; ++epoch) {
      EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
      EXPECT_EQ(bits_of(solver), expected[static_cast<size_t>(epoch)]) << epoch;
    }
  }
}

// Its square, its float and its own sum overflow, in turn.
INSTANTIATE_TEST_SUITE_P(Limits, HugeGradient, testing::Values(1e25, 1e60, -1e308));

// ----------------------------------------------------------------------------------- assessments

/// Loses every event outside training where `is_lost` says so of the n-th batch of its epoch.
sagips_status assess_with_losses(const std::function<bool(int64_t epoch, int64_t n)>& is_lost) {
  Model model;
  const Solver solver = make_solver(&model, {{"data.holdout", "0.25"}, {"assess.epochs", "3"}});
  EXPECT_OK(sagips_solver_step(solver, 2, nullptr));
  const Bits before = bits_of(solver);
  int64_t n[2] = {0, 0};
  model.acts_always = true;
  model.after = [&](int32_t, sagips_batch* b) -> int32_t {
    if (b->training != 0 || b->request != SAGIPS_FORWARD) return 0;
    if (!is_lost(b->epoch, n[b->epoch]++)) return 0;
    for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) b->weight[i] = 0;
    return 0;
  };
  sagips_assessment assessment{};
  assessment.struct_size = sizeof(assessment);
  const sagips_status status = sagips_solver_assess(solver, 0, nullptr, &assessment);
  const std::string text = sagips_last_error();
  if (status != SAGIPS_OK) {
    EXPECT_NE(text.find("'data'"), std::string::npos) << text;
    EXPECT_EQ(assessment.p_value, 0);  // untouched
  }
  EXPECT_EQ(bits_of(solver), before);
  return status;
}

TEST(LostAssessment, IsNoFit) {
  // Estimates draw in epoch 0, the classifier in epoch 1: three times to learn and once to judge.
  EXPECT_EQ(assess_with_losses([](int64_t, int64_t) { return false; }), SAGIPS_OK);
  EXPECT_EQ(assess_with_losses([](int64_t, int64_t) { return true; }), SAGIPS_ERROR_LOST);
  EXPECT_EQ(assess_with_losses([](int64_t epoch, int64_t) { return epoch == 0; }),
            SAGIPS_ERROR_LOST);
  EXPECT_EQ(assess_with_losses([](int64_t epoch, int64_t) { return epoch == 1; }),
            SAGIPS_ERROR_LOST);
  EXPECT_EQ(assess_with_losses([](int64_t epoch, int64_t n) { return epoch == 1 && n == 1; }),
            SAGIPS_ERROR_LOST);
  EXPECT_EQ(assess_with_losses([](int64_t epoch, int64_t n) { return epoch == 1 && n == 3; }),
            SAGIPS_ERROR_LOST);
}

}  // namespace
}  // namespace capi
