// SPDX-License-Identifier: BSD-3-Clause
// How a step ends early: a request from anywhere, the horizon, and a callback that never returns.
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#include <atomic>
#include <cfenv>
#include <thread>

#include "testing.h"

namespace capi {
namespace {

const Settings kOne{{"epochs", "20"}, {"seed", "1"}};

TEST(Stop, FromACallbackEndsTheStepAfterItsEpoch) {
  const Bits wanted = bits_by_epoch(4, kOne).back();
  Model model;
  const Solver solver = make_solver(&model, kOne);
  model.after = [&](int32_t, sagips_batch* b) {
    return b->epoch == 3 ? sagips_solver_request_stop(solver) : 0;
  };
  sagips_progress progress{};
  progress.struct_size = sizeof(progress);
  EXPECT_OK(sagips_solver_step(solver, 20, &progress));
  EXPECT_EQ(progress.epoch, 4);
  EXPECT_EQ(progress.stop_reason, SAGIPS_STOP_REQUESTED);
  EXPECT_EQ(bits_of(solver), wanted);
  model.after = nullptr;
  EXPECT_OK(sagips_solver_step(solver, 20, &progress));
  EXPECT_EQ(progress.epoch, 20);
}

// A step that was asked to stop in its last epoch has stopped: the request is spent.
TEST(Stop, InTheLastEpochOfAStepDoesNotEndTheNextOne) {
  Model model;
  const Solver solver = make_solver(&model, kOne);
  model.after = [&](int32_t, sagips_batch* b) {
    return b->epoch == 2 ? sagips_solver_request_stop(solver) : 0;
  };
  sagips_progress progress{};
  progress.struct_size = sizeof(progress);
  EXPECT_OK(sagips_solver_step(solver, 3, &progress));
  EXPECT_EQ(progress.epoch, 3);
  EXPECT_EQ(progress.stop_reason, SAGIPS_STOP_REQUESTED);
  EXPECT_OK(sagips_solver_step(solver, 3, &progress));
  EXPECT_EQ(progress.epoch, 6);
}

TEST(Stop, OutsideAStepEndsTheNextOneBeforeItsFirstEpoch) {
  Model model;
  const Solver solver = make_solver(&model, kOne);
  EXPECT_OK(sagips_solver_request_stop(solver));
  EXPECT_OK(sagips_solver_step(solver, 5, nullptr));
  EXPECT_EQ(progress_of(solver).epoch, 0);
  EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_REQUESTED);
  EXPECT_OK(sagips_solver_step(solver, 5, nullptr));
  EXPECT_EQ(progress_of(solver).epoch, 5);
}

TEST(Stop, FromAnotherThreadEndsTheStep) {
  Model model;
  const Solver solver = make_solver(&model, {{"epochs", "100000000"}, {"growth.factor", "1"}});
  std::atomic<bool> is_running{false};
  model.after = [&](int32_t, sagips_batch* b) {
    if (b->epoch == 2) is_running = true;
    return 0;
  };
  std::thread other([&] {
    while (!is_running) std::this_thread::yield();
    EXPECT_OK(sagips_solver_request_stop(solver));
  });
  EXPECT_OK(sagips_solver_step(solver, 100000000, nullptr));
  other.join();
  EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_REQUESTED);
  EXPECT_GE(progress_of(solver).epoch, 3);
}

sagips_solver* signalled = nullptr;

TEST(Stop, FromASignalHandlerEndsTheStep) {
  Model model;
  const Solver solver = make_solver(&model, {{"epochs", "100000000"}, {"growth.factor", "1"}});
  signalled = solver;
  struct sigaction action {
  }, before{};
  action.sa_handler = [](int) { sagips_solver_request_stop(signalled); };
  sigaction(SIGALRM, &action, &before);
  itimerval soon{{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, nullptr);
  EXPECT_OK(sagips_solver_step(solver, 100000000, nullptr));
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_REQUESTED);
}

TEST(Stop, AtTheHorizonThereIsNothingLeftToDo) {
  Model model;
  const Solver solver = make_solver(&model, kOne);
  EXPECT_OK(sagips_solver_step(solver, INT64_MAX, nullptr));
  EXPECT_EQ(progress_of(solver).epoch, 20);
  EXPECT_EQ(progress_of(solver).stop_reason, SAGIPS_STOP_HORIZON);
}

// ------------------------------------------------------------------------------------------
// longjmp

jmp_buf out_of_here;

TEST(Longjmp, OutOfACallbackLeavesASolverThatIsInsideAndNothingElseBehind) {
  Model model, other_model;
  sagips_solver* solver = nullptr;
  {
    const Problem problem = make_problem(make_pipeline(&model));
    EXPECT_OK(sagips_solver_create(&solver, problem, make_options(), nullptr));
  }
  static std::vector<int> seen;
  seen.clear();
  if (setjmp(out_of_here) == 0) {
    // A plain pointer to a function, so that no destructor of ours is jumped over.
    EXPECT_OK(sagips_solver_set_progress_callback(
        solver, [](void*, const sagips_progress*) -> int32_t { longjmp(out_of_here, 1); },
        nullptr));
    sagips_solver_step(solver, 1, nullptr);
    FAIL() << "the callback did not jump";
  }
  int32_t condition = -1;
  EXPECT_OK(sagips_solver_condition(solver, &condition));
  EXPECT_EQ(condition, SAGIPS_INSIDE);
  EXPECT_FAILS(sagips_solver_step(solver, 1, nullptr), SAGIPS_ERROR_BUSY);
  EXPECT_OK(sagips_solver_destroy(&solver));

  // Callbacks of later calls see the host as it is then.
  const Solver other = make_solver(&other_model);
  other_model.after = [](int32_t, sagips_batch*) { return seen.push_back(std::fegetround()), 0; };
  std::fesetround(FE_UPWARD);
  const sagips_status status = sagips_solver_step(other, 1, nullptr);
  const int now = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_OK(status);
  EXPECT_EQ(now, FE_UPWARD);
  EXPECT_EQ(seen, (std::vector<int>{FE_UPWARD, FE_UPWARD}));
}

}  // namespace
}  // namespace capi
