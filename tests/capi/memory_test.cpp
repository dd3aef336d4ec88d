// SPDX-License-Identifier: BSD-3-Clause
// Out of memory at every allocation of every function: the N-th allocation of a call fails, for N =
// 1, 2, ... until the call succeeds. Each failure is SAGIPS_ERROR_MEMORY, leaves no handle behind
// and changes nothing. The operator new of this program is the one that the library uses.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "world.h"

namespace {

std::atomic<int64_t> left{0};              // allocations until one fails; 0: none fails
constexpr size_t kMost = size_t{1} << 28;  // no larger piece is given, whatever the machine has

void* allocate(size_t size) {
  const bool is_it = left.load() > 0 && left.fetch_sub(1) == 1;
  void* p = is_it || size > kMost ? nullptr : std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(size_t size) { return allocate(size); }
void* operator new[](size_t size) { return allocate(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }

namespace capi {
namespace {

/// A solver of a model that remembers one number.
Solver make_stateful(Model* model) {
  const Stage stage = make_source(model);
  EXPECT_OK(sagips_stage_set_state(
      stage,
      [](void* user, void* buffer, size_t size, size_t* needed) -> int32_t {
        *needed = sizeof(int64_t);
        if (buffer != nullptr) std::memcpy(buffer, &static_cast<Model*>(user)->calls, size);
        return 0;
      },
      [](void*, const void*, size_t size) -> int32_t { return size == sizeof(int64_t) ? 0 : 1; }));
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), make_problem(pipeline), make_options(), nullptr));
  return solver;
}

/// What the calls below work on; nothing of it allocates during a call.
struct Things : World {
  std::string config = folder / "options.toml", saved = folder / "saved",
              target = folder / "target", saved_state = folder / "saved state",
              saved_tickets = folder / "tickets";
  const std::string toml = "preset = \"paper\"\nepochs = 12\n[generator]\nhidden = \"3,3\"\n";
  Model other_model;
  Solver threaded = make_solver(&other_model, {{"threads", "3"}, {"events", "700"}});
  Solver pullback = make_solver(&other_model, {{"metric.kind", "pullback"}}, true, Route::kSmooth);
  Solver differences = make_solver(&other_model, {}, true, Route::kPlain);
  Solver ensemble = make_solver(&other_model, {{"ensemble.members", "2"}});
  Solver stateful = make_stateful(&other_model);
  Stage bare;
  Pipeline empty;
  Problem blank;
  Problem growing = make_problem(pipeline, 0), grown = make_problem(pipeline, 500);
  int64_t n_added = 0;
  double number[4096] = {};
  float weight[64] = {};
  char text[1 << 15] = {};
  int32_t released = 0;
  // Handles that calls create.
  Options new_options;
  Stage new_stage;
  Pipeline new_pipeline;
  Problem new_problem;
  Comm new_comm;
  Solver new_solver;

  Things() {
    write_text(config, toml);
    EXPECT_OK(sagips_solver_save(solver, saved.c_str()));
    EXPECT_OK(sagips_solver_save(stateful, saved_state.c_str()));
    EXPECT_OK(sagips_solver_ask(asked, &batch));
    EXPECT_OK(sagips_solver_save(asked, saved_tickets.c_str()));
    EXPECT_OK(sagips_solver_load(asked, saved.c_str()));
    EXPECT_OK(sagips_stage_create(bare.out(), "bare"));
    EXPECT_OK(sagips_pipeline_create(empty.out()));
    EXPECT_OK(sagips_problem_create(blank.out()));
  }
  bool has_new_handle() const {
    return new_options || new_stage || new_pipeline || new_problem || new_comm || new_solver;
  }
};

const char* const kLongName = "a name that is too long for any small string optimisation to keep";

struct Row {
  const char* name;
  sagips_status (*run)(Things*);
};
using T = Things*;
const std::vector<Row> kRows{
    {"OptionsCreate", [](T t) { return sagips_options_create(t->new_options.out()); }},
    {"OptionsPreset", [](T t) { return sagips_options_preset(t->options, "paper"); }},
    {"OptionsSet",
     [](T t) { return sagips_options_set(t->options, "generator.hidden", "12,13,14,15,16,17"); }},
    {"OptionsSetUnknown",
     [](T t) {
       const sagips_status status = sagips_options_set(t->options, "generator.hiden", "1");
       return status == SAGIPS_ERROR_OPTION ? SAGIPS_OK : status;
     }},
    {"OptionsGet",
     [](T t) {
       return sagips_options_get(t->options, "generator.kind", t->text, sizeof(t->text), nullptr);
     }},
    {"OptionsReadToml", [](T t) { return sagips_options_read_toml(t->options, t->toml.c_str()); }},
    {"OptionsLoadToml",
     [](T t) { return sagips_options_load_toml(t->options, t->config.c_str()); }},
    {"OptionsWriteToml",
     [](T t) { return sagips_options_write_toml(t->options, t->text, sizeof(t->text), nullptr); }},
    {"StageCreate", [](T t) { return sagips_stage_create(t->new_stage.out(), kLongName); }},
    {"StageSetParameters",
     [](T t) {
       const int32_t columns[5] = {4, 3, 2, 1, 0};
       return sagips_stage_set_parameters(t->bare, 5, columns);
     }},
    {"StageSetForward",
     [](T t) {
       return sagips_stage_set_forward(
           t->bare, [](void*, sagips_batch*) { return 0; }, &t->released,
           [](void* released) { ++*static_cast<int32_t*>(released); });
     }},
    {"PipelineCreate", [](T t) { return sagips_pipeline_create(t->new_pipeline.out()); }},
    {"PipelineAdd", [](T t) { return sagips_pipeline_add(t->empty, t->stage); }},
    {"PipelineAddBuiltin",
     [](T t) {
       return sagips_pipeline_add_builtin(t->empty, "proxy1d", "parameters=5,4,3,2,1,0");
     }},
    {"PipelineAddBackground",
     [](T t) {
       const double sample[4] = {0.1, 0.2, 0.3, 0.4}, weights[2] = {1, 2};
       return sagips_pipeline_add_background(t->pipeline, "fraction=0.1", sample, weights, 2, 2);
     }},
    {"PipelineGenerate",
     [](T t) {
       return sagips_pipeline_generate(t->pipeline, kP, kTruth, 9, 1, kY, t->number, nullptr, 0,
                                       nullptr);
     }},
    {"PipelineGenerateSkipped",
     [](T t) {
       t->model.acts_always = true;
       t->model.after = [](int32_t, sagips_batch*) { return 1; };
       const sagips_status status = sagips_pipeline_generate(t->pipeline, kP, kTruth, 9, 1, kY,
                                                             t->number, nullptr, 0, nullptr);
       t->model.after = nullptr;
       return status == SAGIPS_ERROR_CALLBACK ? SAGIPS_OK : status;
     }},
    {"ProblemCreate", [](T t) { return sagips_problem_create(t->new_problem.out()); }},
    {"ProblemAddParameter",
     [](T t) { return sagips_problem_add_parameter(t->blank, kLongName, 0, 1); }},
    {"ProblemSetUnit", [](T t) { return sagips_problem_set_unit(t->problem, "shift", kLongName); }},
    {"ProblemAddDataset",
     [](T t) { return sagips_problem_add_dataset(t->blank, kLongName, t->pipeline); }},
    {"ProblemSetEvents",
     [](T t) {
       return sagips_problem_set_events(t->problem, "data", t->events.data(), t->events.data() + 1,
                                        10, kY, 0);
     }},
    {"ProblemSetEventsFloat",
     [](T t) {
       return sagips_problem_borrow_events_float(t->problem, "data", t->float_events.data(),
                                                 nullptr, 20, kY, 0, nullptr, nullptr);
     }},
    {"ProblemAddEvents",
     [](T t) {
       int64_t numbers[5], n = -1;
       for (int64_t i = 0; i < 5; ++i) numbers[i] = 7 * (t->n_added + i);
       const sagips_status status = sagips_problem_add_events(t->growing, "data", t->events.data(),
                                                              nullptr, numbers, 5, kY, 0);
       if (status == SAGIPS_OK) t->n_added += 5;
       EXPECT_OK(sagips_problem_event_count(t->growing, "data", &n));
       EXPECT_EQ(n, t->n_added) << "a call that failed has added events";
       return status;
     }},
    {"SolverUpdateEvents", [](T t) { return sagips_solver_update_events(t->solver, t->grown); }},
    {"ProblemSetAuxiliary",
     [](T t) {
       return sagips_problem_set_auxiliary(t->problem, "data", 0, 1, 1, SAGIPS_UPPER_LIMIT);
     }},
    {"CommCreate", [](T t) { return sagips_comm_create_serial(t->new_comm.out()); }},
    {"SolverCreate",
     [](T t) {
       return sagips_solver_create(t->new_solver.out(), t->problem, t->options, nullptr);
     }},
    {"SolverAsk", [](T t) { return sagips_solver_ask(t->asked, &t->batch); }},
    {"SolverAskAndTell",
     [](T t) {
       sagips_status status = sagips_solver_ask(t->asked, &t->batch);
       if (status == SAGIPS_OK) {
         run_stage(&t->model, kSource, &t->batch);
         status = sagips_solver_tell(t->asked, t->batch.ticket, 0, nullptr);
       }
       return status;
     }},
    {"SolverLoadTickets",
     [](T t) {
       uint64_t ticket = 0;
       int64_t n = 0;
       sagips_status status = sagips_solver_load(t->asked, t->saved_tickets.c_str());
       if (status == SAGIPS_OK) status = sagips_solver_tickets(t->asked, 1, &ticket, &n);
       if (status == SAGIPS_OK && (n != 1 || ticket != 1)) status = SAGIPS_ERROR_INTERNAL;
       if (status == SAGIPS_OK) status = sagips_solver_ticket(t->asked, 1, &t->batch);
       return status;
     }},
    {"SolverPredict", [](T t) { return sagips_solver_predict(t->solver, 0, 7, kP, t->number); }},
    {"SolverEstimate",
     [](T t) { return sagips_solver_estimate(t->solver, 0, kP, t->number, t->number + kP); }},
    {"SolverAssess",
     [](T t) { return sagips_solver_assess(t->solver, 0, nullptr, &t->assessment); }},
    {"SolverSave", [](T t) { return sagips_solver_save(t->solver, t->target.c_str()); }},
    {"SolverLoad", [](T t) { return sagips_solver_load(t->solver, t->saved.c_str()); }},
    {"SolverSaveState", [](T t) { return sagips_solver_save(t->stateful, t->target.c_str()); }},
    {"SolverLoadState",
     [](T t) { return sagips_solver_load(t->stateful, t->saved_state.c_str()); }},
    {"SolverOptions",
     [](T t) { return sagips_solver_options(t->solver, t->text, sizeof(t->text), nullptr); }},
    {"SolverGradientRoute",
     [](T t) {
       return sagips_solver_gradient_route(t->differences, "data", t->text, sizeof(t->text),
                                           nullptr);
     }},
};

/// Run with the N-th allocation failing, N = 1, 2, ..., until no allocation failed.
/// @param after called after each failure
template <typename Run, typename After>
int64_t fail_every_allocation(const Run& run, const After& after) {
  constexpr int64_t kLimit = 200000;
  for (int64_t n = 1; n < kLimit; ++n) {
    left = n;
    const sagips_status status = run();
    const bool has_failed = left.exchange(0) <= 0;
    if (!has_failed) {
      EXPECT_OK(status);
      return n - 1;
    }
    if (status == SAGIPS_OK) continue;  // done without: a smaller buffer, one thread less
    EXPECT_EQ(sagips_status_name(status), std::string("SAGIPS_ERROR_MEMORY"))
        << "allocation " << n << ": " << sagips_last_error();
    if (!after(n)) return n;
  }
  ADD_FAILURE() << "more than " << kLimit << " allocations";
  return kLimit;
}

class Memory : public ::testing::TestWithParam<size_t> {};

TEST_P(Memory, MayEndAtEveryAllocation) {
  const Row& row = kRows[GetParam()];
  Things things;
  const Bits before = bits_of(things.solver);
  fail_every_allocation([&] { return row.run(&things); },
                        [&](int64_t n) {
                          EXPECT_FALSE(things.has_new_handle()) << "allocation " << n;
                          EXPECT_EQ(things.released, 0) << "allocation " << n << ": a call that "
                                                        << "failed has released the user pointer";
                          return !HasFailure();
                        });
  EXPECT_EQ(bits_of(things.solver), before);
  things.expect_works();
}
INSTANTIATE_TEST_SUITE_P(Functions, Memory, ::testing::Range(size_t{0}, kRows.size()),
                         [](const auto& row) { return kRows[row.param].name; });

class MemoryOfASolver : public ::testing::TestWithParam<int> {};

TEST_P(MemoryOfASolver, MayEndAtEveryAllocationOfAnEpoch) {
  Things things;
  const int which = GetParam();
  const Solver& solver = which == 0   ? things.solver
                         : which == 1 ? things.threaded
                         : which == 2 ? things.pullback
                         : which == 3 ? things.differences
                                      : things.ensemble;
  const std::vector<Bits> wanted =
      which == 0   ? bits_by_epoch(12)
      : which == 1 ? bits_by_epoch(12, {{"events", "700"}})
      : which == 2 ? bits_by_epoch(12, {{"metric.kind", "pullback"}}, true, Route::kSmooth)
      : which == 3 ? bits_by_epoch(12, {}, true, Route::kPlain)
                   : bits_by_epoch(12, {{"ensemble.members", "2"}});
  int64_t epoch = 0;
  const int64_t allocations = fail_every_allocation(
      [&] { return sagips_solver_step(solver, 1, nullptr); },
      [&](int64_t n) {
        const int64_t now =
            progress_of(solver).epoch;  // what comes after an epoch may fail as well
        EXPECT_GE(now, epoch);          // steps in between may have done without the memory
        epoch = now;
        EXPECT_EQ(bits_of(solver), wanted[static_cast<size_t>(epoch)]) << "allocation " << n;
        return !HasFailure() && epoch < 12;
      });
  EXPECT_GT(allocations, 10);
  EXPECT_OK(sagips_solver_step(solver, 12, nullptr));
  EXPECT_EQ(bits_of(solver), wanted.back());
}
std::string solver_name(const ::testing::TestParamInfo<int>& solver) {
  const char* const names[] = {"Vjp", "Threads", "PullbackMetric", "Differences", "Ensemble"};
  return names[solver.param];
}
INSTANTIATE_TEST_SUITE_P(Solvers, MemoryOfASolver, ::testing::Range(0, 5), solver_name);

/// Ask and tell up to the end of an epoch.
sagips_status train_by_tickets(Things* things) {
  sagips_progress progress{};
  progress.struct_size = sizeof(progress);
  sagips_status status = sagips_solver_progress(things->asked, &progress);
  const int64_t before = progress.epoch;
  while (status == SAGIPS_OK && progress.epoch == before) {
    status = sagips_solver_ask(things->asked, &things->batch);
    if (status != SAGIPS_OK || things->batch.ticket == 0) return status;
    run_stage(&things->model, kSource, &things->batch);
    status = sagips_solver_tell(things->asked, things->batch.ticket, 0, &progress);
  }
  return status;
}

TEST(MemoryOfTickets, MayEndAtEveryAllocationOfAnEpoch) {
  Things things;
  const std::vector<Bits> wanted = bits_by_epoch(12);
  int64_t epoch = 0;
  const int64_t allocations = fail_every_allocation(
      [&] { return train_by_tickets(&things); },
      [&](int64_t n) {
        epoch = progress_of(things.asked).epoch;
        EXPECT_EQ(bits_of(things.asked), wanted[static_cast<size_t>(epoch)]) << "allocation " << n;
        return !HasFailure() && epoch < 12;
      });
  EXPECT_GT(allocations, 10);
  while (!HasFailure() && progress_of(things.asked).epoch < 12)
    EXPECT_OK(train_by_tickets(&things));
  EXPECT_EQ(bits_of(things.asked), wanted.back());
}

// ------------------------------------------------------------------------------- sizes of 2^40 to
// 2^63

constexpr int64_t kQuarter = int64_t{1} << 62;  // times 4 columns it is 0 in 64 bits

::testing::AssertionResult is_refused(sagips_status status) {
  if (status == SAGIPS_ERROR_MEMORY || status == SAGIPS_ERROR_RANGE)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << sagips_status_name(status) << ": " << sagips_last_error();
}

TEST(Huge, CountsOfEventsWhoseProductsOverflowAreRefused) {
  Pipeline pipeline;
  Stage stage;
  Problem problem;
  EXPECT_OK(sagips_stage_create(stage.out(), "three"));
  EXPECT_OK(sagips_stage_set_shape(stage, 0, 3, 0, 0));
  EXPECT_OK(sagips_stage_set_forward(
      stage, [](void*, sagips_batch*) { return 0; }, nullptr, nullptr));
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  EXPECT_OK(sagips_problem_create(problem.out()));
  EXPECT_OK(sagips_problem_add_dataset(problem, "data", pipeline));
  const double events[6] = {1, 2, 3, 4, 5, 6};
  for (const int64_t n : {kQuarter, INT64_MAX, INT64_MAX / 3 + 1})
    EXPECT_TRUE(is_refused(sagips_problem_set_events(problem, "data", events, nullptr, n, 3, 0)))
        << n;
  for (const int64_t stride : {INT64_MAX, kQuarter})
    EXPECT_TRUE(
        is_refused(sagips_problem_set_events(problem, "data", events, nullptr, 2, 3, stride)))
        << stride;
}

TEST(Huge, BorrowedEventsThatNoAddressSpaceHoldsAreRefused) {
  Model model;
  const Problem problem = make_problem(make_pipeline(&model), 0);
  const double events[4] = {1, 2, 3, 4};
  EXPECT_TRUE(is_refused(sagips_problem_borrow_events(problem, "data", events, nullptr, kQuarter,
                                                      kY, 0, nullptr, nullptr)));
}

TEST(Huge, NumbersOfPredictionsAreRefused) {
  Model model;
  const Solver solver = make_solver(&model);
  double row[kP];
  // 2^64 / 6 + 1: with six columns of noise it wraps around to 2.
  for (const int64_t n : {INT64_MAX, kQuarter, int64_t{3074457345618258603}, int64_t{1} << 40})
    EXPECT_TRUE(is_refused(sagips_solver_predict(solver, 0, n, kP, row))) << n;
  EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
}

TEST(Huge, NumbersOfGeneratedEventsAreRefused) {
  Model model;
  const Pipeline pipeline = make_pipeline(&model);
  std::vector<double> events(kY * 5000);
  EXPECT_TRUE(is_refused(sagips_pipeline_generate(pipeline, kP, kTruth, INT64_MAX, 1, kY,
                                                  events.data(), nullptr, 0, nullptr)));
}

class HugeBatch : public ::testing::TestWithParam<Settings> {};

TEST_P(HugeBatch, IsRefusedBeforeAnythingIsMade) {
  Model model;
  const Problem problem = make_problem(make_pipeline(&model));
  const int64_t calls = model.calls;  // making the events
  Solver solver;
  const sagips_status status =
      sagips_solver_create(solver.out(), problem, make_options(GetParam()), nullptr);
  EXPECT_TRUE(status == SAGIPS_ERROR_MEMORY || status == SAGIPS_ERROR_UNSUPPORTED) << status;
  EXPECT_NE(std::string(sagips_last_error()).find("rows"), std::string::npos)
      << sagips_last_error();
  EXPECT_EQ(static_cast<sagips_solver*>(solver), nullptr);
  EXPECT_EQ(model.calls, calls);
}
INSTANTIATE_TEST_SUITE_P(
    Sizes, HugeBatch,
    ::testing::Values(Settings{{"rows", "1099511627776"}}, Settings{{"events", "1099511627776"}},
                      Settings{{"rows", "1099511627776"}, {"events", "1099511627776"}},
                      Settings{{"events", "1099511627776"},
                               {"growth.factor", "1048576"},
                               {"growth.start", "0"},
                               {"growth.end", "0"}}));

}  // namespace
}  // namespace capi
