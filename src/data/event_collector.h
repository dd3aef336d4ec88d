// SPDX-License-Identifier: BSD-3-Clause
// Measured events as they come in: all at once (replace), or call by call and from several threads
// (add), while others take what is there (table).
//
//   add -> [chunk | chunk | open chunk]    chunks of events in the order of arrival
//   table:  base + closed chunks -> EventTable, the new base, in ascending order of the numbers
//
// A lock is held while a call's events, checked and copied before, join the open chunk, and while
// the list of chunks is read or shortened; never while a table is made. Without numbers the order
// is that of arrival. An event is in memory once, and twice while a table is made.
#ifndef SAGIPS_DATA_EVENT_COLLECTOR_H_
#define SAGIPS_DATA_EVENT_COLLECTOR_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "data/event_table.h"
#include "data/number_set.h"

namespace sagips {

/// Events of one kind: of one type, with weights or without, numbered or not.
struct EventChunk {
  template <typename T>
  struct Values {
    std::vector<T> events, weights;  // (n, Y), (n) or empty
  };
  int64_t n = 0;
  bool is_float = false, has_weights = false;
  Values<float> floats;  // one of these two is used
  Values<double> doubles;
  std::vector<int64_t> numbers;  // (n) or empty
};

class EventCollector {
 public:
  explicit EventCollector(std::string dataset) : dataset_(std::move(dataset)) {}
  EventCollector(const EventCollector&) = delete;
  EventCollector& operator=(const EventCollector&) = delete;

  /// All events at once, instead of any earlier ones.
  void replace(std::shared_ptr<const EventTable> whole);

  /// Append events, all or none. @param numbers (n), different over the data set, or nullptr
  /// SAGIPS_ERROR_DATA for values that are not finite and numbers that are taken,
  /// SAGIPS_ERROR_STATE where some events have numbers and some do not, or after replace().
  template <typename T>
  void add(const EventTable::Handover<T>& from, const int64_t* numbers);

  int64_t size() const;

  /// All events so far; nullptr if there are none. The same table until more are added.
  /// SAGIPS_ERROR_DATA if their weights sum to nothing.
  std::shared_ptr<const EventTable> table();

 private:
  enum class Source { kNone, kWhole, kNumbered, kUnnumbered };

  void check_source(Source wanted) const;
  void check_numbers(const std::vector<int64_t>& numbers) const;
  void append(std::shared_ptr<EventChunk> chunk);

  const std::string dataset_;
  std::mutex sealing_;        // one table is made at a time
  mutable std::mutex mutex_;  // of all below
  Source source_ = Source::kNone;
  int64_t n_ = 0;
  bool is_open_ = false;  // the last chunk may grow
  std::vector<std::shared_ptr<EventChunk>> chunks_;
  std::shared_ptr<const EventTable> base_;
  NumberSet numbers_;
};

}  // namespace sagips

#endif  // SAGIPS_DATA_EVENT_COLLECTOR_H_
