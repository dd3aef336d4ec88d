// Fisher information of the closure problems, and its inverse. proxy1d is a multinomial over grid
// cells, I = n sum_i (dm_i/dp)(dm_i/dp)^T / m_i, plus a Gaussian term for each measured norm.
// kuma6 is the integral of score products over f(y) = (a b / s) x^(a-1) (1 - x^a)^(b-1), x = y/s.

#include "tool/limit.h"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace sagips_tool {
namespace {

constexpr int kParameters = 6;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kCut = 1e-4;  // the sampler multiplies its uniform by 1 - kCut

using Gradient = std::array<double, kParameters>;

// sigma = up * u + down * d with u = p0 x^p1 (1-x)^p2 and d = p3 x^p4 (1-x)^p5. The proxy puts
// the charges 4 and 1 in front as they stand.
struct Charges {
  double up, down;
};
constexpr Charges kCharges[2] = {{4.0, 1.0}, {1.0, 4.0}};

double cross_section(const Charges& charges, const std::vector<double>& p, double x,
                     Gradient* slope) {
  const double log_x = std::log(x);
  const double log_rest = std::log1p(-x);
  const double u = charges.up * std::exp(p[1] * log_x + p[2] * log_rest);
  const double d = charges.down * std::exp(p[4] * log_x + p[5] * log_rest);
  *slope = {u, p[0] * u * log_x, p[0] * u * log_rest, d, p[3] * d * log_x, p[3] * d * log_rest};
  return p[0] * u + p[3] * d;
}

CellModel cell_model(const Charges& charges, const std::vector<double>& p) {
  // 1. Cross-section on the nodes, its sum, and the norm.
  std::vector<double> sigma(kProxy1dNodes);
  std::vector<Gradient> sigma_slope(kProxy1dNodes);
  double sum = 0.0;
  Gradient sum_slope{};
  CellModel model;
  for (int i = 0; i < kProxy1dNodes; ++i) {
    const size_t node = static_cast<size_t>(i);
    if (i == kProxy1dNodes - 1) {  // the norm leaves out the last node
      model.norm = kProxy1dSpacing * sum;
      for (size_t j = 0; j < kParameters; ++j) {
        model.norm_slope[j] = kProxy1dSpacing * sum_slope[j];
      }
    }
    const double x = kProxy1dFirstNode + i * kProxy1dSpacing;
    sigma[node] = cross_section(charges, p, x, &sigma_slope[node]);
    sum += sigma[node];
    for (size_t j = 0; j < kParameters; ++j) sum_slope[j] += sigma_slope[node][j];
  }

  // 2. Shares, less what is left of the cut. `cut` runs on into the next cell when a cell holds
  //    less than it; the cell where it ends feels the derivatives of the cells before.
  model.mass.assign(kProxy1dNodes, 0.0);
  model.slope.assign(kProxy1dNodes * kParameters, 0.0);
  double cut = kCut;
  Gradient cut_slope{};
  for (size_t i = 0; i < kProxy1dNodes; ++i) {
    const double share = sigma[i] / sum;
    const bool swallowed = share <= cut;
    if (!swallowed) model.mass[i] = (share - cut) / (1.0 - kCut);
    cut = swallowed ? cut - share : 0.0;
    for (size_t j = 0; j < kParameters; ++j) {
      const double share_slope = (sigma_slope[i][j] - share * sum_slope[j]) / sum;
      if (!swallowed) {
        model.slope[i * kParameters + j] = (share_slope - cut_slope[j]) / (1.0 - kCut);
      }
      cut_slope[j] = swallowed ? cut_slope[j] - share_slope : 0.0;
    }
  }
  return model;
}

// matrix += weight * vector vector^T, for an (n, n) matrix.
void add_outer(size_t n, double weight, const double* vector, std::vector<double>* matrix) {
  for (size_t j = 0; j < n; ++j) {
    for (size_t k = 0; k < n; ++k) (*matrix)[j * n + k] += weight * vector[j] * vector[k];
  }
}

// The counts per cell are a regular problem. The events hold a little more: the first cell is
// filled only down to x_0 + kCut / s_0 spacings, an edge that moves with the parameters. It is no
// part of this limit: at the truth and 1e6 events the edge tells s_0 to 1 %, the counts to 0.2 %.
std::vector<double> proxy1d_information(const std::vector<double>& p, double n,
                                        bool norms_known_to_poisson) {
  std::vector<double> information(kParameters * kParameters, 0.0);
  for (const CellModel& model : proxy1d_cells(p)) {
    for (size_t i = 0; i < model.mass.size(); ++i) {
      if (model.mass[i] <= 0.0) continue;
      add_outer(kParameters, n / model.mass[i], &model.slope[i * kParameters], &information);
    }
    if (norms_known_to_poisson) {
      add_outer(kParameters, n / (model.norm * model.norm), model.norm_slope.data(), &information);
    }
  }
  return information;
}

// Without norms the information vanishes along (p0, 0, 0, p3, 0, 0). Holding p3 fixes the scale;
// the shape parameters do not feel which way it is fixed.
std::vector<double> covariance_without_scale(const std::vector<double>& information) {
  const size_t scaled[2] = {0, 3};
  const size_t kept[5] = {0, 1, 2, 4, 5};
  std::vector<double> reduced(25);
  for (size_t j = 0; j < 5; ++j) {
    for (size_t k = 0; k < 5; ++k) {
      reduced[j * 5 + k] = information[kept[j] * kParameters + kept[k]];
    }
  }
  std::vector<double> covariance(kParameters * kParameters, kNan);
  if (!invert_symmetric(5, &reduced)) return covariance;
  for (size_t j = 1; j < 5; ++j) {
    for (size_t k = 1; k < 5; ++k) {
      covariance[kept[j] * kParameters + kept[k]] = reduced[j * 5 + k];
    }
  }
  for (size_t j : scaled) covariance[j * kParameters + j] = kInfinity;
  return covariance;
}

std::vector<double> proxy1d_covariance(const std::vector<double>& p, double n,
                                       bool norms_known_to_poisson) {
  std::vector<double> matrix = proxy1d_information(p, n, norms_known_to_poisson);
  if (!norms_known_to_poisson) return covariance_without_scale(matrix);
  if (!invert_symmetric(kParameters, &matrix)) matrix.assign(kParameters * kParameters, kNan);
  return matrix;
}

// Information (3, 3) of one event about (s, a, b), for b > 2. With A = x^a, B = 1 - A the score is
//
//   d ln f/ds = -(a/s) (b - (b-1)/B),  d ln f/da = 1/a + ln x (1 - (b-1) A/B),
//   d ln f/db = 1/b + ln B,            and P(B < t) = t^b.
//
// The first grows as 1/B at the upper end of the support, and its square is integrable only for
// b > 2. Taking B = exp(-z) turns the end into the plain decay exp(-(b-2) z) of the weight on
// B * score, and z = exp(v) turns the logarithm at z = 0 (x -> 0) into a decay too. In v the
// integrand is analytic and dies at both ends: an even grid converges exponentially.
std::vector<double> kuma_information(double s, double a, double b) {
  constexpr double kStep = 0.05;
  constexpr double kFirst = -45.0;                 // exp(-45) ln^2: below rounding
  const double last = std::log(50.0 / (b - 2.0));  // exp(-50): below rounding
  std::vector<double> information(9, 0.0);
  for (double v = kFirst + 0.5 * kStep; v < last; v += kStep) {
    const double z = std::exp(v);
    const double big_a = -std::expm1(-z);
    const double big_b = std::exp(-z);
    const double log_x = std::log(big_a) / a;
    const double scaled_score[3] = {-(a / s) * (b * big_b - (b - 1.0)),
                                    big_b / a + log_x * (big_b - (b - 1.0) * big_a),
                                    big_b * (1.0 / b - z)};
    add_outer(3, kStep * z * b * std::exp(-(b - 2.0) * z), scaled_score, &information);
  }
  return information;
}

std::vector<double> kuma6_covariance(const std::vector<double>& p, double n) {
  std::vector<double> covariance(kParameters * kParameters, 0.0);
  for (size_t first : {size_t{0}, size_t{3}}) {  // the two observables are independent
    std::vector<double> block(9, kNan);
    if (p[first + 2] > 2.0) {
      block = kuma_information(p[first], p[first + 1], p[first + 2]);
      for (double& entry : block) entry *= n;
      if (!invert_symmetric(3, &block)) block.assign(9, kNan);
    }
    for (size_t j = 0; j < 3; ++j) {
      for (size_t k = 0; k < 3; ++k) {
        covariance[(first + j) * kParameters + first + k] = block[j * 3 + k];
      }
    }
  }
  return covariance;
}

void require(bool condition, const char* text) {
  if (!condition) throw std::invalid_argument(text);
}

}  // namespace

std::array<CellModel, 2> proxy1d_cells(const std::vector<double>& p) {
  return {cell_model(kCharges[0], p), cell_model(kCharges[1], p)};
}

Limit cramer_rao(const std::string& problem, const std::vector<double>& truth, int64_t n_events,
                 bool norms_known_to_poisson) {
  require(truth.size() == kParameters, "truth has not six values; give p0 to p5");
  require(n_events > 0, "n_events is not positive; give the number of events per observable");
  for (double value : truth) require(std::isfinite(value), "truth is not finite; check its values");
  const double n = static_cast<double>(n_events);
  Limit limit;
  if (problem == "proxy1d") {
    require(truth[0] >= 0.0 && truth[3] >= 0.0 && truth[0] + truth[3] > 0.0,
            "p0 and p3 scale densities; make both non-negative, and one of them positive");
    limit.covariance = proxy1d_covariance(truth, n, norms_known_to_poisson);
  } else if (problem == "kuma6") {
    for (double value : truth) require(value > 0.0, "s, a and b must be positive; check truth");
    limit.covariance = kuma6_covariance(truth, n);
  } else {
    throw std::invalid_argument("no limit is known for problem \"" + problem +
                                "\"; choose proxy1d or kuma6");
  }
  for (size_t j = 0; j < kParameters; ++j) {
    limit.sigma.push_back(std::sqrt(limit.covariance[j * kParameters + j]));
  }
  return limit;
}

double expected_mean_abs_percent(const Limit& limit, const std::vector<double>& truth) {
  require(!truth.empty() && truth.size() == limit.sigma.size(),
          "truth and limit differ in size; hand in the truth the limit was computed at");
  const double kGaussianMeanAbs = std::sqrt(2.0 / std::acos(-1.0));
  double sum = 0.0;
  for (size_t j = 0; j < truth.size(); ++j) sum += limit.sigma[j] / std::fabs(truth[j]);
  return 100.0 * kGaussianMeanAbs * sum / static_cast<double>(truth.size());
}

bool invert_symmetric(int n, std::vector<double>* matrix) {
  // A pivot this small, of a matrix scaled to a diagonal of ones, is rounding and not information.
  constexpr double kSmallestPivot = 1e-13;
  const size_t size = static_cast<size_t>(n);
  const std::vector<double>& m = *matrix;
  std::vector<double> scale(size);
  for (size_t i = 0; i < size; ++i) {
    if (!(m[i * size + i] > 0.0)) return false;
    scale[i] = 1.0 / std::sqrt(m[i * size + i]);
  }
  // 1. Cholesky factor of the scaled matrix: m = l l^T.
  // 2. inverse = l^-1, by forward substitution on the columns of the unit matrix.
  std::vector<double> l(size * size, 0.0), inverse(size * size, 0.0);
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double rest = m[i * size + j] * scale[i] * scale[j];
      for (size_t k = 0; k < j; ++k) rest -= l[i * size + k] * l[j * size + k];
      if (i == j && !(rest > kSmallestPivot)) return false;
      l[i * size + j] = i == j ? std::sqrt(rest) : rest / l[j * size + j];
    }
    for (size_t j = 0; j <= i; ++j) {
      double rest = i == j ? 1.0 : 0.0;
      for (size_t k = j; k < i; ++k) rest -= l[i * size + k] * inverse[k * size + j];
      inverse[i * size + j] = rest / l[i * size + i];
    }
  }
  // 3. m^-1 = l^-T l^-1, scaled back.
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      double sum = 0.0;
      for (size_t k = 0; k < size; ++k) sum += inverse[k * size + i] * inverse[k * size + j];
      (*matrix)[i * size + j] = sum * scale[i] * scale[j];
    }
  }
  return true;
}

}  // namespace sagips_tool
