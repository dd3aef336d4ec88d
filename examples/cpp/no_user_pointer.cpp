// SPDX-License-Identifier: BSD-3-Clause
// A theory code whose callback has no user pointer: it integrates a function of one number, and how
// that function learns the parameters is not its business. The bridge is a pointer that every
// thread has for itself, set for the time of a scope. Nothing is shared, so the stage may run in
// several threads, with the same bits. The law is that of energies,   f(E) = E^n exp(-E/T) .
// Usage: no_user_pointer [seed]
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

#include "sagips.hpp"

// ---- the theory code, as it came ---------------------------------------------------------------

static double (*theory_integrand)(double x) = nullptr;

static void theory_set_integrand(double (*f)(double x)) { theory_integrand = f; }

/// Simpson's rule.
static double theory_integrate(double a, double b) {
  const double h = (b - a) / 2;
  return h / 3 * (theory_integrand(a) + 4 * theory_integrand(a + h) + theory_integrand(b));
}

// ---- the bridge --------------------------------------------------------------------------------

namespace {

struct Law {
  double n, temperature;
  double operator()(double energy) const {
    return std::pow(energy, n) * std::exp(-energy / temperature);
  }
};

thread_local const Law* law_of_this_thread = nullptr;

/// The function that the theory code is given, once and for all.
double integrand(double energy) { return (*law_of_this_thread)(energy); }

/// Makes a law that of this thread until the scope ends: also by an exception, and scopes nest.
class LawScope {
 public:
  explicit LawScope(const Law* law) : before_(law_of_this_thread) { law_of_this_thread = law; }
  ~LawScope() { law_of_this_thread = before_; }
  LawScope(const LawScope&) = delete;
  LawScope& operator=(const LawScope&) = delete;

 private:
  const Law* before_;
};

// ---- the model: inversion of the integral, piece by piece --------------------------------------

constexpr size_t kCells = 200;
constexpr double kHighest = 20;

void draw_energies(const sgp::Batch& batch) {
  std::array<double, kCells + 1> sum;
  for (int64_t row = 0; row < batch.n_rows(); ++row) {
    const Law law{batch.parameters(row)[0], batch.parameters(row)[1]};
    const LawScope scope(&law);
    const double width = kHighest / kCells;
    sum[0] = 0;
    for (size_t i = 0; i < kCells; ++i)
      sum[i + 1] = sum[i] + theory_integrate(width * double(i), width * double(i + 1));
    for (int64_t event = 0; event < batch.n_events(); ++event) {
      const double target = batch.uniforms(row, event)[0] * sum.back();
      const auto above = std::upper_bound(sum.begin() + 1, sum.end() - 1, target);
      const double inside = (target - above[-1]) / (above[0] - above[-1]);
      batch.outputs(row, event)[0] = width * (double(above - sum.begin()) - 1 + inside);
    }
  }
}

constexpr int64_t kEpochs = 1000;
const std::vector<double> kTruth = {1.5, 1.2};

sgp::Solver::Estimate fit(int64_t threads, int64_t seed) {
  sgp::Stage stage("energies");
  stage.set_shape(0, 1, 0, 1).set_model(draw_energies);
  stage.set_flag(SAGIPS_SMOOTH).set_flag(SAGIPS_CONCURRENT);
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  sgp::Problem problem;
  problem.add_parameter("n", 0.5, 3).add_parameter("T", 0.5, 2).add_dataset("data", pipeline);
  const auto events = pipeline.generate(kTruth, 20000, static_cast<uint64_t>(seed));
  problem.set_events("data", events.values, 1);
  sgp::Options options;
  options.set("threads", threads).set("seed", seed).set("epochs", kEpochs);
  options.set("rows", 4).set("events", 128);
  sgp::Solver solver(problem, options);
  solver.step(kEpochs);
  return solver.estimate();
}

}  // namespace

int main(int argc, char** argv) try {
  const int64_t seed = argc > 1 ? std::atoll(argv[1]) : 1;
  theory_set_integrand(integrand);
  const auto one = fit(1, seed), two = fit(2, seed);
  bool is_right = one.mean == two.mean;
  std::printf("one thread and two: %s\n", is_right ? "the same bits" : "DIFFERENT");
  for (size_t i = 0; i < kTruth.size(); ++i) {
    const double sigma = std::sqrt(one.covariance[3 * i]), pull = (one.mean[i] - kTruth[i]) / sigma;
    std::printf("%c: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", "nT"[i], kTruth[i], one.mean[i],
                sigma, pull);
    is_right = is_right && std::abs(pull) < 5;
  }
  return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
