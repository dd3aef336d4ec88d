// SPDX-License-Identifier: BSD-3-Clause
// Nothing of the host is touched by any function: signals, locale, floating-point environment,
// threads, descriptors, folder, umask, environment, standard output. And nothing of it changes a
// bit.
#include <fcntl.h>
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <chrono>
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <thread>

#include "world.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace capi {
namespace {

int64_t count_entries(const char* folder) {
  const std::filesystem::directory_iterator entries(folder);
  return std::distance(begin(entries), end(entries));
}

/// What a host may have set, as text.
struct Snapshot {
  std::map<std::string, std::string> items;

  static Snapshot take() {
    Snapshot s;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (int i = 1; i < NSIG; ++i) {
      struct sigaction action {};
      if (sigaction(i, nullptr, &action) != 0) continue;
      s.add("signal " + std::to_string(i), reinterpret_cast<uintptr_t>(action.sa_handler));
      s.add("flags of signal " + std::to_string(i), action.sa_flags);
      s.add("mask of signal " + std::to_string(i), sigismember(&mask, i));
    }
    s.items["locale"] = setlocale(LC_ALL, nullptr);
    s.add("thread locale", reinterpret_cast<uintptr_t>(uselocale(nullptr)));
    s.add("rounding", fegetround());
    s.add("exceptions raised", fetestexcept(FE_ALL_EXCEPT));
    s.add("exceptions unmasked", fegetexcept());
    s.add("MXCSR", _mm_getcsr());
    s.add("threads", count_entries("/proc/self/task"));
    s.add("descriptors", count_entries("/proc/self/fd"));
    s.items["folder"] = std::filesystem::current_path();
    const mode_t mode = umask(0);
    umask(mode);
    s.add("umask", mode);
    for (char** variable = environ; *variable != nullptr; ++variable)
      s.items["environment"] += *variable;
    return s;
  }

  void expect_same(const Snapshot& now) const {
    for (const auto& [name, value] : items) EXPECT_EQ(now.items.at(name), value) << name;
  }

 private:
  template <typename T>
  void add(const std::string& name, T value) {
    items[name] = std::to_string(value);
  }
};

/// Floating-point environments of a host, set for the life of the object.
class HostFloats {
 public:
  HostFloats(int rounding, unsigned extra_mxcsr, int raised) {
    fegetenv(&before_);
    fesetround(rounding);
    _mm_setcsr(_mm_getcsr() | extra_mxcsr);
    feraiseexcept(raised);
  }
  ~HostFloats() { fesetenv(&before_); }

 private:
  fenv_t before_;
};
constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;

TEST(Neutrality, NoFunctionChangesAnythingOfTheHost) {
  World world;
  for (const Call& call : all_calls()) {
    SCOPED_TRACE(call.name);
    const Snapshot before = Snapshot::take();
    EXPECT_OK(call.run(&world));
    before.expect_same(Snapshot::take());
  }
}

TEST(Neutrality, NoFunctionChangesAnUnusualFloatingPointEnvironment) {
  World world;
  const HostFloats floats(FE_UPWARD, kFlushToZero | kDenormalsAreZero, FE_DIVBYZERO);
  for (const Call& call : all_calls()) {
    SCOPED_TRACE(call.name);
    const Snapshot before = Snapshot::take();
    EXPECT_OK(call.run(&world));
    before.expect_same(Snapshot::take());
  }
}

TEST(Neutrality, AFailingCallLeavesTheHostAsItWas) {
  Model model;
  const Solver solver = make_solver(&model, {{"threads", "3"}});
  model.after = [](int32_t, sagips_batch*) -> int32_t { throw 1; };
  const HostFloats floats(FE_DOWNWARD, kFlushToZero, FE_INVALID);
  const Snapshot before = Snapshot::take();
  EXPECT_FAILS(sagips_solver_step(solver, 1, nullptr), SAGIPS_ERROR_EXCEPTION);
  EXPECT_FAILS(sagips_solver_load(solver, "/no/such"), SAGIPS_ERROR_IO);
  EXPECT_FAILS(sagips_solver_save(solver, "/dev/null/x"), SAGIPS_ERROR_IO);
  before.expect_same(Snapshot::take());
}

TEST(Neutrality, NothingIsWrittenToStandardOutputOrError) {
  World world;
  const Folder folder;
  const std::string path = folder / "output";
  fflush(nullptr);
  const int file = open(path.c_str(), O_CREAT | O_RDWR, 0600);
  const int out = dup(1), err = dup(2);
  dup2(file, 1);
  dup2(file, 2);
  std::vector<sagips_status> statuses;
  for (const Call& call : all_calls()) statuses.push_back(call.run(&world));
  world.model.after = [](int32_t, sagips_batch*) -> int32_t { throw std::runtime_error("oh"); };
  statuses.push_back(sagips_solver_step(world.solver, 1, nullptr) == SAGIPS_ERROR_EXCEPTION
                         ? SAGIPS_OK
                         : SAGIPS_ERROR_INTERNAL);
  fflush(nullptr);
  dup2(out, 1);
  dup2(err, 2);
  for (const int descriptor : {file, out, err}) close(descriptor);
  EXPECT_EQ(read_text(path), "");
  for (const sagips_status status : statuses) EXPECT_EQ(status, SAGIPS_OK);
}

// ----------------------------------------------------------------------------- the bits of a
// training

struct Result {
  Bits bits;
  std::vector<double> numbers;
};

/// Train, estimate, assess, and go through a checkpoint and TOML.
Result train(const std::string& threads = "1") {
  Model model;
  const Folder folder;
  const Problem problem = make_problem(make_pipeline(&model, true));
  const Options options =
      make_options({{"threads", threads}, {"generator.input", "noise"}, {"metrics.every", "0"}});
  std::string toml(1 << 16, '\0');
  EXPECT_OK(sagips_options_write_toml(options, toml.data(), toml.size(), nullptr));
  EXPECT_OK(sagips_options_read_toml(options, "seed = 5\nlift = { clip = 3.5 }\n"));
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), problem, options, nullptr));
  EXPECT_OK(sagips_solver_step(solver, 5, nullptr));
  EXPECT_OK(sagips_solver_save(solver, folder.path().c_str()));
  EXPECT_OK(sagips_solver_load(solver, folder.path().c_str()));
  EXPECT_OK(sagips_solver_step(solver, 5, nullptr));
  Result result{bits_of(solver), std::vector<double>(kP + kP * kP)};
  result.bits.bytes += toml.c_str();
  EXPECT_OK(
      sagips_solver_estimate(solver, 0, kP, result.numbers.data(), result.numbers.data() + kP));
  sagips_assessment assessment{};
  assessment.struct_size = sizeof(assessment);
  EXPECT_OK(sagips_solver_assess(solver, 0, nullptr, &assessment));
  result.numbers.push_back(assessment.auc);
  return result;
}

// Callbacks compute in the host's environment, so this one notes it and sets the default for its
// work.
int32_t exact_model(void* user, sagips_batch* b) {
  auto* seen = static_cast<std::vector<unsigned>*>(user);
  seen->push_back(_mm_getcsr());
  const HostFloats floats(FE_TONEAREST, 0, 0);
  _mm_setcsr(0x1f80);
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const int64_t row = i / b->n_events;
    if (b->request == SAGIPS_FORWARD)
      b->outputs[i] = b->parameters[row] * b->uniforms[i];
    else
      b->grad_parameters[row] += b->grad_outputs[i] * b->uniforms[i];
  }
  return 0;
}

Bits train_exact(std::vector<unsigned>* seen, const Settings& changes = {}) {
  Stage stage;
  Pipeline pipeline;
  Problem problem;
  Solver solver;
  EXPECT_OK(sagips_stage_create(stage.out(), "exact"));
  EXPECT_OK(sagips_stage_set_shape(stage, 0, 1, 0, 1));
  EXPECT_OK(sagips_stage_set_forward(stage, exact_model, seen, nullptr));
  EXPECT_OK(sagips_stage_set_backward(stage, exact_model));
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, stage));
  const double truth = 1.25;
  std::vector<double> events(300);
  EXPECT_OK(
      sagips_pipeline_generate(pipeline, 1, &truth, 300, 5, 1, events.data(), nullptr, 0, nullptr));
  EXPECT_OK(sagips_problem_create(problem.out()));
  EXPECT_OK(sagips_problem_add_parameter(problem, "scale", 0.5, 2));
  EXPECT_OK(sagips_problem_add_dataset(problem, "data", pipeline));
  EXPECT_OK(sagips_problem_borrow_events(problem, "data", events.data(), nullptr, 300, 1, 0,
                                         nullptr, nullptr));
  EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(changes), nullptr));
  EXPECT_OK(sagips_solver_step(solver, 9, nullptr));
  double numbers[2];  // mean, variance; as bytes, since printing would round as the host asks
  EXPECT_OK(sagips_solver_estimate(solver, 0, 1, &numbers[0], &numbers[1]));
  Bits bits = bits_of(solver);
  bits.bytes.append(reinterpret_cast<const char*>(numbers), sizeof(numbers));
  return bits;
}

TEST(Neutrality, RoundingAndFlushingOfTheHostChangeNoBitAndCallbacksSeeThem) {
  std::vector<unsigned> plain, seen;
  const Bits wanted = train_exact(&plain);
  for (const char* threads : {"1", "3"}) {
    seen.clear();
    const HostFloats floats(FE_UPWARD, kFlushToZero | kDenormalsAreZero, 0);
    const unsigned host = _mm_getcsr();
    EXPECT_EQ(train_exact(&seen, {{"threads", threads}}), wanted);
    EXPECT_EQ(seen.size(), plain.size());
    for (const unsigned mxcsr : seen) EXPECT_EQ(mxcsr & ~0x3fU, host & ~0x3fU);
  }
}

// ------------------------------------------------------------------------------------------ locale

TEST(Neutrality, ALocaleWithADecimalCommaChangesNoBit) {
  const Folder folder;
  const Result wanted = train();
  const std::string command =
      "localedef -i de_DE -f UTF-8 '" + (folder / "de_DE.UTF-8") + "' > /dev/null 2>&1";
  const bool is_made = std::system(command.c_str()) == 0;
  setenv("LOCPATH", folder.path().c_str(), 1);
  if (!is_made || setlocale(LC_ALL, "de_DE.UTF-8") == nullptr)
    GTEST_SKIP() << "no locale with a decimal comma can be made here (localedef -i de_DE)";
  char half[8];
  snprintf(half, sizeof(half), "%.1f", 0.5);
  EXPECT_STREQ(half, "0,5");
  const Result got = train();
  EXPECT_STREQ(setlocale(LC_ALL, nullptr), "de_DE.UTF-8");
  setlocale(LC_ALL, "C");
  EXPECT_EQ(got.bits, wanted.bits);
  EXPECT_EQ(got.numbers, wanted.numbers);
}

// ------------------------------------------------------------------------------- callbacks,
// threads

TEST(Neutrality, ReportingCallbacksAndDestroyersSeeTheHostsEnvironment) {
  static std::vector<unsigned> seen;
  seen.clear();
  const HostFloats floats(FE_DOWNWARD, kFlushToZero, 0);
  const unsigned host = _mm_getcsr() & ~0x3fU;
  Stage stage;
  EXPECT_OK(sagips_stage_create(stage.out(), "none"));
  EXPECT_OK(sagips_stage_set_forward(
      stage, [](void*, sagips_batch*) { return 0; }, nullptr,
      [](void*) { seen.push_back(_mm_getcsr()); }));
  EXPECT_OK(sagips_stage_destroy(stage.out()));
  Model model;
  const Solver solver = make_solver(&model);
  EXPECT_OK(sagips_solver_set_progress_callback(
      solver, [](void*, const sagips_progress*) { return seen.push_back(_mm_getcsr()), 0; },
      nullptr));
  EXPECT_OK(sagips_solver_set_metrics_callback(
      solver, [](void*, const sagips_metrics*) { seen.push_back(_mm_getcsr()); }, nullptr));
  EXPECT_OK(sagips_solver_step(solver, 3, nullptr));
  EXPECT_EQ(seen.size(), 5U);
  for (const unsigned mxcsr : seen) EXPECT_EQ(mxcsr & ~0x3fU, host);
}

TEST(Neutrality, HelperThreadsAreGoneAfterTheCallAndTakeNoSignals) {
  const int64_t before = count_entries("/proc/self/task");
  train("4");
  // A thread that was joined can be listed for a moment longer.
  for (int tries = 0; tries < 2000 && count_entries("/proc/self/task") != before; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(count_entries("/proc/self/task"), before);
}

}  // namespace
}  // namespace capi
