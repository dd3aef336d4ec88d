// SPDX-License-Identifier: BSD-3-Clause
// What a check must not overlook: a wrong derivative of events beside a huge auxiliary, and one in
// front of a stage that has none.
#include "pipeline/check.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sagips {
namespace {

constexpr double kHuge = 1e6;

/// y = a + b (2u - 1); one auxiliary, 1e6 (1 + a b). `user` is the sign of the events' derivative.
int32_t line_forward(void*, sagips_batch* b) {
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double* p = b->parameters + n * b->n_parameters;
    if (b->n_auxiliary > 0) b->auxiliary[n] = kHuge * (1 + p[0] * p[1]);
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i)
      b->outputs[i] = p[0] + p[1] * (2 * b->uniforms[i] - 1);
  }
  return 0;
}

int32_t line_backward(void* user, sagips_batch* b) {
  const double sign = *static_cast<double*>(user);
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double* p = b->parameters + n * b->n_parameters;
    double* grad = b->grad_parameters + n * b->n_parameters;
    if (b->n_auxiliary > 0) {
      grad[0] += b->grad_auxiliary[n] * kHuge * p[1];
      grad[1] += b->grad_auxiliary[n] * kHuge * p[0];
    }
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i) {
      grad[0] += sign * b->grad_outputs[i];
      grad[1] += sign * b->grad_outputs[i] * (2 * b->uniforms[i] - 1);
    }
  }
  return 0;
}

Stage line_stage(double sign, int32_t n_auxiliary) {
  Stage stage;
  stage.name = "line";
  stage.n_outputs = 1;
  stage.n_auxiliary = n_auxiliary;
  stage.n_uniforms = 1;
  stage.forward = line_forward;
  stage.backward = line_backward;
  stage.user = std::make_shared<double>(sign);
  return stage;
}

/// z = y + y^2/8 + (u - 1/2)/4, smooth and without a derivative.
int32_t smear_forward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double y = b->inputs[i];
    b->outputs[i] = y + y * y / 8 + (b->uniforms[i] - 0.5) / 4;
  }
  return 0;
}

Stage smear_stage(bool is_smooth) {
  Stage stage;
  stage.name = "smear";
  stage.n_inputs = 1;
  stage.n_outputs = 1;
  stage.n_uniforms = 1;
  stage.forward = smear_forward;
  stage.is_smooth = is_smooth;
  return stage;
}

sagips_check_report check(const std::vector<Stage>& stages, uint64_t seed) {
  Pipeline pipeline;
  for (const Stage& stage : stages) pipeline.add(stage);
  const Box box{{-1, 0.5}, {1, 2}};
  return check_pipeline(pipeline, box, seed);
}

TEST(Check, FindsAWrongSignOfEventsBesideAHugeAuxiliary) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const sagips_check_report right = check({line_stage(1, 1)}, seed);
    EXPECT_EQ(right.passed, 1) << seed << "\n" << right.text;
    const sagips_check_report wrong = check({line_stage(-1, 1)}, seed);
    EXPECT_EQ(wrong.passed, 0) << seed << "\n" << wrong.text;
    EXPECT_EQ(wrong.gradient_correct, 0);
  }
}

TEST(Check, LooksAtDerivativesInFrontOfASmoothStageThatHasNone) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const sagips_check_report right = check({line_stage(1, 0), smear_stage(true)}, seed);
    EXPECT_EQ(right.passed, 1) << seed << "\n" << right.text;
    EXPECT_EQ(right.has_backward, 0);
    EXPECT_EQ(right.gradient_correct, 1);
    EXPECT_GE(right.worst_parameter, 0);
    const sagips_check_report wrong = check({line_stage(-1, 0), smear_stage(true)}, seed);
    EXPECT_EQ(wrong.passed, 0) << seed << "\n" << wrong.text;
    EXPECT_EQ(wrong.has_backward, 0);
    EXPECT_EQ(wrong.gradient_correct, 0);
    EXPECT_GT(wrong.worst_error, 1);  // of a sign: twice the derivative
  }
}

TEST(Check, LooksAtDerivativesInFrontOfAStageOfWhichOnlyValuesAreKnown) {
  for (const int32_t scheme : {SAGIPS_CENTRAL, SAGIPS_ONE_SIDED, SAGIPS_SMOOTHED})
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      Stage smear = smear_stage(false);
      smear.scheme = scheme;
      const sagips_check_report right = check({line_stage(1, 1), smear}, seed);
      EXPECT_EQ(right.passed, 1) << scheme << " " << seed << "\n" << right.text;
      EXPECT_EQ(right.gradient_correct, 1);
      const sagips_check_report wrong = check({line_stage(-1, 1), smear}, seed);
      EXPECT_EQ(wrong.passed, 0) << scheme << " " << seed << "\n" << wrong.text;
      EXPECT_EQ(wrong.gradient_correct, 0);
    }
}

TEST(Check, FailsNothingWhereThereIsNoDerivative) {
  Stage line = line_stage(-1, 0);
  line.backward = nullptr;
  const sagips_check_report r = check({line, smear_stage(false)}, 1);
  EXPECT_EQ(r.passed, 1) << r.text;
  EXPECT_EQ(r.gradient_correct, -1);
  EXPECT_EQ(r.worst_parameter, -1);
}

}  // namespace
}  // namespace sagips
