// SPDX-License-Identifier: BSD-3-Clause
// What may not change a bit: how the epochs are cut into steps, the threads, the host's own
// threads, a checkpoint in between. And what must: the seed.
#include <atomic>
#include <stdexcept>
#include <thread>

#include "testing.h"

namespace capi {
namespace {

// Noise, growing batches, hidden layers, several updates: everything that draws or schedules.
const Settings kSettings{{"epochs", "14"},
                         {"generator.input", "noise"},
                         {"discriminator.hidden", "5"},
                         {"discriminator.updates", "2"},
                         {"generator.updates", "2"},
                         {"generator.fresh_events", "true"},
                         {"events", "700"},
                         {"metric.kind", "pullback"}};

Settings with(const Settings& more) {
  Settings all = kSettings;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Bits train(const Settings& more, sagips_parallel_fn parallel = nullptr, void* host = nullptr) {
  Model model;
  const Solver solver = make_solver(&model, with(more), true);
  EXPECT_OK(sagips_solver_set_parallel_for(solver, parallel, host));
  EXPECT_OK(sagips_solver_step(solver, 14, nullptr));
  Bits bits = bits_of(solver);
  double numbers[kP + kP * kP];
  EXPECT_OK(sagips_solver_estimate(solver, 0, kP, numbers, numbers + kP));
  bits.bytes.append(reinterpret_cast<const char*>(numbers), sizeof(numbers));
  return bits;
}

TEST(Determinism, StepsOfOneAreOneLongStep) {
  for (const Route route : {Route::kVjp, Route::kSmooth}) {
    Model model;
    const Solver solver = make_solver(&model, kSettings, false, route);
    EXPECT_OK(sagips_solver_step(solver, 14, nullptr));
    EXPECT_EQ(bits_of(solver), bits_by_epoch(14, kSettings, false, route).back());
  }
  Model model;
  const Settings plain{{"epochs", "14"}};
  const Solver solver = make_solver(&model, plain, true, Route::kPlain);
  EXPECT_OK(sagips_solver_step(solver, 14, nullptr));
  EXPECT_EQ(bits_of(solver), bits_by_epoch(14, plain, true, Route::kPlain).back());
}

TEST(Determinism, StepsOfZeroDoNothing) {
  Model model;
  const Solver solver = make_solver(&model, kSettings);
  const Bits before = bits_of(solver);
  EXPECT_OK(sagips_solver_step(solver, 0, nullptr));
  EXPECT_EQ(bits_of(solver), before);
  EXPECT_EQ(model.calls, 1);  // making the events
}

TEST(Determinism, AnyNumberOfThreadsGivesTheSameBits) {
  const Bits wanted = train({{"threads", "1"}});
  for (const char* threads : {"2", "3", "4"})
    EXPECT_EQ(train({{"threads", threads}}), wanted) << threads;
}

using Body = void (*)(void*, int64_t);

int32_t backwards(void* calls, int64_t n, Body body, void* ctx) {
  ++*static_cast<int64_t*>(calls);
  for (int64_t i = n; i-- > 0;) body(ctx, i);
  return 0;
}

int32_t in_three_threads(void* calls, int64_t n, Body body, void* ctx) {
  ++*static_cast<int64_t*>(calls);
  std::atomic<int64_t> next{0};
  const auto work = [&] {
    for (int64_t i = next++; i < n; i = next++) body(ctx, i);
  };
  std::thread one(work), two(work);
  work();
  one.join();
  two.join();
  return 0;
}

TEST(Determinism, TheHostsOwnThreadsGiveTheSameBits) {
  const Bits wanted = train({});
  for (const sagips_parallel_fn parallel : {backwards, in_three_threads}) {
    int64_t calls = 0;
    EXPECT_EQ(train({}, parallel, &calls), wanted);
    EXPECT_GT(calls, 14);
  }
}

// ------------------------------------------------------------------- a parallel_for that is not
// one

struct BadParallel {
  const char* name;
  sagips_parallel_fn run;
  sagips_status status;
};
void PrintTo(const BadParallel& bad, std::ostream* out) { *out << bad.name; }

class BadHost : public ::testing::TestWithParam<BadParallel> {};

TEST_P(BadHost, IsNoticedNothingIsLostAndTheTrainingGoesOnWithTheSameBits) {
  const std::vector<Bits> wanted = bits_by_epoch(14, kSettings, true);
  Model model;
  const Solver solver = make_solver(&model, kSettings, true);
  EXPECT_OK(sagips_solver_step(solver, 2, nullptr));
  EXPECT_OK(sagips_solver_set_parallel_for(solver, GetParam().run, nullptr));
  EXPECT_FAILS(sagips_solver_step(solver, 1, nullptr), GetParam().status, {"parallel_for"});
  EXPECT_EQ(bits_of(solver), wanted[2]);
  EXPECT_OK(sagips_solver_set_parallel_for(solver, nullptr, nullptr));
  EXPECT_OK(sagips_solver_step(solver, 14, nullptr));
  EXPECT_EQ(bits_of(solver), wanted.back());
}

void run_all(int64_t first, int64_t end, Body body, void* ctx) {
  for (int64_t i = first; i < end; ++i) body(ctx, i);
}

INSTANTIATE_TEST_SUITE_P(
    Determinism, BadHost,
    ::testing::Values(BadParallel{"RunsNothing", [](void*, int64_t, Body, void*) { return 0; },
                                  SAGIPS_ERROR_CALLBACK},
                      BadParallel{"LeavesTheLastOut",
                                  [](void*, int64_t n, Body body, void* ctx) {
                                    run_all(0, n - 1, body, ctx);
                                    return 0;
                                  },
                                  SAGIPS_ERROR_CALLBACK},
                      BadParallel{"RunsOneTwiceAndAnotherNot",
                                  [](void*, int64_t n, Body body, void* ctx) {
                                    run_all(0, n - 1, body, ctx);
                                    body(ctx, 0);
                                    return 0;
                                  },
                                  SAGIPS_ERROR_CALLBACK},
                      BadParallel{"CountsFromOne",
                                  [](void*, int64_t n, Body body, void* ctx) {
                                    run_all(1, n + 1, body, ctx);
                                    return 0;
                                  },
                                  SAGIPS_ERROR_CALLBACK},
                      BadParallel{"Fails",
                                  [](void*, int64_t n, Body body, void* ctx) {
                                    run_all(0, n, body, ctx);
                                    return 5;
                                  },
                                  SAGIPS_ERROR_CALLBACK},
                      BadParallel{"Throws",
                                  [](void*, int64_t, Body, void*) -> int32_t {
                                    throw std::runtime_error("pool");
                                  },
                                  SAGIPS_ERROR_EXCEPTION}),
    [](const auto& host) { return host.param.name; });

// --------------------------------------------------------------------------------- seeds,
// checkpoints

TEST(Determinism, EqualSeedsGiveEqualBitsAndOthersOthers) {
  const Bits wanted = train({{"seed", "11"}});
  EXPECT_EQ(train({{"seed", "11"}}), wanted);
  for (const char* seed : {"10", "12", "0", "9223372036854775807"})
    EXPECT_NE(train({{"seed", seed}}), wanted) << seed;
}

TEST(Determinism, GeneratedEventsDependOnTheSeedAlone) {
  Model model;
  const Pipeline pipeline = make_pipeline(&model, true);
  const auto generate = [&](uint64_t seed, int64_t n) {
    std::vector<double> events(static_cast<size_t>(n * kY));
    EXPECT_OK(sagips_pipeline_generate(pipeline, kP, kTruth, n, seed, kY, events.data(), nullptr, 0,
                                       nullptr));
    return events;
  };
  const std::vector<double> wanted = generate(3, 9000);
  EXPECT_EQ(generate(3, 9000), wanted);
  EXPECT_NE(generate(4, 9000), wanted);
  EXPECT_EQ(generate(3, 100), std::vector<double>(wanted.begin(), wanted.begin() + 100 * kY));
}

TEST(Determinism, ACheckpointGoesOnWithTheSameBits) {
  const std::vector<Bits> wanted = bits_by_epoch(14, kSettings, true);
  for (const int64_t k : {0, 1, 9}) {
    const Folder folder;
    Model model;
    const Solver first = make_solver(&model, kSettings, true);
    EXPECT_OK(sagips_solver_step(first, k, nullptr));
    EXPECT_OK(sagips_solver_save(first, folder.path().c_str()));
    const Solver second = make_solver(&model, kSettings, true);
    EXPECT_OK(sagips_solver_step(second, 5, nullptr));  // whatever it has done is replaced
    EXPECT_OK(sagips_solver_load(second, folder.path().c_str()));
    EXPECT_EQ(bits_of(second), wanted[static_cast<size_t>(k)]);
    EXPECT_OK(sagips_solver_step(second, 14, nullptr));
    EXPECT_EQ(bits_of(second), wanted.back());
  }
}

TEST(Networks, OfThePaperHaveThePapersSizes) {
  Pipeline pipeline;
  Problem problem;
  Options options;
  Solver solver;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add_builtin(pipeline, "proxy1d", nullptr));
  EXPECT_OK(sagips_problem_create(problem.out()));
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    EXPECT_OK(sagips_problem_add_parameter(problem, name, 0.5, 3));
  EXPECT_OK(sagips_problem_add_dataset(problem, "data", pipeline));
  const double truth[6] = {1, 1, 2, 1, 1, 2};
  std::vector<double> events(2 * 500);
  EXPECT_OK(
      sagips_pipeline_generate(pipeline, 6, truth, 500, 1, 2, events.data(), nullptr, 0, nullptr));
  EXPECT_OK(sagips_problem_set_events(problem, "data", events.data(), nullptr, 500, 2, 0));
  EXPECT_OK(sagips_options_create(options.out()));
  EXPECT_OK(sagips_options_preset(options, "paper"));
  EXPECT_OK(sagips_solver_create(solver.out(), problem, options, nullptr));
  const auto count = [&](int32_t network) {
    int64_t n = 0;
    EXPECT_OK(sagips_solver_weight_count(solver, network, "data", &n));
    return n;
  };
  EXPECT_EQ(count(SAGIPS_GENERATOR), 51206);
  EXPECT_EQ(count(SAGIPS_GENERATOR_AVERAGE), 51206);
  EXPECT_EQ(count(SAGIPS_DISCRIMINATOR), 50049);
}

}  // namespace
}  // namespace capi
