// SPDX-License-Identifier: BSD-3-Clause
// SAGIPS as a plug-in of a framework that owns the main program, the threads that read files, the
// life cycle of plug-ins, and the signals. It collects events, trains at the end of the job, and
// stops where the framework has been told to. The files are made up here. Usage: framework [seed]
//
//   configure -> begin_job -> event, event, ... (from all threads at once) -> end_job
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "sagips.hpp"

namespace {

// ---- the framework, as it is -------------------------------------------------------------------

struct Event {
  int64_t number;  // unique in the job
  std::vector<double> values;
};

class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual void configure(const std::map<std::string, std::string>& settings) = 0;
  virtual void begin_job() = 0;
  virtual void event(const Event& event) = 0;  // from several threads at once
  virtual void end_job() = 0;
};

volatile std::sig_atomic_t stop_was_asked_for = 0;
extern "C" void ask_for_stop(int) { stop_was_asked_for = 1; }

/// A thread for each file, each file a list of events.
void run_job(Plugin* plugin, const std::vector<std::vector<Event>>& files) {
  plugin->begin_job();
  std::vector<std::thread> readers;
  for (const std::vector<Event>& file : files)
    readers.emplace_back([&file, plugin] {
      for (const Event& event : file) plugin->event(event);
    });
  for (std::thread& reader : readers) reader.join();
  plugin->end_job();
}

// ---- the plug-in -------------------------------------------------------------------------------

const std::vector<std::string> kNames = {"s0", "a0", "b0", "s1", "a1", "b1"};
const std::vector<double> kTruth = {1.5, 1.4, 3.0, 2.0, 2.2, 4.0};
const std::vector<double> kUpper = {3.0, 4.0, 6.0, 3.0, 4.0, 6.0};

class FitPlugin : public Plugin {
 public:
  void configure(const std::map<std::string, std::string>& settings) override {
    pipeline.add_builtin("kuma6").add_builtin("smear", "sigma=0.05");
    for (const auto& [key, text] : settings) options_.set(key, text);
  }
  void begin_job() override {
    problem_ = sgp::Problem();
    for (size_t i = 0; i < kNames.size(); ++i) problem_.add_parameter(kNames[i], 0.5, kUpper[i]);
    problem_.add_dataset("data", pipeline);
  }
  void event(const Event& event) override {  // numbers: threads come as they like, bits do not
    problem_.add_events("data", event.values, 2, {}, {event.number});
  }
  void end_job() override {
    sgp::Solver solver(problem_, options_);
    solver.set_progress_callback([](const sagips_progress&) { return stop_was_asked_for == 0; });
    epochs = solver.step(solver.progress().epochs).epoch;
    found = solver.estimate();
  }

  sgp::Pipeline pipeline;
  int64_t epochs = 0;
  sgp::Solver::Estimate found;

 private:
  sgp::Options options_;
  sgp::Problem problem_;
};

}  // namespace

int main(int argc, char** argv) try {
  const int64_t seed = argc > 1 ? std::atoll(argv[1]) : 1;
  std::signal(SIGTERM, ask_for_stop);
  FitPlugin plugin;
  plugin.configure({{"epochs", "2000"}, {"seed", std::to_string(seed)}});
  const auto made = plugin.pipeline.generate(kTruth, 40000, static_cast<uint64_t>(seed)).values;
  std::vector<std::vector<Event>> files(4);
  for (size_t i = 0; i < made.size() / 2; ++i)
    files[i % files.size()].push_back({static_cast<int64_t>(i), {made[2 * i], made[2 * i + 1]}});
  run_job(&plugin, files);
  bool is_right = plugin.epochs == 2000;
  for (size_t i = 0; i < kTruth.size(); ++i) {
    const double sigma = std::sqrt(plugin.found.covariance[7 * i]);
    const double pull = (plugin.found.mean[i] - kTruth[i]) / sigma;
    std::printf("%s: truth %.2f, found %.4f +- %.4f, pull %+.2f\n", kNames[i].c_str(), kTruth[i],
                plugin.found.mean[i], sigma, pull);
    is_right = is_right && std::abs(pull) < 5;
  }

  std::raise(SIGTERM);  // comes to the framework, and through it to the plug-in
  run_job(&plugin, files);
  is_right = is_right && plugin.epochs == 1 && std::signal(SIGTERM, SIG_DFL) == ask_for_stop;
  return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
