// SPDX-License-Identifier: BSD-3-Clause
// Closure problems: a built-in pipeline makes events at a known truth, and the solver has to find
// that truth again. Two are known, proxy1d (the paper's 1D proxy app) and kuma6.

#ifndef SAGIPS_TOOL_CLOSURE_H_
#define SAGIPS_TOOL_CLOSURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tool/abi.h"

namespace sagips_tool {

constexpr const char* kDataset = "closure";

// What is fixed about a problem, whatever the data.
struct ClosureSpec {
  std::string name;
  std::vector<std::string> parameters;  // (P)
  std::vector<double> lower, upper;     // (P) bounds, physical units
  std::vector<double> truth;            // (P) of the literature
  std::vector<std::string> observables;
  bool measures_norms;  // its auxiliary outputs are norms, each measured to 1/sqrt(events)

  // "poisson" or "none": goes with every result, since accuracy depends on it.
  std::string norm_information() const { return measures_norms ? "poisson" : "none"; }
};

std::vector<std::string> closure_names();
// Throws a UsageError for an unknown name.
const ClosureSpec& closure_spec(const std::string& name);

// Throws a UsageError unless `truth` has P values inside the bounds, none of them 0 (a residual is
// a fraction of the truth).
void check_truth(const ClosureSpec& spec, const std::vector<double>& truth);

// A problem with its data, ready for a solver. The solver borrows `events` and `weights`.
struct Closure {
  Pipeline pipeline;
  std::vector<double> events;        // (n, Y)
  std::vector<double> weights;       // (n), or empty for 1
  std::vector<double> norm_targets;  // (A) measured norms
  int32_t n_observables = 0;         // Y
  Problem problem;
};

Pipeline make_pipeline(const std::string& problem);

// Events at one parameter point, (n, Y), and their weights, (n) or empty where all are 1; an event
// of weight 0 is lost. `auxiliary` (A) may be null.
std::vector<double> generate(const Pipeline& pipeline, const std::vector<double>& parameters,
                             int64_t n_events, uint64_t seed, std::vector<double>* weights,
                             std::vector<double>* auxiliary);

Closure build_closure(const ClosureSpec& spec, const std::vector<double>& truth, int64_t n_events,
                      uint64_t data_seed);

// 100 (truth - estimate) / truth, eq. 6 of the SAGIPS paper in percent.
std::vector<double> residuals_percent(const std::vector<double>& truth,
                                      const std::vector<double>& estimate);
double mean_abs(const std::vector<double>& values);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_CLOSURE_H_
