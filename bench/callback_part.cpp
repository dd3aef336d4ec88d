// SPDX-License-Identifier: BSD-3-Clause
// Part 4b. What it costs to have a model called by the library, in processor time beyond the same
// function in a bare loop over arrays that are already there:
//
//   forward   Evaluation::forward: random numbers, room for what is written, the call, the checks
//   backward  Evaluation::pull_back: the same for the vector-Jacobian product
//   one call  sagips_pipeline_generate for a single row: all that a call has to set up
//   epoch     a training of the model with the smallest networks there are: all else of an epoch
//
// All but the last have goals: 5 % for rows of many events, and a fixed price for rows of one.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "callback_model.h"
#include "core/float_environment.h"
#include "parts.h"
#include "pipeline/evaluation.h"
#include "small_training.h"
#include "tool/result_table.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;

constexpr int64_t kEventsPerRow[] = {1, 10, 1000};
constexpr int64_t kMostRows = 1000, kLeastRows = 16, kEventsPerBatch = 16000;
constexpr double kGoalPercent = 5;   // at 1000 events a row, less than this
constexpr double kGoalUsPerRow = 2;  // at 1 event a row, at most this, each way

// The callback path alone, as a training runs it every epoch.
class Path {
 public:
  Path(BusyModel* model, const BareLoop& loop) : loop_(loop), weight_grads_(loop.events.size()) {
    sagips::Stage stage;
    stage.name = "busy";
    stage.n_outputs = stage.n_uniforms = 1;
    stage.forward = busy_forward;
    stage.backward = busy_backward;
    stage.user = std::shared_ptr<void>(model, [](void*) {});
    pipeline_.add(stage);
  }

  void forward() {
    std::vector<int64_t> draw(static_cast<size_t>(loop_.n_rows));
    for (size_t i = 0; i < draw.size(); ++i) draw[i] = static_cast<int64_t>(i);
    ++call_.epoch;
    evaluation_.forward(call_, {loop_.n_rows, loop_.n_events, 1, loop_.parameters, draw});
  }
  void backward() { evaluation_.pull_back(loop_.grad_events, weight_grads_, {}); }

 private:
  const BareLoop& loop_;
  const Vector weight_grads_;
  sagips::Pipeline pipeline_;
  const sagips::Box box_{{0}, {1}};
  sagips::CallbackMeter meter_;
  sagips::Call call_;
  sagips::Evaluation evaluation_{&pipeline_, &box_, &meter_};
};

// Microseconds a row, in processor time.
struct Costs {
  double bare_forward, bare_backward;
  double forward, backward, one_call, epoch;  // beyond the bare loop
};

Costs measure(BusyModel* model, const sagips_pipeline* pipeline, BareLoop* loop) {
  const sagips_tool::Solver solver = make_small_solver(pipeline, loop->n_rows, loop->n_events);
  const sagips::LibraryFloats floats;  // as inside a step
  Path path(model, *loop);
  path.forward();
  const auto generate_rows = [&] {
    for (int64_t n = 0; n < loop->n_rows; ++n) {
      check(sagips_pipeline_generate(pipeline, 1, loop->parameters.data() + n, loop->n_events, 1, 1,
                                     loop->events.data() + n * loop->n_events, nullptr, 0,
                                     nullptr));
    }
  };
  Vector us =
      quickest_seconds({[&] { loop->forward(*model); }, [&] { path.forward(); },
                        [&] { loop->backward(*model); }, [&] { path.backward(); }, generate_rows,
                        [&] { check(sagips_solver_step(solver.get(), 1, nullptr)); }});
  for (double& value : us) value *= 1e6 / static_cast<double>(loop->n_rows);
  return {us[0], us[2], us[1] - us[0], us[3] - us[2], us[4] - us[0], us[5] - us[0] - us[2]};
}

Json as_json(const BareLoop& loop, const Costs& costs) {
  return {{"events_per_row", loop.n_events},
          {"rows", loop.n_rows},
          {"bare_forward_us_per_row", costs.bare_forward},
          {"bare_backward_us_per_row", costs.bare_backward},
          {"forward_beyond_us_per_row", costs.forward},
          {"forward_beyond_percent", 100 * costs.forward / costs.bare_forward},
          {"backward_beyond_us_per_row", costs.backward},
          {"backward_beyond_percent", 100 * costs.backward / costs.bare_backward},
          {"one_call_beyond_us_per_row", costs.one_call},
          {"one_call_beyond_percent", 100 * costs.one_call / costs.bare_forward},
          {"epoch_beyond_us_per_row", costs.epoch}};
}

// Prints whether `value` is at most the goal; returns it.
Json judge(const char* what, const char* unit, double goal, double value) {
  const bool is_met = value <= goal;
  std::printf("goal %s: %s, at most %g %s: %.2f %s\n", is_met ? "met" : "MISSED", what, goal, unit,
              value, unit);
  return {{"what", what}, {"unit", unit}, {"goal", goal}, {"value", value}, {"met", is_met}};
}

Json judge_all(const Json& shortest, const Json& longest) {
  const auto worse_way = [](const Json& row, const std::string& key) {
    return std::max(row["forward_" + key].get<double>(), row["backward_" + key].get<double>());
  };
  return {
      judge("rows of 1 event, either way", "us a row", kGoalUsPerRow,
            worse_way(shortest, "beyond_us_per_row")),
      judge("a single row of 1 event", "us a row", kGoalUsPerRow,
            shortest["one_call_beyond_us_per_row"]),
      judge("rows of 1000 events, either way", "%", kGoalPercent,
            worse_way(longest, "beyond_percent")),
      judge("a single row of 1000 events", "%", kGoalPercent, longest["one_call_beyond_percent"])};
}

}  // namespace

Json callback_part() {
  BusyModel model = calibrated_model();
  const sagips_tool::Pipeline pipeline = make_busy_pipeline(&model);
  std::printf(
      "== Callbacks: a model of about %.0f ns an event, each way; + is more than in a bare loop\n"
      "   (processor time, us a row; one call: a row alone; an epoch adds the smallest "
      "networks)\n\n",
      1e9 * kBusySecondsPerEvent);
  std::vector<std::vector<std::string>> table = {{"events a row", "bare forward", "+ forward", "%",
                                                  "bare backward", "+ backward", "%", "+ one call",
                                                  "%", "+ epoch"}};
  Json json = {{"model_steps", model.steps}, {"rows", Json::array()}};
  for (const int64_t n_events : kEventsPerRow) {
    BareLoop loop(std::clamp(kEventsPerBatch / n_events, kLeastRows, kMostRows), n_events);
    const Costs c = measure(&model, pipeline.get(), &loop);
    const Json row = as_json(loop, c);
    table.push_back(
        table_row(std::to_string(n_events),
                  {c.bare_forward, c.forward, row["forward_beyond_percent"].get<double>(),
                   c.bare_backward, c.backward, row["backward_beyond_percent"].get<double>(),
                   c.one_call, row["one_call_beyond_percent"].get<double>(), c.epoch},
                  3));
    json["rows"].push_back(row);
  }
  std::printf("%s\n", sagips_tool::aligned(table, "rrrrrrrrrr").c_str());
  json["goals"] = judge_all(json["rows"].front(), json["rows"].back());
  std::printf("\n");
  return json;
}

}  // namespace sagips_bench
