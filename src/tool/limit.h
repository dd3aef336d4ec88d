// The Cramer-Rao limit of the built-in closure problems: the smallest covariance that any unbiased
// estimate from n events can have, C = I(p)^-1, with the Fisher information
//
//   I_jk = n sum over observables of E[ (d ln f / dp_j) (d ln f / dp_k) ].
//
// A residual means little by itself; divided by this limit it says how good an estimate is.

#ifndef SAGIPS_TOOL_LIMIT_H_
#define SAGIPS_TOOL_LIMIT_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sagips_tool {

// P parameters in physical units, in the problem's order.
struct Limit {
  std::vector<double> covariance;  // (P, P) row-major
  std::vector<double> sigma;       // (P) square roots of the diagonal
};

// The limit of "proxy1d" or "kuma6" (P = 6 each) at `truth` for n_events events per observable.
//
// norms_known_to_poisson concerns proxy1d only: true adds both norms, each measured to 1/sqrt(n);
// false leaves the common scale of p0 and p3 unknown, since events do not depend on it. Then
// sigma is +inf for p0 and p3, and the covariances of these two with anything are NaN.
//
// kuma6 is regular only for b > 2: the three parameters of an observable with b <= 2 get NaN, as
// does every parameter of proxy1d at a truth where the information has no inverse (p0 = 0, say).
// Throws std::invalid_argument for an unknown problem, a wrong size or values without meaning.
Limit cramer_rao(const std::string& problem, const std::vector<double>& truth, int64_t n_events,
                 bool norms_known_to_poisson);

// The mean over parameters of |estimate - truth| / |truth|, in percent, that is expected from a
// Gaussian estimate at the limit: 100 mean_i sqrt(2/pi) sigma_i / |truth_i|.
double expected_mean_abs_percent(const Limit& limit, const std::vector<double>& truth);

constexpr int kProxy1dNodes = 1000;
constexpr double kProxy1dFirstNode = 0.1;
constexpr double kProxy1dSpacing = (0.99999 - kProxy1dFirstNode) / kProxy1dNodes;

// One observable of proxy1d as its sampler really draws it. Linear interpolation of the survival
// table spreads the share sigma_i / sum(sigma) evenly over the cell [x_i, x_i+1]:
//
//   share:   s_0     s_1     s_2            s_998   s_999, an atom: exactly x_999
//          |-------|-------|-------| ... |-------|
//         x_0     x_1     x_2           x_998   x_999
//
// The uniform is multiplied by 0.9999, so 1e-4 is cut off from the left, and the rest divided by
// 0.9999.
struct CellModel {
  std::vector<double> mass;          // (1000) probability of cell i; the last is the atom
  std::vector<double> slope;         // (1000, 6) d mass_i / d p_j
  double norm;                       // spacing times the sum of sigma without the last node
  std::array<double, 6> norm_slope;  // d norm / d p_j
};

// Both observables of proxy1d at the six physical parameters p.
std::array<CellModel, 2> proxy1d_cells(const std::vector<double>& p);

// Replaces a symmetric positive definite matrix (n, n) by its inverse. Returns false, and leaves
// the matrix as it was, where it is singular to working precision or not positive definite.
bool invert_symmetric(int n, std::vector<double>* matrix);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_LIMIT_H_
