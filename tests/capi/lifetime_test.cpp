// SPDX-License-Identifier: BSD-3-Clause
// Who keeps what alive, and that solvers know nothing of each other.
#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <limits>
#include <thread>

#include "testing.h"

namespace capi {
namespace {

const Settings kOne{{"epochs", "20"}, {"seed", "1"}};
const Settings kTwo{{"epochs", "20"}, {"seed", "2"}, {"generator.input", "noise"}};

TEST(Lifetime, TwoSolversInterleavedGiveTheBitsOfEachAlone) {
  const Bits one = bits_by_epoch(9, kOne).back(), two = bits_by_epoch(9, kTwo, true).back();
  Model model_one, model_two;
  const Solver a = make_solver(&model_one, kOne), b = make_solver(&model_two, kTwo, true);
  for (int i = 0; i < 3; ++i) {
    EXPECT_OK(sagips_solver_step(a, 3, nullptr));
    EXPECT_OK(sagips_solver_step(b, 1, nullptr));
    EXPECT_OK(sagips_solver_step(b, 2, nullptr));
  }
  EXPECT_EQ(bits_of(a), one);
  EXPECT_EQ(bits_of(b), two);
}

TEST(Lifetime, TwoThreadsWithASolverEachGiveTheSameBitsAndHaveTheirOwnErrors) {
  const std::array<Bits, 2> wanted{bits_by_epoch(20, kOne).back(), bits_by_epoch(20, kTwo).back()};
  std::array<Bits, 2> got;
  std::array<std::string, 2> texts;
  const auto work = [&](size_t i) {
    Model model;
    const Solver solver = make_solver(&model, i == 0 ? kOne : kTwo);
    sagips_solver_step(solver, -1 - static_cast<int64_t>(i), nullptr);
    for (int k = 0; k < 20; ++k) sagips_solver_step(solver, 1, nullptr);
    got[i] = bits_of(solver);
    texts[i] = sagips_last_error();
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  EXPECT_EQ(got, wanted);
  EXPECT_NE(texts[0].find("n_epochs is -1"), std::string::npos) << texts[0];
  EXPECT_NE(texts[1].find("n_epochs is -2"), std::string::npos) << texts[1];
}

TEST(Lifetime, OneSolverInTwoThreadsIsBusyForOneOfThem) {
  Model model;
  const Solver solver = make_solver(&model);
  model.after = [&](int32_t, sagips_batch*) {
    std::thread([&] {
      EXPECT_FAILS(sagips_solver_step(solver, 1, nullptr), SAGIPS_ERROR_BUSY, {"another"});
    }).join();
    return 0;
  };
  EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
}

TEST(Lifetime, AThousandLivesLeaveNoMemoryBehind) {
  const auto live = [](bool is_failing) {
    Model model;
    const Solver solver = make_solver(&model, {{"epochs", "4"}}, true);
    model.after = [is_failing](int32_t, sagips_batch* b) {
      if (is_failing && b->epoch == 1) throw 1;
      return 0;
    };
    EXPECT_EQ(sagips_solver_step(solver, 2, nullptr),
              is_failing ? SAGIPS_ERROR_EXCEPTION : SAGIPS_OK);
  };
  const auto used = [] {
    const auto info = mallinfo2();
    return static_cast<int64_t>(info.uordblks + info.hblkhd);
  };
  for (int i = 0; i < 50; ++i) live(i % 2 == 0);
  const int64_t before = used();
  for (int i = 0; i < 1000; ++i) live(i % 2 == 0);
  constexpr int64_t kBound = 16 << 10;  // 16 bytes a life would be more
  EXPECT_LT(used() - before, kBound);
}

TEST(Lifetime, ASolverOutlivesWhatItWasMadeFromInAnyOrder) {
  const Bits wanted = bits_by_epoch(9, kOne).back();
  std::array<int, 4> order{0, 1, 2, 3};  // options, stage, pipeline, problem
  do {
    Model model;
    Solver solver;
    {
      Options options = make_options(kOne);
      Stage stage = make_source(&model);
      Pipeline pipeline;
      EXPECT_OK(sagips_pipeline_create(pipeline.out()));
      EXPECT_OK(sagips_pipeline_add(pipeline, stage));
      Problem problem = make_problem(pipeline);
      EXPECT_OK(sagips_solver_create(solver.out(), problem, options, nullptr));
      for (const int which : order) {
        EXPECT_OK(which == 0   ? sagips_options_destroy(options.out())
                  : which == 1 ? sagips_stage_destroy(stage.out())
                  : which == 2 ? sagips_pipeline_destroy(pipeline.out())
                               : sagips_problem_destroy(problem.out()));
        EXPECT_EQ(model.destroyed, 0);
      }
    }
    EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
    EXPECT_EQ(bits_of(solver), wanted);
    EXPECT_EQ(model.destroyed, 0);
    EXPECT_OK(sagips_solver_destroy(solver.out()));
    EXPECT_EQ(model.destroyed, 1);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Lifetime, ChangingAnOriginalLeavesTheCopyAlone) {
  const Bits wanted = bits_by_epoch(9, kOne).back();
  Model model, other;
  const Options options = make_options(kOne);
  const Pipeline pipeline = make_pipeline(&model);
  const Problem problem = make_problem(pipeline);
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), problem, options, nullptr));
  EXPECT_OK(sagips_options_preset(options, "paper"));
  EXPECT_OK(sagips_pipeline_add(pipeline, make_detector(&other)));
  EXPECT_OK(sagips_problem_set_fixed(problem, "shift", 1));
  EXPECT_OK(sagips_problem_add_parameter(problem, "more", 0, 1));
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  EXPECT_EQ(bits_of(solver), wanted);
}

TEST(Lifetime, TheUserPointerIsReleasedWhenItsLastCopyGoes) {
  Model first, second;
  Stage stage = make_source(&first);
  EXPECT_OK(sagips_stage_set_forward(
      stage, [](void*, sagips_batch*) { return 0; }, &second,
      [](void* user) { ++static_cast<Model*>(user)->destroyed; }));
  EXPECT_EQ(first.destroyed, 1);  // replaced, and no copy was made
  {
    Pipeline pipeline;
    EXPECT_OK(sagips_pipeline_create(pipeline.out()));
    EXPECT_OK(sagips_pipeline_add(pipeline, stage));
    EXPECT_OK(sagips_stage_destroy(stage.out()));
    EXPECT_EQ(second.destroyed, 0);
  }
  EXPECT_EQ(first.destroyed, 1);
  EXPECT_EQ(second.destroyed, 1);
}

TEST(Lifetime, ADestroyerThatThrowsDoesNotEndTheHost) {
  Stage stage;
  EXPECT_OK(sagips_stage_create(stage.out(), "none"));
  EXPECT_OK(sagips_stage_set_forward(
      stage, [](void*, sagips_batch*) { return 0; }, nullptr, [](void*) { throw 1; }));
  EXPECT_OK(sagips_stage_destroy(stage.out()));
}

// ------------------------------------------------------------------------------------------ events

/// Train on events as they are handed over by `set`.
Bits train_on(const std::function<void(sagips_problem*)>& set) {
  Model model;
  const Problem problem = make_problem(make_pipeline(&model), 0);
  set(problem);
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(kOne), nullptr));
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  return bits_of(solver);
}

TEST(Lifetime, EqualEventsGiveEqualBitsHoweverTheyAreHandedOver) {
  constexpr int64_t kN = 200, kStride = 5;
  Model model;
  const std::vector<double> exact = make_events(make_pipeline(&model), kN);
  const std::vector<float> floats(exact.begin(), exact.end());
  const std::vector<double> events(floats.begin(), floats.end());
  std::vector<double> wide(kN * kStride, std::numeric_limits<double>::quiet_NaN()), ones(kN, 1);
  std::vector<float> wide_floats(wide.begin(), wide.end());
  for (int64_t i = 0; i < kN; ++i)
    for (int64_t y = 0; y < kY; ++y) {
      wide[static_cast<size_t>(i * kStride + y)] = events[static_cast<size_t>(i * kY + y)];
      wide_floats[static_cast<size_t>(i * kStride + y)] = floats[static_cast<size_t>(i * kY + y)];
    }
  const auto by_double = [&](const std::vector<double>& from, int64_t stride, bool is_lent) {
    return train_on([&](sagips_problem* p) {
      if (is_lent)
        EXPECT_OK(sagips_problem_borrow_events(p, "data", from.data(), nullptr, kN, kY, stride,
                                               nullptr, nullptr));
      else
        EXPECT_OK(sagips_problem_set_events(p, "data", from.data(), nullptr, kN, kY, stride));
    });
  };
  const auto by_float = [&](const std::vector<float>& from, int64_t stride, bool is_lent) {
    return train_on([&](sagips_problem* p) {
      if (is_lent)
        EXPECT_OK(sagips_problem_borrow_events_float(p, "data", from.data(), nullptr, kN, kY,
                                                     stride, nullptr, nullptr));
      else
        EXPECT_OK(sagips_problem_set_events_float(p, "data", from.data(), nullptr, kN, kY, stride));
    });
  };
  const Bits wanted = by_double(events, 0, false);
  EXPECT_EQ(by_double(events, kY, true), wanted);
  EXPECT_EQ(by_double(wide, kStride, false), wanted);
  EXPECT_EQ(by_double(wide, kStride, true), wanted);
  EXPECT_EQ(by_float(floats, 0, false), wanted);
  EXPECT_EQ(by_float(floats, 0, true), wanted);
  EXPECT_EQ(by_float(wide_floats, kStride, false), wanted);
  EXPECT_EQ(by_float(wide_floats, kStride, true), wanted);
  EXPECT_EQ(train_on([&](sagips_problem* p) {
              EXPECT_OK(sagips_problem_borrow_events(p, "data", wide.data(), ones.data(), kN, kY,
                                                     kStride, nullptr, nullptr));
            }),
            wanted);
  EXPECT_NE(by_double(exact, 0, false), wanted);  // the doubles before rounding are others
}

TEST(Lifetime, LentEventsAreReleasedWhenTheLastUserIsGone) {
  const auto count = [](void* user) { ++*static_cast<int*>(user); };
  Model model;
  const Pipeline pipeline = make_pipeline(&model);
  std::vector<double> events = make_events(pipeline, 400);
  const int64_t n = static_cast<int64_t>(events.size()) / kY;
  int first = 0, second = 0, refused = 0;
  Solver solver;
  {
    const Problem problem = make_problem(pipeline, 0);
    const auto lend = [&](int* released) {
      return sagips_problem_borrow_events(problem, "data", events.data(), nullptr, n, kY, 0,
                                          released, count);
    };
    EXPECT_OK(lend(&first));
    EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(kOne), nullptr));
    EXPECT_OK(lend(&second));
    EXPECT_EQ(first, 0) << "the solver has them";
    EXPECT_OK(sagips_problem_set_events(problem, "data", events.data(), nullptr, n, kY, 0));
    EXPECT_EQ(second, 1) << "nobody has them";
    events[0] = std::numeric_limits<double>::infinity();
    EXPECT_FAILS(lend(&refused), SAGIPS_ERROR_DATA);
  }
  EXPECT_EQ(first, 0);
  EXPECT_OK(sagips_solver_destroy(solver.out()));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  EXPECT_EQ(refused, 0) << "what was not taken is not released";
}

int32_t all_zero(void*, sagips_batch* b) {
  std::fill_n(b->outputs, b->n_rows * b->n_events * b->n_outputs, 0.0);
  std::fill_n(b->auxiliary, b->n_rows * b->n_auxiliary, 0.0);
  return 0;
}

TEST(Lifetime, AnotherForwardModelTakesAwayWhatBelongedToTheFirst) {
  Model model, other;
  const Stage stage = make_source(&model);
  const auto route = [&] {
    Pipeline pipeline;
    EXPECT_OK(sagips_pipeline_create(pipeline.out()));
    EXPECT_OK(sagips_pipeline_add(pipeline, stage));
    sagips_check_report report{};
    report.struct_size = sizeof(report);
    EXPECT_OK(sagips_pipeline_check(pipeline, kP, kLower, kUpper, 1, &report));
    return report.has_backward;
  };
  EXPECT_EQ(route(), 1);
  EXPECT_OK(sagips_stage_set_forward(stage, all_zero, &other, nullptr));
  EXPECT_EQ(model.destroyed, 1);
  EXPECT_EQ(route(), 0);
  EXPECT_EQ(model.destroyed, 1);
}

TEST(Lifetime, CopiedEventsMayBeOverwritten) {
  const Bits wanted = bits_by_epoch(9, kOne).back();
  Model model;
  const Pipeline pipeline = make_pipeline(&model);
  std::vector<double> events = make_events(pipeline, 400);
  EXPECT_EQ(train_on([&](sagips_problem* p) {
              EXPECT_OK(sagips_problem_set_events(p, "data", events.data(), nullptr, 400, kY, 0));
              std::fill(events.begin(), events.end(), -1e300);
            }),
            wanted);
}

TEST(Dlopen, TheLibraryMayBeOpenedAndClosedAgainAndAgain) {
  for (int i = 0; i < 20; ++i) {
    void* library = dlopen(SAGIPS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    const auto version =
        reinterpret_cast<decltype(&sagips_version)>(dlsym(library, "sagips_version"));
    ASSERT_NE(version, nullptr);
    EXPECT_EQ(version(), sagips_version());
    EXPECT_EQ(dlclose(library), 0);
  }
}

}  // namespace
}  // namespace capi
