// SPDX-License-Identifier: BSD-3-Clause
// kuma6 on batches made by hand, by every instruction set: its law, its derivative, its clamp, and
// how near it is to long double.

#include "pipeline/kuma6.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace sagips {
namespace {

using Point = std::array<double, 6>;

constexpr Point kTruth = {1.5, 1.4, 3, 2, 2.2, 4};
constexpr Point kLower = {0.5, 0.5, 1, 0.5, 0.5, 1};
constexpr Point kUpper = {3, 4, 6, 3, 4, 6};

Simd simd_under_test = Simd::kPortable;

class Kuma6 : public testing::TestWithParam<Simd> {
 protected:
  void SetUp() override { simd_under_test = GetParam(); }
};

std::string simd_of(const testing::TestParamInfo<Simd>& info) { return simd_name(info.param); }
INSTANTIATE_TEST_SUITE_P(Every, Kuma6, testing::ValuesIn(supported_simd()), simd_of);

struct Kuma6Batch {
  Kuma6Batch(std::vector<Point> points, int64_t n_events, uint32_t seed)
      : parameters(std::move(points)),
        uniforms(parameters.size() * static_cast<size_t>(n_events) * 2),
        outputs(uniforms.size()),
        grad_outputs(uniforms.size(), 1.0),
        grad_parameters(parameters.size()),
        row_status(parameters.size()) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> draw(0, 1);
    for (double& uniform : uniforms) uniform = draw(engine);
    batch.struct_size = sizeof batch;
    batch.n_rows = static_cast<int64_t>(parameters.size());
    batch.n_events = n_events;
    batch.n_parameters = 6;
    batch.n_outputs = 2;
    batch.n_uniforms = 2;
  }

  void point_at_arrays() {
    batch.parameters = parameters.data()->data();
    batch.uniforms = uniforms.data();
    batch.outputs = outputs.data();
    batch.row_status = row_status.data();
    batch.grad_outputs = grad_outputs.data();
    batch.grad_parameters = grad_parameters.data()->data();
  }
  void forward() {
    point_at_arrays();
    batch.request = SAGIPS_FORWARD;
    EXPECT_EQ(kuma6_forward(user.get(), &batch), 0);
  }
  void backward() {
    point_at_arrays();
    batch.request = SAGIPS_BACKWARD;
    for (Point& row : grad_parameters) row.fill(0);
    EXPECT_EQ(kuma6_backward(user.get(), &batch), 0);
  }

  std::shared_ptr<void> user = make_kuma6(simd_under_test);
  std::vector<Point> parameters;
  std::vector<double> uniforms, outputs, grad_outputs;
  std::vector<Point> grad_parameters;
  std::vector<int32_t> row_status;
  sagips_batch batch{};
};

std::vector<Point> corners() {
  std::vector<Point> points;
  for (unsigned corner = 0; corner < 64; ++corner) {
    Point p;
    for (size_t j = 0; j < 6; ++j) p[j] = (corner >> j) & 1 ? kUpper[j] : kLower[j];
    points.push_back(p);
  }
  return points;
}

// The largest distance of the empirical distribution of column k from 1 - (1 - (y/s)^a)^b.
double kolmogorov_distance(const Kuma6Batch& events, size_t k) {
  std::vector<double> y;
  for (size_t i = k; i < events.outputs.size(); i += 2) y.push_back(events.outputs[i]);
  std::sort(y.begin(), y.end());
  const double s = events.parameters[0][3 * k];
  const double a = events.parameters[0][3 * k + 1];
  const double b = events.parameters[0][3 * k + 2];
  const double n = static_cast<double>(y.size());
  double distance = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    const double cdf = 1 - std::pow(1 - std::pow(y[i] / s, a), b);
    const double rank = static_cast<double>(i);
    distance = std::max({distance, cdf - rank / n, (rank + 1) / n - cdf});
  }
  return distance;
}

TEST_P(Kuma6, EventsFollowTheLaw) {
  constexpr int64_t kEvents = 100000;
  constexpr double kCritical = 1.95;  // Kolmogorov: exceeded with probability 1e-3
  for (const Point& p : {kTruth, Point{0.5, 4, 1, 3, 0.5, 6}, Point{3, 0.5, 6, 1, 1, 1}}) {
    Kuma6Batch events({p}, kEvents, 11);
    events.forward();
    for (size_t k = 0; k < 2; ++k) {
      EXPECT_LT(kolmogorov_distance(events, k) * std::sqrt(double{kEvents}), kCritical) << k;
    }
    // The same test sees a parameter that is off by 5 %.
    events.parameters[0][1] *= 1.05;
    EXPECT_GT(kolmogorov_distance(events, 0) * std::sqrt(double{kEvents}), kCritical);
  }
}

// Steps of 1e-6 of a value: central differences then err by 1e-12 from curvature and about 1e-10
// from rounding, relative to y/p; sums over events of one sign keep that.
constexpr double kDifferenceError = 1e-8;

void expect_derivative_matches_differences(const Point& p, int64_t n_events) {
  Kuma6Batch at({p}, n_events, 5);
  std::mt19937_64 engine(6);
  std::normal_distribution<double> cotangent;
  for (double& g : at.grad_outputs) g = cotangent(engine);
  at.backward();
  for (size_t j = 0; j < 6; ++j) {
    const double step = 1e-6 * p[j];
    Kuma6Batch above({p}, n_events, 5), below({p}, n_events, 5);
    above.parameters[0][j] += step;
    below.parameters[0][j] -= step;
    above.forward();
    below.forward();
    double difference = 0, scale = 0;
    for (size_t i = 0; i < at.outputs.size(); ++i) {
      difference += at.grad_outputs[i] * (above.outputs[i] - below.outputs[i]) / (2 * step);
      scale += std::fabs(at.grad_outputs[i]) * (above.outputs[i] + below.outputs[i]) / p[j];
    }
    EXPECT_NEAR(at.grad_parameters[0][j], difference, kDifferenceError * scale)
        << "parameter " << j << ", " << n_events << " events";
  }
}

TEST_P(Kuma6, DerivativeMatchesDifferences) {
  for (int64_t n_events : {1, 13, 400}) {
    expect_derivative_matches_differences(kTruth, n_events);
    expect_derivative_matches_differences(kLower, n_events);
    expect_derivative_matches_differences(kUpper, n_events);
  }
}

// Uniforms at both ends, beyond them, and between.
std::vector<double> uniforms_to_try() {
  std::vector<double> u = {1e-300, 0x1p-53, 1e-7, 1.5e-7, 1 - 2e-7, 1 - 1e-7, 1 - 0x1p-53};
  for (int i = 1; i < 200; ++i) u.push_back(i / 200.0);
  for (double x = 1e-7; x < 0.1; x *= 1.7) {
    u.push_back(x);
    u.push_back(1 - x);
  }
  return u;
}

TEST_P(Kuma6, EventsAndDerivativesAreThoseOfLongDouble) {
  // ln A, down to -18, is right to some ulp and divided by a, 0.5 and more. The derivatives are
  // told in parts of y/s, y/a and y/(a b): as ln x and q ln q/A go through 0 where 1 - A cancels,
  // no relative error of an event holds there.
  constexpr double kError = 1e-14;
  const std::vector<double> uniforms = uniforms_to_try();
  std::vector<Point> points = corners();
  points.push_back(kTruth);
  points.push_back({1, 1, 1, 1e-3, 20, 30});
  for (const Point& p : points)
    for (const double u : uniforms)
      for (size_t k = 0; k < 2; ++k) {
        Kuma6Batch batch({p}, 1, 1);
        batch.uniforms = {u, u};
        batch.grad_outputs = {k == 0 ? 1.0 : 0.0, k == 0 ? 0.0 : 1.0};
        batch.forward();
        batch.backward();
        const long double s = p[3 * k], a = p[3 * k + 1], b = p[3 * k + 2];
        const long double log_q = std::log1p(-std::clamp<long double>(u, 1e-7, 1 - 2e-7)) / b;
        const long double rest = -std::expm1(log_q), log_x = std::log(rest) / a;
        const long double x = std::exp(log_x), y = s * x;
        const auto near = [&](double value, long double exact, long double scale) {
          return std::abs(value - exact) <= kError * scale;
        };
        const double* grad = batch.grad_parameters[0].data() + 3 * k;
        EXPECT_TRUE(near(batch.outputs[k], y, y)) << u << " -> " << batch.outputs[k];
        EXPECT_TRUE(near(grad[0], x, x)) << u;
        EXPECT_TRUE(near(grad[1], -y * log_x / a, y / a * (1 - log_x))) << u;
        EXPECT_TRUE(
            near(grad[2], y * std::exp(log_q) * log_q / (a * rest * b), y / (a * b) * (1 - log_x)))
            << u;
      }
}

// Vectors and what is left of them: 1, 7 and 13 events, and one more or less than many.
TEST_P(Kuma6, AnEventDependsOnNothingButItsUniforms) {
  const std::vector<Point> points = {kTruth, kLower, kUpper};
  Kuma6Batch all(points, 2049, 4);
  all.forward();
  for (const int64_t n_events : {1, 7, 13, 2047}) {
    const size_t width = static_cast<size_t>(2 * n_events);
    Kuma6Batch some(points, n_events, 4);
    for (size_t i = 0; i < some.uniforms.size(); ++i)
      some.uniforms[i] = all.uniforms[i / width * 4098 + i % width];
    some.forward();
    for (size_t i = 0; i < some.uniforms.size(); ++i)
      EXPECT_EQ(some.outputs[i], all.outputs[i / width * 4098 + i % width]);
  }
}

TEST_P(Kuma6, RowsAreIndependentAndGradientsAdded) {
  const std::vector<Point> points = {kTruth, kLower, kUpper, kTruth, kTruth, kLower, kUpper};
  Kuma6Batch all(points, 13, 7);
  all.forward();
  all.backward();
  for (size_t row = 0; row < points.size(); ++row) {
    Kuma6Batch one({points[row]}, 13, 7);
    std::copy_n(all.uniforms.begin() + static_cast<int64_t>(row) * 26, 26, one.uniforms.begin());
    one.forward();
    one.backward();
    EXPECT_TRUE(std::equal(one.outputs.begin(), one.outputs.end(),
                           all.outputs.begin() + static_cast<int64_t>(row) * 26));
    EXPECT_EQ(one.grad_parameters[0], all.grad_parameters[row]);
    kuma6_backward(one.user.get(), &one.batch);  // once more, without clearing
    for (size_t j = 0; j < 6; ++j) {
      // Equal up to the rounding of 26 additions that start elsewhere.
      EXPECT_NEAR(one.grad_parameters[0][j], 2 * all.grad_parameters[row][j],
                  1e-13 * std::fabs(all.grad_parameters[row][j]));
    }
  }
}

TEST_P(Kuma6, UniformsAreClampedAtBothEnds) {
  const double inside[2] = {1e-7, 1 - 2e-7};
  const double outside[2] = {1e-300, 1 - 0x1p-53};
  for (size_t end = 0; end < 2; ++end) {
    Kuma6Batch clamped(corners(), 1, 1), reference(corners(), 1, 1);
    std::fill(clamped.uniforms.begin(), clamped.uniforms.end(), outside[end]);
    std::fill(reference.uniforms.begin(), reference.uniforms.end(), inside[end]);
    clamped.forward();
    reference.forward();
    clamped.backward();
    reference.backward();
    EXPECT_EQ(clamped.outputs, reference.outputs);
    EXPECT_EQ(clamped.grad_parameters, reference.grad_parameters);
  }
}

TEST_P(Kuma6, EventsOfEveryCornerLieInsideTheSupportAndStayFinite) {
  Kuma6Batch batch(corners(), 7, 3);
  for (size_t i = 0; i < batch.uniforms.size(); i += 5) batch.uniforms[i] = 0x1p-53;
  for (size_t i = 1; i < batch.uniforms.size(); i += 5) batch.uniforms[i] = 1 - 0x1p-53;
  batch.forward();
  batch.backward();
  for (size_t i = 0; i < batch.outputs.size(); ++i) {
    const double s = batch.parameters[i / 14][3 * (i % 2)];
    EXPECT_GT(batch.outputs[i], 0);
    EXPECT_LT(batch.outputs[i], s);
  }
  for (const Point& row : batch.grad_parameters) {
    for (double g : row) EXPECT_TRUE(std::isfinite(g));
  }
}

TEST_P(Kuma6, ParametersWithoutALawFailTheirRowOnly) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<Point> points(7, kTruth);
  points[4][1] = -infinity;
  points[5][3] = -0.0;
  points[1][0] = 0;
  points[2][4] = nan;
  points[3][5] = infinity;
  Kuma6Batch batch(points, 3, 9);
  batch.forward();
  batch.backward();
  EXPECT_EQ(batch.row_status, (std::vector<int32_t>{0, 1, 1, 1, 1, 1, 0}));
  for (size_t row = 1; row < 6; ++row) EXPECT_EQ(batch.grad_parameters[row], Point{});
}

}  // namespace
}  // namespace sagips
