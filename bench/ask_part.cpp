// SPDX-License-Identifier: BSD-3-Clause
// Part 5. What it costs that the host owns the loop: epochs of the same training, their rows served
// by callbacks, and by tickets of the whole batch, of 10 rows and of one, in processor time. An
// epoch asks for each row twice, forward and backward. A ticket has arrays of its own, so what goes
// to the host and comes back is copied; its answer is kept to the end of the epoch, for
// checkpoints.

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "callback_model.h"
#include "parts.h"
#include "small_training.h"
#include "tool/result_table.h"

namespace sagips_bench {
namespace {

using sagips_tool::check;

constexpr int64_t kEventsPerRow[] = {1, 10, 1000};
constexpr int64_t kRowsPerTicket[] = {0, 10, 1};
constexpr int64_t kMostRows = 1000, kLeastRows = 16, kEventsPerBatch = 16000;

// One epoch.
void train_by_tickets(sagips_solver* solver, BusyModel* model) {
  sagips_batch batch{};
  batch.struct_size = sizeof(batch);
  sagips_progress progress{};
  progress.struct_size = sizeof(progress);
  check(sagips_solver_progress(solver, &progress));
  const int64_t before = progress.epoch;
  while (progress.epoch == before) {
    check(sagips_solver_ask(solver, &batch));
    if (batch.request == SAGIPS_FORWARD)
      busy_forward(model, &batch);
    else
      busy_backward(model, &batch);
    check(sagips_solver_tell(solver, batch.ticket, 0, &progress));
  }
}

}  // namespace

Json ask_part() {
  BusyModel model = calibrated_model();
  const sagips_tool::Pipeline called = make_busy_pipeline(&model),
                              asked = make_busy_pipeline(&model, ServedBy::kTickets);
  std::printf(
      "== Ask and tell: an epoch of that model with the smallest networks; + is more than by\n"
      "   callbacks (processor time, us a row)\n\n");
  std::vector<std::vector<std::string>> table = {
      {"events a row", "by callbacks", "+ whole batch", "%", "+ 10 rows", "%", "+ 1 row", "%"}};
  Json json = {{"rows", Json::array()}};
  for (const int64_t n_events : kEventsPerRow) {
    const int64_t n_rows = std::clamp(kEventsPerBatch / n_events, kLeastRows, kMostRows);
    std::vector<sagips_tool::Solver> solvers;
    solvers.push_back(make_small_solver(called.get(), n_rows, n_events));
    std::vector<std::function<void()>> epochs = {
        [&] { check(sagips_solver_step(solvers[0].get(), 1, nullptr)); }};
    for (const int64_t rows : kRowsPerTicket) {
      solvers.push_back(make_small_solver(asked.get(), n_rows, n_events, rows));
      epochs.push_back([&solvers, &model, k = solvers.size() - 1] {
        train_by_tickets(solvers[k].get(), &model);
      });
    }
    Vector us = quickest_seconds(epochs);
    for (double& value : us) value *= 1e6 / static_cast<double>(n_rows);
    Json row = {{"events_per_row", n_events}, {"rows", n_rows}, {"callbacks_us_per_row", us[0]}};
    Vector cells = {us[0]};
    for (size_t k = 1; k < us.size(); ++k) {
      const double beyond = us[k] - us[0], percent = 100 * beyond / us[0];
      const std::string key = "rows_" + std::to_string(kRowsPerTicket[k - 1]);
      row[key + "_beyond_us_per_row"] = beyond;
      row[key + "_beyond_percent"] = percent;
      cells.insert(cells.end(), {beyond, percent});
    }
    table.push_back(table_row(std::to_string(n_events), cells, 3));
    json["rows"].push_back(row);
  }
  std::printf("%s\n\n", sagips_tool::aligned(table, "rrrrrrrr").c_str());
  return json;
}

}  // namespace sagips_bench
