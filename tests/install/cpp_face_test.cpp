// SPDX-License-Identifier: BSD-3-Clause
// What sagips.hpp adds to sagips.h: owners that move and release, exceptions in both directions,
// callables as callbacks, vectors of the right size.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sagips.hpp"

namespace {

constexpr int64_t kEvents = 500;

/// One observable y = p u, without a vector-Jacobian product.
sgp::Pipeline make_pipeline() {
  sgp::Stage stage("line");
  stage.set_shape(0, 1, 0, 1).set_flag(SAGIPS_SMOOTH);
  stage.set_model([](const sgp::Batch& batch) {
    for (int64_t row = 0; row < batch.n_rows(); ++row)
      for (int64_t event = 0; event < batch.n_events(); ++event)
        *batch.outputs(row, event) = *batch.parameters(row) * *batch.uniforms(row, event);
  });
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  return pipeline;
}

sgp::Problem make_problem() {
  const sgp::Pipeline pipeline = make_pipeline();
  sgp::Problem problem;
  problem.add_parameter("p", 1, 3).add_dataset("data", pipeline);
  problem.set_events("data", pipeline.generate({2.0}, kEvents, 1).values, 1);
  return problem;
}

sgp::Solver make_solver() {
  sgp::Options options;
  options.set("epochs", 10).set("metrics.every", 2);
  return sgp::Solver(make_problem(), options);
}

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

/// The status of generating with a stage that calls `model`.
template <typename Model>
sagips_status generate_with(Model model) {
  sgp::Stage stage("model");
  stage.set_shape(0, 1, 0, 1).set_model(model);
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  return thrown_by([&] { pipeline.generate({1.0}, kEvents, 1); });
}

TEST(CppFace, AnErrorCarriesStatusTextAndName) {
  sgp::Options options;
  try {
    options.set("epoch", 10);
    FAIL() << "no exception";
  } catch (const sgp::Error& error) {
    EXPECT_EQ(error.status(), SAGIPS_ERROR_OPTION);
    EXPECT_STREQ(error.name(), "SAGIPS_ERROR_OPTION");
    EXPECT_STREQ(error.what(), sgp::last_error().c_str());
    EXPECT_NE(std::string(error.what()).find("epochs"), std::string::npos);
    EXPECT_NE(std::string(error.meaning()), "");
  }
}

TEST(CppFace, OptionsTakeEveryKindOfValue) {
  sgp::Options options;
  options.preset("paper").set("epochs", 7).set("generator.rate", 0.25f);
  options.set("generator.fresh_events", false).set("generator.hidden", "8,8");
  options.set("generator.input", std::string("point"));
  EXPECT_EQ(options.get_text("epochs"), "7");
  EXPECT_EQ(options.get_text("generator.rate"), "0.25");
  EXPECT_EQ(options.get_text("generator.fresh_events"), "false");
  EXPECT_EQ(options.get_text("generator.hidden"), "8,8");
  sgp::Options copy;
  copy.read_toml(options.write_toml());
  EXPECT_EQ(copy.write_toml(), options.write_toml());
  EXPECT_EQ(thrown_by([&] { copy.load_toml("/no/such/file"); }), SAGIPS_ERROR_IO);
  for (const sagips_option_info& info : sgp::Options::describe()) EXPECT_NE(info.key, nullptr);
}

TEST(CppFace, OptionsRefuseWhatTheyCannotHold) {
  sgp::Options options;
  options.set("seed", uint64_t{5});
  EXPECT_EQ(options.get_text("seed"), "5");
  const auto set = [&](const auto& value) {
    return thrown_by([&] { options.set("rows", value); });
  };
  EXPECT_EQ(set(UINT64_MAX), set("18446744073709551615")) << "not -1";
  EXPECT_NE(set(UINT64_MAX), SAGIPS_OK);
  EXPECT_EQ(set(~0ULL), set(UINT64_MAX));
  EXPECT_EQ(set(static_cast<const char*>(nullptr)), SAGIPS_ERROR_NULL);
  EXPECT_EQ(options.get_text("seed"), "5");
}

TEST(CppFace, AMoveReleasesWhatWasThereAndLeavesNothing) {
  const auto state = std::make_shared<int>(0);
  sgp::Stage stage("counter"), other("other");
  stage.set_model([state](const sgp::Batch&) {});
  EXPECT_EQ(state.use_count(), 2);
  stage = std::move(other);
  EXPECT_EQ(state.use_count(), 1) << "released with the stage, not with the other";
  EXPECT_EQ(other.get(), nullptr);
  EXPECT_EQ(thrown_by([&] { other.set_model([](const sgp::Batch&) {}); }), SAGIPS_ERROR_NULL);
  sgp::Stage& same = stage;
  stage = std::move(same);
  EXPECT_NE(stage.get(), nullptr) << "a stage that is moved to itself stays";
  stage.set_tape(1);
  sgp::Solver solver = make_solver(), second = make_solver();
  solver = std::move(second);
  EXPECT_EQ(second.get(), nullptr);
  EXPECT_EQ(thrown_by([&] { second.set_log_callback(nullptr); }), SAGIPS_ERROR_NULL);
  sgp::Solver& same_solver = solver;
  solver = std::move(same_solver);
  EXPECT_EQ(solver.step(1).epoch, 1);
}

TEST(CppFace, TheLastCopyOfAStageReleasesItsModel) {
  const auto state = std::make_shared<int>(0);
  sgp::Stage stage("counter");
  stage.set_model([state](const sgp::Batch&) { ++*state; });
  EXPECT_EQ(state.use_count(), 2);
  stage.set_model([state](const sgp::Batch&) {}, [state](const sgp::Batch&) {});
  EXPECT_EQ(state.use_count(), 3) << "a new model replaces the old one";
  stage.set_shape(0, 1, 0, 1);
  {
    sgp::Pipeline pipeline;
    pipeline.add(stage);
    stage = sgp::Stage("another");
    EXPECT_EQ(state.use_count(), 3) << "the pipeline has a copy";
    const sgp::Pipeline moved = std::move(pipeline);
    EXPECT_EQ(pipeline.get(), nullptr);
    EXPECT_EQ(state.use_count(), 3);
  }
  EXPECT_EQ(state.use_count(), 1);
}

TEST(CppFace, AnExceptionOfAModelComesBackAsAnError) {
  const auto model = [](const sgp::Batch&) { throw std::runtime_error("out of grid"); };
  EXPECT_EQ(generate_with(model), SAGIPS_ERROR_EXCEPTION);
  EXPECT_NE(sgp::last_error().find("out of grid"), std::string::npos) << sgp::last_error();
}

TEST(CppFace, AModelMayAnswer) {
  EXPECT_EQ(generate_with([](const sgp::Batch&) { return -1; }), SAGIPS_ERROR_CALLBACK);
  EXPECT_EQ(generate_with([](const sgp::Batch& batch) {
              for (int64_t event = 0; event < batch.n_events(); ++event)
                *batch.outputs(0, event) = batch.weight(0, event);
              return 0;
            }),
            SAGIPS_OK);
}

TEST(CppFace, AccessorsFindRowsAndEvents) {
  sgp::Stage stage("where");
  stage.set_shape(0, 2, 1, 3).set_tape(2).set_step(SAGIPS_CENTRAL, 0.01).set_parameters({1, 0});
  stage.set_model([](const sgp::Batch& batch) {
    const sagips_batch& c = batch.get();
    const int64_t row = batch.n_rows() - 1, event = batch.n_events() - 1;
    const int64_t i = row * c.n_events + event;
    EXPECT_EQ(batch.parameters(row), c.parameters + 2 * row);
    EXPECT_EQ(batch.uniforms(row, event), c.uniforms + 3 * i);
    EXPECT_EQ(batch.outputs(row, event), c.outputs + 2 * i);
    EXPECT_EQ(&batch.weight(row, event), c.weight + i);
    EXPECT_EQ(batch.auxiliary(row), c.auxiliary + row);
    EXPECT_EQ(batch.tape(row), c.tape + 2 * row);
    EXPECT_EQ(&batch.row_status(row), c.row_status + row);
    EXPECT_EQ(c.weight_in, nullptr);
    EXPECT_EQ(batch.weight_in(row, event), 1) << "no stage before the first has lost an event";
    EXPECT_EQ(batch.row_key(row), c.row_key[row]);
    EXPECT_EQ(batch.parameters(0)[0], 20) << "columns 1, 0";
    for (int64_t k = 0; k < 2 * (i + 1); ++k) c.outputs[k] = static_cast<double>(k);
    for (int64_t k = 0; k <= row; ++k) *batch.auxiliary(k) = 7;
  });
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  EXPECT_EQ(pipeline.shape().n_outputs, 2);
  EXPECT_EQ(pipeline.shape().n_auxiliary, 1);
  const auto events = pipeline.generate({10, 20}, 3, 1);
  EXPECT_EQ(events.values, (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(events.weights, std::vector<double>(3, 1.0));
  EXPECT_EQ(events.auxiliary, std::vector<double>(1, 7.0));
}

TEST(CppFace, AStageMayBeServedFromOutsideAndSeeNoParameters) {
  sgp::Stage stage("outside");
  stage.set_shape(0, 1, 0, 1).set_external().set_parameters({});
  stage.set_step(SAGIPS_SMOOTHED, 0).set_directions(4);
  sgp::Pipeline pipeline;
  pipeline.add(stage);
  EXPECT_EQ(pipeline.shape().n_outputs, 1);
  EXPECT_EQ(thrown_by([&] { stage.set_directions(0); }), SAGIPS_ERROR_RANGE);
}

TEST(CppFace, VectorsThatDoNotFitAreRefused) {
  const sgp::Pipeline pipeline = make_pipeline();
  sgp::Problem problem = make_problem();
  const std::vector<float> events = {1, 2, 3};
  const auto is_refused = [](const auto& call) {
    EXPECT_EQ(thrown_by(call), SAGIPS_ERROR_SHAPE);
    EXPECT_NE(sgp::last_error().find("elements (must have"), std::string::npos)
        << sgp::last_error();
  };
  is_refused([&] { pipeline.check_model({1, 1}, {2}, 1); });
  is_refused([&] { problem.set_events("data", events, 2); });
  is_refused([&] { problem.set_events("data", events, 1, {1.0f}); });
  problem.set_events("data", events, 1, {1.0f, 1.0f, 2.0f});
  EXPECT_EQ(thrown_by([&] { problem.set_events("data", events, 3); }), SAGIPS_ERROR_SHAPE);
  auto owner = std::make_shared<std::vector<float>>(events);
  problem.borrow_events("data", owner->data(), nullptr, 3, 1, 0, owner);
  EXPECT_EQ(owner.use_count(), 2) << "the problem keeps it";
  problem.set_events("data", events, 1);
  EXPECT_EQ(owner.use_count(), 1) << "and lets go";
  EXPECT_EQ(
      thrown_by([&] { problem.borrow_events("data", owner->data(), nullptr, 1, 3, 0, owner); }),
      SAGIPS_ERROR_SHAPE);
  EXPECT_EQ(owner.use_count(), 1) << "what was refused is not kept";
  EXPECT_EQ(pipeline.check_model({1}, {3}, 1).passed, 1);
}

TEST(CppFace, BuiltInsStandBehindAStage) {
  sgp::Pipeline pipeline = make_pipeline();
  pipeline.add_builtin("response", "matrix=1;2 offset=0,10");
  pipeline.add_background("fraction=0.5", {-1, -2, -3, -4}, 2, {0, 1});
  pipeline.add_builtin("select", "observables=1");
  const auto events = pipeline.generate({2}, 1000, 1).values;
  int64_t background = 0;
  for (const double y : events) {
    EXPECT_TRUE(y == -4 || (y > 10 && y < 14)) << y;
    background += y == -4;
  }
  EXPECT_NEAR(static_cast<double>(background), 500, 80);  // 5 sigma
  const auto add = [&](const std::vector<double>& sample, const std::vector<double>& weights) {
    pipeline.add_background("fraction=0.5", sample, 2, weights);
  };
  EXPECT_EQ(thrown_by([&] { add({1, 2, 3}, {}); }), SAGIPS_ERROR_SHAPE);
  EXPECT_EQ(thrown_by([&] { add({1, 2}, {1, 1}); }), SAGIPS_ERROR_SHAPE);
  EXPECT_EQ(thrown_by([&] { add({1, 2}, {}); }), SAGIPS_ERROR_SHAPE);
  EXPECT_EQ(thrown_by([&] { pipeline.add_builtin("kuma6"); }), SAGIPS_ERROR_SHAPE);
}

TEST(CppFace, CallbacksFollowASolverThatMoves) {
  sgp::Solver first = make_solver();
  int64_t epoch = 0, metrics_epoch = 0, bodies = 0;
  first.set_progress_callback([&](const sagips_progress& progress) {
    epoch = progress.epoch;
    return epoch < 3;
  });
  first.set_metrics_callback(
      [&](const sagips_metrics& metrics) { metrics_epoch = metrics.progress->epoch; });
  first.set_log_callback([](int32_t, const char*) {});
  first.set_parallel_for([&](int64_t n, const std::function<void(int64_t)>& body) {
    for (int64_t i = 0; i < n; ++i) body(i);
    bodies += n;
  });
  sgp::Solver solver = make_solver();
  solver = std::move(first);
  EXPECT_EQ(solver.step(10).stop_reason, SAGIPS_STOP_REQUESTED);
  EXPECT_EQ(epoch, 3);
  EXPECT_EQ(metrics_epoch, 2);
  EXPECT_GT(bodies, 0);
  solver.set_progress_callback(nullptr);
  solver.set_metrics_callback(nullptr);
  solver.set_log_callback(nullptr);
  solver.set_parallel_for(nullptr);
  solver.request_stop();
  EXPECT_EQ(solver.step(10).epoch, 3);
  EXPECT_EQ(solver.step(10).stop_reason, SAGIPS_STOP_HORIZON);
  EXPECT_EQ(epoch, 3);
  EXPECT_EQ(solver.condition(), SAGIPS_READY);
}

TEST(CppFace, ASolverFillsVectors) {
  sgp::Solver solver = make_solver();
  EXPECT_EQ(solver.shape().n_parameters, 1);
  EXPECT_EQ(solver.shape().n_members, 1);
  EXPECT_EQ(solver.gradient_route("data"), "event differences");
  EXPECT_NE(solver.options().find("epochs = 10"), std::string::npos);
  solver.step(5);
  EXPECT_EQ(solver.predict(4).size(), 4u);
  EXPECT_EQ(solver.predict(0, 4), solver.predict(4)) << "the only member is all of them";
  EXPECT_EQ(thrown_by([&] { solver.predict(1, 4); }), SAGIPS_ERROR_RANGE);
  EXPECT_EQ(solver.estimate().covariance.size(), 1u);
  EXPECT_EQ(solver.estimate_mean(), solver.estimate().mean);
  EXPECT_GT(solver.assess().n_held_out, 0);
  EXPECT_EQ(solver.assess("data").auc, solver.assess(0, "data").auc);
  EXPECT_EQ(thrown_by([&] { solver.assess("none"); }), SAGIPS_ERROR_NOT_FOUND);
  EXPECT_EQ(thrown_by([&] { solver.assess(1); }), SAGIPS_ERROR_RANGE);
  std::vector<float> weights = solver.get_weights(0, SAGIPS_DISCRIMINATOR, "data");
  EXPECT_EQ(solver.weight_count(SAGIPS_DISCRIMINATOR, "data"), weights.size());
  for (float& weight : weights) weight /= 2;
  solver.set_weights(0, SAGIPS_DISCRIMINATOR, "data", weights);
  EXPECT_EQ(solver.get_weights(0, SAGIPS_DISCRIMINATOR, "data"), weights);
  weights = solver.get_weights(0, SAGIPS_GENERATOR);
  weights[0] += 1;
  solver.set_weights(0, SAGIPS_GENERATOR, weights);
  EXPECT_EQ(solver.get_weights(0, SAGIPS_GENERATOR), weights);
  EXPECT_EQ(thrown_by([&] { solver.get_weights(0, SAGIPS_DISCRIMINATOR, "none"); }),
            SAGIPS_ERROR_NOT_FOUND);
}

TEST(CppFace, AnEnsembleAnswersAsAWholeAndMemberByMember) {
  sgp::Options options;
  options.set("epochs", 10).set("ensemble.members", 3);
  sgp::Solver solver(make_problem(), options);
  solver.step(10);
  EXPECT_EQ(solver.shape().n_members, 3);
  EXPECT_EQ(solver.dataset_name(0), "data");
  EXPECT_NE(solver.parameter_name(0), "");
  EXPECT_EQ(thrown_by([&] { solver.parameter_name(1); }), SAGIPS_ERROR_RANGE);
  const sgp::Solver::EstimateParts parts = solver.describe_estimate();
  ASSERT_EQ(parts.members.size(), 3u);
  EXPECT_EQ(parts.mean, solver.estimate().mean);
  EXPECT_EQ(parts.covariance, solver.estimate().covariance);
  for (int32_t k = 0; k < 3; ++k)
    EXPECT_EQ(parts.members[static_cast<size_t>(k)], solver.estimate(k).mean[0]);
  EXPECT_EQ(solver.describe_estimate(2).members, solver.estimate(2).mean);
  EXPECT_NE(solver.get_weights(0, SAGIPS_GENERATOR), solver.get_weights(1, SAGIPS_GENERATOR));
}

TEST(CppFace, ACheckpointGoesOnWithTheSameBits) {
  const std::string folder = testing::TempDir() + "cpp_face_test";
  sgp::Solver solver = make_solver(), other = make_solver();
  solver.step(4);
  solver.save(folder);
  solver.step(6);
  other.load(folder);
  EXPECT_EQ(other.progress().epoch, 4);
  other.step(6);
  EXPECT_EQ(other.estimate().mean, solver.estimate().mean);
  std::filesystem::remove_all(folder);
}

TEST(CppFace, ACommunicatorOfOneRank) {
  const sgp::Comm comm = sgp::Comm::serial();
  EXPECT_EQ(comm.shape().rank, 0);
  EXPECT_EQ(comm.shape().size, 1);
  sgp::Solver solver(make_problem(), sgp::Options(), comm);
  EXPECT_EQ(solver.progress().epoch, 0);
}

TEST(CppFace, TheVersionIsThatOfTheHeader) {
  EXPECT_EQ(sgp::version(),
            10000 * SAGIPS_VERSION_MAJOR + 100 * SAGIPS_VERSION_MINOR + SAGIPS_VERSION_PATCH);
  EXPECT_NE(std::string(sgp::version_string()), "");
  EXPECT_NE(std::string(sgp::build_info()), "");
}

}  // namespace
