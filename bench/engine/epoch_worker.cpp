// SPDX-License-Identifier: BSD-3-Clause
// A worker that trains proxy1d by the preset `paper`. "run SECONDS": epochs of a solver through the
// C ABI, as a user runs them. "phases SECONDS": the same epochs step by step, with a stopwatch on
// each call of the device and of the pipeline. Adam hides inside of an epoch; its share is that of
// the same two updates by themselves.

#include <stdexcept>

#include "capi/handles.h"
#include "engine/flops.h"
#include "engine/memory.h"
#include "engine/settings.h"
#include "engine/timed_device.h"
#include "solver/epoch.h"
#include "statistics.h"
#include "tool/closure.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;

constexpr int64_t kMeasuredEvents = 1000000;

struct EpochSettings {
  int64_t rows, events;
  int32_t threads;
  std::string device, simd;
};

sagips_tool::Options paper_options(const EpochSettings& s) {
  sagips_tool::Options options = sagips_tool::make_options("paper");
  const std::pair<const char*, std::string> changes[] = {{"rows", std::to_string(s.rows)},
                                                         {"events", std::to_string(s.events)},
                                                         {"threads", std::to_string(s.threads)},
                                                         {"device", s.device},
                                                         {"simd", s.simd},
                                                         {"epochs", "1000000000"}};
  for (const auto& [key, value] : changes) {
    check(sagips_options_set(options.get(), key, value.c_str()));
  }
  return options;
}

// What a solver's epoch is made of, in the open.
class OpenTraining {
 public:
  OpenTraining(const EpochSettings& s, const sagips::Problem& problem,
               const sagips::Options& options)
      : problem_(prepared(problem, sagips::choose_simd(s.simd))),
        parallel_(s.threads),
        device_(make_device(s.device, sagips::choose_simd(s.simd), &parallel_), &phases_),
        plan_(problem_, options),
        workspace_(plan_),
        state_(initial_state(plan_)),
        next_(state_) {}

  Phases epoch() {
    phases_.clear();
    const Stopwatch total;
    const double callbacks = workspace_.meter.seconds;
    sagips::Epoch epoch(plan_, &device_, &workspace_, state_, &next_);
    epoch.run();
    phases_["pipeline"] = workspace_.meter.seconds - callbacks;
    std::swap(state_, next_);
    const double whole = total.wall();
    phases_["Adam"] = adam();
    double known = 0;
    for (const auto& [name, seconds] : phases_) known += seconds;
    phases_["rest"] = whole - known;
    phases_["total"] = whole;
    return phases_;
  }

  double flops() const {
    return epoch_flops(plan_.generator.plan(), plan_.datasets[0].discriminator, plan_.rows,
                       plan_.events_per_row(0));
  }

 private:
  // As a solver takes it.
  static sagips::Problem prepared(sagips::Problem problem, sagips::Simd simd) {
    problem.seal();
    for (sagips::Dataset& dataset : problem.datasets) dataset.pipeline.use_simd(simd);
    return problem;
  }

  double adam() {
    const std::vector<float> by_generator(state_.generator.parameters.size(), 1e-3F);
    const std::vector<float> by_discriminator(state_.discriminators[0].parameters.size(), 1e-3F);
    const Stopwatch watch;
    plan_.generator_adam.update(state_.generator, by_generator, 1e-5, &next_.generator);
    plan_.discriminator_adam.update(state_.discriminators[0], by_discriminator, 1e-4,
                                    &next_.discriminators[0]);
    return watch.wall();
  }

  const sagips::Problem problem_;
  sagips::Parallel parallel_;
  Phases phases_;
  TimedDevice device_;
  sagips::TrainingPlan plan_;
  sagips::Workspace workspace_;
  sagips::TrainingState state_, next_;
};

Json run_epochs(sagips_solver* solver, double seconds, double before_mb) {
  std::vector<double> ms, cpu_ms;
  sagips_progress progress = sagips_tool::read_progress(solver);
  const Stopwatch watch;
  while (ms.empty() || watch.wall() < seconds) {
    const Stopwatch one;
    check(sagips_solver_step(solver, 1, &progress));
    ms.push_back(1e3 * one.wall());
    cpu_ms.push_back(1e3 * one.cpu());
  }
  return {{"ms", ms}, {"cpu_ms", cpu_ms}, {"rss_mb", peak_mb() - before_mb}};
}

// The median of each phase over epochs, in milliseconds.
Json run_phases(OpenTraining* training, double seconds) {
  std::map<std::string, std::vector<double>> all;
  training->epoch();  // buffers
  const Stopwatch watch;
  do {
    for (const auto& [name, taken] : training->epoch()) all[name].push_back(1e3 * taken);
  } while (watch.wall() < seconds);
  Json json;
  for (const auto& [name, taken] : all) json[name] = median(taken);
  return json;
}

}  // namespace

void serve_epoch(const std::vector<std::string>& words) {
  const EpochSettings s = {std::stoll(words.at(0)), std::stoll(words.at(1)),
                           static_cast<int32_t>(std::stol(words.at(2))), words.at(3), words.at(4)};
  const sagips_tool::ClosureSpec& spec = sagips_tool::closure_spec("proxy1d");
  const sagips_tool::Closure closure =
      sagips_tool::build_closure(spec, spec.truth, kMeasuredEvents, 1);
  const sagips_tool::Options options = paper_options(s);
  const sagips_tool::Solver solver = sagips_tool::make_solver(closure.problem.get(), options.get());
  reset_peak();
  const double before_mb = resident_mb();
  sagips_progress progress = sagips_tool::read_progress(solver.get());
  check(sagips_solver_step(solver.get(), 3, &progress));

  std::unique_ptr<OpenTraining> open;
  const auto open_training = [&]() -> OpenTraining* {
    if (!open) open = std::make_unique<OpenTraining>(s, closure.problem->value, options->value);
    return open.get();
  };
  serve({{"rss_before_mb", before_mb}}, [&](const std::vector<std::string>& line) -> Json {
    const double seconds = std::stod(line.at(1));
    if (line[0] == "run") return run_epochs(solver.get(), seconds, before_mb);
    if (line[0] == "phases") return run_phases(open_training(), seconds);
    if (line[0] == "flops") return {{"flops", open_training()->flops()}};
    throw std::invalid_argument("no worker knows \"" + line[0] + "\"");
  });
}

}  // namespace sagips_bench
