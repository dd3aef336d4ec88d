// SPDX-License-Identifier: BSD-3-Clause
// A checkpoint in the middle of an epoch by tickets: another solver goes on with the answers that
// are there and the tickets that are out, with the bits as if nothing had happened.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "ask_testing.h"

namespace capi {
namespace {

const std::vector<Case> kCases{
    {"Vjp", Route::kVjp, {{"ask.rows", "2"}}},
    {"Plain", Route::kPlain, {{"ask.rows", "4"}}},
    {"Score", Route::kPlain, {{"ask.rows", "3"}}, SAGIPS_CENTRAL, true, true, true},
    {"Members", Route::kVjp, {{"ask.rows", "2"}, {"ensemble.members", "3"}}},
    {"Datasets",
     Route::kSmooth,
     {{"ask.rows", "1"}},
     SAGIPS_CENTRAL,
     false,
     true,
     false,
     true,
     false,
     2},
    {"AmongBuiltins",
     Route::kPlain,
     {{"ask.rows", "5"}},
     SAGIPS_CENTRAL,
     false,
     false,
     false,
     false,
     true},
};

/// Copy what a host has written in a ticket, as one that lives on while the solver restarts.
struct Answer {
  uint64_t ticket;
  std::vector<double> outputs, weight, auxiliary, grad_inputs, grad_parameters, log_probability;
  explicit Answer(const sagips_batch& b) : ticket(b.ticket) {
    const int64_t events = b.n_rows * b.n_events;
    const auto keep = [](const double* values, int64_t n, std::vector<double>* to) {
      if (values != nullptr) to->assign(values, values + n);
    };
    keep(b.outputs, events * b.n_outputs, &outputs);
    keep(b.weight, events, &weight);
    keep(b.auxiliary, b.n_rows * b.n_auxiliary, &auxiliary);
    keep(b.grad_inputs, events * b.n_inputs, &grad_inputs);
    keep(b.grad_parameters, b.n_rows * b.n_parameters, &grad_parameters);
    keep(b.log_probability, events, &log_probability);
  }
  void write(const sagips_batch& b) const {
    const auto put = [](const std::vector<double>& values, double* to) {
      std::copy(values.begin(), values.end(), to);
    };
    put(outputs, b.outputs);
    put(weight, b.weight);
    put(auxiliary, b.auxiliary);
    put(grad_inputs, b.grad_inputs);
    put(grad_parameters, b.grad_parameters);
    put(log_probability, b.log_probability);
  }
};

/// Ask for tickets until all are out, and answer those at even places.
/// @return the answers to the others, computed and not told
std::vector<Answer> leave_in_the_middle(sagips_solver* solver, Model* model) {
  std::vector<sagips_batch> out;
  for (sagips_batch b = ask(solver); b.ticket != 0; b = ask(solver)) out.push_back(b);
  for (sagips_batch& b : out) serve(model, &b);
  std::vector<Answer> rest;
  for (size_t i = 0; i < out.size(); ++i)
    if (i % 2 == 1 || out.size() == 1)
      rest.emplace_back(out[i]);
    else
      EXPECT_OK(sagips_solver_tell(solver, out[i].ticket, 0, nullptr));
  return rest;
}

class Restart : public ::testing::TestWithParam<std::tuple<Case, const char*, int>> {};

TEST_P(Restart, GoesOnWithTheAnswersAndTicketsThatWere) {
  const auto& [c, rows_after, moments] = GetParam();
  Model model;
  const Solver called = make_solver(c, By::kCallbacks, &model);
  train(called, By::kCallbacks, &model);
  Solver solver = make_solver(c, By::kTickets, &model);
  train_by_tickets(solver, &model, 1);
  std::vector<Answer> rest;
  for (int i = 0; i < moments; ++i) {  // further and further into the epoch
    for (const Answer& answer : rest)
      EXPECT_OK(sagips_solver_tell(solver, answer.ticket, 0, nullptr));
    rest = leave_in_the_middle(solver, &model);
  }
  const std::vector<uint64_t> out = tickets_of(solver);
  ASSERT_EQ(out.size(), rest.size());
  const Folder folder;
  ASSERT_OK(sagips_solver_save(solver, folder.path().c_str()));
  EXPECT_OK(sagips_solver_destroy(solver.out()));

  Case after = c;
  after.settings.emplace_back("ask.rows", rows_after);
  solver = make_solver(after, By::kTickets, &model);
  ASSERT_OK(sagips_solver_load(solver, folder.path().c_str()));
  EXPECT_EQ(checkpoint_of(solver).bytes.size() > 0, true);  // before it begins again
  EXPECT_EQ(tickets_of(solver), out);
  for (const Answer& answer : rest) {
    sagips_batch batch{};
    batch.struct_size = sizeof(batch);
    ASSERT_OK(sagips_solver_ticket(solver, answer.ticket, &batch));
    EXPECT_EQ(batch.ticket, answer.ticket);
    answer.write(batch);
    ASSERT_OK(sagips_solver_tell(solver, answer.ticket, 0, nullptr));
    if (HasFailure()) return;
  }
  const uint64_t next = ask(solver).ticket;
  EXPECT_GT(next, out.back());
  train_by_tickets(solver, &model);
  EXPECT_EQ(bits_of(solver), bits_of(called));
}
INSTANTIATE_TEST_SUITE_P(AskCheckpoint, Restart,
                         ::testing::Combine(::testing::ValuesIn(kCases),
                                            ::testing::Values("0", "1", "3"),
                                            ::testing::Values(1, 2, 3)),
                         [](const auto& row) {
                           return std::string(std::get<0>(row.param).name) + "Rows" +
                                  std::get<1>(row.param) + "Moment" +
                                  std::to_string(std::get<2>(row.param));
                         });

const Case kCase{"", Route::kVjp, {{"ask.rows", "2"}, {"ensemble.members", "2"}}};

TEST(AskCheckpoint, SavedAgainBeforeAnythingIsAskedIsTheSame) {
  Model model;
  const Solver solver = make_solver(kCase, By::kTickets, &model),
               loaded = make_solver(kCase, By::kTickets, &model);
  leave_in_the_middle(solver, &model);
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  EXPECT_OK(sagips_solver_load(loaded, folder.path().c_str()));
  EXPECT_EQ(checkpoint_of(loaded), checkpoint_of(solver));
  tickets_of(loaded);  // the epoch begins again
  EXPECT_EQ(checkpoint_of(loaded), checkpoint_of(solver));
}

TEST(AskCheckpoint, ASkippedMemberStaysSkipped) {
  Model model, quiet;
  const Solver called = make_solver(kCase, By::kCallbacks, &model);
  model.after = [](int32_t, sagips_batch* b) { return b->epoch == 0 && b->member == 0 ? 9 : 0; };
  train(called, By::kCallbacks, &model);
  Solver solver = make_solver(kCase, By::kTickets, &quiet);
  std::vector<sagips_batch> out;
  for (sagips_batch b = ask(solver); b.ticket != 0; b = ask(solver)) out.push_back(b);
  serve(&quiet, &out[0]);
  EXPECT_OK(sagips_solver_tell(solver, out[0].ticket, 0, nullptr));
  EXPECT_OK(sagips_solver_tell(solver, out[1].ticket, 9, nullptr));
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  solver = make_solver(kCase, By::kTickets, &quiet);
  EXPECT_OK(sagips_solver_load(solver, folder.path().c_str()));
  EXPECT_EQ(tickets_of(solver),
            (std::vector<uint64_t>{out[3].ticket, out[4].ticket, out[5].ticket}));
  train_by_tickets(solver, &quiet);
  EXPECT_EQ(checkpoint_of(solver), checkpoint_of(called));
}

TEST(AskCheckpoint, AFailedRowStaysFailed) {
  Case c = kCase;
  c.settings = {{"ask.rows", "1"}, {"failure.policy", "skip"}, {"failure.limit", "1"}};
  Model model, quiet;
  const Solver called = make_solver(c, By::kCallbacks, &model);
  model.after = [](int32_t, sagips_batch* b) {
    if (b->request == SAGIPS_FORWARD && b->epoch == 0) b->row_status[1] = 5;
    return 0;
  };
  train(called, By::kCallbacks, &model);
  Solver solver = make_solver(c, By::kTickets, &quiet);
  ask(solver);
  EXPECT_OK(sagips_solver_tell(solver, ask(solver).ticket, -5, nullptr));
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  solver = make_solver(c, By::kTickets, &quiet);
  EXPECT_OK(sagips_solver_load(solver, folder.path().c_str()));
  train_by_tickets(solver, &quiet);
  EXPECT_EQ(checkpoint_of(solver), checkpoint_of(called));
}

TEST(AskCheckpoint, LoadingIntoTheSameSolverMakesWhatIsOutVoidAndItsArraysLast) {
  Model model;
  const Solver called = make_solver(kCase, By::kCallbacks, &model),
               solver = make_solver(kCase, By::kTickets, &model);
  train(called, By::kCallbacks, &model);
  train_by_tickets(solver, &model, 1);
  sagips_batch first = ask(solver);
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  sagips_batch second = ask(solver);
  EXPECT_OK(sagips_solver_load(solver, folder.path().c_str()));
  serve(&model, &first);  // the old arrays, of which nothing is read any more
  serve(&model, &second);
  EXPECT_EQ(tickets_of(solver), std::vector<uint64_t>{first.ticket});
  sagips_batch again{};
  again.struct_size = sizeof(again);
  EXPECT_OK(sagips_solver_ticket(solver, first.ticket, &again));
  EXPECT_NE(again.outputs, first.outputs);
  EXPECT_FAILS(sagips_solver_tell(solver, second.ticket, 0, nullptr), SAGIPS_ERROR_NOT_FOUND);
  EXPECT_GT(ask(solver).ticket, second.ticket) << "a number would mean two tickets";
  train_by_tickets(solver, &model);
  EXPECT_EQ(bits_of(solver), bits_of(called));
}

TEST(AskCheckpoint, BetweenEpochsItHoldsNoTickets) {
  Model model;
  const Solver solver = make_solver(kCase, By::kTickets, &model);
  train_by_tickets(solver, &model, 2);
  EXPECT_EQ(checkpoint_of(solver).bytes.find("tickets."), std::string::npos);
  ask(solver);
  EXPECT_NE(checkpoint_of(solver).bytes.find("tickets."), std::string::npos);
}

TEST(AskCheckpoint, OptionsThatCutOtherBatchesAreAMismatchAndTheEpochBeginsAnew) {
  Model model;
  Case c{"", Route::kVjp, {{"ask.rows", "4"}}};
  const Solver solver = make_solver(c, By::kTickets, &model);
  leave_in_the_middle(solver, &model);
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  for (const Settings& settings : {Settings{{"rows", "2"}}, Settings{{"events", "7"}}}) {
    c.settings = settings;
    const Solver other = make_solver(c, By::kTickets, &model);
    EXPECT_OK(sagips_solver_load(other, folder.path().c_str()));
    sagips_batch batch{};
    batch.struct_size = sizeof(batch);
    EXPECT_FAILS(sagips_solver_ask(other, &batch), SAGIPS_ERROR_MISMATCH, {"checkpoint"});
    EXPECT_TRUE(tickets_of(other).empty());
    train_by_tickets(other, &model);
    EXPECT_EQ(progress_of(other).epoch, 4);
  }
}

TEST(AskCheckpoint, AnyByteOfItThatIsDamagedIsNoticed) {
  Model model;
  const Solver solver = make_solver(kCase, By::kTickets, &model),
               other = make_solver(kCase, By::kTickets, &model);
  leave_in_the_middle(solver, &model);
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  const std::string path = folder / "epoch-00000000/rank-0.safetensors", whole = read_text(path);
  const Bits before = bits_of(other);
  for (size_t i = 0; i < whole.size(); i += 97) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    write_text(path, damaged);
    EXPECT_FAILS(sagips_solver_load(other, folder.path().c_str()), SAGIPS_ERROR_FORMAT) << i;
  }
  EXPECT_EQ(bits_of(other), before);
  write_text(path, whole);
  EXPECT_OK(sagips_solver_load(other, folder.path().c_str()));
  EXPECT_EQ(tickets_of(other), tickets_of(solver));
}

}  // namespace
}  // namespace capi
