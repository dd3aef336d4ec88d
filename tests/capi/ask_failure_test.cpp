// SPDX-License-Identifier: BSD-3-Clause
// Hosts that fail, come late or come twice: an epoch commits as a whole or never happened, and
// failed rows are what they are in callbacks.
#include <algorithm>
#include <limits>

#include "ask_testing.h"

namespace capi {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The same for a row however the batch is cut.
bool row_fails(uint64_t key) { return key % 5 == 0; }

int32_t report_rows(int32_t stage, sagips_batch* b) {
  for (int64_t n = 0; stage == kSource && b->request == SAGIPS_FORWARD && n < b->n_rows; ++n)
    if (row_fails(b->row_key[n])) b->row_status[n] = 3;
  return 0;
}

/// Serve one ticket after another.
/// @param act does more, and may answer
template <typename Act>
void serve_each(sagips_solver* solver, Model* model, const Act& act) {
  while (!::testing::Test::HasFailure()) {
    sagips_batch batch = ask(solver);
    if (batch.ticket == 0) return;
    serve(model, &batch);
    const int32_t answer = act(&batch);
    EXPECT_OK(sagips_solver_tell(solver, batch.ticket, answer, nullptr));
  }
}

class FailedRows : public ::testing::TestWithParam<std::tuple<const char*, Route>> {};

TEST_P(FailedRows, AreThoseThatACallbackReports) {
  const auto& [policy, route] = GetParam();
  Case c{"", route, {{"failure.policy", policy}, {"failure.limit", "0.9"}}};
  c.has_detector = true;
  c.settings.emplace_back("ask.rows", "1");
  Model model, quiet;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               by_status = make_solver(c, By::kTickets, &model),
               by_answer = make_solver(c, By::kTickets, &quiet);
  model.after = report_rows;
  train(called, By::kCallbacks, &model);
  ASSERT_GT(progress_of(called).rows_failed, 0);
  train_by_tickets(by_status, &model);
  EXPECT_EQ(bits_of(by_status), bits_of(called));
  EXPECT_EQ(checkpoint_of(by_status), checkpoint_of(called));
  serve_each(by_answer, &quiet, [](sagips_batch* b) {
    return b->request == SAGIPS_FORWARD && row_fails(b->row_key[0]) ? -3 : 0;
  });
  EXPECT_EQ(checkpoint_of(by_answer), checkpoint_of(called));
  EXPECT_EQ(progress_of(by_answer).rows_failed, progress_of(called).rows_failed);
}
INSTANTIATE_TEST_SUITE_P(AskFailure, FailedRows,
                         ::testing::Combine(::testing::Values("skip", "resample"),
                                            ::testing::Values(Route::kVjp, Route::kSmooth,
                                                              Route::kPlain)));

TEST(AskFailure, OfAWholeTicketEndsTheEpochUnderThePolicyError) {
  Case c{"", Route::kVjp, {{"ask.rows", "2"}, {"ensemble.members", "2"}}};
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               solver = make_solver(c, By::kTickets, &model);
  train(called, By::kCallbacks, &model);
  train_by_tickets(solver, &model, 1);
  const Bits before = bits_of(solver);
  for (const int32_t answer : {-7, INT32_MIN}) {
    std::vector<sagips_batch> out;
    for (sagips_batch b = ask(solver); b.ticket != 0; b = ask(solver)) out.push_back(b);
    for (size_t i = 3; i < 6; ++i) serve(&model, &out[i]);
    EXPECT_OK(sagips_solver_tell(solver, out[3].ticket, 0, nullptr));
    EXPECT_OK(sagips_solver_tell(solver, out[4].ticket, answer, nullptr));
    sagips_progress progress{};
    progress.struct_size = sizeof(progress);
    EXPECT_FAILS(sagips_solver_tell(solver, out[5].ticket, 0, &progress), SAGIPS_ERROR_ROW,
                 {"member 1", "source", answer == -7 ? "failure 7" : "failure 2147483647"});
    EXPECT_EQ(progress.epoch, 1);
    EXPECT_EQ(bits_of(solver), before);
    EXPECT_TRUE(tickets_of(solver).empty());
    for (const sagips_batch& b : out)
      EXPECT_FAILS(sagips_solver_tell(solver, b.ticket, 0, nullptr), SAGIPS_ERROR_NOT_FOUND);
  }
  train_by_tickets(solver, &model);
  EXPECT_EQ(bits_of(solver), bits_of(called));
}

struct Fault {
  const char* name;
  sagips_status status;
  void (*act)(sagips_batch*);
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

const std::vector<Fault> kFaults{
    {"NanOutput", SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       if (b->request == SAGIPS_FORWARD) b->outputs[1] = kNan;
     }},
    {"NanWeight", SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       if (b->request == SAGIPS_FORWARD) b->weight[0] = kNan;
     }},
    {"NanAuxiliary", SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       if (b->request == SAGIPS_FORWARD) b->auxiliary[0] = kNan;
     }},
    {"NanGradient", SAGIPS_ERROR_NONFINITE,
     [](sagips_batch* b) {
       if (b->request == SAGIPS_BACKWARD) b->grad_parameters[0] = kNan;
     }},
    {"RowStatus", SAGIPS_ERROR_ROW, [](sagips_batch* b) { b->row_status[0] = 1; }},
    {"AllLost", SAGIPS_ERROR_LOST,
     [](sagips_batch* b) { std::fill_n(b->weight, b->n_rows * b->n_events, 0.0); }},
};

class Faulty : public ::testing::TestWithParam<Fault> {};

TEST_P(Faulty, AnswerEndsTheEpochAndTheNextAskBeginsItAgain) {
  Case c{"", Route::kVjp};
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               solver = make_solver(c, By::kTickets, &model);
  train(called, By::kCallbacks, &model);
  const Bits before = bits_of(solver);
  sagips_status status = SAGIPS_OK;
  for (int i = 0; i < 4 && status == SAGIPS_OK; ++i) {
    sagips_batch batch = ask(solver);
    serve(&model, &batch);
    GetParam().act(&batch);
    status = sagips_solver_tell(solver, batch.ticket, 0, nullptr);
  }
  EXPECT_FAILS(status, GetParam().status);
  EXPECT_EQ(bits_of(solver), before);
  train_by_tickets(solver, &model);
  EXPECT_EQ(checkpoint_of(solver), checkpoint_of(called));
}
INSTANTIATE_TEST_SUITE_P(AskFailure, Faulty, ::testing::ValuesIn(kFaults),
                         [](const auto& fault) { return std::string(fault.param.name); });

TEST(AskFailure, APositiveAnswerSkipsTheEpochOfItsMember) {
  Case c{"", Route::kVjp, {{"ask.rows", "2"}, {"ensemble.members", "2"}}};
  Model model, quiet;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               solver = make_solver(c, By::kTickets, &quiet);
  const auto skips = [](const sagips_batch& b) { return b.epoch == 1 && b.member == 1; };
  model.after = [&](int32_t, sagips_batch* b) { return skips(*b) ? 4 : 0; };
  std::string log;
  EXPECT_OK(sagips_solver_set_log_callback(
      solver,
      [](void* user, int32_t, const char* text) { *static_cast<std::string*>(user) += text; },
      &log));
  train(called, By::kCallbacks, &model);
  train_by_tickets(solver, &quiet, 1);
  std::vector<sagips_batch> out;
  for (sagips_batch b = ask(solver); b.ticket != 0; b = ask(solver)) out.push_back(b);
  EXPECT_OK(sagips_solver_tell(solver, out[4].ticket, 4, nullptr));
  EXPECT_EQ(tickets_of(solver),
            (std::vector<uint64_t>{out[0].ticket, out[1].ticket, out[2].ticket}));
  EXPECT_FAILS(sagips_solver_tell(solver, out[4].ticket, 0, nullptr), SAGIPS_ERROR_NOT_FOUND);
  EXPECT_FAILS(sagips_solver_tell(solver, out[5].ticket, 0, nullptr), SAGIPS_ERROR_NOT_FOUND,
               {"void"});
  EXPECT_EQ(ask(solver).request, SAGIPS_WAIT);
  train_by_tickets(solver, &quiet);
  EXPECT_EQ(progress_of(solver).skipped, 1);
  EXPECT_EQ(checkpoint_of(solver), checkpoint_of(called));
  EXPECT_NE(log.find("member 1"), std::string::npos) << log;
}

TEST(AskFailure, TooManySkippedEpochsAreAnError) {
  Case c{"", Route::kVjp, {{"skip.limit", "0"}}};
  Model model;
  const Solver solver = make_solver(c, By::kTickets, &model);
  const sagips_batch batch = ask(solver);
  EXPECT_FAILS(sagips_solver_tell(solver, batch.ticket, 1, nullptr), SAGIPS_ERROR_SKIPPED);
  EXPECT_EQ(progress_of(solver).epoch, 0);
  train_by_tickets(solver, &model);
  EXPECT_EQ(progress_of(solver).epoch, 4);
}

TEST(AskFailure, EpochsSkippedBeforeAnythingIsAskedPassBy) {
  Case c{"", Route::kVjp};
  c.has_detector = c.is_detector_asked = true;
  c.is_source_asked = false;  // and skips
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               solver = make_solver(c, By::kTickets, &model);
  model.after = [](int32_t stage, sagips_batch* b) {
    return stage == kSource && b->epoch < 3 ? 1 : 0;
  };
  train(called, By::kCallbacks, &model);
  EXPECT_EQ(ask(solver).epoch, 3);
  EXPECT_EQ(progress_of(solver).skipped, 3);
  train_by_tickets(solver, &model);
  EXPECT_EQ(checkpoint_of(solver), checkpoint_of(called));
}

TEST(AskFailure, ACallbackBetweenThatFailsEndsTheEpoch) {
  Case c{"", Route::kVjp};
  c.has_detector = true;
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               solver = make_solver(c, By::kTickets, &model);
  train(called, By::kCallbacks, &model);
  sagips_batch batch = ask(solver);
  serve(&model, &batch);
  model.after = [](int32_t, sagips_batch*) -> int32_t { throw std::bad_alloc(); };
  EXPECT_FAILS(sagips_solver_tell(solver, batch.ticket, 0, nullptr), SAGIPS_ERROR_EXCEPTION);
  model.after = nullptr;
  train_by_tickets(solver, &model);
  EXPECT_EQ(checkpoint_of(solver), checkpoint_of(called));
}

// --------------------------------------------------------------------------------- late, and twice

TEST(AskLate, ATicketIsToldOnce) {
  Model model;
  const Solver solver =
      make_solver(Case{"", Route::kVjp, {{"ask.rows", "2"}}}, By::kTickets, &model);
  sagips_batch batch = ask(solver);
  serve(&model, &batch);
  EXPECT_OK(sagips_solver_tell(solver, batch.ticket, 0, nullptr));
  EXPECT_FAILS(sagips_solver_tell(solver, batch.ticket, 0, nullptr), SAGIPS_ERROR_NOT_FOUND,
               {"told already", "1"});
  for (const uint64_t unknown : {uint64_t{0}, uint64_t{999}, UINT64_MAX}) {
    EXPECT_FAILS(sagips_solver_tell(solver, unknown, 0, nullptr), SAGIPS_ERROR_NOT_FOUND);
    EXPECT_FAILS(sagips_solver_ticket(solver, unknown, &batch), SAGIPS_ERROR_NOT_FOUND);
  }
  train_by_tickets(solver, &model);
}

TEST(AskLate, RowsThatTookTooLongAreHandedOutAgainAndTheLateAnswerIsNotUsed) {
  Case c{"", Route::kPlain, {{"ask.rows", "2"}, {"ask.age_limit", "0.5"}}};
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model),
               solver = make_solver(c, By::kTickets, &model);
  train(called, By::kCallbacks, &model);
  std::vector<sagips_batch> late;
  for (int i = 0; i < 3; ++i) late.push_back(ask(solver));
  sagips_batch again = ask(solver);
  while (again.ticket == 0 && !HasFailure()) again = ask(solver);  // until the first is too old
  EXPECT_EQ(again.ticket, 4U);
  EXPECT_EQ(again.row_key[0], late[0].row_key[0]);
  EXPECT_FAILS(sagips_solver_ticket(solver, 1, &again), SAGIPS_ERROR_NOT_FOUND, {"void"});
  std::fill_n(late[0].outputs, late[0].n_rows * late[0].n_events * kY, kNan);  // it is still there
  EXPECT_FAILS(sagips_solver_tell(solver, 1, 0, nullptr), SAGIPS_ERROR_NOT_FOUND, {"void"});
  EXPECT_FAILS(sagips_solver_tell(solver, 1, 0, nullptr), SAGIPS_ERROR_NOT_FOUND);
  serve(&model, &late[1]);  // late, but not void yet: nobody asked
  EXPECT_OK(sagips_solver_tell(solver, 2, 0, nullptr));
  // A slow machine may let tickets grow too old at any time: this one serves what it is given.
  while (!HasFailure()) {
    sagips_batch batch = ask(solver);
    if (batch.request == SAGIPS_DONE) break;
    if (batch.ticket == 0) continue;
    serve(&model, &batch);
    EXPECT_OK(sagips_solver_tell(solver, batch.ticket, 0, nullptr));
  }
  serve(&model, &late[2]);  // its arrays last until it is told
  EXPECT_FAILS(sagips_solver_tell(solver, late[2].ticket, 0, nullptr), SAGIPS_ERROR_NOT_FOUND);
  EXPECT_EQ(bits_of(solver), bits_of(called));
}

TEST(AskLate, SetWeightsBeginsTheEpochAnew) {
  Model model;
  const Solver solver = make_solver(Case{""}, By::kTickets, &model);
  int64_t n = 0;
  EXPECT_OK(sagips_solver_weight_count(solver, SAGIPS_GENERATOR, nullptr, &n));
  std::vector<float> weights(static_cast<size_t>(n));
  EXPECT_OK(sagips_solver_get_weights(solver, 0, SAGIPS_GENERATOR, nullptr, n, weights.data()));
  sagips_batch batch = ask(solver);
  const double before = batch.parameters[0];
  EXPECT_FAILS(
      sagips_solver_set_weights(solver, 0, SAGIPS_GENERATOR, nullptr, n - 1, weights.data()),
      SAGIPS_ERROR_SHAPE);
  EXPECT_EQ(tickets_of(solver), std::vector<uint64_t>{1}) << "a refused call ends no epoch";
  for (float& w : weights) w = -w;
  EXPECT_OK(sagips_solver_set_weights(solver, 0, SAGIPS_GENERATOR, nullptr, n, weights.data()));
  serve(&model, &batch);
  EXPECT_FAILS(sagips_solver_tell(solver, batch.ticket, 0, nullptr), SAGIPS_ERROR_NOT_FOUND);
  EXPECT_NE(ask(solver).parameters[0], before);
}

TEST(AskLate, ACallFromAReportIsRefusedAsBusy) {
  Model model;
  const Solver solver = make_solver(Case{""}, By::kTickets, &model);
  struct Seen {
    sagips_solver* solver;
    sagips_status asked = SAGIPS_OK, told = SAGIPS_OK;
  } seen{solver};
  EXPECT_OK(sagips_solver_set_progress_callback(
      solver,
      [](void* user, const sagips_progress*) {
        auto* s = static_cast<Seen*>(user);
        sagips_batch batch{};
        batch.struct_size = sizeof(batch);
        s->asked = sagips_solver_ask(s->solver, &batch);
        s->told = sagips_solver_tell(s->solver, 1, 0, nullptr);
        return 0;
      },
      &seen));
  train_by_tickets(solver, &model, 1);
  EXPECT_EQ(seen.asked, SAGIPS_ERROR_BUSY);
  EXPECT_EQ(seen.told, SAGIPS_ERROR_BUSY);
}

TEST(AskLate, ASolverMayBeDestroyedWithTicketsOut) {
  Model model;
  Solver solver = make_solver(Case{"", Route::kVjp, {{"ask.rows", "1"}}}, By::kTickets, &model);
  for (int i = 0; i < 3; ++i) ask(solver);
  EXPECT_OK(sagips_solver_destroy(solver.out()));
}

}  // namespace
}  // namespace capi
