// SPDX-License-Identifier: BSD-3-Clause
// The verdict as a reader sees it, for the right forward model and for a wrong one: events of kuma6
// fitted with proxy1d, which no parameters can make right.

#include <gtest/gtest.h>

#include <string>

#include "tool/closure.h"
#include "tool/report/page.h"
#include "tool/report/report_data.h"
#include "tool/result_table.h"
#include "tool/summary.h"

namespace sagips_tool {
namespace {

constexpr int64_t kEvents = 100000;

bool holds(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

class Verdicts : public testing::TestWithParam<int> {
 protected:
  Verdicts() {
    settings_.problem = "proxy1d";
    settings_.preset = "fast";
    settings_.truth = closure_spec("proxy1d").truth;
    settings_.events = kEvents;
    settings_.data_seed = static_cast<uint64_t>(GetParam());
    settings_.options = "epochs = 1500\nseed = " + std::to_string(GetParam()) + "\n";
    closure_ =
        build_closure(closure_spec("proxy1d"), settings_.truth, kEvents, settings_.data_seed);
  }

  void replace_events_by_those_of(const std::string& problem) {
    closure_.events = generate(make_pipeline(problem), closure_spec(problem).truth, kEvents,
                               settings_.data_seed, &closure_.weights, nullptr);
    check(sagips_problem_borrow_events(closure_.problem.get(), kDataset, closure_.events.data(),
                                       nullptr, kEvents, closure_.n_observables, 0, nullptr,
                                       nullptr));
  }

  // Trains, and renders what a reader gets to see.
  void fit() {
    const Solver solver = make_solver(closure_.problem.get(), recorded_options(settings_).get());
    sagips_progress progress = read_progress(solver.get());
    check(sagips_solver_step(solver.get(), progress.epochs, &progress));
    const Summary summary = summarise(settings_, solver.get(), {});
    table_ = result_table(summary);
    html_ = page(gather_report("no folder", settings_, closure_, summary));
  }

  RunSettings settings_;
  Closure closure_;
  std::string table_, html_;
};

TEST_P(Verdicts, OfTheRightModelIsThatItFits) {
  fit();
  EXPECT_TRUE(holds(table_, "verdict          fits: ")) << table_;
  EXPECT_TRUE(holds(html_, "closure: fits</title>"));
  EXPECT_TRUE(holds(html_, "\u2713 fits</span>"));
  EXPECT_FALSE(holds(html_, "\u2717 does not fit"));
}

TEST_P(Verdicts, OfAWrongModelIsThatItDoesNotFit) {
  replace_events_by_those_of("kuma6");
  fit();
  EXPECT_TRUE(holds(table_, "verdict          does not fit: ")) << table_;
  EXPECT_TRUE(holds(html_, "closure: does not fit</title>"));
  EXPECT_TRUE(holds(html_, "\u2717 does not fit</span>"));
  EXPECT_TRUE(holds(html_, "histograms differ"));
  EXPECT_FALSE(holds(html_, "\u2713 fits"));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Verdicts, testing::Values(1, 2, 3));

}  // namespace
}  // namespace sagips_tool
