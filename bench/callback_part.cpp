// SPDX-License-Identifier: BSD-3-Clause
// Part 4b. What it costs to have a model called by the library. One function of about 100 ns an
// event runs in a bare loop over prepared random numbers, as a callback of sagips_pipeline_generate
// (one call a row: the path alone, random numbers and checks included), and as a callback of a
// training with the smallest networks there are (the path both ways, and all else of an epoch).

#include <algorithm>
#include <cstdio>

#include "parts.h"
#include "statistics.h"
#include "tool/result_table.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;

constexpr double kSecondsPerEvent = 100e-9;
constexpr int64_t kEventsPerRow[] = {1, 10, 1000};
constexpr int64_t kMostRows = 1000, kLeastRows = 16, kEventsPerEpoch = 16000;
constexpr int64_t kMeasuredEvents = 10000;  // the training's data
constexpr double kSecondsPerRepeat = 0.02;
constexpr int kRepeats = 9;  // a table shows their median

// y = p + a number that takes `steps` dependent steps to make from u.
struct Model {
  int steps = 1;
};

[[gnu::noinline]] void make_row(const Model& model, double p, int64_t n_events,
                                const double* uniforms, double* events) {
  for (int64_t e = 0; e < n_events; ++e) {
    double x = uniforms[e];
    for (int step = 0; step < model.steps; ++step) x = 0.5 * x + 0.25;
    events[e] = p + x + uniforms[e];
  }
}

int32_t forward(void* user, sagips_batch* batch) {
  for (int64_t n = 0; n < batch->n_rows; ++n) {
    const int64_t first = n * batch->n_events;
    make_row(*static_cast<const Model*>(user), batch->parameters[n], batch->n_events,
             batch->uniforms + first, batch->outputs + first);
  }
  return 0;
}

int32_t backward(void*, sagips_batch* batch) {
  for (int64_t i = 0; i < batch->n_rows * batch->n_events; ++i) {
    batch->grad_parameters[i / batch->n_events] += batch->grad_outputs[i];
  }
  return 0;
}

// Seconds of one call of `body`: the median over repeats of loops long enough for the clock.
template <typename Body>
double seconds_of(const Body& body) {
  int64_t calls = 1;
  double taken = 0;
  for (; taken < kSecondsPerRepeat; calls *= 2) {
    const Stopwatch watch;
    for (int64_t i = 0; i < calls; ++i) body();
    taken = watch.wall();
  }
  Vector seconds;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const Stopwatch watch;
    for (int64_t i = 0; i < calls / 2; ++i) body();
    seconds.push_back(watch.wall() / static_cast<double>(calls / 2));
  }
  return median(seconds);
}

struct Rows {
  int64_t n_rows, n_events;
  Vector parameters, uniforms, events;

  Rows(int64_t rows, int64_t events_per_row)
      : n_rows(rows),
        n_events(events_per_row),
        parameters(static_cast<size_t>(rows), 0.5),
        uniforms(static_cast<size_t>(rows * events_per_row)),
        events(uniforms.size()) {
    for (size_t i = 0; i < uniforms.size(); ++i) {
      uniforms[i] = (static_cast<double>(i) + 0.5) / static_cast<double>(uniforms.size());
    }
  }
};

double bare_seconds_per_row(const Model& model, Rows* rows) {
  return seconds_of([&] {
           for (int64_t n = 0; n < rows->n_rows; ++n) {
             const int64_t first = n * rows->n_events;
             make_row(model, rows->parameters[static_cast<size_t>(n)], rows->n_events,
                      rows->uniforms.data() + first, rows->events.data() + first);
           }
         }) /
         static_cast<double>(rows->n_rows);
}

// Steps overlap between events, so their number is corrected where it is used. The model only has
// to be near its goal: what it really takes is measured in every row of the table.
Model calibrated_model() {
  constexpr int64_t kEvents = 1000;
  Model model{100};
  Rows rows(1, kEvents);
  for (int round = 0; round < 3; ++round) {
    const double per_event = bare_seconds_per_row(model, &rows) / kEvents;
    model.steps = std::max(1, static_cast<int>(model.steps * kSecondsPerEvent / per_event + 0.5));
  }
  return model;
}

sagips_tool::Pipeline make_pipeline(Model* model) {
  sagips_stage* stage = nullptr;
  check(sagips_stage_create(&stage, "trivial"));
  check(sagips_stage_set_shape(stage, 0, 1, 0, 1));
  check(sagips_stage_set_forward(stage, forward, model, nullptr));
  check(sagips_stage_set_backward(stage, backward));
  sagips_pipeline* pipeline = nullptr;
  check(sagips_pipeline_create(&pipeline));
  sagips_tool::Pipeline owner(pipeline);
  const sagips_status status = sagips_pipeline_add(pipeline, stage);
  check(sagips_stage_destroy(&stage));
  check(status);
  return owner;
}

struct EpochSeconds {
  double whole, in_callbacks;  // a row; both directions
};

EpochSeconds train_seconds_per_row(const sagips_pipeline* pipeline, const Rows& rows) {
  const Vector truth = {0.5};
  Vector events(static_cast<size_t>(kMeasuredEvents));
  check(sagips_pipeline_generate(pipeline, 1, truth.data(), kMeasuredEvents, 1, events.data(),
                                 nullptr, nullptr));
  sagips_problem* created = nullptr;
  check(sagips_problem_create(&created));
  const sagips_tool::Problem problem(created);
  check(sagips_problem_add_parameter(created, "p", 0, 1));
  check(sagips_problem_add_dataset(created, "data", pipeline));
  check(sagips_problem_set_events(created, "data", events.data(), nullptr, kMeasuredEvents, 1, 0,
                                  SAGIPS_COPY));
  const sagips_tool::Options options =
      fast_options({{"generator.kind", "direct"}, {"generator.input", "point"},
                    {"discriminator.hidden", ""}, {"lift.degree", "1"}, {"lift.cross_degree", "0"},
                    {"growth.factor", "1"}, {"epochs", "100000000"}, {"metrics.every", "0"},
                    {"rows", std::to_string(rows.n_rows)},
                    {"events", std::to_string(rows.n_events)}});
  const sagips_tool::Solver solver = sagips_tool::make_solver(created, options.get());
  const double whole = seconds_of([&] { check(sagips_solver_step(solver.get(), 1, nullptr)); });
  const sagips_progress progress = sagips_tool::read_progress(solver.get());
  const auto n_rows = static_cast<double>(rows.n_rows);
  return {whole / n_rows, progress.seconds_callback / static_cast<double>(progress.epoch) / n_rows};
}

}  // namespace

Json callback_part() {
  Model model = calibrated_model();
  const sagips_tool::Pipeline pipeline = make_pipeline(&model);
  std::printf("== Callbacks: a model of about %.0f ns an event; beyond = more than its bare loop\n\n",
              1e9 * kSecondsPerEvent);
  std::vector<std::vector<std::string>> table = {
      {"events a row", "rows", "bare us/row", "generate us/row", "beyond us/row", "beyond ns/event",
       "epoch us/row", "callbacks us/row", "beyond us/row", "beyond ns/event"}};
  Json json;
  json["steps"] = model.steps;
  json["rows"] = Json::array();
  for (const int64_t n_events : kEventsPerRow) {
    Rows rows(std::clamp(kEventsPerEpoch / n_events, kLeastRows, kMostRows), n_events);
    const double bare = bare_seconds_per_row(model, &rows);
    const double generate = seconds_of([&] {
      check(sagips_pipeline_generate(pipeline.get(), 1, rows.parameters.data(), n_events, 1,
                                     rows.events.data(), nullptr, nullptr));
    });
    const EpochSeconds epoch = train_seconds_per_row(pipeline.get(), rows);
    const double n = static_cast<double>(n_events);
    std::vector<std::string> row = {std::to_string(n_events), std::to_string(rows.n_rows)};
    for (const double us : {1e6 * bare, 1e6 * generate, 1e6 * (generate - bare)}) {
      row.push_back(sagips_tool::cell(us, 3));
    }
    row.push_back(sagips_tool::cell(1e9 * (generate - bare) / n, 1));
    for (const double us : {1e6 * epoch.whole, 1e6 * epoch.in_callbacks, 1e6 * (epoch.whole - bare)}) {
      row.push_back(sagips_tool::cell(us, 3));
    }
    row.push_back(sagips_tool::cell(1e9 * (epoch.whole - bare) / n, 1));
    table.push_back(row);
    json["rows"].push_back({{"events_per_row", n_events},
                            {"rows", rows.n_rows},
                            {"bare_us_per_row", 1e6 * bare},
                            {"generate_us_per_row", 1e6 * generate},
                            {"generate_beyond_us_per_row", 1e6 * (generate - bare)},
                            {"generate_beyond_ns_per_event", 1e9 * (generate - bare) / n},
                            {"epoch_us_per_row", 1e6 * epoch.whole},
                            {"epoch_in_callbacks_us_per_row", 1e6 * epoch.in_callbacks},
                            {"epoch_beyond_us_per_row", 1e6 * (epoch.whole - bare)},
                            {"epoch_beyond_ns_per_event", 1e9 * (epoch.whole - bare) / n}});
  }
  std::printf("%s\n", sagips_tool::aligned(table, "rrrrrrrrrr").c_str());
  return json;
}

}  // namespace sagips_bench
