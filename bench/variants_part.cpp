// SPDX-License-Identifier: BSD-3-Clause
// Part 3. What the choices of the preset are worth: the same data sets with one choice changed.
// Trained parameters in place of a generator (direct) want another learning rate than a network's
// weights, so they also run with one tuned here, on data sets that the comparison does not use.
//
// A discriminator with hidden layers takes some 20 times as long an event on the plain device. It
// gets fewer events, and the preset runs with as few beside it.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "parts.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

using sagips_tool::fixed;

constexpr int kDataSets = 4;
constexpr int kFewDataSets = 2;       // for variants that take longer
constexpr int64_t kFewerEvents = 16;  // times fewer, beside such variants
constexpr int kTuningDataSets = 2;
constexpr int kTuningSeed = 101;                  // and on
constexpr double kRateFactors[] = {10, 30, 100};  // of the preset's generator.rate

struct Variant {
  std::string name;
  std::vector<Setting> settings;
  bool takes_longer;
};

std::vector<Setting> operator+(std::vector<Setting> settings, const std::vector<Setting>& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

double fast_number(const std::string& key) {
  double value = 0;
  sagips_tool::parse(fast_value(key), &value);
  return value;
}

// Proposals and events of each in an epoch: `rows` proposals that share a fraction of all events.
std::vector<Setting> share_events(int64_t rows, int64_t fraction) {
  const double all = fast_number("rows") * fast_number("events");
  const double each = all / static_cast<double>(rows * fraction);
  return {{"rows", std::to_string(rows)},
          {"events", std::to_string(std::max<int64_t>(1, std::llround(each)))}};
}

std::vector<Variant> make_variants(const std::string& tuned_rate) {
  const std::vector<Setting> direct = {{"generator.kind", "direct"}};
  const std::vector<Setting> noise = {{"generator.input", "noise"}};
  const std::vector<Setting> few = share_events(1, kFewerEvents);
  const std::vector<Setting> hidden = few + std::vector<Setting>{{"discriminator.hidden", "64,64"}};
  const std::string fewer = "1/" + std::to_string(kFewerEvents) + " of the events";
  return {{"preset fast", {}, false},
          {"noise annealed to 0", {{"generator.input", "annealed"}}, false},
          {"noise", noise, false},
          {"noise, events in 16 rows", noise + share_events(16, 1), true},
          {"direct, rate of the preset", direct, false},
          {"direct, rate " + tuned_rate + " (tuned)",
           direct + std::vector<Setting>{{"generator.rate", tuned_rate}}, false},
          {fewer, few, false},
          {fewer + ", discriminator 64,64", hidden, true},
          // The rate is one that such discriminators are commonly trained with, not tuned here.
          {fewer + ", the same, rate 2e-3",
           hidden + std::vector<Setting>{{"discriminator.rate", "2e-3"}}, true}};
}

// What one variant did on the data sets of one problem.
struct Result {
  Vector e, seconds, seconds_cpu;  // e of all parameters and data sets
  int failures = 0;

  void add(const DataSet& data, const Run& run) {
    if (!run.failure.empty()) {
      ++failures;
      return;
    }
    for (const double one : in_sigmas(data, run.estimate, data.fit.estimate)) e.push_back(one);
    seconds.push_back(run.seconds());
    seconds_cpu.push_back(run.seconds_cpu);
  }
};

std::vector<DataSet> make_data_sets(const std::string& problem, int64_t n_events, int first_seed,
                                    int n) {
  const Vector& truth = sagips_tool::closure_spec(problem).truth;
  std::vector<DataSet> data_sets;
  for (int set = 0; set < n; ++set) {
    const auto seed = static_cast<uint64_t>(first_seed + set);
    data_sets.push_back(make_data_set(problem, truth, n_events, seed));
  }
  return data_sets;
}

Result run_variant(const std::string& name, const std::vector<DataSet>& data_sets, size_t n,
                   const std::vector<Setting>& settings, Json* runs) {
  Result result;
  for (size_t set = 0; set < std::min(n, data_sets.size()); ++set) {
    const DataSet& data = data_sets[set];
    show_progress(data.spec->name + ", " + name + " " + std::to_string(set + 1));
    const Run run = train(data, settings, data.seed, Uncertainty::kLeftOut);
    result.add(data, run);
    if (runs != nullptr) runs->push_back(run_as_json(data, run));
  }
  show_progress("");
  return result;
}

// One rate for both problems: that with the smallest product of their rms e.
std::string tune_direct_rate(int64_t n_events, Json* json) {
  std::vector<std::string> rates;
  for (const double factor : kRateFactors) {
    rates.push_back(sagips_tool::shortest(factor * fast_number("generator.rate")));
  }
  Vector products(rates.size(), 1.0);
  for (const std::string& problem : sagips_tool::closure_names()) {
    const auto data_sets = make_data_sets(problem, n_events, kTuningSeed, kTuningDataSets);
    for (size_t i = 0; i < rates.size(); ++i) {
      const Result result =
          run_variant("direct, rate " + rates[i], data_sets, data_sets.size(),
                      {{"generator.kind", "direct"}, {"generator.rate", rates[i]}}, nullptr);
      const double error = result.failures > 0 ? INFINITY : rms(result.e);
      products[i] *= error;
      (*json)["rms_e"][rates[i]][problem] = error;
    }
  }
  const auto best = std::min_element(products.begin(), products.end()) - products.begin();
  (*json)["data_seeds"] = {kTuningSeed, kTuningSeed + kTuningDataSets - 1};
  (*json)["rate"] = rates[static_cast<size_t>(best)];
  return rates[static_cast<size_t>(best)];
}

void print_tuning(const Json& tuning) {
  std::printf("tuning of the direct rate, rms e on data seeds %d to %d:", kTuningSeed,
              kTuningSeed + kTuningDataSets - 1);
  for (const auto& [rate, errors] : tuning["rms_e"].items()) {
    std::printf("  %s:", rate.c_str());
    for (const auto& error : errors) {
      std::printf(" %s", error.is_number() ? fixed(error.get<double>(), 2).c_str() : "-");
    }
  }
  std::printf("\n\n");
}

std::vector<std::string> row_of(const Variant& variant, const Result& result) {
  const Vector& e = result.e;
  std::vector<std::string> row =
      table_row(variant.name, {rms(e), median_abs(e), largest_abs(e)}, 2);
  row.push_back(fixed(median(result.seconds), 2));
  row.push_back(fixed(median(result.seconds_cpu), 2));
  row.push_back(std::to_string(result.seconds.size()));
  row.push_back(result.failures > 0 ? std::to_string(result.failures) + " failed" : "");
  return row;
}

}  // namespace

Json variants_part(const PartSettings& settings) {
  const int n_sets = settings.data_sets(kDataSets);
  std::printf(
      "== Variants of preset fast: %s events, data seeds 1 to %d; some on the first %d only\n\n",
      sagips_tool::grouped(settings.n_events, ",").c_str(), n_sets, std::min(n_sets, kFewDataSets));
  Json json = {{"n_events", settings.n_events}, {"n_data_sets", n_sets}};
  const std::string rate = tune_direct_rate(settings.n_events, &json["direct_rate_tuning"]);
  print_tuning(json["direct_rate_tuning"]);
  for (const std::string& problem : sagips_tool::closure_names()) {
    const auto data_sets = make_data_sets(problem, settings.n_events, 1, n_sets);
    std::vector<std::vector<std::string>> table = {
        {problem, "rms e", "median |e|", "largest |e|", "seconds", "cpu seconds", "sets", ""}};
    for (const Variant& variant : make_variants(rate)) {
      const int n = variant.takes_longer ? std::min(kFewDataSets, n_sets) : n_sets;
      Json runs = Json::array();
      const Result result =
          run_variant(variant.name, data_sets, static_cast<size_t>(n), variant.settings, &runs);
      table.push_back(row_of(variant, result));
      Json& entry = json[problem][variant.name];
      for (const Setting& one : variant.settings) entry["settings"][one.key] = one.value;
      entry["rms_e"] = rms(result.e);
      entry["median_abs_e"] = median_abs(result.e);
      entry["largest_abs_e"] = largest_abs(result.e);
      entry["median_seconds"] = median(result.seconds);
      entry["median_seconds_cpu"] = median(result.seconds_cpu);
      entry["failures"] = result.failures;
      entry["runs"] = std::move(runs);
    }
    std::printf("%s\n", sagips_tool::aligned(table, "lrrrrrrl").c_str());
  }
  return json;
}

}  // namespace sagips_bench
