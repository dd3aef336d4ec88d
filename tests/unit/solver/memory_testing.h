// SPDX-License-Identifier: BSD-3-Clause
// Every option that gives a training a memory: the trainings that tests of resuming go through.
#ifndef SAGIPS_TESTS_UNIT_SOLVER_MEMORY_TESTING_H_
#define SAGIPS_TESTS_UNIT_SOLVER_MEMORY_TESTING_H_

#include <ostream>
#include <string>
#include <vector>

#include "unit/solver/solver_testing.h"

namespace sagips {

struct Memory {
  std::string name;
  Settings settings;
  Form form = Form::kVjp;
  int32_t flags = 0;
  int32_t n_datasets = 1;
};

inline void PrintTo(const Memory& m, std::ostream* out) { *out << m.name; }

inline const Settings kNoise = {{"generator.input", "noise"}};

inline std::vector<Memory> memories() {
  return {
      {"Point", {{"generator.input", "point"}}},
      {"Noise", kNoise},
      {"Annealed", {{"generator.input", "annealed"}}},
      {"Direct", {{"generator.kind", "direct"}}},
      {"LeastSquares", {{"loss", "least_squares"}}},
      {"NoAverage", {{"average.decay", "0"}, {"average.tail", "0"}}},
      {"AverageDecay", {{"average.decay", "0.9"}, {"average.tail", "0"}}},
      {"AverageTail", {{"average.decay", "0.9"}, {"average.tail", "0.5"}}},
      {"Metric", {{"metric.kind", "pullback"}, {"generator.input", "noise"}}},
      {"MetricByDifferences", {{"metric.kind", "pullback"}}, Form::kSmooth},
      {"Bootstrap", {{"data.bootstrap", "true"}}},
      {"Fraction", {{"data.fraction", "0.3"}}},
      {"TwoDiscriminatorUpdates", {{"discriminator.updates", "2"}}},
      {"TwoGeneratorUpdates", {{"generator.updates", "2"}, {"generator.input", "noise"}}},
      {"FreshEvents", {{"generator.fresh_events", "true"}}},
      {"Growth", {{"growth.factor", "8"}, {"growth.start", "0.2"}, {"growth.end", "0.7"}}},
      {"Cosine", {{"generator.schedule", "cosine"}, {"discriminator.schedule", "cosine"}}},
      {"HiddenWithoutLift",
       {{"discriminator.hidden", "5"}, {"lift.degree", "1"}, {"standardise", "false"}}},
      {"ObjectiveDifferences", kNoise, Form::kPlain},
      {"LostEvents", kNoise, Form::kVjp, kWeighted},
      {"Skips", kNoise, Form::kVjp, kSkipping},
      {"TwoDataSets", {{"metric.kind", "pullback"}}, Form::kVjp, 0, 2},
      {"Ensemble", {{"ensemble.members", "3"}, {"generator.input", "noise"}}},
      {"EnsembleOfReplicas", {{"ensemble.members", "2"}, {"ensemble.bootstrap", "false"}}},
      {"EnsembleThatSkips", {{"ensemble.members", "2"}}, Form::kPlain, kSkipping, 2},
      {"ShortWindow",
       {{"stop.window", "0.01"}, {"stop.rule", "converged"}, {"stop.drift", "1e-9"}}},
  };
}

inline Problem problem_of(const Memory& m) {
  Problem problem = gaussian_problem(70, m.form, m.flags);
  for (int32_t d = 1; d < m.n_datasets; ++d)
    problem.datasets.push_back(dataset_of("more", problem.datasets[0].pipeline, {0.5, 0.8}, 31, 7));
  problem.datasets[0].measurements = {{0, 1.0, 0.1, SAGIPS_GAUSSIAN}};
  return problem;
}

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_SOLVER_MEMORY_TESTING_H_
