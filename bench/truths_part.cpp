// SPDX-License-Identifier: BSD-3-Clause
// Part 2. A preset tuned at one truth may have learned that truth, or that p0 comes first. Here it
// runs unchanged at truths drawn in the inner 80 % of the box, the solver's parameters in a drawn
// order. A truth closes where every parameter is within 4 sigma, sigma the Cramer-Rao limit there.
//
// kuma6 is irregular for b <= 2: no limit, so nothing to judge by. Its truths have b > 2.2.

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>

#include "parts.h"
#include "statistics.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

constexpr int kTruths = 20;
constexpr double kInner = 0.8;        // of each parameter's range
constexpr double kSmallestB = 2.2;    // of kuma6
constexpr double kClosed = 4;         // sigma
constexpr uint64_t kTruthSeed = 1;    // of the truths and orders
constexpr uint64_t kDataSeed = 1000;  // data seeds follow it; those of part 1 stay away from it

class Draw {
 public:
  Vector truth(const sagips_tool::ClosureSpec& spec) {
    Vector truth;
    for (size_t j = 0; j < spec.lower.size(); ++j) {
      const double margin = 0.5 * (1 - kInner) * (spec.upper[j] - spec.lower[j]);
      const bool is_b = spec.name == "kuma6" && j % 3 == 2;
      const double lower =
          is_b ? std::max(kSmallestB, spec.lower[j] + margin) : spec.lower[j] + margin;
      const double upper = spec.upper[j] - margin;
      const double uniform = static_cast<double>(engine_() >> 11) * 0x1p-53;
      truth.push_back(lower + uniform * (upper - lower));
    }
    return truth;
  }

  std::vector<int32_t> order(size_t n) {
    std::vector<int32_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    for (size_t k = n; k > 1; --k) std::swap(order[k - 1], order[engine_() % k]);
    return order;
  }

 private:
  std::mt19937_64 engine_{kTruthSeed};  // its numbers are the same everywhere
};

struct Tally {
  Vector worst_e, worst_pull, worst_fit_pull;  // largest |.| of a truth
  std::vector<Vector> e;
  int failures = 0;
};

std::vector<std::string> row_of(int number, const DataSet& data, const Vector& e,
                                const Vector& pull, double fit_pull) {
  std::vector<std::string> row = {std::to_string(number)};
  for (const double value : data.truth) row.push_back(sagips_tool::fixed(value, 3));
  row.push_back(sagips_tool::join({data.spec->parameters[static_cast<size_t>(data.order[0])], "..",
                                   data.spec->parameters[static_cast<size_t>(data.order[5])]},
                                  ""));
  for (const double value : {largest_abs(e), largest_abs(pull), fit_pull}) {
    row.push_back(sagips_tool::fixed(value, 2));
  }
  return row;
}

int count_closed(const Vector& worst) {
  return static_cast<int>(
      std::count_if(worst.begin(), worst.end(), [](double value) { return value < kClosed; }));
}

Json as_json(const Tally& tally, int n_truths) {
  Json json;
  json["n_truths"] = n_truths;
  json["failures"] = tally.failures;
  json["closed_sigma"] = kClosed;
  json["closed_by_fit"] = count_closed(tally.worst_e);
  json["closed_by_truth"] = count_closed(tally.worst_pull);
  json["closed_by_truth_fit"] = count_closed(tally.worst_fit_pull);
  json["median_worst_e"] = median(tally.worst_e);
  json["largest_worst_e"] = largest_abs(tally.worst_e);
  json["rms_e_all"] = rms(flat(tally.e));
  json["mean_e"] = mean_by_column(tally.e);
  json["median_rms_e"] = [&tally] {
    Vector each;
    for (const Vector& e : tally.e) each.push_back(rms(e));
    return median(each);
  }();
  return json;
}

void print(const std::string& problem, const Json& summary,
           const std::vector<std::vector<std::string>>& open) {
  const int n = summary["n_truths"].get<int>();
  std::printf(
      "%s: closed by the fit of the same data %d of %d, by the truth %d of %d (the fit "
      "itself: %d)%s\n",
      problem.c_str(), summary["closed_by_fit"].get<int>(), n,
      summary["closed_by_truth"].get<int>(), n, summary["closed_by_truth_fit"].get<int>(),
      problem == "kuma6" ? "; truths with b > 2.2 only" : "");
  std::printf("  worst |e| of a truth: median %.2f, largest %.2f; rms e of a truth: median %.2f\n",
              summary["median_worst_e"].get<double>(), summary["largest_worst_e"].get<double>(),
              summary["median_rms_e"].get<double>());
  std::printf("  mean e of p0 to p5:");
  for (const Json& one : summary["mean_e"]) std::printf(" %+.2f", one.get<double>());
  std::printf("\n");
  if (summary["failures"].get<int>() > 0) {
    std::printf("  TRAININGS THAT FAILED, counted as not closed: %d\n",
                summary["failures"].get<int>());
  }
  if (open.size() > 1) {
    std::printf("  not closed:\n%s", sagips_tool::aligned(open, "rrrrrrrlrrr").c_str());
  }
  std::printf("\n");
}

}  // namespace

Json truths_part(const PartSettings& settings) {
  const int n_truths = settings.data_sets(kTruths);
  std::printf(
      "== Truths: preset fast unchanged, %s events, %d truths in the inner %.0f %% of the "
      "box,\n   parameters in drawn orders; closed: every parameter within %.0f sigma of "
      "the limit there\n\n",
      sagips_tool::grouped(settings.n_events, ",").c_str(), n_truths, 100 * kInner, kClosed);
  Json json = {{"n_events", settings.n_events}, {"kuma6_smallest_b", kSmallestB}};
  for (const std::string& problem : sagips_tool::closure_names()) {
    const sagips_tool::ClosureSpec& spec = sagips_tool::closure_spec(problem);
    Draw draw;
    Tally tally;
    Json runs = Json::array();
    std::vector<std::vector<std::string>> open = {{"truth", "p0", "p1", "p2", "p3", "p4", "p5",
                                                   "order", "worst e", "by truth", "fit by truth"}};
    for (int number = 1; number <= n_truths; ++number) {
      show_progress("truths " + problem + " " + std::to_string(number));
      const uint64_t seed = kDataSeed + static_cast<uint64_t>(number);
      DataSet data = make_data_set(problem, draw.truth(spec), settings.n_events, seed);
      permute(draw.order(data.truth.size()), &data);
      const Run run = train(data, {}, seed, Uncertainty::kLeftOut);
      runs.push_back(run_as_json(data, run));
      runs.back()["order"] = data.order;
      runs.back()["limit_sigma"] = data.limit.sigma;
      const double fit_pull = largest_abs(in_sigmas(data, data.fit.estimate, data.truth));
      tally.worst_fit_pull.push_back(fit_pull);
      if (!run.failure.empty()) {
        ++tally.failures;
        continue;
      }
      tally.e.push_back(in_sigmas(data, run.estimate, data.fit.estimate));
      const Vector pull = in_sigmas(data, run.estimate, data.truth);
      tally.worst_e.push_back(largest_abs(tally.e.back()));
      tally.worst_pull.push_back(largest_abs(pull));
      if (!(tally.worst_e.back() < kClosed && tally.worst_pull.back() < kClosed)) {
        open.push_back(row_of(number, data, tally.e.back(), pull, fit_pull));
      }
    }
    show_progress("");
    json[problem] = as_json(tally, n_truths);
    print(problem, json[problem], open);
    json[problem]["runs"] = std::move(runs);
  }
  return json;
}

}  // namespace sagips_bench
