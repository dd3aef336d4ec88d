// SPDX-License-Identifier: BSD-3-Clause
// What may happen at the same time: solvers in threads of their own, callbacks that they share, and
// events that come in from several threads while others train. All of it has the bits of one after
// the other. docs/develop.md tells how to run this under a thread sanitizer.
#include <atomic>
#include <thread>

#include "testing.h"

namespace capi {
namespace {

constexpr int64_t kEvents = 400;
constexpr int32_t kThreads = 4;

/// Add the events i of all with i % kThreads == part, a few a call, numbered by i.
void add_part(sagips_problem* problem, const std::vector<double>& events, int64_t part) {
  constexpr int64_t kTogether = 7;
  const auto n = static_cast<int64_t>(events.size()) / kY;
  for (int64_t i = part; i < n;) {
    std::vector<double> some;
    std::vector<int64_t> numbers;
    for (int64_t k = 0; k < kTogether && i < n; ++k, i += kThreads) {
      some.insert(some.end(), events.begin() + i * kY, events.begin() + (i + 1) * kY);
      numbers.push_back(i);
    }
    EXPECT_OK(sagips_problem_add_events(problem, "data", some.data(), nullptr, numbers.data(),
                                        static_cast<int64_t>(numbers.size()), kY, 0));
    int64_t count = 0;
    EXPECT_OK(sagips_problem_event_count(problem, "data", &count));
    EXPECT_GE(count, static_cast<int64_t>(numbers.size()));
  }
}

void add_from_threads(sagips_problem* problem, const std::vector<double>& events) {
  std::vector<std::thread> threads;
  for (int32_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] { add_part(problem, events, t); });
  for (std::thread& thread : threads) thread.join();
}

Bits train(sagips_problem* problem, const Settings& settings, int64_t epochs = 9) {
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(settings), nullptr));
  EXPECT_OK(sagips_solver_step(solver, epochs, nullptr));
  double mean[kP], covariance[kP * kP];
  EXPECT_OK(sagips_solver_estimate(solver, SAGIPS_ALL_MEMBERS, kP, mean, covariance));
  return bits_of(solver);
}

TEST(Threads, EventsFromManyThreadsTrainWithTheBitsOfOne) {
  Model model;
  const Pipeline pipeline = make_pipeline(&model);
  const Bits wanted = train(make_problem(pipeline, kEvents), {});
  for (int trial = 0; trial < 5; ++trial) {
    const Problem problem = make_problem(pipeline, 0);
    add_from_threads(problem, make_events(pipeline, kEvents));
    EXPECT_EQ(train(problem, {}), wanted);
  }
}

TEST(Threads, SolversTrainWhileEventsComeIn) {
  Model model;
  const Pipeline pipeline = make_pipeline(&model);
  const std::vector<double> first = make_events(pipeline, 60), all = make_events(pipeline, kEvents);
  const std::vector<double> later(all.begin() + 60 * kY, all.end());
  const Problem problem = make_problem(pipeline, 0);
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < 60; ++i) numbers.push_back(-60 + i);  // before all others
  ASSERT_OK(
      sagips_problem_add_events(problem, "data", first.data(), nullptr, numbers.data(), 60, kY, 0));
  Solver solver;
  ASSERT_OK(sagips_solver_create(solver.out(), problem, make_options(), nullptr));
  std::atomic<bool> is_done{false};
  std::thread feeder([&] {
    add_from_threads(problem, later);
    is_done = true;
  });
  for (int i = 0; i < 3 || !is_done; ++i) {  // as in a host whose loop goes on meanwhile
    EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
    EXPECT_OK(sagips_solver_update_events(solver, problem));
    Solver fresh;  // on what is there by now
    EXPECT_OK(sagips_solver_create(fresh.out(), problem, make_options(), nullptr));
    EXPECT_OK(sagips_solver_step(fresh, 1, nullptr));
  }
  feeder.join();
  int64_t n = 0;
  EXPECT_OK(sagips_problem_event_count(problem, "data", &n));
  EXPECT_EQ(n, kEvents);
  EXPECT_OK(sagips_solver_update_events(solver, problem));
  EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
  EXPECT_TRUE(is_finite(solver));
  EXPECT_EQ(train(problem, {}), train(make_problem(pipeline, kEvents), {}));
}

TEST(Threads, DoubleNumbersAreFoundWhoeverBringsThem) {
  Model model;
  const Pipeline pipeline = make_pipeline(&model);
  const Problem problem = make_problem(pipeline, 0);
  const std::vector<double> events = make_events(pipeline, 1);
  std::atomic<int> n_taken{0}, n_refused{0};
  std::vector<std::thread> threads;
  for (int32_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (int64_t number = 0; number < 200; ++number) {
        const sagips_status status =
            sagips_problem_add_events(problem, "data", events.data(), nullptr, &number, 1, kY, 0);
        ++(status == SAGIPS_OK ? n_taken : n_refused);
        if (status != SAGIPS_OK) {
          EXPECT_EQ(status, SAGIPS_ERROR_DATA);
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(n_taken, 200);
  EXPECT_EQ(n_refused, 200 * (kThreads - 1));
}

/// y = p0 + p1 u: the callback of several solvers at once, so it has no state.
int32_t shared_forward(void* user, sagips_batch* b) {
  static_cast<std::atomic<int64_t>*>(user)->fetch_add(1);
  for (int64_t n = 0; n < b->n_rows; ++n)
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i)
      for (int32_t y = 0; y < kY; ++y)
        b->outputs[i * kY + y] =
            b->parameters[n * kP] + b->parameters[n * kP + 1] * b->uniforms[i * kY + y];
  return 0;
}

Problem make_shared_problem(std::atomic<int64_t>* calls, bool is_builtin) {
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  int32_t width = kP;
  if (is_builtin) {
    width = 6;
    EXPECT_OK(sagips_pipeline_add_builtin(pipeline, "kuma6", nullptr));
  } else {
    Stage stage;
    EXPECT_OK(sagips_stage_create(stage.out(), "shared"));
    EXPECT_OK(sagips_stage_set_shape(stage, 0, kY, 0, kY));
    EXPECT_OK(sagips_stage_set_forward(stage, shared_forward, calls, nullptr));
    EXPECT_OK(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, 1));
    EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  }
  Problem problem;
  EXPECT_OK(sagips_problem_create(problem.out()));
  const std::vector<double> truth(static_cast<size_t>(width), 1.5);
  for (int32_t p = 0; p < width; ++p)
    EXPECT_OK(sagips_problem_add_parameter(problem, ("p" + std::to_string(p)).c_str(), 0.5, 3));
  EXPECT_OK(sagips_problem_add_dataset(problem, "data", pipeline));
  std::vector<double> events(kEvents * kY);
  EXPECT_OK(sagips_pipeline_generate(pipeline, width, truth.data(), kEvents, 3, kY, events.data(),
                                     nullptr, 0, nullptr));
  EXPECT_OK(sagips_problem_set_events(problem, "data", events.data(), nullptr, kEvents, kY, 0));
  return problem;
}

TEST(Threads, SolversOfOneProblemTrainSideBySideWithTheBitsOfOneAfterTheOther) {
  const std::vector<Settings> settings = {
      {{"seed", "1"}},
      {{"seed", "2"}, {"threads", "2"}, {"events", "300"}},
      {{"seed", "3"}, {"ensemble.members", "3"}, {"threads", "2"}},
      {{"seed", "4"}, {"ensemble.members", "2"}}};
  for (const bool is_builtin : {false, true}) {
    std::atomic<int64_t> calls{0};
    const Problem problem = make_shared_problem(&calls, is_builtin);
    const auto run = [&](size_t k) {
      Solver solver;
      EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(settings[k]), nullptr));
      EXPECT_OK(sagips_solver_step(solver, 6, nullptr));
      return bits_of(solver);
    };
    std::vector<Bits> wanted, got(settings.size());
    for (size_t k = 0; k < settings.size(); ++k) wanted.push_back(run(k));
    std::vector<std::thread> threads;
    for (size_t k = 0; k < settings.size(); ++k) threads.emplace_back([&, k] { got[k] = run(k); });
    for (std::thread& thread : threads) thread.join();
    for (size_t k = 0; k < settings.size(); ++k) EXPECT_EQ(got[k], wanted[k]) << k;
  }
}

}  // namespace
}  // namespace capi
