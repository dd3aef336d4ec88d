// SPDX-License-Identifier: BSD-3-Clause
#include "solver/problem.h"

#include "core/error.h"

namespace sagips {
namespace {

template <typename Named>
size_t find(const std::vector<Named>& list, std::string_view name, const char* what) {
  std::vector<std::string> names;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return i;
    names.push_back(list[i].name);
  }
  const std::string nearest = nearest_name(name, names);
  fail(SAGIPS_ERROR_NOT_FOUND, "the problem has no ", what, " '", name, "'",
       nearest.empty() ? "" : "; did you mean '", nearest, nearest.empty() ? "" : "'?",
       nearest.empty() ? "; add it first" : "");
}

}  // namespace

std::shared_ptr<const EventTable> Dataset::table() const {
  return collector != nullptr ? collector->table() : events;
}

std::shared_ptr<const DataParts> Dataset::data_parts() const {
  return parts != nullptr ? parts : std::make_shared<DataParts>(events->size());
}

Parameter& Problem::parameter(std::string_view name) {
  return parameters[find(parameters, name, "parameter")];
}

Dataset& Problem::dataset(std::string_view name) {
  return datasets[find(datasets, name, "data set")];
}

int64_t Problem::dataset_index(std::string_view name) const {
  return static_cast<int64_t>(find(datasets, name, "data set"));
}

void Problem::seal() {
  for (Dataset& dataset : datasets) {
    dataset.events = dataset.table();
    dataset.collector.reset();
  }
}

void Problem::check() const {
  if (parameters.empty())
    fail(SAGIPS_ERROR_STATE, "the problem has no parameters; add them with their bounds");
  if (datasets.empty())
    fail(SAGIPS_ERROR_STATE, "the problem has no data set; add one with its pipeline and events");
  for (const Dataset& dataset : datasets) {
    if (dataset.events == nullptr)
      fail(SAGIPS_ERROR_STATE, "data set '", dataset.name,
           "' has no events yet; hand over the measured events");
    if (dataset.events->n_observables() != dataset.pipeline.n_outputs())
      fail(SAGIPS_ERROR_SHAPE, "events of data set '", dataset.name, "' have ",
           dataset.events->n_observables(), " observables, but its pipeline delivers ",
           dataset.pipeline.n_outputs(), "; they must be the same, in the same order");
    dataset.pipeline.check_columns(static_cast<int32_t>(parameters.size()));
  }
}

Box Problem::box() const {
  Box box;
  for (const Parameter& p : parameters) {
    box.lower.push_back(p.is_fixed ? p.fixed_value : p.lower);
    box.upper.push_back(p.is_fixed ? p.fixed_value : p.upper);
  }
  return box;
}

double Problem::effective_events() const {
  double sum = 0;
  for (const Dataset& dataset : datasets) sum += dataset.events->effective_size();
  return sum;
}

}  // namespace sagips
