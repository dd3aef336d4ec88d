// SPDX-License-Identifier: BSD-3-Clause
// The callables of a stage in sagips.hpp: set in any order, taken away again, kept as long as they
// are called, and a stage that the host serves, which needs none.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sagips.hpp"

namespace {

constexpr int64_t kEvents = 500;

/// The status that a call throws, SAGIPS_OK if it does not.
template <typename Call>
sagips_status thrown_by(const Call& call) {
  try {
    call();
  } catch (const sgp::Error& error) {
    return error.status();
  }
  return SAGIPS_OK;
}

/// y = 1 where u < p: a coin.
void toss(const sgp::Batch& batch) {
  for (int64_t row = 0; row < batch.n_rows(); ++row)
    for (int64_t event = 0; event < batch.n_events(); ++event)
      *batch.outputs(row, event) = *batch.uniforms(row, event) < *batch.parameters(row) ? 1 : 0;
}

sgp::Stage make_stage() {
  sgp::Stage stage("coin");
  stage.set_shape(0, 1, 0, 1);
  return stage;
}

/// Of which the log-probability is known.
void set_law(sgp::Stage& stage) {
  stage.set_log_probability([](const sgp::Batch& batch) {
    for (int64_t row = 0; row < batch.n_rows(); ++row)
      for (int64_t event = 0; event < batch.n_events(); ++event) {
        const double p = *batch.parameters(row);
        const bool is_head = *batch.outputs(row, event) > 0.5;
        batch.log_probability(row, event) = std::log(is_head ? p : 1 - p);
      }
  });
}

sgp::Pipeline pipeline_of(const sgp::Stage& stage) {
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  return pipeline;
}

/// A solver that trains this stage on events of a coin with p = 0.3.
sgp::Solver solver_of(const sgp::Stage& stage) {
  sgp::Stage coin = make_stage();
  coin.set_model(toss);
  sgp::Problem problem;
  problem.add_parameter("p", 0.1, 0.9).add_dataset("data", pipeline_of(stage));
  problem.set_events("data", pipeline_of(coin).generate({0.3}, kEvents, 1).values, 1);
  sgp::Options options;
  options.set("epochs", 10);
  return sgp::Solver(problem, options);
}

std::string route_of(const sgp::Stage& stage) { return solver_of(stage).gradient_route("data"); }

/// What a model remembers, and how it is asked for it.
struct Memory {
  std::string state = "of the first", last = "nothing";

  void set(sgp::Stage& stage) {
    stage.set_state([this] { return state; },
                    [this](const std::string& bytes) {
                      last = bytes;
                      if (bytes == "bad") throw std::runtime_error("no such state");
                    });
  }
  /// Whether a checkpoint of a solver of this stage carries the state.
  bool is_carried_by(const sgp::Stage& stage) {
    last = "nothing";
    sgp::Solver solver = solver_of(stage);
    go_through_checkpoint(solver);
    return last == state;
  }
  static void go_through_checkpoint(sgp::Solver& solver) {
    std::string folder = testing::TempDir() + "cpp_stage_XXXXXX";
    ASSERT_NE(mkdtemp(&folder[0]), nullptr);
    solver.save(folder);
    const sagips_status status = thrown_by([&] { solver.load(folder); });
    std::filesystem::remove_all(folder);
    sgp::check(status);
  }
};

TEST(CppStage, TellsItsLogProbability) {
  sgp::Stage stage = make_stage();
  stage.set_model(toss);
  set_law(stage);
  sgp::Solver solver = solver_of(stage);
  EXPECT_EQ(solver.gradient_route("data"), "score");
  EXPECT_EQ(solver.step(2).epoch, 2);
}

TEST(CppStage, TakesItsCallbacksInEveryOrder) {
  using Setter = void (*)(sgp::Stage&, Memory&);
  const std::vector<Setter> setters = {
      [](sgp::Stage& stage, Memory&) { stage.set_model(toss); },
      [](sgp::Stage& stage, Memory&) { set_law(stage); },
      [](sgp::Stage& stage, Memory& memory) { memory.set(stage); },
      [](sgp::Stage& stage, Memory&) { stage.set_external().set_external(false); }};
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    Memory memory;
    sgp::Stage stage = make_stage();
    for (const size_t i : order) setters[i](stage, memory);
    const std::string told = {char('0' + order[0]), char('0' + order[1]), char('0' + order[2])};
    EXPECT_EQ(route_of(stage), "score") << told;
    EXPECT_TRUE(memory.is_carried_by(stage)) << told;
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(CppStage, ANewModelKeepsLawAndState) {
  Memory memory;
  sgp::Stage stage = make_stage();
  stage.set_model(toss, [](const sgp::Batch&) {});
  set_law(stage);
  memory.set(stage);
  stage.set_model(toss);
  EXPECT_EQ(route_of(stage), "score");
  EXPECT_TRUE(memory.is_carried_by(stage));
}

TEST(CppStage, NullTakesACallbackAway) {
  Memory memory;
  sgp::Stage stage = make_stage();
  stage.set_model(toss, [](const sgp::Batch&) {});
  set_law(stage);
  memory.set(stage);
  stage.set_log_probability(nullptr);
  EXPECT_EQ(route_of(stage), "vjp");
  stage.set_model(toss, nullptr);
  EXPECT_EQ(route_of(stage), "objective differences");
  EXPECT_TRUE(memory.is_carried_by(stage));
  stage.set_state(nullptr, nullptr);
  EXPECT_FALSE(memory.is_carried_by(stage));
  stage.set_log_probability(std::function<void(const sgp::Batch&)>());
  EXPECT_EQ(route_of(stage), "objective differences");
}

TEST(CppStage, WhatCannotWorkIsRefusedAndChangesNothing) {
  Memory memory;
  sgp::Stage stage = make_stage();
  stage.set_model(toss);
  memory.set(stage);
  EXPECT_EQ(thrown_by([&] { stage.set_model(nullptr); }), SAGIPS_ERROR_NULL);
  EXPECT_NE(sgp::last_error().find("forward is NULL"), std::string::npos) << sgp::last_error();
  EXPECT_EQ(thrown_by([&] { stage.set_model(static_cast<void (*)(const sgp::Batch&)>(nullptr)); }),
            SAGIPS_ERROR_NULL);
  EXPECT_EQ(thrown_by([&] { stage.set_state([] { return ""; }, nullptr); }), SAGIPS_ERROR_NULL);
  EXPECT_NE(sgp::last_error().find("restore is NULL"), std::string::npos) << sgp::last_error();
  EXPECT_EQ(thrown_by([&] { stage.set_state(nullptr, [](const std::string&) {}); }),
            SAGIPS_ERROR_NULL);
  EXPECT_EQ(pipeline_of(stage).generate({0.5}, kEvents, 1).values.size(), size_t{kEvents});
  EXPECT_TRUE(memory.is_carried_by(stage));
  EXPECT_EQ(thrown_by([] { pipeline_of(make_stage()); }), SAGIPS_ERROR_STATE);
}

TEST(CppStage, AModelsStateGoesThroughACheckpoint) {
  Memory memory;
  sgp::Stage stage = make_stage();
  stage.set_model(toss);
  memory.set(stage);
  for (const char* state : {"of the first", "", "\xff another"}) {
    memory.state = state;
    EXPECT_TRUE(memory.is_carried_by(stage)) << state;
  }
  memory.state = "bad";
  EXPECT_EQ(thrown_by([&] { memory.is_carried_by(stage); }), SAGIPS_ERROR_EXCEPTION);
  EXPECT_NE(sgp::last_error().find("no such state"), std::string::npos) << sgp::last_error();
}

TEST(CppStage, ACallableNeedNotCopy) {
  auto number = std::make_unique<double>(7);
  sgp::Stage stage = make_stage();
  stage.set_model([number = std::move(number)](const sgp::Batch& batch) {
    for (int64_t event = 0; event < batch.n_events(); ++event) *batch.outputs(0, event) = *number;
    return 0;
  });
  EXPECT_EQ(pipeline_of(stage).generate({1}, 3, 1).values, std::vector<double>(3, 7));
}

/// Serves tickets until the training is done.
void serve(sgp::Solver& solver) {
  for (sagips_batch ticket = solver.ask(); ticket.request != SAGIPS_DONE; ticket = solver.ask()) {
    const sgp::Batch batch(ticket);
    if (ticket.request == SAGIPS_FORWARD) toss(batch);
    if (ticket.request == SAGIPS_LOG_PROBABILITY)
      for (int64_t row = 0; row < batch.n_rows(); ++row)
        for (int64_t event = 0; event < batch.n_events(); ++event) {
          const double p = *batch.parameters(row);
          batch.log_probability(row, event) =
              std::log(*batch.outputs(row, event) > 0.5 ? p : 1 - p);
        }
    solver.tell(ticket.ticket);
  }
}

TEST(CppStage, AHostThatServesAllReadsItsMean) {
  sgp::Stage stage = make_stage();
  stage.set_external(true, false, true);
  sgp::Solver solver = solver_of(stage);
  EXPECT_EQ(solver.gradient_route("data"), "score");
  serve(solver);
  EXPECT_EQ(solver.progress().epoch, 10);
  EXPECT_EQ(thrown_by([&] { solver.estimate(); }), SAGIPS_ERROR_STATE);
  EXPECT_EQ(solver.estimate_mean(), solver.estimate_mean(0));
  EXPECT_GT(solver.estimate_mean()[0], 0.1);
  EXPECT_LT(solver.estimate_mean()[0], 0.9);
  EXPECT_EQ(thrown_by([&] { solver.estimate_mean(1); }), SAGIPS_ERROR_RANGE);

  stage.set_model(toss);
  set_law(stage);
  stage.set_external(false);
  sgp::Solver called_back = solver_of(stage);
  called_back.step(10);
  EXPECT_EQ(called_back.estimate_mean(), solver.estimate_mean()) << "other bits";
}

TEST(CppStage, TheHostSaysWhatItServes) {
  sgp::Stage stage = make_stage();
  EXPECT_EQ(route_of(stage.set_external()), "objective differences");
  EXPECT_EQ(route_of(stage.set_external(true, true)), "vjp");
  EXPECT_EQ(route_of(stage.set_external(true, true, true)), "score");
}

TEST(CppStage, ALogProbabilityNeedsAModelToTravelWith) {
  sgp::Stage stage = make_stage();
  stage.set_external(true, false, true);
  set_law(stage);
  EXPECT_EQ(thrown_by([&] { pipeline_of(stage); }), SAGIPS_ERROR_STATE);
  stage.set_model(toss);
  EXPECT_EQ(thrown_by([&] { pipeline_of(stage); }), SAGIPS_OK);
}

TEST(CppStage, AStateNeedsAModelToTravelWith) {
  Memory memory;
  sgp::Stage stage = make_stage();
  stage.set_external();
  memory.set(stage);
  EXPECT_EQ(thrown_by([&] { pipeline_of(stage); }), SAGIPS_ERROR_STATE);
  EXPECT_NE(sgp::last_error().find("has a state or a log-probability but no forward"),
            std::string::npos)
      << sgp::last_error();
  stage.set_model([](const sgp::Batch&) { throw std::logic_error("the host serves this"); });
  EXPECT_TRUE(memory.is_carried_by(stage));
  stage = make_stage();
  stage.set_external();
  memory.set(stage);
  stage.set_state(nullptr, nullptr);
  EXPECT_EQ(thrown_by([&] { pipeline_of(stage); }), SAGIPS_OK);
}

/// A coin, doubled, and shifted by a smooth stage that no parameter and no input moves.
sgp::Solver make_unmoved(bool is_external, int64_t* calls) {
  const auto count = [calls](const sgp::Batch& batch) {
    EXPECT_GT(batch.n_rows(), 0);
    EXPECT_NE(batch.get().inputs, nullptr);
    ++*calls;
    for (int64_t row = 0; row < batch.n_rows(); ++row)
      for (int64_t event = 0; event < batch.n_events(); ++event)
        *batch.outputs(row, event) = 2 * *batch.inputs(row, event);
  };
  sgp::Stage coin = make_stage(), last("unmoved");
  coin.set_model(toss);
  last.set_shape(1, 1, 0, 0).set_parameters({}).set_flag(SAGIPS_SMOOTH).set_model(count);
  last.set_external(is_external);
  sgp::Pipeline pipeline;
  pipeline.add(coin).add(last);
  sgp::Problem problem;
  problem.add_parameter("p", 0.1, 0.9).add_dataset("data", pipeline);
  problem.set_events("data", pipeline.generate({0.3}, kEvents, 1).values, 1);
  return sgp::Solver(problem);
}

TEST(CppStage, IsNotCalledForNothing) {
  int64_t calls = 0;
  sgp::Solver solver = make_unmoved(false, &calls);
  EXPECT_EQ(solver.gradient_route("data"), "objective differences + event differences");
  EXPECT_EQ(solver.step(2).epoch, 2);
  EXPECT_GT(calls, 0);
  sgp::Solver asked = make_unmoved(true, &calls);
  for (int64_t i = 0; i < 20; ++i) {
    const sagips_batch ticket = asked.ask();
    ASSERT_NE(ticket.ticket, 0u);
    EXPECT_GT(ticket.n_rows, 0);
    const int64_t n = ticket.n_rows * ticket.n_events;
    for (int64_t k = 0; k < n; ++k) ticket.outputs[k] = 2 * ticket.inputs[k];
    asked.tell(ticket.ticket);
  }
  EXPECT_GT(asked.progress().epoch, 2);
}

}  // namespace
