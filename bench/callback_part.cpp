// SPDX-License-Identifier: BSD-3-Clause
// Part 4b. What it costs to have a model called by the library. One function of about 100 ns an
// event runs in a bare loop over prepared random numbers, as a callback of sagips_pipeline_generate
// (one call a row: the path alone, random numbers and checks included), and as a callback of a
// training with the smallest networks there are (the path both ways, and all else of an epoch).
// Differences of times this short need processor time and the quickest of many repeats.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>

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
constexpr double kSecondsPerRepeat = 0.005;
constexpr int kRepeats = 25;  // of each loop, in turns; the quickest counts

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

// Processor seconds of one call of each body: the quickest of loops that take turns, so that what
// else the machine does disturbs all alike and, with luck, some repeat of each not at all.
Vector quickest_seconds(const std::vector<std::function<void()>>& bodies) {
  const auto seconds_of = [](const std::function<void()>& body, int64_t calls) {
    const Stopwatch watch;
    for (int64_t i = 0; i < calls; ++i) body();
    return watch.cpu();
  };
  std::vector<int64_t> calls(bodies.size(), 1);
  Vector quickest(bodies.size(), std::numeric_limits<double>::infinity());
  for (size_t k = 0; k < bodies.size(); ++k) {
    while (seconds_of(bodies[k], calls[k]) < kSecondsPerRepeat) calls[k] *= 2;
  }
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    for (size_t k = 0; k < bodies.size(); ++k) {
      const double each = seconds_of(bodies[k], calls[k]) / static_cast<double>(calls[k]);
      quickest[k] = std::min(quickest[k], each);
    }
  }
  return quickest;
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

void run_bare(const Model& model, Rows* rows) {
  for (int64_t n = 0; n < rows->n_rows; ++n) {
    const int64_t first = n * rows->n_events;
    make_row(model, rows->parameters[static_cast<size_t>(n)], rows->n_events,
             rows->uniforms.data() + first, rows->events.data() + first);
  }
}

// Steps overlap between events, so their number is corrected where it is used. The model only has
// to be near its goal: what it really takes is measured in every row of the table.
Model calibrated_model() {
  constexpr int64_t kEvents = 1000;
  Model model{100};
  Rows rows(1, kEvents);
  for (int round = 0; round < 3; ++round) {
    const double per_event = quickest_seconds({[&] { run_bare(model, &rows); }})[0] / kEvents;
    model.steps =
        std::max(1, static_cast<int>(std::lround(model.steps * kSecondsPerEvent / per_event)));
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

// A training of the model with the smallest networks: trained parameters, and a discriminator
// linear in the one observable.
sagips_tool::Solver make_small_solver(const sagips_pipeline* pipeline, const Rows& rows) {
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
  const sagips_tool::Options options = fast_options({{"generator.kind", "direct"},
                                                     {"generator.input", "point"},
                                                     {"discriminator.hidden", ""},
                                                     {"lift.degree", "1"},
                                                     {"lift.cross_degree", "0"},
                                                     {"growth.factor", "1"},
                                                     {"epochs", "100000000"},
                                                     {"rows", std::to_string(rows.n_rows)},
                                                     {"events", std::to_string(rows.n_events)}});
  return sagips_tool::make_solver(created, options.get());
}

// Microseconds a row, in processor time.
struct Costs {
  double bare, generate, epoch;
};

Costs measure(const Model& model, const sagips_pipeline* pipeline, Rows* rows) {
  const sagips_tool::Solver solver = make_small_solver(pipeline, *rows);
  const Vector seconds =
      quickest_seconds({[&] { run_bare(model, rows); },
                        [&] {
                          for (int64_t n = 0; n < rows->n_rows; ++n) {
                            check(sagips_pipeline_generate(
                                pipeline, 1, rows->parameters.data() + n, rows->n_events, 1,
                                rows->events.data() + n * rows->n_events, nullptr, nullptr));
                          }
                        },
                        [&] { check(sagips_solver_step(solver.get(), 1, nullptr)); }});
  const double us_per_row = 1e6 / static_cast<double>(rows->n_rows);
  return {us_per_row * seconds[0], us_per_row * seconds[1], us_per_row * seconds[2]};
}

Json as_json(const Rows& rows, const Costs& costs) {
  const double ns_per_event = 1e3 / static_cast<double>(rows.n_events);
  return {{"events_per_row", rows.n_events},
          {"rows", rows.n_rows},
          {"bare_us_per_row", costs.bare},
          {"generate_us_per_row", costs.generate},
          {"generate_beyond_us_per_row", costs.generate - costs.bare},
          {"generate_beyond_ns_per_event", ns_per_event * (costs.generate - costs.bare)},
          {"epoch_us_per_row", costs.epoch},
          {"epoch_beyond_us_per_row", costs.epoch - costs.bare},
          {"epoch_beyond_ns_per_event", ns_per_event * (costs.epoch - costs.bare)}};
}

}  // namespace

Json callback_part() {
  Model model = calibrated_model();
  const sagips_tool::Pipeline pipeline = make_pipeline(&model);
  std::printf(
      "== Callbacks: a model of about %.0f ns an event; beyond: more than in a bare loop\n"
      "   (processor time; an epoch adds the way back and the smallest networks)\n\n",
      1e9 * kSecondsPerEvent);
  std::vector<std::vector<std::string>> table = {{"events a row", "bare us/row", "generate us/row",
                                                  "beyond us/row", "ns/event", "epoch us/row",
                                                  "beyond us/row", "ns/event"}};
  Json json = {{"model_steps", model.steps}, {"rows", Json::array()}};
  for (const int64_t n_events : kEventsPerRow) {
    Rows rows(std::clamp(kEventsPerEpoch / n_events, kLeastRows, kMostRows), n_events);
    const Costs costs = measure(model, pipeline.get(), &rows);
    const double ns_per_event = 1e3 / static_cast<double>(n_events);
    table.push_back(table_row(std::to_string(n_events),
                              {costs.bare, costs.generate, costs.generate - costs.bare,
                               ns_per_event * (costs.generate - costs.bare), costs.epoch,
                               costs.epoch - costs.bare, ns_per_event * (costs.epoch - costs.bare)},
                              2));
    json["rows"].push_back(as_json(rows, costs));
  }
  std::printf("%s\n", sagips_tool::aligned(table, "rrrrrrrr").c_str());
  return json;
}

}  // namespace sagips_bench
