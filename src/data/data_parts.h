// SPDX-License-Identifier: BSD-3-Clause
// Data that grow during a training are taken over part by part: part 0 is what the solver was made
// with, each update adds one. Which events are held out is drawn for each part on its own (see
// data_order.h), so that no event ever changes sides. A table is in an order of its own, that of
// the numbers, in which the events of a part may lie anywhere; what says where is a list of runs,
//
//   (part 0, 700 events) (part 1, 20) (part 0, 300) ...      in the order of the table,
//
// short where later events have higher numbers. Event i of a part is its i-th event in that order.
#ifndef SAGIPS_DATA_DATA_PARTS_H_
#define SAGIPS_DATA_DATA_PARTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/event_table.h"

namespace sagips {

class DataParts {
 public:
  struct Run {
    int64_t part, n;
  };

  /// All n events are part 0.
  explicit DataParts(int64_t n) : DataParts({{0, n}}, {0}) {}
  /// @param epochs of the training in which the parts were taken over
  /// SAGIPS_ERROR_FORMAT where these describe no parts.
  DataParts(const std::vector<Run>& runs, std::vector<int64_t> epochs);

  int64_t n_parts() const { return static_cast<int64_t>(parts_.size()); }
  int64_t size(int64_t part) const { return parts_[static_cast<size_t>(part)].n; }
  int64_t total() const { return total_; }
  const std::vector<Run>& runs() const { return runs_; }
  const std::vector<int64_t>& epochs() const { return epochs_; }

  /// Place in the table of event i of a part.
  int64_t locate(int64_t part, int64_t i) const;

 private:
  struct Part {
    int64_t n = 0;
    std::vector<int64_t> firsts, places;  // of each run: in the part, in the table
  };
  int64_t total_ = 0;
  std::vector<Run> runs_;  // neighbours differ
  std::vector<int64_t> epochs_;
  std::vector<Part> parts_;
};

/// The parts of `now`, which has all events of `before` and perhaps more, taken over in `epoch`.
/// SAGIPS_ERROR_DATA if events of `before` are missing or changed.
std::shared_ptr<const DataParts> grow_parts(const DataParts& parts, const EventTable& before,
                                            const EventTable& now, int64_t epoch,
                                            const std::string& dataset);

}  // namespace sagips

#endif  // SAGIPS_DATA_DATA_PARTS_H_
