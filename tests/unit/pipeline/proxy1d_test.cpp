// SPDX-License-Identifier: BSD-3-Clause
// proxy1d on batches made by hand, by every instruction set, against a second, plain
// implementation: its published numbers, its law cell by cell, its derivative, and its behaviour at
// the edges of the box.

#include "pipeline/proxy1d.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace sagips {
namespace {

using Point = std::array<double, 6>;

constexpr Point kTruth = {2.1875, -0.5, 3, 1.09375, -0.5, 4};
constexpr Point kLower = {0, -1, 0, 0, -1, 0};
constexpr Point kUpper = {3, 1, 5, 3, 1, 5};

constexpr size_t kNodes = 1000;
constexpr double kSpacing = (0.99999 - 0.1) / 1000;
constexpr double kCut = 1e-4;  // share of the uniforms that the factor 0.9999 cuts off

double node(size_t i) { return 0.1 + static_cast<double>(i) * kSpacing; }

Simd simd_under_test = Simd::kPortable;

class Proxy1d : public testing::TestWithParam<Simd> {
 protected:
  void SetUp() override { simd_under_test = GetParam(); }
};

std::string simd_of(const testing::TestParamInfo<Simd>& info) { return simd_name(info.param); }
INSTANTIATE_TEST_SUITE_P(Every, Proxy1d, testing::ValuesIn(supported_simd()), simd_of);

struct Proxy1dBatch {
  Proxy1dBatch(std::vector<Point> points, int64_t n_events, uint32_t seed)
      : parameters(std::move(points)),
        uniforms(parameters.size() * static_cast<size_t>(n_events) * 2),
        outputs(uniforms.size()),
        grad_outputs(uniforms.size()),
        norms(parameters.size()),
        grad_norms(parameters.size()),
        grad_parameters(parameters.size()),
        row_status(parameters.size()) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> draw(0x1p-53, 1);
    for (double& uniform : uniforms) uniform = draw(engine);
    batch.struct_size = sizeof batch;
    batch.n_rows = static_cast<int64_t>(parameters.size());
    batch.n_events = n_events;
    batch.n_parameters = 6;
    batch.n_outputs = 2;
    batch.n_auxiliary = 2;
    batch.n_uniforms = 2;
  }

  void point_at_arrays() {
    batch.parameters = parameters.data()->data();
    batch.uniforms = uniforms.data();
    batch.outputs = outputs.data();
    batch.auxiliary = norms.data()->data();
    batch.row_status = row_status.data();
    batch.grad_outputs = grad_outputs.data();
    batch.grad_auxiliary = grad_norms.data()->data();
    batch.grad_parameters = grad_parameters.data()->data();
  }
  void forward() {
    point_at_arrays();
    batch.request = SAGIPS_FORWARD;
    EXPECT_EQ(proxy1d_forward(user.get(), &batch), 0);
  }
  void backward() {
    point_at_arrays();
    batch.request = SAGIPS_BACKWARD;
    for (Point& row : grad_parameters) row.fill(0);
    EXPECT_EQ(proxy1d_backward(user.get(), &batch), 0);
  }
  // Evenly spaced instead of random: means over events are then midpoint sums.
  void spread_uniforms() {
    const double n = static_cast<double>(uniforms.size() / 2);
    for (size_t i = 0; i < uniforms.size(); ++i) {
      uniforms[i] = (static_cast<double>(i / 2) + 0.5) / n;
    }
  }

  std::shared_ptr<void> user = make_proxy1d(simd_under_test);
  std::vector<Point> parameters;
  std::vector<double> uniforms, outputs, grad_outputs;
  std::vector<std::array<double, 2>> norms, grad_norms;
  std::vector<Point> grad_parameters;
  std::vector<int32_t> row_status;
  sagips_batch batch{};
};

void draw_cotangents(Proxy1dBatch* batch, uint32_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> cotangent;
  for (double& g : batch->grad_outputs) g = cotangent(engine);
  for (auto& row : batch->grad_norms) row = {cotangent(engine), cotangent(engine)};
}

std::vector<Point> corners() {
  std::vector<Point> points;
  for (unsigned corner = 0; corner < 64; ++corner) {
    Point p;
    for (size_t j = 0; j < 6; ++j) p[j] = (corner >> j) & 1 ? kUpper[j] : kLower[j];
    points.push_back(p);
  }
  return points;
}

bool is_finite(const std::vector<Point>& rows) {
  for (const Point& row : rows) {
    for (double value : row) {
      if (!std::isfinite(value)) return false;
    }
  }
  return true;
}

// ---- The plain implementation: powers instead of exponentials, a scan instead of a search.

std::vector<double> plain_sigma(const Point& p, size_t k) {
  std::vector<double> sigma(kNodes);
  for (size_t i = 0; i < kNodes; ++i) {
    const double u = p[0] * std::pow(node(i), p[1]) * std::pow(1 - node(i), p[2]);
    const double d = p[3] * std::pow(node(i), p[4]) * std::pow(1 - node(i), p[5]);
    sigma[i] = k == 0 ? 4 * u + d : u + 4 * d;
  }
  return sigma;
}

double plain_norm(const Point& p, size_t k) {
  const std::vector<double> sigma = plain_sigma(p, k);
  return kSpacing * std::accumulate(sigma.begin(), sigma.end() - 1, 0.0);
}

// Shares of the 999 cells and, last, of the atom at the last node, as they are sampled.
std::vector<double> plain_shares(const Point& p, size_t k) {
  std::vector<double> share = plain_sigma(p, k);
  const double sum = std::accumulate(share.begin(), share.end(), 0.0);
  for (double& s : share) s /= sum;
  share[0] -= kCut;  // more than that at all points used here
  for (double& s : share) s /= 1 - kCut;
  return share;
}

double plain_event(const Point& p, size_t k, double uniform) {
  std::vector<double> survival = plain_sigma(p, k);
  for (size_t i = kNodes - 1; i-- > 0;) survival[i] += survival[i + 1];
  const double sum = survival[0];
  for (double& s : survival) s /= sum;
  const double r = 0.9999 * uniform;
  size_t hi = 1;
  while (hi < kNodes && survival[hi] > r) ++hi;
  if (hi == kNodes) return node(kNodes - 1);
  const double w = (r - survival[hi]) / (survival[hi - 1] - survival[hi]);
  return node(hi) + w * (node(hi - 1) - node(hi));
}

// The mean event from shares, without any sampling.
double plain_mean(const Point& p, size_t k) {
  const std::vector<double> share = plain_shares(p, k);
  const double lost = kCut / (share[0] * (1 - kCut) + kCut);  // part of the first cell, at its left
  double mean = share[0] * (node(1) - 0.5 * (1 - lost) * kSpacing);
  for (size_t i = 1; i + 1 < kNodes; ++i) mean += share[i] * (node(i) + 0.5 * kSpacing);
  return mean + share[kNodes - 1] * node(kNodes - 1);
}

// ---- Published numbers

TEST_P(Proxy1d, NormsAtTruthAreThePublishedOnes) {
  constexpr double kHalfLastDigit = 5e-8;
  Proxy1dBatch batch({kTruth}, 1, 1);
  batch.forward();
  EXPECT_NEAR(batch.norms[0][0], 3.2785707, kHalfLastDigit);
  EXPECT_NEAR(batch.norms[0][1], 1.8789538, kHalfLastDigit);
}

TEST_P(Proxy1d, MeansAtTruthAreThePublishedOnes) {
  constexpr double kHalfLastDigit = 5e-5;
  constexpr size_t kEvents = 20000;  // midpoint sums of a monotone function: error below 1/20000
  Proxy1dBatch batch({kTruth}, kEvents, 1);
  batch.spread_uniforms();
  batch.forward();
  double mean[2] = {0, 0};
  for (size_t i = 0; i < 2 * kEvents; ++i) mean[i % 2] += batch.outputs[i] / kEvents;
  EXPECT_NEAR(mean[0], 0.2442, kHalfLastDigit);
  EXPECT_NEAR(mean[1], 0.2322, kHalfLastDigit);
}

// ---- The law

TEST_P(Proxy1d, EventsAreThoseOfThePlainTable) {
  // Tables differ by the rounding of 1000 sums; a cell spreads that by tail/share up to 1e6 here.
  constexpr double kRounding = 1000 * 1e6 * std::numeric_limits<double>::epsilon() * kSpacing;
  Proxy1dBatch batch({kTruth, {1, 0.3, 1, 0, 0, 0}, {0, 0, 0, 3, 1, 0}, kUpper}, 13, 2);
  batch.forward();
  for (size_t i = 0; i < batch.outputs.size(); ++i) {
    EXPECT_NEAR(batch.outputs[i], plain_event(batch.parameters[i / 26], i % 2, batch.uniforms[i]),
                kRounding)
        << "event " << i;
  }
}

// chi2 of the counts of column k, cells with few expected events taken together, in standard
// deviations above its mean. A chi2 of many degrees is nearly normal.
double chi2_excess(const Proxy1dBatch& batch, const Point& p, size_t k) {
  constexpr double kFewest = 25;
  std::vector<double> count(kNodes);
  for (size_t i = k; i < batch.outputs.size(); i += 2) {
    const double place = (batch.outputs[i] - 0.1) / kSpacing;
    count[static_cast<size_t>(place + 1e-9)] += 1;  // 1e-9: the atom sits on an edge
  }
  const std::vector<double> share = plain_shares(p, k);
  const double n = static_cast<double>(batch.outputs.size() / 2);
  double chi2 = 0, degrees = -1, expected = 0, seen = 0;
  for (size_t i = 0; i < kNodes; ++i) {
    expected += n * share[i];
    seen += count[i];
    if (expected < kFewest && i + 1 < kNodes) continue;
    chi2 += (seen - expected) * (seen - expected) / std::max(expected, 1.0);
    degrees += 1;
    expected = seen = 0;
  }
  return (chi2 - degrees) / std::sqrt(2 * degrees);
}

TEST_P(Proxy1d, CountsPerCellFollowTheShares) {
  constexpr double kSigmas = 4;
  for (const Point& p : {kTruth, Point{0.2, 1, 0, 3, -1, 0}, Point{3, 1, 5, 0, 0, 0}}) {
    Proxy1dBatch batch({p}, 400000, 3);
    batch.forward();
    for (size_t k = 0; k < 2; ++k) EXPECT_LT(std::fabs(chi2_excess(batch, p, k)), kSigmas) << k;
    Point other = p;  // the same test sees powers that are off by 0.2
    other[2] += 0.2;
    other[5] += 0.2;
    EXPECT_GT(chi2_excess(batch, other, 0), kSigmas);
  }
}

// Vectors and what is left of them: 1, 7 and 13 events, and one more or less than many.
TEST_P(Proxy1d, AnEventDependsOnNothingButItsUniforms) {
  const std::vector<Point> points = {kTruth, {0.3, 0.8, 4.5, 2.5, -0.9, 0.7}, kUpper};
  Proxy1dBatch all(points, 2049, 4);
  all.forward();
  for (const int64_t n_events : {1, 7, 13, 2047}) {
    Proxy1dBatch some(points, n_events, 4);
    for (size_t i = 0; i < some.uniforms.size(); ++i) {
      const size_t width = static_cast<size_t>(2 * n_events);
      some.uniforms[i] = all.uniforms[i / width * 4098 + i % width];
    }
    some.forward();
    for (size_t i = 0; i < some.uniforms.size(); ++i) {
      const size_t width = static_cast<size_t>(2 * n_events);
      EXPECT_EQ(some.outputs[i], all.outputs[i / width * 4098 + i % width]);
    }
  }
}

TEST_P(Proxy1d, TablesAreThoseOfLongDouble) {
  // Exp to 1 ulp and its exponent, up to 30, to one rounding; sums of 1000 positive numbers.
  constexpr double kError = 1e-14;
  std::vector<Point> points = corners();
  points.push_back(kTruth);
  for (const Point& p : points) {
    Proxy1dBatch batch({p}, 1, 5);
    batch.forward();
    for (size_t k = 0; k < 2; ++k) {
      long double norm = 0;
      for (size_t i = 0; i + 1 < kNodes; ++i) {
        const long double x = node(i), u = p[0] * std::pow(x, p[1]) * std::pow(1 - x, p[2]),
                          d = p[3] * std::pow(x, p[4]) * std::pow(1 - x, p[5]);
        norm += (k == 0 ? 4 * u + d : u + 4 * d) * kSpacing;
      }
      EXPECT_NEAR(batch.norms[0][k], static_cast<double>(norm), kError * static_cast<double>(norm));
    }
  }
}

TEST_P(Proxy1d, SmallUniformsEndOnTheLastNode) {
  const Point p = {0, 0, 0, 1, 0, 0};  // flat by parameters: the atom holds 1 event in 1000
  Proxy1dBatch batch({p}, 3, 1);
  batch.uniforms = {0x1p-53, 0.00099, 0.00101, 0.5, 1 - 0x1p-53, 0.9};
  batch.forward();
  EXPECT_EQ(batch.outputs[0], node(kNodes - 1));
  EXPECT_EQ(batch.outputs[1], node(kNodes - 1));
  EXPECT_LT(batch.outputs[2], node(kNodes - 1));
  EXPECT_NEAR(batch.outputs[4], node(0) + 0.1 * kSpacing, 1e-9 * kSpacing);  // 1e-4 of 1000 cells
  std::fill_n(batch.grad_outputs.begin(), 2, 1.0);  // events of the atom do not move
  batch.backward();
  EXPECT_EQ(batch.grad_parameters[0], Point{});
}

// ---- The derivative

// A difference quotient, central, or one-sided where a parameter must not become negative. Both are
// exact for parabolas.
struct Quotient {
  double offset[3], weight[3];
};
constexpr Quotient kCentral = {{-1, 0, 1}, {-0.5, 0, 0.5}};
constexpr Quotient kOneSided = {{0, 1, 2}, {-1.5, 2, -0.5}};

bool is_scale(size_t j) { return j == 0 || j == 3; }

const Quotient& quotient_at(const Point& p, size_t j) {
  return is_scale(j) && p[j] == 0 ? kOneSided : kCentral;
}

// A part of the range, or of a scale, since events feel its relative changes.
double step_at(const Point& p, size_t j) {
  constexpr double kStep = 1e-5;
  return kStep * (is_scale(j) && p[j] > 0 ? p[j] : kUpper[j] - kLower[j]);
}

// The events at the three points of the quotient by parameter j.
std::array<Proxy1dBatch, 3> shifted_batches(const Proxy1dBatch& at, size_t j) {
  const Point& p = at.parameters[0];
  std::array<Proxy1dBatch, 3> shifted = {at, at, at};
  for (size_t s = 0; s < 3; ++s) {
    shifted[s].parameters[0][j] += quotient_at(p, j).offset[s] * step_at(p, j);
    shifted[s].forward();
  }
  return shifted;
}

size_t cell_of(double y) { return static_cast<size_t>((y - node(0)) / kSpacing); }

// An event's derivative jumps at the nodes: events that pass one within a step get the cotangent 0.
// Fails if these are more than a few.
void leave_out_events_that_change_cell(Proxy1dBatch* at) {
  at->forward();
  std::vector<bool> passes(at->outputs.size());
  for (size_t j = 0; j < 6; ++j) {
    for (const Proxy1dBatch& shifted : shifted_batches(*at, j)) {
      for (size_t i = 0; i < passes.size(); ++i) {
        if (cell_of(shifted.outputs[i]) != cell_of(at->outputs[i])) passes[i] = true;
      }
    }
  }
  for (size_t i = 0; i < passes.size(); ++i) {
    if (passes[i]) at->grad_outputs[i] = 0;
  }
  EXPECT_LE(std::count(passes.begin(), passes.end(), true), at->batch.n_events / 4 + 1);
}

const std::vector<Point> kPointsToDifferentiate = {
    kTruth,
    {1.5, 0, 2.5, 1.5, 0, 2.5},  // the middle
    {0.3, 0.8, 4.5, 2.5, -0.9, 0.7},
    {0, -0.5, 3, 1, 0.5, 2},  // no u at all
    {2, -0.5, 3, 0, 0.5, 2},  // no d at all
    {3, -1, 0, 3, 1, 5},      // corners
    {3, 1, 5, 3, 1, 5},
    {1e-3, -1, 5, 1e-3, -1, 0},
};

// Curvature within a step gives up to 1e-7 of a derivative, most at p0 = 0, where p0 is differenced
// one-sided against a p3 of 1. Rounding of y (1e-16 and more) over the step gives 1e-10 an event.
constexpr double kDifferenceError = 1e-6;
constexpr double kFloor = 1e-10;

TEST_P(Proxy1d, DerivativeOfEventsMatchesDifferences) {
  for (const Point& p : kPointsToDifferentiate) {
    for (int64_t n_events : {1, 13, 200}) {
      Proxy1dBatch at({p}, n_events, 21);
      draw_cotangents(&at, 22);
      at.grad_norms[0] = {0, 0};
      leave_out_events_that_change_cell(&at);
      at.backward();
      for (size_t j = 0; j < 6; ++j) {
        const std::array<Proxy1dBatch, 3> shifted = shifted_batches(at, j);
        double expected = 0, scale = 0;  // scale: the same sum with all terms positive
        for (size_t i = 0; i < at.outputs.size(); ++i) {
          double slope = 0;
          for (size_t s = 0; s < 3; ++s) {
            slope += quotient_at(p, j).weight[s] / step_at(p, j) * shifted[s].outputs[i];
          }
          expected += at.grad_outputs[i] * slope;
          scale += std::fabs(at.grad_outputs[i] * slope);
        }
        EXPECT_NEAR(at.grad_parameters[0][j], expected,
                    kDifferenceError * scale + kFloor * static_cast<double>(n_events))
            << "parameter " << j << ", " << n_events << " events, p0 = " << p[0];
      }
    }
  }
}

TEST_P(Proxy1d, DerivativeOfNormsMatchesDifferences) {
  for (const Point& p : kPointsToDifferentiate) {
    Proxy1dBatch at({p}, 1, 23);
    at.grad_norms[0] = {0.7, -1.3};
    at.backward();
    for (size_t j = 0; j < 6; ++j) {
      double expected = 0;
      for (size_t s = 0; s < 3; ++s) {
        Point shifted = p;
        shifted[j] += quotient_at(p, j).offset[s] * step_at(p, j);
        const double penalty = 0.7 * plain_norm(shifted, 0) - 1.3 * plain_norm(shifted, 1);
        expected += quotient_at(p, j).weight[s] / step_at(p, j) * penalty;
      }
      EXPECT_NEAR(at.grad_parameters[0][j], expected,
                  kDifferenceError * std::fabs(expected) + 10 * kFloor)
          << "parameter " << j << ", p0 = " << p[0];
    }
  }
}

// No event left out here: the mean is smooth where events are not, and a formula gives it.
TEST_P(Proxy1d, DerivativeOfTheMeanIsThatOfTheShares) {
  constexpr size_t kEvents = 200000;
  constexpr double kSampling = 1e-4;  // 200 events a cell; steps from cell to cell nearly cancel
  for (const Point& p : {kTruth, Point{1.5, 0, 2.5, 1.5, 0, 2.5}}) {
    for (size_t k = 0; k < 2; ++k) {
      Proxy1dBatch batch({p}, kEvents, 1);
      batch.spread_uniforms();
      for (size_t i = k; i < 2 * kEvents; i += 2) batch.grad_outputs[i] = 1.0 / kEvents;
      batch.backward();
      for (size_t j = 0; j < 6; ++j) {
        Point above = p, below = p;
        above[j] += 1e-5;
        below[j] -= 1e-5;
        const double expected = (plain_mean(above, k) - plain_mean(below, k)) / 2e-5;
        EXPECT_NEAR(batch.grad_parameters[0][j], expected, kSampling * std::fabs(expected) + kFloor)
            << "parameter " << j << " from observable " << k;
      }
    }
  }
}

TEST_P(Proxy1d, EventsDoNotSeeTheCommonScale) {
  constexpr double kRounding = 1e-12;  // sums over 1000 nodes and 100 events that cancel
  for (const Point& p : kPointsToDifferentiate) {
    Proxy1dBatch batch({p}, 100, 31);
    draw_cotangents(&batch, 32);
    batch.grad_norms[0] = {0, 0};
    batch.backward();
    const Point& g = batch.grad_parameters[0];
    // 10: about the derivative by the other parameters, where u or d is absent.
    EXPECT_NEAR(p[0] * g[0] + p[3] * g[3], 0,
                kRounding * std::max({std::fabs(p[0] * g[0]), std::fabs(p[3] * g[3]), 10.0}));
  }
}

// ---- Rows

TEST_P(Proxy1d, RowsAreIndependentAlsoWhereEqualOnesFollowEachOther) {
  const Point other = {1, 0, 1, 1, 0, 2};
  const std::vector<Point> points = {kTruth, kTruth, other, kTruth, other, other, kLower};
  for (size_t n_events : {size_t{1}, size_t{13}}) {
    Proxy1dBatch all(points, static_cast<int64_t>(n_events), 41);
    draw_cotangents(&all, 42);
    all.forward();
    all.backward();
    for (size_t row = 0; row < points.size(); ++row) {
      Proxy1dBatch one({points[row]}, static_cast<int64_t>(n_events), 41);
      const auto first = static_cast<int64_t>(2 * n_events * row);
      std::copy_n(all.uniforms.begin() + first, 2 * n_events, one.uniforms.begin());
      std::copy_n(all.grad_outputs.begin() + first, 2 * n_events, one.grad_outputs.begin());
      one.grad_norms[0] = all.grad_norms[row];
      one.forward();
      one.backward();
      EXPECT_TRUE(std::equal(one.outputs.begin(), one.outputs.end(), all.outputs.begin() + first));
      EXPECT_EQ(one.norms[0], all.norms[row]);
      EXPECT_EQ(one.grad_parameters[0], all.grad_parameters[row]);
    }
  }
}

TEST_P(Proxy1d, GradientsAreAdded) {
  Proxy1dBatch batch({kTruth}, 7, 51);
  draw_cotangents(&batch, 52);
  batch.backward();
  const Point once = batch.grad_parameters[0];
  proxy1d_backward(batch.user.get(), &batch.batch);
  for (size_t j = 0; j < 6; ++j) EXPECT_EQ(batch.grad_parameters[0][j], 2 * once[j]);
}

// ---- Edges of the box and beyond

TEST_P(Proxy1d, EveryCornerStaysFinite) {
  Proxy1dBatch batch(corners(), 7, 61);
  draw_cotangents(&batch, 62);
  for (size_t i = 0; i < batch.uniforms.size(); i += 5) batch.uniforms[i] = 0x1p-53;
  for (size_t i = 1; i < batch.uniforms.size(); i += 5) batch.uniforms[i] = 1 - 0x1p-53;
  batch.forward();
  batch.backward();
  for (double y : batch.outputs) EXPECT_TRUE(y >= node(0) && y <= node(kNodes - 1)) << y;
  for (const auto& norms : batch.norms) EXPECT_TRUE(norms[0] >= 0 && norms[1] >= 0);
  EXPECT_TRUE(is_finite(batch.grad_parameters));
  EXPECT_EQ(batch.row_status, std::vector<int32_t>(64, 0));
}

TEST_P(Proxy1d, TinyScalesStayFiniteInSinglePrecision) {
  for (double scale : {1e-20, 1e-30, 1e-33, 1e-34, 1e-300, 5e-324}) {
    Proxy1dBatch batch({{scale, 0, 1, 0, 0, 1}, {0, -1, 5, scale, 1, 0}}, 13, 63);
    draw_cotangents(&batch, 64);
    batch.forward();
    batch.backward();
    for (double y : batch.outputs) EXPECT_TRUE(y >= node(0) && y <= node(kNodes - 1)) << y;
    for (const Point& row : batch.grad_parameters) {
      for (double g : row) EXPECT_LT(std::fabs(g), double{std::numeric_limits<float>::max()});
    }
  }
}

TEST_P(Proxy1d, WithoutAnyScaleEventsAreEvenAndOnlyNormsPull) {
  Proxy1dBatch batch({{0, -0.5, 3, 0, -0.5, 4}}, 2, 65);
  batch.uniforms = {0.5, 0.25, 1 - 0x1p-53, 0x1p-53};
  draw_cotangents(&batch, 66);
  batch.grad_norms[0] = {0, 0};
  batch.forward();
  EXPECT_EQ(batch.norms[0], (std::array<double, 2>{0, 0}));
  // tail = 1000 - i = 0.9999 r 1000: y = x_0 + (1 - 0.9999 r) 1000 dx, within rounding
  EXPECT_NEAR(batch.outputs[0], node(0) + 500.05 * kSpacing, 1e-12);
  EXPECT_NEAR(batch.outputs[1], node(0) + 750.025 * kSpacing, 1e-12);
  batch.backward();
  EXPECT_EQ(batch.grad_parameters[0], Point{});
  batch.grad_norms[0] = {-1, -1};  // both norms are too small
  batch.backward();
  EXPECT_LT(batch.grad_parameters[0][0], 0);  // descent raises p0 and p3 again
  EXPECT_LT(batch.grad_parameters[0][3], 0);
  EXPECT_EQ(batch.grad_parameters[0][1], 0);
}

TEST_P(Proxy1d, NodesOfEqualTailDivideNothingByZero) {
  // Far outside the box: sigma underflows to 0 at the right, and is lost in the sum at the left.
  const std::vector<Point> points = {
      {1, 0, 300, 0, 0, 0}, {1, 300, 0, 0, 0, 0}, {1, 100, 100, 0, 0, 0}, {0, 0, 0, 1, -300, 300}};
  Proxy1dBatch batch(points, 500, 67);
  draw_cotangents(&batch, 68);
  for (size_t i = 0; i < batch.uniforms.size(); i += 5) batch.uniforms[i] = 0x1p-53;
  for (size_t i = 1; i < batch.uniforms.size(); i += 5) batch.uniforms[i] = 1 - 0x1p-53;
  batch.forward();
  batch.backward();
  for (double y : batch.outputs) EXPECT_TRUE(y >= node(0) && y <= node(kNodes - 1)) << y;
  EXPECT_TRUE(is_finite(batch.grad_parameters));
  EXPECT_EQ(batch.row_status, std::vector<int32_t>(4, 0));
}

TEST_P(Proxy1d, ParametersWithoutALawFailTheirRowOnly) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<Point> points(10, kTruth);
  points[5][1] = -710;  // e^709 nearly fits
  points[6][1] = -infinity;
  points[7][4] = nan;
  points[8][3] = infinity;
  points[1][0] = -1;
  points[2][3] = -1e-9;
  points[3][1] = nan;
  points[4][1] = -1e6;  // sigma overflows
  Proxy1dBatch batch(points, 3, 69);
  draw_cotangents(&batch, 70);
  batch.forward();
  batch.backward();
  EXPECT_EQ(batch.row_status, (std::vector<int32_t>{0, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
  for (size_t row = 1; row < 9; ++row) EXPECT_EQ(batch.grad_parameters[row], Point{});
}

}  // namespace
}  // namespace sagips
