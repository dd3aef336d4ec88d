// SPDX-License-Identifier: BSD-3-Clause
// Data that grow while a training goes on: sagips_solver_update_events(). Networks, moments, places
// in the data and the epoch stay, and so do standardisation and lift, without which the weights of
// a discriminator would mean something else. What follows from the number of events changes: their
// order, the shares of data sets, the weight of penalties, uncertainties. Everything is made first
// and then taken over without a chance to fail.
#include <algorithm>

#include "core/error.h"
#include "solver/solver.h"

namespace sagips {

DataChange Solver::plan_change(std::vector<std::shared_ptr<const EventTable>> tables,
                               std::vector<std::shared_ptr<const DataParts>> parts) const {
  DataChange change{std::move(tables), std::move(parts), {}};
  for (int32_t k = 0; k < n_members(); ++k)
    change.orders.push_back(ensemble_[k].plan.plan_orders(change.parts));
  return change;
}

void Solver::apply(DataChange* change) noexcept {
  for (size_t d = 0; d < problem_.datasets.size(); ++d) {
    problem_.datasets[d].events = std::move(change->tables[d]);
    problem_.datasets[d].parts = std::move(change->parts[d]);
  }
  for (int32_t k = 0; k < n_members(); ++k)
    ensemble_[k].plan.take_orders(&change->orders[static_cast<size_t>(k)]);
}

void Solver::update_events(const Problem& from) {
  for (const Dataset& theirs : from.datasets)
    if (std::none_of(problem_.datasets.begin(), problem_.datasets.end(),
                     [&](const Dataset& ours) { return ours.name == theirs.name; }))
      fail(SAGIPS_ERROR_NOT_FOUND, "the problem has a data set '", theirs.name,
           "', which the solver was made without; make a new solver to train on it");
  std::vector<std::shared_ptr<const EventTable>> tables;
  std::vector<std::shared_ptr<const DataParts>> parts;
  for (const Dataset& ours : problem_.datasets) {
    const Dataset& theirs = from.datasets[static_cast<size_t>(from.dataset_index(ours.name))];
    const auto table = theirs.table();
    if (table == nullptr)
      fail(SAGIPS_ERROR_DATA, "data set '", ours.name,
           "' of the problem has no events; an update takes the same events and more");
    if (table->n_observables() != ours.events->n_observables())
      fail(SAGIPS_ERROR_SHAPE, "events of data set '", ours.name, "' of the problem have ",
           table->n_observables(), " observables, but the solver's have ",
           ours.events->n_observables(), "; they must be the same");
    const bool is_same = table == ours.events;
    tables.push_back(table);
    parts.push_back(is_same
                        ? ours.data_parts()
                        : grow_parts(*ours.data_parts(), *ours.events, *table, epoch(), ours.name));
  }
  DataChange change = plan_change(std::move(tables), std::move(parts));
  tickets_.abandon();
  apply(&change);
  is_converged_ = false;
}

}  // namespace sagips
