// SPDX-License-Identifier: BSD-3-Clause
// A model that remembers something between its calls takes part in checkpoints: it goes on where it
// was, bit for bit, and everything that can go wrong with its two hooks is told and changes
// nothing.
#include <cfenv>
#include <cstring>
#include <random>
#include <sstream>
#include <stdexcept>

#include "testing.h"

namespace capi {
namespace {

/// y = shift + width (v - 1/2) with v from an engine of its own, that never starts anew.
struct Engine {
  std::mt19937_64 random{7};
  int64_t calls = 0;
  std::string more;  // bytes saved beside the engine's
  // What goes wrong.
  int32_t save_answer = 0, restore_answer = 0;
  size_t change_of_size = 0;  // at the second call of a save
  bool throws = false;
  // What happened.
  int64_t saves = 0, restores = 0;
  int rounding = -1;
  bool has_restored_bytes = false;

  std::string text() const {
    std::ostringstream out;
    out << random << ' ' << calls << ' ' << more;
    return out.str();
  }
};

int32_t forward(void* user, sagips_batch* b) {
  auto* engine = static_cast<Engine*>(user);
  // Data come from a fresh engine, so that asking for them leaves no trace.
  std::mt19937_64 fresh(b->row_key[0]);
  std::mt19937_64* random = b->training == 1 ? &engine->random : &fresh;
  engine->calls += b->training;
  for (int64_t i = 0; i < b->n_rows * b->n_events * kY; ++i) {
    const double* p = b->parameters + i / (b->n_events * kY) * kP;
    b->outputs[i] = p[0] + p[1] * (static_cast<double>((*random)() >> 11) * 0x1p-53 - 0.5);
  }
  return 0;
}

int32_t backward(void*, sagips_batch* b) {
  for (int64_t i = 0; i < b->n_rows * b->n_events * kY; ++i) {
    const int64_t row = i / (b->n_events * kY);
    const double* p = b->parameters + row * kP;
    b->grad_parameters[row * kP] += b->grad_outputs[i];
    b->grad_parameters[row * kP + 1] += b->grad_outputs[i] * (b->outputs[i] - p[0]) / p[1];
  }
  return 0;
}

int32_t save(void* user, void* buffer, size_t size, size_t* needed) {
  auto* engine = static_cast<Engine*>(user);
  ++engine->saves;
  engine->rounding = std::fegetround();
  if (engine->throws) throw std::runtime_error("no engine");
  const std::string text = engine->text();
  *needed = text.size() + (buffer == nullptr ? 0 : engine->change_of_size);
  if (buffer != nullptr) std::memcpy(buffer, text.data(), size < text.size() ? size : text.size());
  return engine->save_answer;
}

int32_t restore(void* user, const void* bytes, size_t size) {
  auto* engine = static_cast<Engine*>(user);
  ++engine->restores;
  engine->rounding = std::fegetround();
  if (engine->throws) throw std::runtime_error("no engine");
  if (engine->restore_answer != 0) return engine->restore_answer;
  std::istringstream in(std::string(static_cast<const char*>(bytes), size));
  in >> engine->random >> engine->calls;
  in.get();
  std::getline(in, engine->more, '\0');
  return 0;
}

int32_t save_nothing(void* user, void* buffer, size_t, size_t* needed) {
  ++static_cast<Engine*>(user)->saves;
  EXPECT_EQ(buffer, nullptr);
  *needed = 0;
  return 0;
}
int32_t restore_nothing(void* user, const void* bytes, size_t size) {
  auto* engine = static_cast<Engine*>(user);
  ++engine->restores;
  engine->has_restored_bytes = bytes == nullptr || size != 0;
  return 0;
}

struct Hooks {
  sagips_save_fn save = capi::save;
  sagips_restore_fn restore = capi::restore;
};
const Hooks kNone{nullptr, nullptr}, kEmpty{save_nothing, restore_nothing};

Problem make_problem_of(Engine* engine, const Hooks& hooks) {
  Stage stage;
  Pipeline pipeline;
  EXPECT_OK(sagips_stage_create(stage.out(), "engine"));
  EXPECT_OK(sagips_stage_set_shape(stage, 0, kY, 0, 0));
  EXPECT_OK(sagips_stage_set_forward(stage, forward, engine, nullptr));
  EXPECT_OK(sagips_stage_set_backward(stage, backward));
  EXPECT_OK(sagips_stage_set_state(stage, hooks.save, hooks.restore));
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  return make_problem(pipeline);
}

Solver make_solver_of(Engine* engine, const Hooks& hooks = {}, const Settings& settings = {}) {
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), make_problem_of(engine, hooks),
                                 make_options(settings), nullptr));
  return solver;
}

TEST(ModelState, ResumesBitForBitFromEveryEpoch) {
  constexpr int64_t kEpochs = 6;
  for (const Settings& settings : {Settings{}, Settings{{"ensemble.members", "2"}}}) {
    Engine engine;
    const Solver whole = make_solver_of(&engine, {}, settings);
    const Folder folder;
    for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
      EXPECT_OK(sagips_solver_save(whole, (folder / std::to_string(epoch)).c_str()));
      EXPECT_OK(sagips_solver_step(whole, 1, nullptr));
    }
    for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
      Engine other;
      other.random.seed(99);
      const Solver resumed = make_solver_of(&other, {}, settings);
      EXPECT_OK(sagips_solver_load(resumed, (folder / std::to_string(epoch)).c_str()));
      EXPECT_OK(sagips_solver_step(resumed, kEpochs - epoch, nullptr));
      EXPECT_EQ(bits_of(resumed), bits_of(whole)) << "from epoch " << epoch;
      EXPECT_TRUE(other.text() == engine.text());
    }
  }
}

TEST(ModelState, WithoutItsStateATrainingWouldGoAnotherWay) {  // or the test above could not fail
  Engine engine, other;
  const Solver whole = make_solver_of(&engine, kNone);
  const Folder folder;
  EXPECT_OK(sagips_solver_step(whole, 2, nullptr));
  EXPECT_OK(sagips_solver_save(whole, folder.path().c_str()));
  EXPECT_OK(sagips_solver_step(whole, 2, nullptr));
  const Solver resumed = make_solver_of(&other, kNone);
  EXPECT_OK(sagips_solver_load(resumed, folder.path().c_str()));
  EXPECT_OK(sagips_solver_step(resumed, 2, nullptr));
  EXPECT_NE(bits_of(resumed), bits_of(whole));
}

TEST(ModelState, MayBeEmptyOrLarge) {
  const Folder folder;
  Engine engine, other;
  EXPECT_OK(sagips_solver_save(make_solver_of(&engine, kEmpty), (folder / "empty").c_str()));
  EXPECT_OK(sagips_solver_load(make_solver_of(&other, kEmpty), (folder / "empty").c_str()));
  EXPECT_EQ(engine.saves, 1);
  EXPECT_EQ(other.restores, 1);
  EXPECT_FALSE(other.has_restored_bytes);

  engine.more.assign(size_t{3} << 20, 'x');
  engine.more += "end";
  EXPECT_OK(sagips_solver_save(make_solver_of(&engine), (folder / "large").c_str()));
  EXPECT_OK(sagips_solver_load(make_solver_of(&other), (folder / "large").c_str()));
  EXPECT_TRUE(other.text() == engine.text());
}

TEST(ModelState, HooksRunInTheHostsRounding) {
  const Folder folder;
  Engine engine;
  const Solver solver = make_solver_of(&engine);
  std::fesetround(FE_DOWNWARD);
  const sagips_status saved = sagips_solver_save(solver, folder.path().c_str());
  const int rounding = engine.rounding;
  const sagips_status loaded = sagips_solver_load(solver, folder.path().c_str());
  std::fesetround(FE_TONEAREST);
  EXPECT_OK(saved);
  EXPECT_OK(loaded);
  EXPECT_EQ(rounding, FE_DOWNWARD);
  EXPECT_EQ(engine.rounding, FE_DOWNWARD);
}

struct Failure {
  const char* name;
  void (*arrange)(Engine*);
  sagips_status status;
  const char* word;
};

TEST(ModelState, ASaveThatFailsWritesNothing) {
  const Failure failures[] = {
      {"answer", [](Engine* e) { e->save_answer = -3; }, SAGIPS_ERROR_CALLBACK, "-3"},
      {"positive answer", [](Engine* e) { e->save_answer = 2; }, SAGIPS_ERROR_CALLBACK, "2"},
      {"exception", [](Engine* e) { e->throws = true; }, SAGIPS_ERROR_EXCEPTION, "no engine"},
      {"grown", [](Engine* e) { e->change_of_size = 5; }, SAGIPS_ERROR_CALLBACK, "the same"},
      {"shrunk", [](Engine* e) { e->change_of_size = SIZE_MAX; }, SAGIPS_ERROR_CALLBACK, "bytes"}};
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.name);
    const Folder folder;
    Engine engine;
    const Solver solver = make_solver_of(&engine);
    const std::string target = folder / "none";
    failure.arrange(&engine);
    EXPECT_FAILS(sagips_solver_save(solver, target.c_str()), failure.status,
                 {"save hook", "'engine'", failure.word});
    EXPECT_EQ(std::fopen(target.c_str(), "r"), nullptr);
    engine = Engine();
    EXPECT_OK(sagips_solver_save(solver, target.c_str()));
  }
}

TEST(ModelState, ThatIsLargerThanAnyIsRefused) {
  const Folder folder;
  Engine engine;
  const Hooks hooks{[](void*, void*, size_t, size_t* needed) -> int32_t {
                      *needed = SIZE_MAX;
                      return 0;
                    },
                    restore_nothing};
  EXPECT_FAILS(sagips_solver_save(make_solver_of(&engine, hooks), folder.path().c_str()),
               SAGIPS_ERROR_RANGE, {"'engine'", "at most"});
}

TEST(ModelState, ARestoreThatRefusesLeavesTheSolver) {
  const Failure failures[] = {
      {"answer", [](Engine* e) { e->restore_answer = 4; }, SAGIPS_ERROR_CALLBACK, "4"},
      {"exception", [](Engine* e) { e->throws = true; }, SAGIPS_ERROR_EXCEPTION, "no engine"}};
  const Folder folder;
  Engine engine;
  const Solver solver = make_solver_of(&engine);
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  EXPECT_OK(sagips_solver_step(solver, 2, nullptr));
  const Bits before = bits_of(solver);
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.name);
    failure.arrange(&engine);
    EXPECT_FAILS(sagips_solver_load(solver, folder.path().c_str()), failure.status,
                 {"restore hook", "'engine'", failure.word});
    EXPECT_EQ(bits_of(solver), before);
    engine.restore_answer = 0;
    engine.throws = false;
  }
  EXPECT_OK(sagips_solver_load(solver, folder.path().c_str()));
  EXPECT_EQ(progress_of(solver).epoch, 0);
}

TEST(ModelState, OnOneSideOnlyIsAMismatch) {
  const Folder folder;
  Engine engine;
  const Solver with = make_solver_of(&engine), without = make_solver_of(&engine, kNone);
  EXPECT_OK(sagips_solver_save(with, (folder / "with").c_str()));
  EXPECT_OK(sagips_solver_save(without, (folder / "without").c_str()));
  EXPECT_FAILS(sagips_solver_load(without, (folder / "with").c_str()), SAGIPS_ERROR_MISMATCH,
               {"stage.0.0.state", "sagips_stage_set_state"});
  EXPECT_FAILS(sagips_solver_load(with, (folder / "without").c_str()), SAGIPS_ERROR_MISMATCH,
               {"no state", "'engine'", "'data'"});
  EXPECT_EQ(engine.restores, 0);
}

TEST(ModelState, IsSavedByTheStepThatSavesByItself) {
  const Folder folder;
  Engine engine, other;
  const Solver solver = make_solver_of(
      &engine, {}, {{"checkpoint.every", "2"}, {"checkpoint.folder", folder.path()}});
  EXPECT_OK(sagips_solver_step(solver, 2, nullptr));
  EXPECT_OK(sagips_solver_load(make_solver_of(&other), folder.path().c_str()));
  EXPECT_TRUE(other.text() == engine.text());
  engine.save_answer = 1;
  EXPECT_FAILS(sagips_solver_step(solver, 2, nullptr), SAGIPS_ERROR_CALLBACK, {"save hook"});
  EXPECT_EQ(progress_of(solver).epoch, 4);  // committed before it was to be saved
}

}  // namespace
}  // namespace capi
