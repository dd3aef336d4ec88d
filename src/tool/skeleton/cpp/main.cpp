// SPDX-License-Identifier: 0BSD
// check     judges the model before you trust it
// closure   makes events at the known truth, writes them to closure.csv, and finds the truth again
// run FILE  finds the parameters of your events
// closure and run take the number of epochs as a last word.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "events.h"
#include "model.h"

namespace {

constexpr int64_t kClosureEvents = 50000;

void check() {
  std::vector<double> lower, upper;
  for (const Parameter& p : model_parameters()) {
    lower.push_back(p.lower);
    upper.push_back(p.upper);
  }
  const sagips_check_report report = model_pipeline().check_model(lower, upper, 1);
  std::puts(report.text);
  if (!report.passed) throw std::runtime_error("the model fails its check; see the text above");
}

struct Result {
  std::vector<double> mean, sigma;
};

// Trains on events (n, kObservables); `epochs` 0 takes the default. Prints what comes out.
Result fit(const std::vector<double>& events, int64_t epochs) {
  sgp::Problem problem;
  for (const Parameter& p : model_parameters()) problem.add_parameter(p.name, p.lower, p.upper);
  problem.add_dataset("data", model_pipeline()).set_events("data", events, kObservables);

  sgp::Options options;  // `sagips options` lists them
  if (epochs > 0) options.set("epochs", epochs);
  sgp::Solver solver(problem, options);
  const sagips_progress progress = solver.step(solver.progress().epochs);

  const auto [mean, covariance] = solver.estimate();
  Result result{mean, {}};
  std::printf("%zu events, %lld epochs, %.1f s\nparameter    estimate  uncertainty\n",
              events.size() / kObservables, static_cast<long long>(progress.epoch),
              progress.seconds_training);
  for (size_t i = 0; i < mean.size(); ++i) {
    result.sigma.push_back(std::sqrt(covariance[i * mean.size() + i]));
    std::printf("%-10s %10.5f %12.5f\n", model_parameters()[i].name.c_str(), mean[i],
                result.sigma[i]);
  }
  const sagips_assessment verdict = solver.assess();
  std::printf("the model %s the events (p = %.2f)\n", verdict.fits ? "fits" : "does NOT fit",
              verdict.p_value);
  return result;
}

void closure(int64_t epochs) {
  std::vector<double> truth;
  for (const Parameter& p : model_parameters()) truth.push_back(p.truth);
  const std::vector<double> events = model_pipeline().generate(truth, kClosureEvents, 1).values;
  write_events("closure.csv", events, kObservables);
  const Result result = fit(events, epochs);
  for (size_t i = 0; i < truth.size(); ++i) {
    const std::string& name = model_parameters()[i].name;
    const double pull = (result.mean[i] - truth[i]) / result.sigma[i];
    std::printf("%s: truth %g, off by %+.1f uncertainties\n", name.c_str(), truth[i], pull);
    if (!(std::abs(pull) < 5)) throw std::runtime_error("the closure fails: " + name);
  }
}

int usage(const char* program) {
  std::fprintf(stderr, "usage: %s check | closure [epochs] | run FILE [epochs]\n", program);
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  const int n_words = command == "run" ? 3 : 2;
  const int64_t epochs = argc == n_words + 1 ? std::strtoll(argv[n_words], nullptr, 10) : 0;
  const bool is_complete = argc == n_words || epochs > 0;
  try {
    if (command == "check" && argc == 2) {
      check();
    } else if (command == "closure" && is_complete) {
      closure(epochs);
    } else if (command == "run" && is_complete) {
      fit(read_events(argv[2], kObservables), epochs);
    } else {
      return usage(argv[0]);
    }
  } catch (const std::exception& error) {  // sgp::Error tells the problem and what to do
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
