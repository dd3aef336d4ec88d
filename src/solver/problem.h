// SPDX-License-Identifier: BSD-3-Clause
// What is to be solved: the parameters, and each data set with the pipeline that imitates it. A
// value: a solver works on its own copy; only the events themselves are shared.
#ifndef SAGIPS_SOLVER_PROBLEM_H_
#define SAGIPS_SOLVER_PROBLEM_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/data_parts.h"
#include "data/event_collector.h"
#include "data/event_table.h"
#include "objective/measurement.h"
#include "optimizer/parameter_space.h"
#include "pipeline/pipeline.h"

namespace sagips {

struct Dataset {
  std::string name;
  Pipeline pipeline;
  std::shared_ptr<const EventTable> events;   // nullptr: not handed over yet
  std::shared_ptr<const DataParts> parts;     // of the events; nullptr: one
  std::shared_ptr<EventCollector> collector;  // where the host's events come in, or nullptr
  std::vector<Measurement> measurements;
  double weight = 1;

  /// The events by now, or nullptr.
  std::shared_ptr<const EventTable> table() const;
  std::shared_ptr<const DataParts> data_parts() const;
};

struct Problem {
  std::vector<Parameter> parameters;
  std::vector<Dataset> datasets;

  /// SAGIPS_ERROR_NOT_FOUND, with the nearest name.
  Parameter& parameter(std::string_view name);
  Dataset& dataset(std::string_view name);
  int64_t dataset_index(std::string_view name) const;

  /// Take the events that have come in by now, and no more from then on.
  void seal();

  /// Everything a solver needs is there and fits. SAGIPS_ERROR_STATE, SAGIPS_ERROR_SHAPE.
  void check() const;

  /// Where differences may go; a fixed parameter's box is a point.
  Box box() const;
  /// Effective number of measured events of all data sets.
  double effective_events() const;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_PROBLEM_H_
