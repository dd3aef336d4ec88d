// SPDX-License-Identifier: BSD-3-Clause
// Two detectors see one spectrum, y = tau (-ln u)^(1/k): `near` loses low values, `far` high ones.
// Alone, each leaves a combination of tau and k badly known; one generator that serves both data
// sets, each with a pipeline and a discriminator of its own, does not. The events arrive from two
// threads, as from a framework that reads its files in parallel.
// Usage: two_detectors [epochs]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sagips.hpp"

namespace {

const std::vector<double> kTruth = {1.0, 1.3};

struct Detector {
  std::string name;
  double edge, width;  // half of the events at `edge` are lost; below it where width > 0
  int64_t n;           // events measured
};
const std::vector<Detector> kDetectors = {{"near", 1.4, 0.1, 20000}, {"far", 0.9, -0.1, 60000}};

sgp::Pipeline make_pipeline(const Detector& detector) {
  sgp::Stage stage(detector.name);
  stage.set_shape(0, 1, 0, 1)
      .set_flag(SAGIPS_SMOOTH);  // no derivative: it is smooth, so differenced
  stage.set_model([detector](const sgp::Batch& batch) {
    for (int64_t row = 0; row < batch.n_rows(); ++row)
      for (int64_t event = 0; event < batch.n_events(); ++event) {
        const double* p = batch.parameters(row);
        const double u = batch.uniforms(row, event)[0];
        const double y = p[0] * std::pow(-std::log(u), 1 / p[1]);
        batch.outputs(row, event)[0] = y;
        batch.weight(row, event) = 1 / (1 + std::exp((detector.edge - y) / detector.width));
      }
  });
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  return pipeline;
}

/// A detector's data: an event is there or not, with the probability that is its weight.
std::vector<double> measure(const Detector& detector, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  const auto all = make_pipeline(detector).generate(kTruth, 6 * detector.n, seed);
  std::vector<double> seen;
  for (size_t i = 0; i < all.values.size(); ++i)
    if (uniform(random) < all.weights[i] && seen.size() < static_cast<size_t>(detector.n))
      seen.push_back(all.values[i]);
  return seen;
}

/// Half of the events from each of two threads; their numbers put them in order.
void add(sgp::Problem* problem, const std::string& name, const std::vector<double>& events) {
  const auto half = events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2);
  const auto read = [&](auto first, auto last) {
    std::vector<int64_t> numbers(static_cast<size_t>(last - first));
    std::iota(numbers.begin(), numbers.end(), static_cast<int64_t>(first - events.begin()));
    problem->add_events(name, std::vector<double>(first, last), 1, {}, numbers);
  };
  std::thread other([&] { read(half, events.end()); });
  read(events.begin(), half);
  other.join();
}

void fit(const char* title, const std::vector<Detector>& detectors, int64_t epochs) {
  sgp::Problem problem;
  problem.add_parameter("tau", 0.4, 2.0).add_parameter("k", 0.6, 2.4);
  for (const Detector& detector : detectors) {
    problem.add_dataset(detector.name, make_pipeline(detector));
    add(&problem, detector.name, measure(detector, detector.width > 0 ? 1 : 2));
  }
  sgp::Options options;
  options.set("epochs", epochs).set("events", 512);
  sgp::Solver solver(problem, options);
  solver.step(epochs);
  const auto [mean, covariance] = solver.estimate();
  std::printf("%-8s tau = %.4f +- %.4f   k = %.4f +- %.4f\n", title, mean[0],
              std::sqrt(covariance[0]), mean[1], std::sqrt(covariance[3]));
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t epochs = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 2000;
  try {
    std::printf("truth    tau = %.4f             k = %.4f\n", kTruth[0], kTruth[1]);
    fit("near", {kDetectors[0]}, epochs);
    fit("far", {kDetectors[1]}, epochs);
    fit("both", kDetectors, epochs);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
