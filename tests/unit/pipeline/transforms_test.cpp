// SPDX-License-Identifier: BSD-3-Clause
// Built-ins behind others: the same bits in any number of threads and in any batch, and gradients
// that the check of pipelines believes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <utility>

#include "pipeline/check.h"
#include "unit/pipeline/transform_testing.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

const std::vector<double> kKumaTruth = {1.5, 1.4, 3, 2, 2.2, 4};
const std::vector<double> kProxyTruth = {2.1875, -0.5, 3, 1.09375, -0.5, 4};

void add_background(const std::string& settings, Pipeline* pipeline) {
  std::vector<double> sample;
  for (int i = 0; i < 200; ++i) sample.push_back(0.9 + 0.5 * std::sin(static_cast<double>(i)));
  pipeline->add(
      make_builtin_background(settings, {sample.data(), nullptr, 100, 2}, pipeline->n_outputs()));
}

/// A pipeline of built-ins; "background" comes with a sample.
struct Chain {
  const char* name;
  std::vector<double> truth;
  std::vector<std::pair<std::string, std::string>> stages;

  Pipeline make() const {
    Pipeline pipeline;
    for (const auto& [stage, settings] : stages)
      if (stage == "background")
        add_background(settings, &pipeline);
      else
        add_builtin(stage, settings, &pipeline);
    return pipeline;
  }
  std::vector<double> point() const {
    std::vector<double> p = truth;
    for (const double more : {0.2, 0.1, 0.15}) p.push_back(more);
    return p;
  }
};

std::ostream& operator<<(std::ostream& out, const Chain& chain) { return out << chain.name; }

const Chain kChains[] = {
    {"SoftCut",
     kProxyTruth,
     {{"proxy1d", ""},
      {"smear", "sigma=0.02 relative=0,0.05"},
      {"cut", "observable=0 lower=0.2 upper=0.8 width=0.02"},
      {"select", "observables=1,0"}}},
    {"Background",
     kKumaTruth,
     {{"kuma6", ""}, {"background", "parameters=6"}, {"response", "matrix=1,0.1;0.05,0.9"}}},
    {"HardCut",
     kKumaTruth,
     {{"kuma6", ""},
      {"smear", "parameters=7,8"},
      {"cut", "observable=1 lower=0.7"},
      {"select", "observables=1"}}},
    {"All",
     kKumaTruth,
     {{"kuma6", ""},
      {"cut", "observable=1 upper=1.6"},
      {"background", "fraction=0.15"},
      {"smear", "parameters=7 relative_parameters=8"},
      {"response", "matrix=1,0.1;0.05,0.9;1,1 offset=0,0,-1"},
      {"cut", "observable=2 lower=0.3 width=0.05"}}},
};

struct Result {
  std::vector<double> events, weights, grad;
};

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), 8 * a.size()) == 0;
}
bool operator==(const Result& a, const Result& b) {
  return same(a.events, b.events) && same(a.weights, b.weights) && same(a.grad, b.grad);
}

/// The derivatives of  sum w sin(y_0)  by weights.
std::vector<double> values_of(const Evaluation& e) {
  const size_t width = at(e.pipeline().n_outputs());
  std::vector<double> values(e.weights().size());
  for (size_t i = 0; i < values.size(); ++i)
    if (e.weights()[i] != 0) values[i] = std::sin(e.events()[i * width]);
  return values;
}

Result run(const Pipeline& pipeline, const Rows& rows, const Parallel* parallel) {
  Passage passage(pipeline, true, parallel);
  const Evaluation& e = passage.forward(rows);
  Result result{e.events(), e.weights(), {}};
  const size_t width = at(pipeline.n_outputs());
  std::vector<double> by_events(e.events().size());
  for (size_t i = 0; i < e.weights().size(); ++i)
    if (e.weights()[i] != 0)
      by_events[i * width] = e.weights()[i] * std::cos(e.events()[i * width]);
  result.grad = passage.gradient(by_events, values_of(e), values_of);
  return result;
}

class Transforms : public testing::TestWithParam<Chain> {};

TEST_P(Transforms, GiveTheSameBitsInAnyThreads) {
  const Pipeline pipeline = GetParam().make();
  for (const int64_t n_rows : {1, 3})
    for (const int64_t n_events : {1, 7, 2049, 5000}) {
      const Rows rows = rows_at(GetParam().point(), n_rows, n_events);
      const Result expected = run(pipeline, rows, nullptr);
      for (const int32_t threads : {2, 3}) {
        const Parallel parallel(threads);
        EXPECT_TRUE(run(pipeline, rows, &parallel) == expected) << threads << ", " << n_events;
      }
    }
}

TEST_P(Transforms, GiveARowTheSameBitsInAnyBatch) {
  const Pipeline pipeline = GetParam().make();
  for (const int64_t n_events : {1, 13, 2500}) {
    const Rows all = rows_at(GetParam().point(), 5, n_events);
    const Result expected = run(pipeline, all, nullptr);
    const int64_t width = pipeline.n_outputs();
    for (int64_t n = 0; n < 5; ++n) {
      Rows one = rows_at(GetParam().point(), 1, n_events);
      one.draw = {n};
      const Result r = run(pipeline, one, nullptr);
      EXPECT_EQ(0, std::memcmp(r.events.data(), &expected.events[at(n * n_events * width)],
                               8 * r.events.size()));
      EXPECT_EQ(0, std::memcmp(r.weights.data(), &expected.weights[at(n * n_events)],
                               8 * r.weights.size()));
    }
  }
}

TEST_P(Transforms, GiveAnEventTheSameBitsInALongerRow) {
  const Pipeline pipeline = GetParam().make();
  const Result longer = run(pipeline, rows_at(GetParam().point(), 1, 5000), nullptr);
  const Result shorter = run(pipeline, rows_at(GetParam().point(), 1, 77), nullptr);
  EXPECT_EQ(0, std::memcmp(longer.events.data(), shorter.events.data(), 8 * shorter.events.size()));
  EXPECT_EQ(0,
            std::memcmp(longer.weights.data(), shorter.weights.data(), 8 * shorter.weights.size()));
}

Box box_around(const std::vector<double>& truth) {
  Box box;
  for (const double p : truth) {
    box.lower.push_back(p - 0.3 * std::abs(p));
    box.upper.push_back(p + 0.3 * std::abs(p));
  }
  return box;
}

TEST_P(Transforms, PassTheCheck) {
  for (const uint64_t seed : {1, 2}) {
    const sagips_check_report r =
        check_pipeline(GetParam().make(), box_around(GetParam().point()), seed);
    EXPECT_EQ(r.passed, 1) << r.text;
    EXPECT_EQ(r.gradient_correct, 1) << r.text;
  }
}

std::string name_of(const testing::TestParamInfo<Chain>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Every, Transforms, testing::ValuesIn(kChains), name_of);

bool writes_weights(const Pipeline& pipeline) {
  return std::any_of(pipeline.stages().begin(), pipeline.stages().end(),
                     [](const Stage& stage) { return stage.may_weight(); });
}

TEST(Transforms, OnlyCutsAndBackgroundsWriteWeights) {
  Pipeline pipeline;
  add_builtin("kuma6", "", &pipeline);
  add_builtin("smear", "sigma=0.1", &pipeline);
  add_builtin("response", "matrix=1,0.1;0.05,0.9", &pipeline);
  add_builtin("select", "observables=1", &pipeline);
  EXPECT_FALSE(writes_weights(pipeline));
  EXPECT_FALSE(pipeline.jumps(true) || pipeline.jumps(false));
  Pipeline with_background = pipeline, with_cut = pipeline, with_hard_cut = pipeline;
  const double event = 1;
  with_background.add(make_builtin_background("parameters=6", {&event, nullptr, 1, 1}, 1));
  add_builtin("cut", "lower=0.1 width=0.1", &with_cut);
  add_builtin("cut", "lower=0.1", &with_hard_cut);
  for (const Pipeline* p : {&with_background, &with_cut, &with_hard_cut})
    EXPECT_TRUE(writes_weights(*p));
  EXPECT_TRUE(with_background.jumps(true) && with_hard_cut.jumps(true));
  EXPECT_TRUE(with_cut.jumps(false) && !with_cut.jumps(true));
}

TEST(Transforms, FailTheCheckWhereACutLeavesItsEdgeOut) {
  NaiveCut cut;
  cut.observable = 1;
  cut.lower = 0.7;
  Pipeline naive, hard;
  add_builtin("kuma6", "", &naive);
  add_naive_cut(cut, &naive);
  add_builtin("kuma6", "", &hard);
  add_builtin("cut", "observable=1 lower=0.7", &hard);
  const sagips_check_report wrong = check_pipeline(naive, box_around(kKumaTruth), 1);
  EXPECT_EQ(wrong.gradient_correct, 0);
  EXPECT_EQ(wrong.has_backward, 1);
  for (const char* words : {"a hard cut moves with the parameter", "take the backward away"})
    EXPECT_NE(std::string(wrong.text).find(words), std::string::npos) << wrong.text;
  const sagips_check_report right = check_pipeline(hard, box_around(kKumaTruth), 1);
  EXPECT_EQ(right.gradient_correct, 1) << right.text;
}

TEST(Transforms, StandBesideUsersStagesWithoutAProduct) {
  Stage squash;  // smooth, and has no derivative of its own
  squash.name = "squash";
  squash.n_inputs = squash.n_outputs = 2;
  squash.columns = {0};
  squash.is_smooth = true;
  squash.forward = [](void*, sagips_batch* b) {
    for (int64_t i = 0; i < 2 * b->n_rows * b->n_events; ++i)
      b->outputs[i] = std::tanh(b->inputs[i]);
    return 0;
  };
  for (const auto& [how, route] :
       {std::pair("width=0.05", "vjp + event differences"),
        std::pair("", "vjp + event differences + objective differences")}) {
    Pipeline pipeline;
    add_builtin("kuma6", "", &pipeline);
    add_builtin("smear", "sigma=0.05", &pipeline);
    pipeline.add(squash);
    add_builtin("cut", std::string("observable=1 lower=0.4 ") + how, &pipeline);
    EXPECT_EQ(pipeline.route_name(), route);
    const sagips_check_report r = check_pipeline(pipeline, box_around(kKumaTruth), 1);
    EXPECT_EQ(r.passed, 1) << r.text;
  }
}

}  // namespace
}  // namespace sagips
