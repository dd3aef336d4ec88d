// SPDX-License-Identifier: BSD-3-Clause
// One closure: a data set at a known truth with all that judges an estimate from it (the
// maximum-likelihood fit of the same events, the Cramer-Rao limit), and one training on it.

#ifndef SAGIPS_BENCH_CLOSURE_RUN_H_
#define SAGIPS_BENCH_CLOSURE_RUN_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "maximum_likelihood.h"
#include "tool/closure.h"
#include "tool/limit.h"

namespace sagips_bench {

using Json = nlohmann::ordered_json;
using Vector = std::vector<double>;

// P parameters are in the order of the built-in problem, wherever the solver has them.
struct DataSet {
  const sagips_tool::ClosureSpec* spec = nullptr;
  Vector truth;
  std::vector<int32_t> order;  // (P) parameter j of the solver's problem is the built-in's order[j]
  int64_t n_events = 0;
  uint64_t seed = 0;
  sagips_tool::Closure closure;
  Fit fit;                   // started in the middle of the box, as the solver is
  sagips_tool::Limit limit;  // at the truth; norms of proxy1d known to Poisson accuracy
  Vector information;        // (P, P) inverse of its covariance
};

DataSet make_data_set(const std::string& problem, const Vector& truth, int64_t n_events,
                      uint64_t seed);

// Hands the solver the same data with its parameters in another order.
void permute(const std::vector<int32_t>& order, DataSet* data);

// (a - b)_j / sigma_j, with the limit's sigma.
Vector in_sigmas(const DataSet& data, const Vector& a, const Vector& b);
// (a - b)^T C^-1 (a - b), with the limit's covariance.
double chi2(const DataSet& data, const Vector& a, const Vector& b);
// Mean over parameters of |a - truth| / |truth|, in percent.
double mean_abs_percent(const DataSet& data, const Vector& a);

struct Setting {
  std::string key, value;
};

// The preset `fast` with `settings` on top.
sagips_tool::Options fast_options(const std::vector<Setting>& settings);
std::string fast_value(const std::string& key);

struct Run {
  std::string failure;  // the library's sentence where it gave up; nothing below is set then
  Vector estimate;      // (P)
  Vector uncertainty;   // (P) the solver's own; empty unless asked for
  double seconds_create = 0, seconds_training = 0, seconds_uncertainty = 0;  // wall time
  double seconds_cpu = 0;  // processor time of creation and training, free of what else runs
  int64_t epochs = 0, synthetic_events = 0;
  int64_t epochs_to_5 = -1, epochs_to_2 = -1;  // sustained mean |residual| in percent; -1: never

  double seconds() const { return seconds_create + seconds_training; }
};

enum class Uncertainty { kLeftOut, kIncluded };

Run train(const DataSet& data, const std::vector<Setting>& settings, uint64_t seed,
          Uncertainty uncertainty);

// All of a run and of what it is judged by.
Json run_as_json(const DataSet& data, const Run& run);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_CLOSURE_RUN_H_
