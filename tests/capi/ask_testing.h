// SPDX-License-Identifier: BSD-3-Clause
// A host that owns the loop, for the tests of ask and tell: the stages of testing.h, served by
// tickets or called back, and a training to its end in either way.
#ifndef SAGIPS_TESTS_CAPI_ASK_TESTING_H_
#define SAGIPS_TESTS_CAPI_ASK_TESTING_H_

#include <random>

#include "testing.h"

namespace capi {

/// How a problem is served.
enum class By { kCallbacks, kTickets, kTicketsAlone };  // the last: there are no callbacks at all

/// A problem that can be served in both ways.
struct Case {
  const char* name;
  Route route = Route::kVjp;
  Settings settings = {};
  int32_t scheme = SAGIPS_CENTRAL;
  bool has_law = false;       // the source tells a log-probability
  bool has_detector = false;  // called back, unless:
  bool is_detector_asked = false;
  bool is_source_asked = true;
  bool has_builtins = false;  // kuma6 -> the detector, asked -> smear -> the detector, called back
  int32_t n_datasets = 1;
};
/// As tests print it.
void PrintTo(const Case& c, std::ostream* out);

Solver make_solver(const Case& c, By by, Model* model);

/// Do what a ticket asks for. @return what the model answers
int32_t serve(Model* model, sagips_batch* batch);

/// Ask. @return the batch; its status is expected to be success
sagips_batch ask(sagips_solver* solver);
std::vector<uint64_t> tickets_of(sagips_solver* solver);

/// Serve tickets, gathered until there are no more, told in random order, to the end of the
/// training.
/// @param most epochs, from now on
void train_by_tickets(sagips_solver* solver, Model* model, int64_t most = INT64_MAX);
/// The same by step.
void train(sagips_solver* solver, By by, Model* model);

/// The bytes of a checkpoint's file, which is all that decides what comes next.
Bits checkpoint_of(sagips_solver* solver);

}  // namespace capi

#endif  // SAGIPS_TESTS_CAPI_ASK_TESTING_H_
