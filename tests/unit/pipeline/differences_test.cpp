// SPDX-License-Identifier: BSD-3-Clause
// Where difference quotients evaluate, how their rows are laid out, and what the numbers become.
#include "pipeline/differences.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/kuma6.h"
#include "pipeline/section_differences.h"

namespace sagips {
namespace {

TEST(Shift, StaysInsideTheBounds) {
  const auto expect = [](const Shift& s, double from, double to) {
    EXPECT_DOUBLE_EQ(s.from, from);
    EXPECT_DOUBLE_EQ(s.to, to);
  };
  expect(shift_parameter(1, 0, 4, SAGIPS_CENTRAL, 0.125), 0.5, 1.5);
  expect(shift_parameter(0.25, 0, 4, SAGIPS_CENTRAL, 0.125), 0, 0.75);
  expect(shift_parameter(4, 0, 4, SAGIPS_CENTRAL, 0.125), 3.5, 4);
  expect(shift_parameter(1, 0, 4, SAGIPS_ONE_SIDED, 0.125), 1, 1.5);
  expect(shift_parameter(3.5, 0, 4, SAGIPS_ONE_SIDED, 0.125), 3.5, 4);
  expect(shift_parameter(3.75, 0, 4, SAGIPS_ONE_SIDED, 0.125), 3.75, 3.25);
  expect(shift_parameter(2, 2, 2, SAGIPS_CENTRAL, 0.125), 2, 2);
}

Rows two_rows() { return {2, 5, 3, {1, 10, 7, 2, 20, 7}, {4, 9}}; }
const Box kBox{{0, 0, 7}, {4, 40, 7}};  // the third is fixed

TEST(ShiftedRows, HoldBothSidesOfEveryParameterThatMoves) {
  const ShiftedRows s = shift_rows(two_rows(), kBox, SAGIPS_CENTRAL, 0.125);
  EXPECT_EQ(s.columns, (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(s.rows.n_rows, 8);
  EXPECT_EQ(s.rows.n_events, 5);
  EXPECT_EQ(s.rows.parameters, (std::vector<double>{0.5, 10, 7, 1.5, 10, 7, 1, 5,  7, 1, 15, 7,  //
                                                    1.5, 20, 7, 2.5, 20, 7, 2, 15, 7, 2, 25, 7}));
  EXPECT_EQ(s.rows.draw, (std::vector<int64_t>{4, 4, 4, 4, 9, 9, 9, 9}));
  EXPECT_EQ(s.distances, (std::vector<double>{1, 10, 1, 10}));
}

TEST(Quotients, AreDifferencesByDistancesAndNothingForWhatIsFixed) {
  const ShiftedRows s = shift_rows(two_rows(), kBox, SAGIPS_CENTRAL, 0.125);
  const std::vector<double> values = {1, 3, 5, 25, -1, -2, 0, 0};
  EXPECT_EQ(quotients(s, 3, values), (std::vector<double>{2, 2, 0, -1, 0, 0}));
}

TEST(ShiftedRows, OneSidedTakesOneRowForEveryParameterThatMoves) {
  const ShiftedRows s = shift_rows(two_rows(), kBox, SAGIPS_ONE_SIDED, 0.125);
  EXPECT_EQ(s.rows.n_rows, 4);
  EXPECT_EQ(s.rows.parameters, (std::vector<double>{1.5, 10, 7, 1, 15, 7, 2.5, 20, 7, 2, 25, 7}));
  EXPECT_EQ(s.rows.draw, (std::vector<int64_t>{4, 4, 9, 9}));
  EXPECT_EQ(s.distances, (std::vector<double>{0.5, 5, 0.5, 5}));
}

TEST(Quotients, OfNothingThatMovesAreNone) {
  const ShiftedRows s = shift_rows(two_rows(), {{1, 1, 1}, {1, 1, 1}}, SAGIPS_CENTRAL, 0.1);
  EXPECT_EQ(s.rows.n_rows, 0);
  EXPECT_TRUE(s.columns.empty());
}

TEST(Quotients, AreExactForAParabolaInsideAndOneSidedAtABound) {
  const auto slope_at = [](double p, int32_t scheme) {
    const ShiftedRows s = shift_rows({1, 1, 1, {p}, {0}}, {{0}, {4}}, scheme, 0.01);
    std::vector<double> values;
    for (const double x : s.rows.parameters) values.push_back(x * x);
    return quotients(s, 1, values, std::vector<double>{p * p})[0];
  };
  EXPECT_NEAR(slope_at(1, SAGIPS_CENTRAL), 2, 1e-12);
  EXPECT_NEAR(slope_at(0, SAGIPS_CENTRAL), 0.04, 1e-12);  // (0 + h) at the bound
  EXPECT_NEAR(slope_at(1, SAGIPS_ONE_SIDED), 2.04, 1e-12);
  EXPECT_NEAR(slope_at(4, SAGIPS_ONE_SIDED), 7.96, 1e-12);
}

Stage make_stage(bool is_smooth, double step, int32_t scheme, bool has_backward) {
  Stage s;
  s.n_outputs = 2, s.n_uniforms = 2;
  s.user = make_kuma6(supported_simd().front());
  s.forward = kuma6_forward;
  if (has_backward) s.backward = kuma6_backward;
  s.is_smooth = is_smooth;
  s.step = step;
  s.scheme = scheme;
  return s;
}

TEST(JumpingSections, AreRunsOfStagesThatHandNothingBack) {
  const auto add = [](Pipeline* pipeline, Stage stage, std::vector<int32_t> columns) {
    if (!pipeline->is_empty()) stage.n_inputs = 2;
    stage.columns = std::move(columns);
    pipeline->add(std::move(stage));
  };
  Pipeline pipeline;
  add(&pipeline, make_stage(false, 0, SAGIPS_ONE_SIDED, false), {0, 2});
  add(&pipeline, make_stage(true, 0.05, SAGIPS_CENTRAL, false), {1});  // smooth: not in it
  add(&pipeline, make_stage(false, 0.02, SAGIPS_ONE_SIDED, false), {2, 1});
  add(&pipeline, make_stage(false, 0.03, SAGIPS_CENTRAL, false), {0, 1});
  add(&pipeline, make_stage(false, 0.5, SAGIPS_CENTRAL, true), {0});  // has a VJP
  const std::vector<JumpingSection> s = jumping_sections(pipeline, kBox);
  ASSERT_EQ(s.size(), 2U);
  EXPECT_EQ(s[0].begin, 2U);
  EXPECT_EQ(s[0].end, 4U);
  EXPECT_TRUE(s[0].moves_inputs);
  EXPECT_EQ(s[0].sides, 2);
  EXPECT_DOUBLE_EQ(s[0].step, 0.03);
  EXPECT_EQ(s[0].columns, (std::vector<int32_t>{0, 1}));  // 2 is fixed
  EXPECT_EQ(s[1].begin, 0U);
  EXPECT_EQ(s[1].end, 1U);
  EXPECT_FALSE(s[1].moves_inputs);
  EXPECT_EQ(s[1].sides, 1);
  EXPECT_DOUBLE_EQ(s[1].step, 1e-2);
  EXPECT_EQ(s[1].columns, (std::vector<int32_t>{0}));
}

TEST(EventDifferences, AreTheVjpOfKuma6) {
  const Box box{{.5, .5, 1, .5, .5, 1}, {3, 4, 6, 3, 4, 6}};
  std::vector<double> grads[3];
  const Stage stages[] = {make_stage(true, 0, SAGIPS_CENTRAL, true),
                          make_stage(true, 0, SAGIPS_CENTRAL, false),
                          make_stage(true, 1e-6, SAGIPS_ONE_SIDED, false)};
  for (size_t k = 0; k < 3; ++k) {
    Pipeline pipeline;
    pipeline.add(stages[k]);
    CallbackMeter meter;
    Evaluation e(&pipeline, &box, &meter);
    e.forward(Call{1}, {2, 50, 6, {1.5, 1.4, 3, 2, 2.2, 4, 1, 1, 2, 2.5, 3, 5}, {0, 1}});
    std::vector<double> by_events;
    for (size_t i = 0; i < 200; ++i) by_events.push_back(std::sin(static_cast<double>(i)));
    grads[k] = e.pull_back(by_events, std::vector<double>(100), {});
  }
  double largest = 0;
  for (const double g : grads[0]) largest = std::max(largest, std::abs(g));
  ASSERT_GT(largest, 0.1);
  for (size_t i = 0; i < grads[0].size(); ++i) {
    EXPECT_NEAR(grads[1][i], grads[0][i], 1e-6 * largest);  // (1e-4 of a range of 5)^2
    EXPECT_NEAR(grads[2][i], grads[0][i], 1e-4 * largest);  // 1e-6 of it, first order
  }
}

}  // namespace
}  // namespace sagips
