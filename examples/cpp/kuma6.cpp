// SPDX-License-Identifier: BSD-3-Clause
// Your own forward model with its vector-Jacobian product, closed on itself: events are generated
// at a known truth, and training has to find it again. Two Kumaraswamy laws, drawn by
// inversion,
//   y = s (1 - (1-u)^(1/b))^(1/a),   (s, a, b) = (p0, p1, p2) for y0 and (p3, p4, p5) for y1.
// Usage: kuma6 [epochs] [--bits]; --bits prints the estimate as hexadecimal doubles, to compare.
#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "sagips.hpp"

namespace {

const std::vector<std::string> kNames = {"s0", "a0", "b0", "s1", "a1", "b1"};
const std::vector<double> kLower = {0.5, 0.5, 1.0, 0.5, 0.5, 1.0};
const std::vector<double> kUpper = {3.0, 4.0, 6.0, 3.0, 4.0, 6.0};
const std::vector<double> kTruth = {1.5, 1.4, 3.0, 2.0, 2.2, 4.0};

// The model and its product; the limits keep a uniform where y is finite.
struct Kuma6 {
  double u_min = 1e-7;
  double u_max = 1.0 - 2e-7;

  void operator()(const sgp::Batch& batch) const {
    for (int64_t row = 0; row < batch.n_rows(); ++row)
      for (int64_t event = 0; event < batch.n_events(); ++event)
        for (int j = 0; j < 2; ++j) {
          const double* p = batch.parameters(row) + 3 * j;
          const double u = batch.uniforms(row, event)[j];
          const double w = 1.0 - std::min(std::max(u, u_min), u_max);
          const double t = std::pow(w, 1.0 / p[2]);
          const double x = std::pow(1.0 - t, 1.0 / p[1]);
          const double y = p[0] * x;
          if (batch.get().request == SAGIPS_FORWARD) {
            batch.outputs(row, event)[j] = y;
          } else {
            const double g = batch.grad_outputs(row, event)[j];
            double* grad = batch.grad_parameters(row) + 3 * j;
            grad[0] += g * x;
            grad[1] -= g * (y * std::log(x) / p[1]);
            grad[2] += g * (y * t * std::log(w) / (p[1] * (1.0 - t) * p[2] * p[2]));
          }
        }
  }
};

int run(long epochs, bool bits) {
  sgp::Stage stage("kuma6");
  stage.set_shape(0, 2, 0, 2).set_flag(SAGIPS_SMOOTH).set_model(Kuma6{}, Kuma6{});
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  const auto events = pipeline.generate(kTruth, 100000, 1);

  const sagips_check_report report = pipeline.check_model(kLower, kUpper, 1);
  if (!bits) std::puts(report.text);
  if (!report.passed) throw std::runtime_error("the model fails its check");

  sgp::Problem problem;
  for (size_t i = 0; i < kTruth.size(); ++i) problem.add_parameter(kNames[i], kLower[i], kUpper[i]);
  problem.add_dataset("data", pipeline).set_events("data", events.values, 2);
  sgp::Options options;
  options.preset("fast");
  if (epochs > 0) options.set("epochs", epochs);

  sgp::Solver solver(problem, options);
  solver.step(solver.progress().epochs);
  const auto [mean, covariance] = solver.estimate();
  if (!bits) std::printf("parameter      truth   estimate  uncertainty\n");
  for (size_t i = 0; i < mean.size(); ++i) {
    uint64_t pattern;
    std::memcpy(&pattern, &mean[i], sizeof pattern);
    if (bits)
      std::printf("%016" PRIX64 "\n", pattern);
    else
      std::printf("%-9s %10.5f %10.5f %12.5f\n", kNames[i].c_str(), kTruth[i], mean[i],
                  std::sqrt(covariance[i * mean.size() + i]));
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const long epochs = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 0;
  const bool bits = argc > 1 && std::string(argv[argc - 1]) == "--bits";
  try {
    return run(epochs, bits);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
