// SPDX-License-Identifier: BSD-3-Clause
#include "baseline_tuning.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "statistics.h"
#include "timed_run.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::fixed;

constexpr uint64_t kFirstSeed = 101;  // of the data, no other table uses them
constexpr int kSets = 4;              // the whole grid sees the first, the best of it all
constexpr size_t kFinalists = 3;
constexpr double kMostTimes = 10;  // of the seconds of fast; a shorter run misleads: the first way
                                   // is towards the truth at any rate, and then away from it
constexpr int64_t kEvents = 1000000;

std::vector<Recipe> grid() {
  std::vector<Recipe> recipes;
  for (const auto& [rows, events] : {std::pair{"16", "25"}, std::pair{"64", "25"}}) {
    // The discriminator's rate is once or ten times the generator's; ten is the paper's ratio.
    for (const auto& [generator, discriminator] :
         {std::pair{"1e-4", "1e-4"}, std::pair{"1e-4", "1e-3"}, std::pair{"3e-4", "3e-4"},
          std::pair{"3e-4", "3e-3"}, std::pair{"1e-3", "1e-3"}, std::pair{"1e-3", "1e-2"}}) {
      recipes.push_back({rows, events, generator, discriminator});
    }
  }
  return recipes;
}

class Trials {
 public:
  Trials(std::string problem, const EnsembleSettings& settings)
      : problem_(std::move(problem)), settings_(settings) {}

  // Geometric mean over the data sets of rms e at the end.
  double score(const Recipe& recipe, int n_sets, double seconds) {
    double sum = 0;
    for (int set = 0; set < n_sets; ++set) {
      const uint64_t seed = kFirstSeed + static_cast<uint64_t>(set);
      show_progress("tuning " + recipe.name() + ", " + std::to_string(seed));
      Json key = key_of("tuning", problem_, settings_, kEvents);
      key["recipe"] = recipe.name();
      key["seed"] = seed;
      key["seconds"] = seconds;
      const TimedRun run = timed_run_from(settings_.log->get(key, [&] {
        return timed_run_as_json(train_timed(data(seed), recipe.settings(), seed, seconds));
      }));
      sum += std::log(run.failure.empty() ? run.state_at(seconds).rms_e : INFINITY);
    }
    show_progress("");
    return std::exp(sum / n_sets);
  }

 private:
  const DataSet& data(uint64_t seed) {
    const auto found = data_.find(seed);
    if (found != data_.end()) return found->second;
    const Vector& truth = sagips_tool::closure_spec(problem_).truth;
    return data_.emplace(seed, make_data_set(problem_, truth, kEvents, seed)).first->second;
  }

  std::string problem_;
  const EnsembleSettings& settings_;
  std::map<uint64_t, DataSet> data_;
};

}  // namespace

std::vector<Setting> Recipe::settings() const {
  return {{"preset", "paper"},
          {"epochs", "1000000000"},
          {"rows", rows},
          {"events", events},
          {"generator.rate", generator_rate},
          {"metrics.every", "20"},
          {"discriminator.rate", discriminator_rate}};
}

std::string Recipe::name() const {
  return rows + " x " + events + ", " + generator_rate + " and " + discriminator_rate;
}

Recipe tune_baseline(const std::string& problem, const EnsembleSettings& settings, double seconds,
                     double times, Json* json) {
  const double tuning_times = std::min(kMostTimes, 0.5 * times);
  std::printf(
      "tuning of the paper's recipe: rms e after %.1f times the seconds of fast on data seed %d, "
      "of the best %zu on %d seeds\n",
      tuning_times, static_cast<int>(kFirstSeed), kFinalists, kSets);
  Trials trials(problem, settings);
  std::vector<std::pair<double, Recipe>> ranked;
  for (const Recipe& recipe : grid()) {
    const double score = trials.score(recipe, 1, tuning_times * seconds);
    ranked.push_back({std::isnan(score) ? INFINITY : score, recipe});
    (*json)["grid"].push_back({{"recipe", recipe.name()}, {"rms_e", score}});
    std::printf("  %-28s %s\n", recipe.name().c_str(), fixed(score, 1).c_str());
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  ranked.resize(std::min(ranked.size(), kFinalists));
  for (auto& [score, recipe] : ranked) {
    score = trials.score(recipe, kSets, tuning_times * seconds);
    (*json)["finalists"].push_back({{"recipe", recipe.name()}, {"rms_e", score}});
    std::printf("  %-28s %s (on all seeds)\n", recipe.name().c_str(), fixed(score, 1).c_str());
  }
  const auto best = std::min_element(
      ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  (*json)["times"] = tuning_times;
  (*json)["data_seeds"] = {kFirstSeed, kFirstSeed + kSets - 1};
  (*json)["recipe"] = best->second.name();
  return best->second;
}

}  // namespace sagips_bench
