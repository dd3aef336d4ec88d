// SPDX-License-Identifier: BSD-3-Clause
// One valid handle of every kind, and every function of the ABI called once on them: the tables
// that tests of NULL, of wrong handles and of neutrality go through.
#ifndef SAGIPS_TESTS_CAPI_WORLD_H_
#define SAGIPS_TESTS_CAPI_WORLD_H_

#include <map>
#include <set>

#include "testing.h"

namespace capi {

struct World {
  World();
  /// Everything still works: a stage and a pipeline run, the problem makes a solver, the solver
  /// steps.
  void expect_works();

  Model model;
  Folder folder;
  Options options = make_options();
  Stage stage = make_source(&model);
  Pipeline pipeline = make_pipeline(&model);
  Problem problem = make_problem(pipeline), same = make_problem(pipeline);
  Comm comm;
  Solver solver;
  Solver asked;  // the host serves its stage
  std::vector<double> events = make_events(pipeline, 20);
  std::vector<float> float_events{events.begin(), events.end()};
  sagips_option_info info{};
  sagips_check_report report{};
  sagips_progress progress{};
  sagips_estimate estimate{};
  sagips_assessment assessment{};
  sagips_batch batch{};
};

/// Name of a function, and a call of it that succeeds.
struct Call {
  const char* name;
  sagips_status (*run)(World*);
};
/// All functions that return a status.
const std::vector<Call>& all_calls();

}  // namespace capi

#endif  // SAGIPS_TESTS_CAPI_WORLD_H_
