// SPDX-License-Identifier: BSD-3-Clause
// Stages in a row: what they see, what becomes of weights, lost events and auxiliaries on the way
// forward, and of cotangents on the way back.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pipeline/evaluation.h"
#include "unit/core/core_testing.h"

namespace sagips {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// y = (p_0 u_0, p_1 + u_1); events with u_0 < 1/4 are lost; one auxiliary, p_0 p_1.
int32_t theory_forward(void*, sagips_batch* b) {
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double* p = b->parameters + n * b->n_parameters;
    b->auxiliary[n] = p[0] * p[1];
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i) {
      b->outputs[2 * i] = p[0] * b->uniforms[2 * i];
      b->outputs[2 * i + 1] = p[1] + b->uniforms[2 * i + 1];
      if (b->uniforms[2 * i] >= 0.25) continue;
      b->weight[i] = 0;
      b->outputs[2 * i] = kNan;  // a lost event may hold anything
    }
  }
  return 0;
}

int32_t theory_backward(void*, sagips_batch* b) {
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double* p = b->parameters + n * b->n_parameters;
    double* g = b->grad_parameters + n * b->n_parameters;
    g[0] += b->grad_auxiliary[n] * p[1];
    g[1] += b->grad_auxiliary[n] * p[0];
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i) {
      if (b->weight[i] == 0) continue;
      g[0] += b->grad_outputs[2 * i] * b->uniforms[2 * i];
      g[1] += b->grad_outputs[2 * i + 1];
    }
  }
  return 0;
}

/// y = x_0 x_1 + q, weight exp(-x_0/2 - q); one auxiliary, q^2.
int32_t careless_forward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double q = b->parameters[i / b->n_events * b->n_parameters];
    const double* x = b->inputs + 2 * i;
    b->outputs[i] = x[0] * x[1] + q;
    b->weight[i] = std::exp(-x[0] / 2 - q);
    b->auxiliary[i / b->n_events] = q * q;
  }
  return 0;
}

/// The same, and it leaves lost events alone.
int32_t detector_forward(void* user, sagips_batch* b) {
  careless_forward(user, b);
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i)
    if (b->weight_in[i] == 0) b->weight[i] = 1;
  return 0;
}

int32_t detector_backward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const int64_t n = i / b->n_events;
    if (i % b->n_events == 0)
      b->grad_parameters[n] += 2 * b->parameters[n * b->n_parameters] * b->grad_auxiliary[n];
    if (b->weight_in[i] == 0) continue;
    const double* x = b->inputs + 2 * i;
    const double by_weight = b->grad_weight[i] * b->weight[i];
    b->grad_inputs[2 * i] += b->grad_outputs[i] * x[1] - by_weight / 2;
    b->grad_inputs[2 * i + 1] += b->grad_outputs[i] * x[0];
    b->grad_parameters[n] += b->grad_outputs[i] - by_weight;
  }
  return 0;
}

Stage theory() {
  Stage s;
  s.name = "theory";
  s.n_outputs = 2, s.n_auxiliary = 1, s.n_uniforms = 2;
  s.columns = {0, 2};
  s.forward = theory_forward, s.backward = theory_backward;
  return s;
}

Stage detector() {
  Stage s;
  s.name = "detector";
  s.n_inputs = 2, s.n_outputs = 1, s.n_auxiliary = 1;
  s.columns = {1};
  s.forward = detector_forward, s.backward = detector_backward;
  return s;
}

struct Fixture {
  explicit Fixture(const std::vector<Stage>& stages) {
    for (const Stage& stage : stages) pipeline.add(stage);
  }
  void forward(int64_t n_rows, int64_t n_events) {
    rows = {n_rows, n_events, 3, {}, {}};
    for (int64_t n = 0; n < n_rows; ++n) {
      const double shift = 0.1 * static_cast<double>(n);
      for (const double p : {0.8 + shift, 0.3 - shift, 0.5 + shift}) rows.parameters.push_back(p);
      rows.draw.push_back(n);
    }
    evaluation.forward(Call{5}, rows);
  }
  Pipeline pipeline;
  const Box box{{0, -1, 0}, {2, 1, 2}};
  CallbackMeter meter;
  Evaluation evaluation{&pipeline, &box, &meter};
  Rows rows;
};

TEST(Pipeline, RefusesStagesThatDoNotFit) {
  Pipeline pipeline;
  Stage bare = theory();
  bare.forward = nullptr;
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_STATE, "no forward model", pipeline.add(bare));
  Stage shapeless = theory();
  shapeless.n_outputs = 0;
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_STATE, "no shape", pipeline.add(shapeless));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_SHAPE, "a first stage takes 0", pipeline.add(detector()));
  pipeline.add(theory());
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_SHAPE, "takes 0 observables", pipeline.add(theory()));
  pipeline.add(detector());
  EXPECT_EQ(pipeline.n_outputs(), 1);
  EXPECT_EQ(pipeline.n_auxiliary(), 2);
  EXPECT_NO_THROW(pipeline.check_columns(3));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_SHAPE, "parameter 2", pipeline.check_columns(2));
}

TEST(Pipeline, NamesTheRoutesOfItsStages) {
  Stage smooth = detector(), plain = detector();
  smooth.backward = plain.backward = nullptr;
  smooth.is_smooth = true;
  EXPECT_EQ(Fixture({theory(), detector()}).pipeline.route_name(), "vjp");
  EXPECT_EQ(Fixture({theory(), smooth}).pipeline.route_name(), "vjp + event differences");
  EXPECT_EQ(Fixture({theory(), plain}).pipeline.route_name(), "vjp + objective differences");
  EXPECT_TRUE(Fixture({theory(), smooth}).pipeline.is_pulled_back());
  EXPECT_FALSE(Fixture({theory(), plain}).pipeline.is_pulled_back());
}

TEST(Evaluation, HandsColumnsWeightsAndAuxiliariesOn) {
  Fixture f({theory(), detector()});
  f.forward(3, 50);
  int64_t lost = 0;
  for (int64_t n = 0; n < 3; ++n) {
    const double* p = f.rows.parameters.data() + n * 3;
    EXPECT_DOUBLE_EQ(f.evaluation.auxiliary()[at(2 * n)], p[0] * p[2]);
    EXPECT_DOUBLE_EQ(f.evaluation.auxiliary()[at(2 * n + 1)], p[1] * p[1]);
    for (int64_t i = n * 50; i < (n + 1) * 50; ++i) {
      const double w = f.evaluation.weights()[at(i)];
      if (w == 0) {
        ++lost;
        continue;
      }
      const double x0 = -2 * (std::log(w) + p[1]);  // p_0 u_0 of a survivor
      EXPECT_GE(x0, 0.25 * p[0] - 1e-12);
      EXPECT_LE(x0, p[0] + 1e-12);
    }
  }
  EXPECT_NEAR(static_cast<double>(lost), 37.5, 5 * 5.3);  // binomial, five sigmas
}

TEST(Evaluation, LostStaysLostWhateverALaterStageWrites) {
  Stage careless = detector();  // makes NaN weights of lost events' NaN inputs, as it may
  careless.forward = careless_forward;
  Fixture f({theory(), careless});
  f.forward(4, 40);
  int64_t lost = 0;
  for (const double w : f.evaluation.weights()) {
    ASSERT_TRUE(std::isfinite(w));
    lost += w == 0 ? 1 : 0;
  }
  EXPECT_GT(lost, 10);
  const std::vector<double> by_events(160, 1), by_weights(160, 1), by_auxiliary(8, 1);
  for (const double g : f.evaluation.pull_back(by_events, by_weights, by_auxiliary))
    EXPECT_TRUE(std::isfinite(g));
}

/// A smooth function of everything that a pipeline delivers, and its derivatives.
double objective(const Evaluation& e, std::vector<double>* by_events,
                 std::vector<double>* by_weights, std::vector<double>* by_auxiliary) {
  double sum = 0;
  by_events->assign(e.events().size(), 0);
  by_weights->assign(e.weights().size(), 0);
  by_auxiliary->assign(e.auxiliary().size(), 0);
  for (size_t i = 0; i < e.weights().size(); ++i) {
    if (e.weights()[i] == 0) continue;
    const double scale = 0.1 * static_cast<double>(1 + i % 7), y = e.events()[i];
    sum += scale * e.weights()[i] * std::sin(y);
    (*by_events)[i] = scale * e.weights()[i] * std::cos(y);
    (*by_weights)[i] = scale * std::sin(y);
  }
  for (size_t a = 0; a < e.auxiliary().size(); ++a) {
    sum += std::cos(e.auxiliary()[a] + static_cast<double>(a));
    (*by_auxiliary)[a] = -std::sin(e.auxiliary()[a] + static_cast<double>(a));
  }
  return sum;
}

TEST(Evaluation, PullBackIsTheDerivativeByParametersHoweverStagesAreDifferentiated) {
  Stage smooth_theory = theory(), smooth_detector = detector();
  smooth_theory.backward = smooth_detector.backward = nullptr;
  smooth_theory.is_smooth = smooth_detector.is_smooth = true;
  for (const std::vector<Stage>& stages :
       {std::vector<Stage>{theory(), detector()}, std::vector<Stage>{smooth_theory, detector()},
        std::vector<Stage>{theory(), smooth_detector},
        std::vector<Stage>{smooth_theory, smooth_detector}}) {
    Fixture f(stages);
    f.forward(3, 20);
    std::vector<double> by_events, by_weights, by_auxiliary;
    objective(f.evaluation, &by_events, &by_weights, &by_auxiliary);
    const std::vector<double> grad = f.evaluation.pull_back(by_events, by_weights, by_auxiliary);
    ASSERT_EQ(grad.size(), 9U);
    for (size_t i = 0; i < grad.size(); ++i) {
      // Steps of 1e-5 of values of order 1: curvature 1e-10, rounding 1e-11; a stage's own
      // differences at 1e-4 of its ranges and spreads: 1e-8 times sums of 20 events.
      Rows moved = f.rows;
      std::vector<double> ignored[3];
      double values[2];
      for (const int side : {0, 1}) {
        moved.parameters[i] = f.rows.parameters[i] + (side == 0 ? -1e-5 : 1e-5);
        f.evaluation.forward(Call{5}, moved);
        values[side] = objective(f.evaluation, &ignored[0], &ignored[1], &ignored[2]);
      }
      EXPECT_NEAR(grad[i], (values[1] - values[0]) / 2e-5, 2e-7) << "parameter " << i;
    }
  }
}

TEST(Evaluation, EqualDrawsAreEqualEventsInAnyBatch) {
  Fixture f({theory(), detector()});
  f.forward(3, 10);
  const std::vector<double> weights = f.evaluation.weights();
  Rows one{2, 10, 3, {}, {2, 2}};
  for (int twice = 0; twice < 2; ++twice)
    one.parameters.insert(one.parameters.end(), f.rows.parameters.begin() + 6,
                          f.rows.parameters.end());
  f.evaluation.forward(Call{5}, one);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(f.evaluation.weights()[i], weights[20 + i]);
    EXPECT_EQ(f.evaluation.weights()[10 + i], weights[20 + i]);
  }
  Call other{5};
  other.epoch = 1;
  f.evaluation.forward(other, one);
  EXPECT_NE(f.evaluation.weights()[9], weights[29]);
}

// ----------------------------------------------------------- what callbacks may not deliver

template <typename Write>
sagips_status status_of_one_event(const Write& write, int32_t request) {
  struct Spoiler {
    const Write* write;
    int32_t request;
  };
  Stage second = detector();
  second.user = std::make_shared<Spoiler>(Spoiler{&write, request});
  second.forward = second.backward = [](void* user, sagips_batch* b) -> int32_t {
    const auto* spoiler = static_cast<Spoiler*>(user);
    if (b->request == spoiler->request) (*spoiler->write)(b);
    return 0;
  };
  Stage first = theory();
  first.forward = [](void*, sagips_batch* b) -> int32_t {
    std::fill_n(b->weight, b->n_rows * b->n_events, 0.0);  // all events are lost
    return 0;
  };
  Fixture f({first, second});
  return error_of([&] {
           f.forward(1, 1);
           f.evaluation.pull_back(std::vector<double>{1}, std::vector<double>{0},
                                  std::vector<double>{1, 1});
         })
      .status();
}

TEST(Evaluation, ChecksNumbersOfARowAlsoWhereItsOneEventIsLost) {
  const auto nothing = [](sagips_batch*) {};
  const auto auxiliary = [](sagips_batch* b) { b->auxiliary[0] = kNan; };
  const auto gradient = [](sagips_batch* b) { b->grad_parameters[0] = kNan; };
  const auto outputs = [](sagips_batch* b) { b->outputs[0] = kNan; };
  EXPECT_EQ(status_of_one_event(nothing, SAGIPS_FORWARD), SAGIPS_OK);
  EXPECT_EQ(status_of_one_event(outputs, SAGIPS_FORWARD), SAGIPS_OK);  // never read
  EXPECT_EQ(status_of_one_event(auxiliary, SAGIPS_FORWARD), SAGIPS_ERROR_NONFINITE);
  EXPECT_EQ(status_of_one_event(gradient, SAGIPS_BACKWARD), SAGIPS_ERROR_NONFINITE);
}

}  // namespace
}  // namespace sagips
