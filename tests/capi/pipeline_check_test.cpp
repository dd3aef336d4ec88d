// SPDX-License-Identifier: BSD-3-Clause
// sagips_pipeline_check() passes what is right and finds what is wrong, whatever the seed.
#include <atomic>
#include <cmath>
#include <limits>

#include "testing.h"

namespace capi {
namespace {

struct Box {
  std::vector<double> lower, upper;
};

sagips_check_report check(const sagips_pipeline* pipeline, const Box& box, uint64_t seed) {
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  EXPECT_OK(sagips_pipeline_check(pipeline, static_cast<int32_t>(box.lower.size()),
                                  box.lower.data(), box.upper.data(), seed, &report));
  return report;
}

Pipeline make_builtin(const char* name) {
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add_builtin(pipeline, name, nullptr));
  return pipeline;
}

/// A first stage with one uniform an event and no state.
Pipeline make_law(sagips_stage_fn run, int32_t n_outputs = 1, void* user = nullptr) {
  Stage stage;
  Pipeline pipeline;
  EXPECT_OK(sagips_stage_create(stage.out(), "law"));
  EXPECT_OK(sagips_stage_set_shape(stage, 0, n_outputs, 0, 1));
  EXPECT_OK(sagips_stage_set_forward(stage, run, user, nullptr));
  EXPECT_OK(sagips_stage_set_backward(stage, run));
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  return pipeline;
}

/// Calls law(parameters, uniform, event i, batch) for every event; it serves both requests.
template <typename Law>
int32_t for_events(sagips_batch* b, const Law& law) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const int64_t row = i / b->n_events;
    double* grad =
        b->grad_parameters == nullptr ? nullptr : b->grad_parameters + row * b->n_parameters;
    law(b->parameters + row * b->n_parameters, b->uniforms[i], i, grad);
  }
  return 0;
}

const Box kProxyBox{{0.5, -0.5, 1, 0.5, -0.5, 1}, {3, 1.5, 5, 3, 1.5, 5}};
const Box kKumaBox{{0.5, 0.5, 1, 0.5, 0.5, 1}, {3, 4, 6, 3, 4, 6}};

TEST(PipelineCheck, PassesTheBuiltInsForTwentySeeds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const auto proxy = check(make_builtin("proxy1d"), kProxyBox, seed);
    EXPECT_EQ(proxy.passed, 1) << "proxy1d, seed " << seed << "\n" << proxy.text;
    const auto kuma = check(make_builtin("kuma6"), kKumaBox, seed);
    EXPECT_EQ(kuma.passed, 1) << "kuma6, seed " << seed << "\n" << kuma.text;
  }
}

TEST(PipelineCheck, ReportsWhatItMeasured) {
  const sagips_check_report r = check(make_builtin("kuma6"), kKumaBox, 3);
  EXPECT_EQ(r.deterministic, 1);
  EXPECT_EQ(r.finite, 1);
  EXPECT_EQ(r.has_backward, 1);
  EXPECT_EQ(r.gradient_correct, 1);
  EXPECT_TRUE(r.worst_parameter >= 0 && r.worst_parameter < 6) << r.worst_parameter;
  EXPECT_LT(r.worst_error, 0.01);
  EXPECT_EQ(r.lost_fraction, 0);
  EXPECT_GT(r.seconds_per_row, 0);
  EXPECT_GT(r.seconds_per_event, 0);
  EXPECT_EQ(r.struct_size, sizeof(r));
}

// y0 = a + b z + c z^2 with z = 2u - 1: three derivatives of like size, and one of them 2 % too
// large.
constexpr int32_t kWrong = 1;
int32_t quadratic(double factor, sagips_batch* b) {
  return for_events(b, [&](const double* p, double u, int64_t i, double* grad) {
    const double z = 2 * u - 1, slopes[3] = {1, z, z * z};
    if (grad == nullptr)
      b->outputs[i] = p[0] + p[1] * z + p[2] * z * z;
    else
      for (int k = 0; k < 3; ++k)
        grad[k] += b->grad_outputs[i] * slopes[k] * (k == kWrong ? factor : 1);
  });
}
int32_t right_quadratic(void*, sagips_batch* b) { return quadratic(1, b); }
int32_t wrong_quadratic(void*, sagips_batch* b) { return quadratic(1.02, b); }
const Box kQuadraticBox{{0, 1, 1}, {1, 2, 2}};

TEST(PipelineCheck, FindsADerivativeThatIsTwoPercentWrongAndNamesItsParameter) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const sagips_check_report r = check(make_law(wrong_quadratic), kQuadraticBox, seed);
    EXPECT_EQ(r.passed, 0) << "seed " << seed << "\n" << r.text;
    EXPECT_EQ(r.gradient_correct, 0);
    EXPECT_EQ(r.worst_parameter, kWrong) << "seed " << seed << "\n" << r.text;
    EXPECT_NE(std::string(r.text).find("parameter 1"), std::string::npos) << r.text;
  }
}

TEST(PipelineCheck, PassesTheSameLawWithTheRightDerivativeForTwentySeeds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const sagips_check_report r = check(make_law(right_quadratic), kQuadraticBox, seed);
    EXPECT_EQ(r.passed, 1) << "seed " << seed << "\n" << r.text;
  }
}

// An exponential of mean p[0] whose events beyond the cut p[1] are lost. The VJP is the right one
// of the survivors' motion, but the cut moves as well, and does not move with the events.
int32_t hard_cut(void*, sagips_batch* b) {
  return for_events(b, [&](const double* p, double u, int64_t i, double* grad) {
    const double e = -std::log(u), y = p[0] * e;
    if (grad == nullptr) {
      b->outputs[i] = y;
      b->weight[i] = y < p[1] ? 1 : 0;
    } else if (b->weight[i] != 0) {
      grad[0] += b->grad_outputs[i] * e;
    }
  });
}

// The same cut with a soft edge, whose derivative goes through the weight.
int32_t soft_cut(void*, sagips_batch* b) {
  constexpr double kEdge = 0.2;
  return for_events(b, [&](const double* p, double u, int64_t i, double* grad) {
    const double e = -std::log(u), y = p[0] * e, t = (y - p[1]) / kEdge;
    const double w = 1 / (1 + std::exp(t));
    if (grad == nullptr) {
      b->outputs[i] = y;
      b->weight[i] = w;
    } else {
      const double slope = -w * (1 - w) / kEdge * b->grad_weight[i];  // by y
      grad[0] += (b->grad_outputs[i] + slope) * e;
      grad[1] -= slope;
    }
  });
}
int32_t soft_cut_without_grad_weight(void* user, sagips_batch* b) {
  const std::vector<double> nothing(static_cast<size_t>(b->n_rows * b->n_events), 0.0);
  if (b->request == SAGIPS_BACKWARD) b->grad_weight = nothing.data();
  return soft_cut(user, b);
}
const Box kCutBox{{0.8, 1}, {1.6, 2}};

TEST(PipelineCheck, FindsAHardCutWhoseBoundaryTheDerivativeLeavesOut) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const sagips_check_report r = check(make_law(hard_cut), kCutBox, seed);
    EXPECT_EQ(r.passed, 0) << "seed " << seed << "\n" << r.text;
    EXPECT_EQ(r.gradient_correct, 0);
    EXPECT_GT(r.lost_fraction, 0.05);
    EXPECT_NE(std::string(r.text).find("cut"), std::string::npos) << r.text;
  }
}

TEST(PipelineCheck, PassesASoftCutThatUsesGradWeightForTwentySeeds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const sagips_check_report r = check(make_law(soft_cut), kCutBox, seed);
    EXPECT_EQ(r.passed, 1) << "seed " << seed << "\n" << r.text;
  }
}

TEST(PipelineCheck, FindsASoftCutThatLeavesOutGradWeight) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const sagips_check_report r = check(make_law(soft_cut_without_grad_weight), kCutBox, seed);
    EXPECT_EQ(r.gradient_correct, 0) << "seed " << seed << "\n" << r.text;
  }
}

// y = 1 if u < p: the events jump, so their derivative is 0 everywhere and the mean's is not.
int32_t jump(void*, sagips_batch* b) {
  return for_events(b, [&](const double* p, double u, int64_t i, double* grad) {
    if (grad == nullptr) b->outputs[i] = u < p[0] ? 1 : 0;
  });
}

TEST(PipelineCheck, FindsEventsThatJumpUnderAZeroDerivative) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const sagips_check_report r = check(make_law(jump), {{0.2}, {0.8}}, seed);
    EXPECT_EQ(r.passed, 0) << "seed " << seed << "\n" << r.text;
    EXPECT_EQ(r.worst_parameter, 0);
  }
}

int32_t counting(void* user, sagips_batch* b) {
  if (b->request == SAGIPS_FORWARD)
    b->outputs[0] = static_cast<double>(++*static_cast<int64_t*>(user));
  return 0;
}

// Sums over the rows of a batch: the same batch again gives the same, row by row it does not.
int32_t gossiping(void*, sagips_batch* b) {
  return for_events(b, [&](const double* p, double u, int64_t i, double* grad) {
    if (grad == nullptr)
      b->outputs[i] = p[0] * u + 1e-9 * static_cast<double>(b->n_rows);
    else
      grad[0] += b->grad_outputs[i] * u;
  });
}

TEST(PipelineCheck, FindsAModelThatIsNotAFunctionOfItsRow) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    int64_t count = 0;
    for (const auto& pipeline : {make_law(counting, 1, &count), make_law(gossiping)}) {
      const sagips_check_report r = check(pipeline, {{1}, {2}}, seed);
      EXPECT_EQ(r.deterministic, 0) << r.text;
      EXPECT_EQ(r.passed, 0);
    }
  }
}

int32_t sometimes_nan(void*, sagips_batch* b) {
  return for_events(b, [&](const double* p, double u, int64_t i, double* grad) {
    if (grad == nullptr) b->outputs[i] = p[0] * std::sqrt(u - 0.01);
  });
}

TEST(PipelineCheck, FindsNanAmongTheOutputs) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const sagips_check_report r = check(make_law(sometimes_nan), {{1}, {2}}, seed);
    EXPECT_EQ(r.finite, 0) << r.text;
    EXPECT_EQ(r.passed, 0);
    EXPECT_NE(std::string(r.text).find("nan"), std::string::npos) << r.text;
  }
}

// Two things are wrong: what was not looked at may not be reported as wrong too.
TEST(PipelineCheck, NanIsNotReportedAsNonDeterminism) {
  const auto nan = [](void*, sagips_batch* b) -> int32_t {
    b->outputs[0] = std::numeric_limits<double>::quiet_NaN();
    return 0;
  };
  const sagips_check_report r = check(make_law(nan), {{1}, {2}}, 1);
  EXPECT_EQ(r.finite, 0);
  EXPECT_EQ(std::string(r.text).find("not deterministic"), std::string::npos) << r.text;
}

TEST(PipelineCheck, OtherFailuresOfACallbackAreThoseOfTheCall) {
  const auto refuse = [](void*, sagips_batch*) -> int32_t { return -2; };
  const Pipeline pipeline = make_law(refuse);
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  const double lower = 0, upper = 1;
  EXPECT_FAILS(sagips_pipeline_check(pipeline, 1, &lower, &upper, 1, &report),
               SAGIPS_ERROR_CALLBACK, {"law", "-2"});
}

// ------------------------------------------------------------------------------ log-probabilities

// y = 1 where u < p: heads, with a log-probability that is off by a factor in its slope.
int32_t coin(double factor, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double p = b->parameters[i / b->n_events * b->n_parameters];
    if (b->request == SAGIPS_FORWARD) b->outputs[i] = b->uniforms[i] < p ? 1 : 0;
    if (b->request == SAGIPS_LOG_PROBABILITY)
      b->log_probability[i] = factor * (b->outputs[i] > 0.5 ? std::log(p) : std::log(1 - p));
  }
  return 0;
}
int32_t right_coin(void*, sagips_batch* b) { return coin(1, b); }
int32_t reversed_coin(void*, sagips_batch* b) { return coin(-1, b); }
int32_t flat_coin(void*, sagips_batch* b) { return coin(0, b); }
int32_t half_coin(void*, sagips_batch* b) { return coin(0.5, b); }

Pipeline make_coin(sagips_stage_fn run) {
  Stage stage;
  Pipeline pipeline;
  EXPECT_OK(sagips_stage_create(stage.out(), "coin"));
  EXPECT_OK(sagips_stage_set_shape(stage, 0, 1, 0, 1));
  EXPECT_OK(sagips_stage_set_forward(stage, run, nullptr, nullptr));
  EXPECT_OK(sagips_stage_set_log_probability(stage, run));
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  return pipeline;
}
const Box kCoinBox{{0.1}, {0.9}};

TEST(PipelineCheck, PassesALogProbabilityForTwentySeeds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const sagips_check_report r = check(make_coin(right_coin), kCoinBox, seed);
    EXPECT_EQ(r.passed, 1) << "seed " << seed << "\n" << r.text;
    EXPECT_EQ(r.gradient_correct, 1);
    EXPECT_EQ(r.has_backward, 0);
    EXPECT_NE(std::string(r.text).find("score"), std::string::npos) << r.text;
  }
}

TEST(PipelineCheck, FindsALogProbabilityThatIsWrong) {
  for (const sagips_stage_fn wrong : {reversed_coin, flat_coin, half_coin})
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      const sagips_check_report r = check(make_coin(wrong), kCoinBox, seed);
      EXPECT_EQ(r.passed, 0) << "seed " << seed << "\n" << r.text;
      EXPECT_EQ(r.gradient_correct, 0);
      EXPECT_EQ(r.worst_parameter, 0);
      EXPECT_GT(r.worst_error, 0.3) << r.text;
      EXPECT_NE(std::string(r.text).find("log-probability"), std::string::npos) << r.text;
    }
}

// ------------------------------------------------------------------------------------ failed rows

// A line that fails on one in `*user` rows, whatever their parameters.
int32_t failing_line(void* user, sagips_batch* b) {
  const uint64_t one_in = *static_cast<uint64_t*>(user);
  return for_events(b, [&](const double* p, double u, int64_t i, double* grad) {
    const int64_t row = i / b->n_events;
    const bool has_failed = b->row_key[row] % one_in == 0;
    if (grad != nullptr) {
      if (!has_failed) grad[0] += b->grad_outputs[i] * u;
    } else if (has_failed) {
      b->row_status[row] = 7;
      b->outputs[i] = std::numeric_limits<double>::quiet_NaN();  // nobody may read it
    } else {
      b->outputs[i] = p[0] * u;
    }
  });
}

TEST(PipelineCheck, CountsRowsThatFailAndJudgesTheOthers) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    uint64_t one_in = 4;
    const sagips_check_report r = check(make_law(failing_line, 1, &one_in), {{1}, {2}}, seed);
    EXPECT_EQ(r.passed, 1) << "seed " << seed << "\n" << r.text;
    EXPECT_EQ(r.gradient_correct, 1);
    EXPECT_EQ(r.lost_fraction, 0);
    EXPECT_NEAR(r.failed_fraction, 0.25, 0.18);  // 4 sigmas of 96 rows
    for (const char* words : {"failed rows", "failure 7", "failure.policy"})
      EXPECT_NE(std::string(r.text).find(words), std::string::npos) << r.text;
  }
}

TEST(PipelineCheck, AModelThatAlwaysFailsIsAFailureOfTheCall) {
  uint64_t one_in = 1;
  const Pipeline pipeline = make_law(failing_line, 1, &one_in);
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  const double lower = 1, upper = 2;
  EXPECT_FAILS(sagips_pipeline_check(pipeline, 1, &lower, &upper, 1, &report), SAGIPS_ERROR_ROW,
               {"all 96 rows", "law", "failure 7"});
}

TEST(PipelineCheck, CountsRowsThatAStageOfTheLibraryFailsOn) {
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add_builtin(pipeline, "kuma6", nullptr));
  const sagips_check_report r =
      check(pipeline, {{-1, 0.5, 0.5, 0.5, 0.5, 0.5}, {2, 2, 2, 2, 2, 2}}, 1);
  EXPECT_GT(r.failed_fraction, 0) << r.text;
  EXPECT_LT(r.failed_fraction, 1) << r.text;
  EXPECT_NE(std::string(r.text).find("'kuma6' reports failure 1"), std::string::npos) << r.text;
}

// -------------------------------------------------------------------------- stages served by a
// host

TEST(PipelineCheck, CallsBackAStageThatAHostServesInTraining) {
  for (const bool has_forward : {true, false}) {
    Stage stage;
    Pipeline pipeline;
    EXPECT_OK(sagips_stage_create(stage.out(), "outside"));
    EXPECT_OK(sagips_stage_set_shape(stage, 0, 1, 0, 1));
    EXPECT_OK(sagips_stage_set_external(stage, 1, 1, 0));
    if (has_forward) {
      EXPECT_OK(sagips_stage_set_forward(stage, right_quadratic, nullptr, nullptr));
      EXPECT_OK(sagips_stage_set_backward(stage, right_quadratic));
    }
    EXPECT_OK(sagips_pipeline_create(pipeline.out()));
    EXPECT_OK(sagips_pipeline_add(pipeline, stage));
    if (has_forward) {
      const sagips_check_report r = check(pipeline, kQuadraticBox, 1);
      EXPECT_EQ(r.passed, 1) << r.text;
      EXPECT_EQ(r.gradient_correct, 1) << r.text;
      continue;
    }
    sagips_check_report report{};
    report.struct_size = sizeof(report);
    EXPECT_FAILS(sagips_pipeline_check(pipeline, 3, kQuadraticBox.lower.data(),
                                       kQuadraticBox.upper.data(), 1, &report),
                 SAGIPS_ERROR_STATE, {"'outside'", "forward", "serves"});
  }
}

TEST(PipelineCheck, WithoutADerivativeItSaysSoAndStillPasses) {
  Model model;
  const sagips_check_report r =
      check(make_pipeline(&model, true, Route::kPlain), {{-1, 0.5}, {2, 3}}, 1);
  EXPECT_EQ(r.passed, 1) << r.text;
  EXPECT_EQ(r.has_backward, 0);
  EXPECT_EQ(r.worst_parameter, -1);
  EXPECT_NE(std::string(r.text).find("not checked"), std::string::npos) << r.text;
}

}  // namespace
}  // namespace capi
