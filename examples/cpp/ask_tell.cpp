// SPDX-License-Identifier: BSD-3-Clause
// A host that owns the loop: it asks the solver for work, hands the tickets to workers, here
// threads of their own, and tells the answers. The estimate has the bits that a callback gives, and
// finds the truth. The model: decay times of mean life tau, measured with a resolution,
//   t = -tau ln u0 + sigma z(u1, u2).   Usage: ask_tell [seed]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <future>
#include <utility>
#include <vector>

#include "sagips.hpp"

namespace {

/// One ticket. It reads and writes the ticket's own arrays, so workers need no lock.
void serve(const sgp::Batch& batch) {
  for (int64_t row = 0; row < batch.n_rows(); ++row) {
    const double tau = batch.parameters(row)[0], sigma = batch.parameters(row)[1];
    for (int64_t event = 0; event < batch.n_events(); ++event) {
      const double* u = batch.uniforms(row, event);
      const double z = std::sqrt(-2 * std::log(u[1])) * std::cos(6.283185307179586 * u[2]);
      batch.outputs(row, event)[0] = -tau * std::log(u[0]) + sigma * z;
    }
  }
}

/// The host's loop; returns how many tickets were served.
long train(sgp::Solver* solver) {
  std::deque<std::pair<uint64_t, std::future<void>>> out;
  for (long served = 0;; ++served) {
    sagips_batch ticket = solver->ask();
    for (; ticket.ticket != 0; ticket = solver->ask()) {
      const auto work = [ticket]() mutable { serve(sgp::Batch(ticket)); };
      out.emplace_back(ticket.ticket, std::async(std::launch::async, work));
    }
    if (out.empty()) return served;  // nothing to do and nothing out: SAGIPS_DONE
    out.front().second.get();        // its arrays stay where they are until it is told
    solver->tell(out.front().first);
    out.pop_front();
  }
}

constexpr int64_t kEpochs = 1000;
const std::vector<const char*> kNames = {"tau", "sigma"};
const std::vector<double> kTruth = {2.2, 0.5};

sgp::Solver::Estimate fit(bool is_external, int64_t seed) {
  sgp::Stage stage("decay");
  stage.set_shape(0, 1, 0, 3).set_flag(SAGIPS_SMOOTH);
  stage.set_model(serve).set_external(is_external);  // the model serves what is not training
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  const auto times = pipeline.generate(kTruth, 20000, static_cast<uint64_t>(seed));
  sgp::Problem problem;
  problem.add_parameter(kNames[0], 0.5, 5.0).add_parameter(kNames[1], 0.1, 1.5);
  problem.add_dataset("times", pipeline).set_events("times", times.values, 1);
  sgp::Options options;
  options.set("seed", seed).set("epochs", kEpochs).set("rows", 8).set("events", 128);
  options.set("ask.rows", 2);  // of a ticket: eight rows make four
  sgp::Solver solver(problem, options);
  if (is_external)
    std::printf("%ld tickets served\n", train(&solver));
  else
    solver.step(kEpochs);
  return solver.estimate();
}

}  // namespace

int main(int argc, char** argv) try {
  const int64_t seed = argc > 1 ? std::atoll(argv[1]) : 1;
  const auto called = fit(false, seed), asked = fit(true, seed);
  bool is_right = called.mean == asked.mean;
  std::printf(is_right ? "the bits of a callback\n" : "NOT the bits of a callback\n");
  for (size_t i = 0; i < kTruth.size(); ++i) {
    const double sigma = std::sqrt(asked.covariance[3 * i]);
    const double pull = (asked.mean[i] - kTruth[i]) / sigma;
    std::printf("%s: truth %.3f, found %.4f +- %.4f, pull %+.2f\n", kNames[i], kTruth[i],
                asked.mean[i], sigma, pull);
    is_right = is_right && std::abs(pull) < 5;
  }
  return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
