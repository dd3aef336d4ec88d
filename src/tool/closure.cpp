// SPDX-License-Identifier: BSD-3-Clause
// The table of closure problems, and how one is built through the C ABI: generate events at the
// truth, add the parameters with their bounds, hand over the events and, for proxy1d, the norms.
// Events of proxy1d do not depend on the common scale of p0 and p3; the norms fix it.

#include "tool/closure.h"

#include <algorithm>
#include <cmath>

#include "tool/random.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

const std::vector<ClosureSpec>& specs() {
  static const std::vector<ClosureSpec> table = {
      {"proxy1d",
       {"p0", "p1", "p2", "p3", "p4", "p5"},
       {0.0, -1.0, 0.0, 0.0, -1.0, 0.0},
       {3.0, 1.0, 5.0, 3.0, 1.0, 5.0},
       {2.1875, -0.5, 3.0, 1.09375, -0.5, 4.0},
       {"y0", "y1"},
       true},
      {"kuma6",
       {"p0", "p1", "p2", "p3", "p4", "p5"},
       {0.5, 0.5, 1.0, 0.5, 0.5, 1.0},
       {3.0, 4.0, 6.0, 3.0, 4.0, 6.0},
       {1.5, 1.4, 3.0, 2.0, 2.2, 4.0},
       {"y0", "y1"},
       false},
  };
  return table;
}

// A norm counts events: it is known to 1/sqrt(n) of itself.
std::vector<double> measured_norms(const std::vector<double>& norms, int64_t n_events,
                                   uint64_t data_seed) {
  NormalNumbers normal(data_seed);
  std::vector<double> measured;
  for (double norm : norms) {
    measured.push_back(norm * (1.0 + normal.next() / std::sqrt(static_cast<double>(n_events))));
  }
  return measured;
}

}  // namespace

std::vector<std::string> closure_names() {
  std::vector<std::string> names;
  for (const ClosureSpec& spec : specs()) names.push_back(spec.name);
  return names;
}

const ClosureSpec& closure_spec(const std::string& name) {
  for (const ClosureSpec& spec : specs()) {
    if (spec.name == name) return spec;
  }
  throw UsageError("no built-in problem is called \"" + name + "\"; choose " +
                   join(closure_names(), " or "));
}

void check_truth(const ClosureSpec& spec, const std::vector<double>& truth) {
  if (truth.size() != spec.parameters.size()) {
    throw UsageError("the truth has " + std::to_string(truth.size()) + " values (" + spec.name +
                     " has " + std::to_string(spec.parameters.size()) +
                     " parameters); give them all, separated by commas");
  }
  for (size_t i = 0; i < truth.size(); ++i) {
    const std::string what = "the truth of " + spec.parameters[i] + " is " + shortest(truth[i]);
    if (!(truth[i] > spec.lower[i] && truth[i] < spec.upper[i])) {
      throw UsageError(what + " (not inside its bounds); choose it between " +
                       shortest(spec.lower[i]) + " and " + shortest(spec.upper[i]));
    }
    if (truth[i] == 0.0) {
      throw UsageError(what + " (a residual is a fraction of the truth); choose another value");
    }
  }
}

Pipeline make_pipeline(const std::string& problem) {
  sagips_pipeline* created = nullptr;
  check(sagips_pipeline_create(&created));
  Pipeline pipeline(created);
  check(sagips_pipeline_add_builtin(created, problem.c_str(), nullptr));
  return pipeline;
}

std::vector<double> generate(const Pipeline& pipeline, const std::vector<double>& parameters,
                             int64_t n_events, uint64_t seed, std::vector<double>* weights,
                             std::vector<double>* auxiliary) {
  int32_t n_observables = 0;
  int32_t n_auxiliary = 0;
  check(sagips_pipeline_shape(pipeline.get(), &n_observables, &n_auxiliary));
  std::vector<double> events(static_cast<size_t>(n_events) * static_cast<size_t>(n_observables));
  if (auxiliary != nullptr) auxiliary->assign(static_cast<size_t>(n_auxiliary), 0.0);
  weights->assign(static_cast<size_t>(n_events), 1.0);
  const bool wanted = auxiliary != nullptr && n_auxiliary > 0;
  check(sagips_pipeline_generate(pipeline.get(), static_cast<int32_t>(parameters.size()),
                                 parameters.data(), n_events, seed, n_observables, events.data(),
                                 weights->data(), n_auxiliary,
                                 wanted ? auxiliary->data() : nullptr));
  if (std::all_of(weights->begin(), weights->end(), [](double w) { return w == 1.0; })) {
    weights->clear();
  }
  return events;
}

Closure build_closure(const ClosureSpec& spec, const std::vector<double>& truth, int64_t n_events,
                      uint64_t data_seed) {
  // 1. Data.
  Closure closure;
  closure.pipeline = make_pipeline(spec.name);
  std::vector<double> norms;
  closure.events = generate(closure.pipeline, truth, n_events, data_seed, &closure.weights, &norms);
  closure.n_observables = static_cast<int32_t>(spec.observables.size());

  // 2. Parameters.
  sagips_problem* problem = nullptr;
  check(sagips_problem_create(&problem));
  closure.problem.reset(problem);
  for (size_t i = 0; i < spec.parameters.size(); ++i) {
    check(sagips_problem_add_parameter(problem, spec.parameters[i].c_str(), spec.lower[i],
                                       spec.upper[i]));
  }

  // 3. The data set, and the norms it was measured with.
  check(sagips_problem_add_dataset(problem, kDataset, closure.pipeline.get()));
  check(sagips_problem_borrow_events(problem, kDataset, closure.events.data(),
                                     closure.weights.empty() ? nullptr : closure.weights.data(),
                                     n_events, closure.n_observables, 0, nullptr, nullptr));
  if (spec.measures_norms) closure.norm_targets = measured_norms(norms, n_events, data_seed);
  for (size_t k = 0; k < closure.norm_targets.size(); ++k) {
    const double target = closure.norm_targets[k];
    check(sagips_problem_set_auxiliary(problem, kDataset, static_cast<int32_t>(k), target,
                                       target / std::sqrt(static_cast<double>(n_events)),
                                       SAGIPS_GAUSSIAN));
  }
  return closure;
}

std::vector<double> residuals_percent(const std::vector<double>& truth,
                                      const std::vector<double>& estimate) {
  std::vector<double> residuals;
  for (size_t i = 0; i < truth.size(); ++i) {
    residuals.push_back(100.0 * (truth[i] - estimate[i]) / truth[i]);
  }
  return residuals;
}

double mean_abs(const std::vector<double>& values) {
  double sum = 0.0;
  for (double value : values) sum += std::fabs(value);
  return sum / static_cast<double>(values.size());
}

}  // namespace sagips_tool
