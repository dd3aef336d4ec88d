// Unbinned maximum-likelihood fits of one closure data set with the true density: the reference
// that every estimate is judged against. A closure estimate differs from the truth by its own
// error and by the fluctuation of the data; the fit of the same data shares the fluctuation, so
// (estimate - fit) / sigma is the error alone.

#ifndef SAGIPS_BENCH_MAXIMUM_LIKELIHOOD_H_
#define SAGIPS_BENCH_MAXIMUM_LIKELIHOOD_H_

#include <cstdint>
#include <vector>

namespace sagips_bench {

struct Fit {
  std::vector<double> estimate;  // physical parameters, in the problem's order
  double seconds;                // wall time of the whole fit
  int iterations;                // likelihoods evaluated on the whole data set, rejected ones too
  bool converged;                // the last step was below 1e-4 standard deviations
};

// Fits p0..p5 of proxy1d to events (n, 2), row-major, and to the two norms, each with a Gaussian
// of width norm_sigma[k] around norm_target[k]. An infinite width leaves a norm out; with both
// left out the common scale of p0 and p3 is arbitrary.
//
// The events enter as counts per grid cell, which is all that they hold about p as long as the
// edge of the sampler's cut, inside the first cell, is left aside (see tool/limit.cpp).
//
// The estimate lies in the proxy's box; a start outside is moved into it. Throws
// std::invalid_argument for no events, an event off the grid, or a width that is not positive.
Fit fit_proxy1d(const double* events, int64_t n, const double norm_target[2],
                const double norm_sigma[2], const double start[6]);

// Fits (s, a, b) of both observables of kuma6 to events (n, 2), row-major: two independent fits.
//
// The estimate lies in the proxy's box and has s above the largest event; a start outside is moved
// there. Throws std::invalid_argument for no events or an event outside (0, 3).
Fit fit_kuma6(const double* events, int64_t n, const double start[6]);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_MAXIMUM_LIKELIHOOD_H_
