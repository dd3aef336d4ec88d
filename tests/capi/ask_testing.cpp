// SPDX-License-Identifier: BSD-3-Clause
#include "ask_testing.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace capi {
namespace {

constexpr int32_t kBuiltinP = 6;

/// Some law: that it is not the one of the draws does not matter here.
int32_t tell_law(sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double* p = b->parameters + i / b->n_events * kP;
    const double z = (b->outputs[i * kY] - p[0]) / p[1];
    b->log_probability[i] = -0.5 * z * z - std::log(p[1]) - b->outputs[i * kY + 1] / p[1];
  }
  return 0;
}

int32_t call_law(void*, sagips_batch* b) { return tell_law(b); }

Stage make_stage_alone(const Case& c, bool is_detector) {
  Stage stage;
  EXPECT_OK(sagips_stage_create(stage.out(), is_detector ? "detector" : "source"));
  EXPECT_OK(sagips_stage_set_shape(stage, is_detector ? kY : 0, kY, is_detector ? 0 : 1,
                                   is_detector ? 1 : 2));
  EXPECT_OK(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, c.route == Route::kSmooth ? 1 : 0));
  return stage;
}

Stage make_stage(const Case& c, bool is_detector, bool is_asked, By by, Model* model) {
  Stage stage = by == By::kTicketsAlone && is_asked ? make_stage_alone(c, is_detector)
                : is_detector                       ? make_detector(model, c.route)
                                                    : make_source(model, c.route);
  EXPECT_OK(sagips_stage_set_step(stage, c.scheme, 0));
  if (c.has_law && !is_detector && by != By::kTicketsAlone) {
    EXPECT_OK(sagips_stage_set_log_probability(stage, call_law));
  }
  if (by != By::kCallbacks && is_asked) {
    const int32_t has_law = c.has_law && !is_detector ? 1 : 0;
    EXPECT_OK(sagips_stage_set_external(stage, 1, c.route == Route::kVjp ? 1 : 0, has_law));
  }
  return stage;
}

Pipeline make_pipeline(const Case& c, By by, Model* model) {
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  if (c.has_builtins) {
    EXPECT_OK(sagips_pipeline_add_builtin(pipeline, "kuma6", nullptr));
    EXPECT_OK(sagips_pipeline_add(pipeline, make_stage(c, true, true, by, model)));
    EXPECT_OK(sagips_pipeline_add_builtin(pipeline, "smear", "sigma=0.01"));
    EXPECT_OK(sagips_pipeline_add(pipeline, make_stage(c, true, false, by, model)));
    return pipeline;
  }
  EXPECT_OK(sagips_pipeline_add(pipeline, make_stage(c, false, c.is_source_asked, by, model)));
  if (c.has_detector) {
    EXPECT_OK(sagips_pipeline_add(pipeline, make_stage(c, true, c.is_detector_asked, by, model)));
  }
  return pipeline;
}

Problem make_problem(const Case& c, By by, Model* model) {
  if (!c.has_builtins) {
    const Pipeline called = make_pipeline(c, By::kCallbacks, model);
    Problem problem = capi::make_problem(make_pipeline(c, by, model), 0);
    const std::vector<double> events = make_events(called, 200);
    const auto n = static_cast<int64_t>(events.size()) / kY;
    EXPECT_OK(sagips_problem_set_events(problem, "data", events.data(), nullptr, n, kY, 0));
    for (int32_t d = 1; d < c.n_datasets; ++d) {
      const std::string name = "more" + std::to_string(d);
      EXPECT_OK(sagips_problem_add_dataset(problem, name.c_str(), make_pipeline(c, by, model)));
      EXPECT_OK(sagips_problem_set_events(problem, name.c_str(), events.data() + kY * d, nullptr,
                                          n - d, kY, 0));
    }
    return problem;
  }
  Problem problem;
  EXPECT_OK(sagips_problem_create(problem.out()));
  for (int32_t p = 0; p < kBuiltinP; ++p)
    EXPECT_OK(sagips_problem_add_parameter(problem, ("p" + std::to_string(p)).c_str(), 0.5, 1.5));
  EXPECT_OK(sagips_problem_add_dataset(problem, "data", make_pipeline(c, by, model)));
  std::vector<double> events(kY * 200);
  const double truth[kBuiltinP] = {1, 1.1, 0.9, 1, 0.8, 1.2};
  EXPECT_OK(sagips_pipeline_generate(make_pipeline(c, By::kCallbacks, model), kBuiltinP, truth, 200,
                                     3, kY, events.data(), nullptr, 0, nullptr));
  EXPECT_OK(sagips_problem_set_events(problem, "data", events.data(), nullptr, 200, kY, 0));
  return problem;
}

}  // namespace

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

Solver make_solver(const Case& c, By by, Model* model) {
  Settings settings{{"epochs", "4"}, {"rows", "5"}, {"events", "6"}};
  settings.insert(settings.end(), c.settings.begin(), c.settings.end());
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), make_problem(c, by, model), make_options(settings),
                                 nullptr));
  return solver;
}

int32_t serve(Model* model, sagips_batch* batch) {
  if (batch->request == SAGIPS_LOG_PROBABILITY) return tell_law(batch);
  return run_stage(model, batch->n_inputs == 0 ? kSource : kDetector, batch);
}

sagips_batch ask(sagips_solver* solver) {
  sagips_batch batch{};
  batch.struct_size = sizeof(batch);
  EXPECT_OK(sagips_solver_ask(solver, &batch));
  return batch;
}

std::vector<uint64_t> tickets_of(sagips_solver* solver) {
  int64_t n = 0;
  EXPECT_OK(sagips_solver_tickets(solver, 0, nullptr, &n));
  std::vector<uint64_t> tickets(static_cast<size_t>(n));
  EXPECT_OK(sagips_solver_tickets(solver, n, tickets.data(), &n));
  return tickets;
}

void train_by_tickets(sagips_solver* solver, Model* model, int64_t most) {
  std::mt19937 random(7);
  const int64_t first = progress_of(solver).epoch;
  while (!::testing::Test::HasFailure()) {
    std::vector<sagips_batch> out;
    sagips_batch batch{};
    do {
      batch = ask(solver);
      if (batch.ticket != 0) out.push_back(batch);
    } while (batch.ticket != 0 && !::testing::Test::HasFailure());
    for (const uint64_t ticket : tickets_of(solver))  // those from before, too
      if (std::none_of(out.begin(), out.end(),
                       [&](const sagips_batch& b) { return b.ticket == ticket; })) {
        out.push_back(sagips_batch{});
        out.back().struct_size = sizeof(sagips_batch);
        EXPECT_OK(sagips_solver_ticket(solver, ticket, &out.back()));
      }
    EXPECT_EQ(out.empty(), batch.request == SAGIPS_DONE);
    if (out.empty()) return;
    std::shuffle(out.begin(), out.end(), random);
    for (sagips_batch& b : out) {
      const int32_t answer = serve(model, &b);
      const sagips_status status = sagips_solver_tell(solver, b.ticket, answer, nullptr);
      if (status == SAGIPS_ERROR_NOT_FOUND) continue;  // void since another one was skipped
      EXPECT_OK(status);
    }
    if (progress_of(solver).epoch - first >= most) return;
  }
}

void train(sagips_solver* solver, By by, Model* model) {
  if (by == By::kCallbacks)
    EXPECT_OK(sagips_solver_step(solver, 1000, nullptr));
  else
    train_by_tickets(solver, model);
}

Bits checkpoint_of(sagips_solver* solver) {
  const Folder folder;
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    return {read_text(entry.path() / "rank-0.safetensors")};
  ADD_FAILURE() << "no checkpoint";
  return {};
}

}  // namespace capi
