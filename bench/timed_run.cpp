// SPDX-License-Identifier: BSD-3-Clause
#include "timed_run.h"

#include <cmath>

#include "statistics.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;

constexpr double kMomentsPerDoubling = 40;  // that are kept

struct Watched {
  const DataSet* data;
  const Stopwatch* watch;
  double most_seconds;
  TimedRun* run;
};

void on_metrics(void* user, const sagips_metrics* metrics) {
  auto* watched = static_cast<Watched*>(user);
  const Vector estimate(metrics->estimate, metrics->estimate + metrics->n_parameters);
  Moment now;
  now.seconds = watched->watch->cpu();
  now.mean_abs_percent = mean_abs_percent(*watched->data, estimate);
  now.rms_e = rms(in_sigmas(*watched->data, estimate, watched->data->fit.estimate));
  watched->run->moments.push_back(now);
}

int32_t on_progress(void* user, const sagips_progress*) {
  const auto* watched = static_cast<const Watched*>(user);
  return watched->watch->cpu() >= watched->most_seconds ? 1 : 0;
}

}  // namespace

Moment TimedRun::state_at(double until) const {
  Vector percent, e;
  Moment last{until, std::nan(""), std::nan("")};
  for (const Moment& moment : moments) {
    if (moment.seconds > until) break;
    last = {until, moment.mean_abs_percent, moment.rms_e};
    if (moment.seconds < 0.9 * until) continue;
    percent.push_back(moment.mean_abs_percent);
    e.push_back(moment.rms_e);
  }
  return e.empty() ? last : Moment{until, median(percent), median(e)};
}

TimedRun train_timed(const DataSet& data, const std::vector<Setting>& settings, uint64_t seed,
                     double most_seconds) {
  TimedRun run;
  const Stopwatch watch;
  sagips_tool::Options options = fast_options(settings);
  check(sagips_options_set_integer(options.get(), "seed", static_cast<int64_t>(seed)));
  const sagips_tool::Solver solver =
      sagips_tool::make_solver(data.closure.problem.get(), options.get());
  Watched watched{&data, &watch, most_seconds, &run};
  check(sagips_solver_set_metrics_callback(solver.get(), on_metrics, &watched));
  check(sagips_solver_set_progress_callback(solver.get(), on_progress, &watched));
  sagips_progress progress = sagips_tool::read_progress(solver.get());
  if (sagips_solver_step(solver.get(), progress.epochs, &progress) != SAGIPS_OK) {
    run.failure = sagips_tool::last_error();
  }
  run.epochs = progress.epoch;
  run.seconds = watch.cpu();
  return run;
}

double seconds_until_below(double bound, double Moment::*quantity, const TimedRun& run) {
  double since = -1;
  for (const Moment& moment : run.moments) {
    if (!(moment.*quantity <= bound)) {
      since = -1;
    } else if (since < 0) {
      since = moment.seconds;
    }
  }
  return since;
}

Json timed_run_as_json(const TimedRun& run) {
  Json json = {{"seconds", run.seconds}, {"epochs", run.epochs}};
  if (!run.failure.empty()) json["failure"] = run.failure;
  json["moments"] = Json::array();
  double next = 0;
  for (const Moment& moment : run.moments) {
    if (moment.seconds < next) continue;
    next = moment.seconds * std::exp2(1 / kMomentsPerDoubling);
    json["moments"].push_back({moment.seconds, moment.mean_abs_percent, moment.rms_e});
  }
  return json;
}

TimedRun timed_run_from(const Json& json) {
  TimedRun run;
  run.seconds = json["seconds"];
  run.epochs = json["epochs"];
  run.failure = json.value("failure", "");
  for (const Json& row : json["moments"]) run.moments.push_back({row[0], row[1], row[2]});
  return run;
}

}  // namespace sagips_bench
