// Claims about the Cramer-Rao limit of the closure problems and about the maximum-likelihood fits
// that should reach it. The data are drawn here, from the published samplers and not from the cell
// model under test; every seed is fixed.

#include "tool/limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

#include "maximum_likelihood.h"

namespace {

using sagips_bench::Fit;
using sagips_bench::fit_kuma6;
using sagips_bench::fit_proxy1d;
using sagips_tool::cramer_rao;
using sagips_tool::expected_mean_abs_percent;
using sagips_tool::Limit;
using sagips_tool::proxy1d_cells;
using Vector = std::vector<double>;

const Vector kProxy1dTruth = {2.1875, -0.5, 3, 1.09375, -0.5, 4};
const Vector kProxy1dCentre = {1.5, 0, 2.5, 1.5, 0, 2.5};
// Of proxy1d: the scales of u and d, and their exponents.
constexpr size_t kScaled[] = {0, 3}, kShapes[] = {1, 2, 4, 5};
const Vector kKumaTruth = {1.5, 1.4, 3, 2, 2.2, 4};
const Vector kKumaCentre = {1.75, 2.25, 3.5, 1.75, 2.25, 3.5};

Vector inverse(int n, Vector matrix) {
  EXPECT_TRUE(sagips_tool::invert_symmetric(n, &matrix));
  return matrix;
}

struct Sample {
  Vector events;  // (n, 2)
  double norm[2];
  double norm_sigma[2];
};

// The survival table of one observable, r in (0, 0.9999), and y by linear interpolation. The norm
// is measured with Poisson accuracy.
void draw_proxy1d_observable(int k, int64_t n, std::mt19937_64* engine, Sample* sample) {
  const Vector& p = kProxy1dTruth;
  const double spacing = (0.99999 - 0.1) / 1000;
  Vector x(1000), survival(1000);
  double sum = 0, norm = 0;
  for (size_t i = 1000; i-- > 0;) {
    x[i] = 0.1 + static_cast<double>(i) * spacing;
    const double u = p[0] * std::pow(x[i], p[1]) * std::pow(1 - x[i], p[2]);
    const double d = p[3] * std::pow(x[i], p[4]) * std::pow(1 - x[i], p[5]);
    const double sigma = k == 0 ? 4 * u + d : 4 * d + u;
    sum += sigma;
    if (i < 999) norm += spacing * sigma;
    survival[i] = sum;
  }
  for (double& value : survival) value /= sum;
  std::uniform_real_distribution<double> uniform(0, 0.9999);
  for (int64_t e = 0; e < n; ++e) {
    const double r = uniform(*engine);
    const auto above = std::upper_bound(survival.begin(), survival.end(), r, std::greater<>());
    const size_t hi = static_cast<size_t>(above - survival.begin());  // first node with S < r
    double y = x[999];
    if (hi < 1000) {
      const double w = (r - survival[hi]) / (survival[hi - 1] - survival[hi]);
      y = x[hi] + w * (x[hi - 1] - x[hi]);
    }
    sample->events[static_cast<size_t>(2 * e + k)] = y;
  }
  sample->norm_sigma[k] = norm / std::sqrt(static_cast<double>(n));
  sample->norm[k] = std::normal_distribution<double>(norm, sample->norm_sigma[k])(*engine);
}

Sample draw_proxy1d(int64_t n, std::mt19937_64* engine) {
  Sample sample;
  sample.events.resize(static_cast<size_t>(2 * n));
  for (int k = 0; k < 2; ++k) draw_proxy1d_observable(k, n, engine, &sample);
  return sample;
}

Vector draw_kuma6(int64_t n, std::mt19937_64* engine) {
  const Vector& p = kKumaTruth;
  std::uniform_real_distribution<double> uniform(1e-7, 1 - 2e-7);
  Vector events;
  for (int64_t e = 0; e < n; ++e) {
    for (size_t k : {size_t{0}, size_t{3}}) {
      const double w = 1 - uniform(*engine);
      events.push_back(p[k] * std::pow(1 - std::pow(w, 1 / p[k + 2]), 1 / p[k + 1]));
    }
  }
  return events;
}

Fit fit(const Sample& sample, const Vector& start) {
  return fit_proxy1d(sample.events.data(), static_cast<int64_t>(sample.events.size() / 2),
                     sample.norm, sample.norm_sigma, start.data());
}

Fit fit(const Vector& kuma_events, const Vector& start) {
  return fit_kuma6(kuma_events.data(), static_cast<int64_t>(kuma_events.size() / 2), start.data());
}

// Relative sigmas in percent at 1e6 events, computed elsewhere by other means. Tolerances: the last
// digit printed for proxy1d, half of it for kuma6.
TEST(Limit, MatchesTheTable) {
  const double table1[6] = {1.185, 1.092, 0.407, 2.671, 2.300, 0.810};
  const double table6[6] = {0.0922, 0.1155, 0.3055, 0.1149, 0.1177, 0.4633};
  const Limit limit1 = cramer_rao("proxy1d", kProxy1dTruth, 1000000, true);
  const Limit limit6 = cramer_rao("kuma6", kKumaTruth, 1000000, true);
  for (size_t j = 0; j < 6; ++j) {
    EXPECT_NEAR(100 * limit1.sigma[j] / std::fabs(kProxy1dTruth[j]), table1[j], 1e-3) << "p" << j;
    EXPECT_NEAR(100 * limit6.sigma[j] / kKumaTruth[j], table6[j], 5.1e-5) << "p" << j;
  }
  EXPECT_NEAR(expected_mean_abs_percent(limit1, kProxy1dTruth), 1.13, 0.005);
  EXPECT_NEAR(expected_mean_abs_percent(limit6, kKumaTruth), 0.16, 0.005);
}

// With B = 1 - x^a, P(B < t) = t^b, three entries are elementary: I_ss = (a/s)^2 b/(b-2),
// I_sb = -(a/s)/(b-1), I_bb = 1/b^2. The first is all tail just above b = 2. Tolerance: rounding
// through an inverse and back.
TEST(Limit, Kuma6QuadratureMatchesClosedFormsDownToTheEdgeOfRegularity) {
  for (double b : {2.0001, 2.01, 2.5, 4.0, 6.0}) {
    const double s = 2, a = 2.2;
    const Limit limit = cramer_rao("kuma6", {s, a, b, s, a, b}, 1, true);
    const Vector information = inverse(6, limit.covariance);
    EXPECT_NEAR(information[0] / (a * a / (s * s) * b / (b - 2)), 1, 1e-8) << "b = " << b;
    EXPECT_NEAR(information[2] / (-a / s / (b - 1)), 1, 1e-8) << "b = " << b;
    EXPECT_NEAR(information[14] * b * b, 1, 1e-8) << "b = " << b;
  }
}

TEST(Limit, Kuma6HasNoLimitForBAtMostTwo) {
  const Limit limit = cramer_rao("kuma6", {1.5, 1.4, 2, 2, 2.2, 4}, 1000, true);
  const Limit regular = cramer_rao("kuma6", kKumaTruth, 1000, true);
  for (size_t j = 0; j < 3; ++j) EXPECT_TRUE(std::isnan(limit.sigma[j]));
  for (size_t j = 3; j < 6; ++j) EXPECT_EQ(limit.sigma[j], regular.sigma[j]);
}

TEST(Limit, Proxy1dEventsDoNotSeeTheCommonScale) {
  for (const auto& model : proxy1d_cells(kProxy1dTruth)) {
    for (size_t i = 0; i < model.mass.size(); ++i) {
      const double along =
          kProxy1dTruth[0] * model.slope[i * 6] + kProxy1dTruth[3] * model.slope[i * 6 + 3];
      EXPECT_NEAR(along, 0, 1e-15);  // of masses up to 0.007
    }
  }
  const Limit events = cramer_rao("proxy1d", kProxy1dTruth, 1000000, false);
  const Limit with_norms = cramer_rao("proxy1d", kProxy1dTruth, 1000000, true);
  for (size_t j : kScaled) EXPECT_EQ(events.sigma[j], std::numeric_limits<double>::infinity());
  for (size_t j : kShapes) {
    EXPECT_TRUE(std::isfinite(events.sigma[j]));
    EXPECT_GT(events.sigma[j], with_norms.sigma[j]);  // the ratio of the norms tells of shapes too
  }
}

// The second truth rises so steeply that the cut of 1e-4 swallows whole cells. Tolerances: h^2,
// and rounding divided by h.
TEST(Limit, Proxy1dCellsSumToOneAndTheirSlopesMatchDifferences) {
  const Vector steep = {2, 3, 1, 1, 2.5, 1};
  EXPECT_EQ(proxy1d_cells(steep)[0].mass[0], 0);
  EXPECT_NEAR(proxy1d_cells(kProxy1dTruth)[0].norm, 3.2785707, 5e-8);
  EXPECT_NEAR(proxy1d_cells(kProxy1dTruth)[1].norm, 1.8789538, 5e-8);
  for (const Vector& p : {kProxy1dTruth, steep}) {
    for (size_t jk = 0; jk < 12; ++jk) {
      const size_t j = jk / 2, k = jk % 2;
      const double h = 1e-5;
      Vector up = p, down = p;
      up[j] += h;
      down[j] -= h;
      const auto at = proxy1d_cells(p)[k], above = proxy1d_cells(up)[k];
      const auto below = proxy1d_cells(down)[k];
      EXPECT_NEAR(std::accumulate(at.mass.begin(), at.mass.end(), 0.0), 1, 1e-12);
      EXPECT_NEAR(at.norm_slope[j], (above.norm - below.norm) / (2 * h), 1e-8);
      for (size_t i = 0; i < 1000; ++i) {
        EXPECT_NEAR(at.slope[i * 6 + j], (above.mass[i] - below.mass[i]) / (2 * h), 1e-10);
      }
    }
  }
}

TEST(Limit, RefusesWhatHasNoMeaning) {
  EXPECT_THROW(cramer_rao("proxy3d", kProxy1dTruth, 1, true), std::invalid_argument);
  EXPECT_THROW(cramer_rao("proxy1d", {1, 2}, 1, true), std::invalid_argument);
  EXPECT_THROW(cramer_rao("proxy1d", kProxy1dTruth, 0, true), std::invalid_argument);
  EXPECT_THROW(cramer_rao("kuma6", {1, 1, 3, 0, 1, 3}, 1, true), std::invalid_argument);
}

// Over M data sets an rms of pulls lies within 1 -+ 4 standard deviations of sqrt(chi2_M / M), by
// Wilson and Hilferty's cube root: one correct parameter in 16,000 fails. `slack` is for what the
// limit, which is asymptotic, leaves out at the size of the data set.
void expect_unit_rms(const double squares[6], int sets, double slack) {
  const double v = 2.0 / (9.0 * sets);
  for (size_t j = 0; j < 6; ++j) {
    const double rms = std::sqrt(squares[j] / sets);
    EXPECT_GT(rms, std::pow(1 - v - 4 * std::sqrt(v), 1.5) - slack) << "p" << j;
    EXPECT_LT(rms, std::pow(1 - v + 4 * std::sqrt(v), 1.5) + slack) << "p" << j;
  }
}

// The mean over M of a chi-square of six has a standard deviation of sqrt(12 / M).
double four_sigma_of_mean(int sets) { return 4 * std::sqrt(12.0 / sets); }

TEST(MaximumLikelihood, Kuma6ScattersByTheLimit) {
  constexpr int kSets = 100;
  constexpr int64_t kEvents = 20000;
  const Limit limit = cramer_rao("kuma6", kKumaTruth, kEvents, true);
  const Vector information = inverse(6, limit.covariance);
  std::mt19937_64 engine(20240601);
  double squares[6] = {}, chi2 = 0;
  for (int set = 0; set < kSets; ++set) {
    const Fit result = fit(draw_kuma6(kEvents, &engine), kKumaCentre);
    ASSERT_TRUE(result.converged);
    for (size_t j = 0; j < 6; ++j) {
      const double residual = result.estimate[j] - kKumaTruth[j];
      squares[j] += std::pow(residual / limit.sigma[j], 2);
      for (size_t k = 0; k < 6; ++k) {
        chi2 += residual * information[j * 6 + k] * (result.estimate[k] - kKumaTruth[k]);
      }
    }
  }
  // Not yet asymptotic: 2,000 other data sets of this size have an rms up to 1.06, a chi2 of 6.1.
  constexpr double kSlack = 0.05;
  expect_unit_rms(squares, kSets, kSlack);
  EXPECT_NEAR(chi2 / kSets, 6, four_sigma_of_mean(kSets) + kSlack);
}

// ln L(fit) - ln L(truth), doubled, is a chi-square of six (Wilks) also where the fit's parameters
// are far from Gaussian: r^T C^-1 r with C at the truth averages 7.5 at this size, and 6 only from
// 1e6 events on.
double proxy1d_deviance(const Sample& sample, const Vector& estimate) {
  const auto at_fit = proxy1d_cells(estimate), at_truth = proxy1d_cells(kProxy1dTruth);
  double deviance = 0;
  for (size_t e = 0; e < sample.events.size(); ++e) {
    const double cell =
        (sample.events[e] - sagips_tool::kProxy1dFirstNode) / sagips_tool::kProxy1dSpacing;
    const size_t i = std::min(static_cast<size_t>(cell + 1e-9), size_t{999});
    deviance += 2 * std::log(at_fit[e % 2].mass[i] / at_truth[e % 2].mass[i]);
  }
  for (size_t k = 0; k < 2; ++k) {
    const double target = sample.norm[k], width = sample.norm_sigma[k];
    deviance += std::pow((at_truth[k].norm - target) / width, 2);
    deviance -= std::pow((at_fit[k].norm - target) / width, 2);
  }
  return deviance;
}

TEST(MaximumLikelihood, Proxy1dScattersByTheLimit) {
  constexpr int kSets = 50;
  constexpr int64_t kEvents = 100000;
  const Limit limit = cramer_rao("proxy1d", kProxy1dTruth, kEvents, true);
  std::mt19937_64 engine(20240602);
  double squares[6] = {}, deviance = 0;
  for (int set = 0; set < kSets; ++set) {
    const Sample sample = draw_proxy1d(kEvents, &engine);
    const Fit result = fit(sample, kProxy1dCentre);
    ASSERT_TRUE(result.converged);
    for (size_t j = 0; j < 6; ++j) {
      squares[j] += std::pow((result.estimate[j] - kProxy1dTruth[j]) / limit.sigma[j], 2);
    }
    deviance += proxy1d_deviance(sample, result.estimate);
  }
  constexpr double kSlack = 0.03;  // 1,500 other data sets of this size: 0.97 to 1.00
  expect_unit_rms(squares, kSets, kSlack);
  EXPECT_NEAR(deviance / kSets, 6, four_sigma_of_mean(kSets));
}

// Both fits stop within 1e-4 standard deviations of the maximum as the step sees it; ten times
// that allows for directions known worse than their diagonal says.
TEST(MaximumLikelihood, TheStartDoesNotMatter) {
  constexpr int64_t kEvents = 20011;
  constexpr double kAgreement = 1e-3;
  std::mt19937_64 engine(20240603);
  const Sample sample = draw_proxy1d(kEvents, &engine);
  const Vector events = draw_kuma6(kEvents, &engine);
  const Limit limit1 = cramer_rao("proxy1d", kProxy1dTruth, kEvents, true);
  const Limit limit6 = cramer_rao("kuma6", kKumaTruth, kEvents, true);
  const Vector reference1 = fit(sample, kProxy1dCentre).estimate;
  const Vector reference6 = fit(events, kKumaCentre).estimate;
  for (int corner : {0, 63, 9, 54, 27, 36, 21}) {  // below or above the bounds, in bits
    Vector start(6);
    for (size_t j = 0; j < 6; ++j) start[j] = ((corner >> j) & 1) != 0 ? 9 : -9;
    const Fit again1 = fit(sample, start), again6 = fit(events, start);
    EXPECT_TRUE(again1.converged && again6.converged) << "corner " << corner;
    for (size_t j = 0; j < 6; ++j) {
      EXPECT_NEAR(again1.estimate[j], reference1[j], kAgreement * limit1.sigma[j]) << corner;
      EXPECT_NEAR(again6.estimate[j], reference6[j], kAgreement * limit6.sigma[j]) << corner;
    }
  }
}

TEST(MaximumLikelihood, AnInfiniteWidthLeavesOnlyTheCommonScaleOpen) {
  std::mt19937_64 engine(20240604);
  Sample sample = draw_proxy1d(20000, &engine);
  for (double& width : sample.norm_sigma) width = std::numeric_limits<double>::infinity();
  const Fit one = fit(sample, kProxy1dTruth), other = fit(sample, {1, 0, 2, 1, 0, 2});
  EXPECT_TRUE(one.converged && other.converged);
  for (size_t j : kShapes) EXPECT_NEAR(one.estimate[j], other.estimate[j], 1e-3);
  EXPECT_NEAR(one.estimate[0] / one.estimate[3], other.estimate[0] / other.estimate[3], 1e-3);
}

TEST(MaximumLikelihood, AFewEventsStayInTheBox) {
  std::mt19937_64 engine(20240605);
  for (int64_t n : {1, 2, 13}) {
    const Vector one = fit(draw_proxy1d(n, &engine), kProxy1dCentre).estimate;
    const Vector events = draw_kuma6(n, &engine);
    const Vector six = fit(events, kKumaCentre).estimate;
    const double low1[3] = {0, -1, 0}, high1[3] = {3, 1, 5};
    const double low6[3] = {0.5, 0.5, 1}, high6[3] = {3, 4, 6};
    for (size_t j = 0; j < 6; ++j) {
      EXPECT_EQ(one[j], std::clamp(one[j], low1[j % 3], high1[j % 3])) << "p" << j;
      EXPECT_EQ(six[j], std::clamp(six[j], low6[j % 3], high6[j % 3])) << "p" << j;
    }
    for (size_t e = 0; e < events.size(); ++e) EXPECT_GE(six[e % 2 * 3], events[e]);
  }
}

TEST(MaximumLikelihood, RefusesForeignEvents) {
  const double none[2] = {0.5, 0.5}, off[2] = {0.5, 0.05}, one[2] = {1, 1}, zero[2] = {0, 1};
  const double nan[2] = {0.5, std::numeric_limits<double>::quiet_NaN()};
  const double* start = kProxy1dCentre.data();
  EXPECT_THROW(fit_proxy1d(none, 0, one, one, start), std::invalid_argument);
  EXPECT_THROW(fit_proxy1d(off, 1, one, one, start), std::invalid_argument);
  EXPECT_THROW(fit_proxy1d(nan, 1, one, one, start), std::invalid_argument);
  EXPECT_THROW(fit_proxy1d(none, 1, one, zero, start), std::invalid_argument);
  EXPECT_THROW(fit_kuma6(none, 0, kKumaCentre.data()), std::invalid_argument);
  EXPECT_THROW(fit_kuma6(zero, 1, kKumaCentre.data()), std::invalid_argument);
  EXPECT_THROW(fit_kuma6(nan, 1, kKumaCentre.data()), std::invalid_argument);
}

}  // namespace
