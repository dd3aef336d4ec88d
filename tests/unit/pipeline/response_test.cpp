// SPDX-License-Identifier: BSD-3-Clause
// Linear maps: y = A x + b with A^T on the way back, and selections, which are such maps.
#include "pipeline/response.h"

#include <gtest/gtest.h>

#include "unit/pipeline/transform_testing.h"

namespace sagips {
namespace {

struct Outcome {
  std::vector<double> inputs, events, grad;
};

Outcome pass(const std::string& name, const std::string& settings) {
  Pipeline source, pipeline;
  source.add(exponentials(3));
  pipeline.add(exponentials(3));
  add_builtin(name, settings, &pipeline);
  const Rows rows = rows_at({1, 2, 3}, 2, 50);
  Passage first(source), all(pipeline);
  Outcome o;
  o.inputs = first.forward(rows).events();
  o.events = all.forward(rows).events();
  std::vector<double> cotangent(o.events.size());
  for (size_t i = 0; i < cotangent.size(); ++i) cotangent[i] = std::sin(static_cast<double>(i));
  o.grad = all.pull_back(cotangent, {});
  return o;
}

/// Events and gradients of y = A x + b, from the formula.
void expect_linear(const Outcome& o, const std::vector<std::vector<double>>& a,
                   const std::vector<double>& b) {
  const size_t width = a.size();
  ASSERT_EQ(o.events.size(), 100 * width);
  std::vector<double> grad(6);
  for (size_t e = 0; e < 100; ++e)
    for (size_t y = 0; y < width; ++y) {
      double sum = b[y];
      for (size_t k = 0; k < 3; ++k) {
        sum += a[y][k] * o.inputs[3 * e + k];
        grad[e / 50 * 3 + k] += std::sin(static_cast<double>(width * e + y)) * a[y][k] *
                                o.inputs[3 * e + k] / static_cast<double>(k + 1);
      }
      ASSERT_NEAR(o.events[width * e + y], sum, 1e-13);
    }
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(o.grad[i], grad[i], 1e-11);
}

TEST(Response, IsTheMatrixAndItsTransposeOnTheWayBack) {
  expect_linear(pass("response", "matrix=1,0.1,0;0.05,0.9,-2;0,0,1 offset=0,-1,2"),
                {{1, 0.1, 0}, {0.05, 0.9, -2}, {0, 0, 1}}, {0, -1, 2});
}

TEST(Response, MayBeRectangular) {
  expect_linear(pass("response", "matrix=1,1,1"), {{1, 1, 1}}, {0});
  expect_linear(pass("response", "matrix=1,0,0;0,1,0;0,0,1;1,-1,0;2e-3,0,5"),
                {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, -1, 0}, {2e-3, 0, 5}}, {0, 0, 0, 0, 0});
}

TEST(Select, TakesSomeObservablesInAnyOrder) {
  expect_linear(pass("select", "observables=2,0"), {{0, 0, 1}, {1, 0, 0}}, {0, 0});
  expect_linear(pass("select", "observables=1"), {{0, 1, 0}}, {0});
}

TEST(Select, LeavesAllInTheirOrderUntouched) {
  const Outcome o = pass("select", "observables=0,1,2");
  EXPECT_EQ(o.events, o.inputs);
}

}  // namespace
}  // namespace sagips
