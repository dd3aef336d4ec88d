// SPDX-License-Identifier: BSD-3-Clause
#include "data/event_collector.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/error.h"

namespace sagips {
namespace {

constexpr int64_t kChunkEvents = 65536;  // a chunk of as many is full

size_t at(int64_t i) { return static_cast<size_t>(i); }

template <typename T>
auto& values_of(EventChunk& chunk) {
  if constexpr (std::is_same_v<T, float>)
    return chunk.floats;
  else
    return chunk.doubles;
}

/// A call's events, checked and dense.
template <typename T>
std::shared_ptr<EventChunk> copy_checked(const EventTable::Handover<T>& from,
                                         const int64_t* numbers, const std::string& dataset) {
  auto chunk = std::make_shared<EventChunk>();
  chunk->n = from.n;
  chunk->is_float = std::is_same_v<T, float>;
  chunk->has_weights = from.weights != nullptr;
  auto& values = values_of<T>(*chunk);
  values.events.reserve(at(from.n * from.n_observables));
  const std::string whose = concatenate("this call for data set '", dataset, "'");
  std::vector<double> event(at(from.n_observables));
  for (int64_t i = 0; i < from.n; ++i) {
    const T* row = from.events + i * from.row_stride;
    std::copy(row, row + from.n_observables, event.begin());
    const double weight = chunk->has_weights ? static_cast<double>(from.weights[i]) : 1;
    check_event(event.data(), from.n_observables, weight, i, whose);
    values.events.insert(values.events.end(), row, row + from.n_observables);
  }
  if (chunk->has_weights) values.weights.assign(from.weights, from.weights + from.n);
  if (numbers != nullptr) chunk->numbers.assign(numbers, numbers + from.n);
  return chunk;
}

void check_unlike(const std::vector<int64_t>& numbers, const std::string& dataset) {
  NumberSet seen;
  seen.reserve(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i)
    if (!seen.insert(numbers[i]))
      fail(SAGIPS_ERROR_DATA, "event ", i, " of this call for data set '", dataset,
           "' has the number ", numbers[i],
           ", which an earlier event of the call has too (must be unique over the data set); "
           "number events by run and event, say");
}

/// Room for more, at least half as much again as there is: appending costs a constant on average.
template <typename T>
void make_room(std::vector<T>* v, size_t more) {
  if (v->capacity() - v->size() < more)
    v->reserve(std::max(v->size() + more, v->size() + v->size() / 2));
}

template <typename T>
void move_behind(std::vector<T>* to, const std::vector<T>& from) {
  to->insert(to->end(), from.begin(), from.end());
}

bool is_same_kind(const EventChunk& a, const EventChunk& b) {
  return a.is_float == b.is_float && a.has_weights == b.has_weights;
}

/// fn(vector of `to`, the same vector of `from`) for all of a chunk.
template <typename Fn>
void for_each_vector(EventChunk* to, const EventChunk& from, const Fn& fn) {
  fn(&to->floats.events, from.floats.events);
  fn(&to->floats.weights, from.floats.weights);
  fn(&to->doubles.events, from.doubles.events);
  fn(&to->doubles.weights, from.doubles.weights);
  fn(&to->numbers, from.numbers);
}

// ---------------------------------------------------------------------------- making a table

using Chunks = std::vector<std::shared_ptr<EventChunk>>;

/// Writes events one behind the other into what a table takes over.
template <typename T>
class Writer {
 public:
  Writer(int64_t n, int32_t width, bool has_weights, bool has_numbers)
      : contents_{std::vector<T>(at(n) * at(has_weights ? width + 1 : width)), has_weights, n,
                  width, std::vector<int64_t>(has_numbers ? at(n) : 0)},
        event_(contents_.values.data()),
        weight_(event_ + n * width),
        number_(contents_.numbers.data()),
        row_(at(width)) {}

  void take(const EventTable& table, int64_t i) {
    table.read(i, row_.data());
    write(row_.data(), table.weight(i), table.numbers().empty() ? 0 : table.numbers()[at(i)]);
  }
  void take(const EventChunk& chunk, int64_t i) {
    const int64_t number = chunk.numbers.empty() ? 0 : chunk.numbers[at(i)];
    const int64_t width = contents_.n_observables;
    if (chunk.is_float)
      write(chunk.floats.events.data() + i * width,
            chunk.has_weights ? chunk.floats.weights[at(i)] : 1, number);
    else
      write(chunk.doubles.events.data() + i * width,
            chunk.has_weights ? chunk.doubles.weights[at(i)] : 1, number);
  }
  EventTable::Contents<T> contents() { return std::move(contents_); }

 private:
  template <typename From, typename Weight>
  void write(const From* event, Weight weight, int64_t number) {
    for (int32_t y = 0; y < contents_.n_observables; ++y) *event_++ = static_cast<T>(event[y]);
    if (contents_.has_weights) *weight_++ = static_cast<T>(weight);
    if (!contents_.numbers.empty()) *number_++ = number;
  }

  EventTable::Contents<T> contents_;
  T *event_, *weight_;
  int64_t* number_;
  std::vector<double> row_;
};

/// An event in the chunks, by its number.
struct Place {
  int64_t number;
  size_t chunk;
  int64_t index;
};

std::vector<Place> sorted_places(const Chunks& chunks) {
  std::vector<Place> places;
  for (size_t c = 0; c < chunks.size(); ++c)
    for (int64_t i = 0; i < chunks[c]->n; ++i) places.push_back({chunks[c]->numbers[at(i)], c, i});
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.number < b.number; });
  return places;
}

template <typename T>
std::shared_ptr<const EventTable> merge(const EventTable* base, const Chunks& chunks, int64_t n,
                                        int32_t width, bool has_weights,
                                        const std::string& dataset) {
  const bool has_numbers = !chunks.front()->numbers.empty();
  const int64_t n_base = base == nullptr ? 0 : base->size();
  Writer<T> writer(n, width, has_weights, has_numbers);
  int64_t i = 0;  // of the base
  if (has_numbers) {
    for (const Place& place : sorted_places(chunks)) {
      for (; i < n_base && base->numbers()[at(i)] < place.number; ++i) writer.take(*base, i);
      writer.take(*chunks[place.chunk], place.index);
    }
  }
  for (; i < n_base; ++i) writer.take(*base, i);
  if (!has_numbers)
    for (const auto& chunk : chunks)
      for (int64_t k = 0; k < chunk->n; ++k) writer.take(*chunk, k);
  return EventTable::adopt<T>(writer.contents(), dataset);
}

std::shared_ptr<const EventTable> merge(const EventTable* base, const Chunks& chunks,
                                        const std::string& dataset) {
  bool is_float = base == nullptr || base->is_float();
  bool has_weights = base != nullptr && base->has_weights();
  int64_t n = base == nullptr ? 0 : base->size();
  for (const auto& chunk : chunks) {
    is_float = is_float && chunk->is_float;
    has_weights = has_weights || chunk->has_weights;
    n += chunk->n;
  }
  const EventChunk& first = *chunks.front();
  const auto width = static_cast<int32_t>(
      (first.is_float ? first.floats.events.size() : first.doubles.events.size()) / at(first.n));
  return is_float ? merge<float>(base, chunks, n, width, has_weights, dataset)
                  : merge<double>(base, chunks, n, width, has_weights, dataset);
}

}  // namespace

// ------------------------------------------------------------------------------------------ adding

void EventCollector::check_source(Source wanted) const {
  if (source_ == Source::kNone || source_ == wanted) return;
  if (source_ == Source::kWhole)
    fail(SAGIPS_ERROR_STATE, "the events of data set '", dataset_,
         "' were handed over as a whole by sagips_problem_set_events(), and none can be added to "
         "those; hand over all by sagips_problem_add_events(), or all at once");
  fail(SAGIPS_ERROR_STATE, "this call brings events ",
       wanted == Source::kNumbered ? "with" : "without", " numbers, but data set '", dataset_,
       "' has events ", wanted == Source::kNumbered ? "without" : "with",
       " (the order needs numbers for all or for none); give numbers in every call or in none");
}

void EventCollector::check_numbers(const std::vector<int64_t>& numbers) const {
  for (size_t i = 0; i < numbers.size(); ++i)
    if (numbers_.has(numbers[i]))
      fail(SAGIPS_ERROR_DATA, "event ", i, " of this call for data set '", dataset_,
           "' has the number ", numbers[i],
           ", which was added by an earlier call (must be unique over the data set); see whether a "
           "file is read twice");
}

/// Everything that needs memory comes first, so that nothing has happened where there is none.
void EventCollector::append(std::shared_ptr<EventChunk> chunk) {
  numbers_.reserve(chunk->numbers.size());
  const bool joins = is_open_ && is_same_kind(*chunks_.back(), *chunk) &&
                     chunks_.back()->n + chunk->n <= kChunkEvents;
  if (joins) {
    for_each_vector(chunks_.back().get(), *chunk,
                    [](auto* to, const auto& from) { make_room(to, from.size()); });
  } else {
    make_room(&chunks_, 1);
  }
  n_ += chunk->n;
  for (const int64_t number : chunk->numbers) numbers_.insert(number);
  if (joins) {
    for_each_vector(chunks_.back().get(), *chunk,
                    [](auto* to, const auto& from) { move_behind(to, from); });
    chunks_.back()->n += chunk->n;
  } else {
    chunks_.push_back(std::move(chunk));
    is_open_ = true;
  }
}

template <typename T>
void EventCollector::add(const EventTable::Handover<T>& from, const int64_t* numbers) {
  if (from.n == 0) return;
  std::shared_ptr<EventChunk> chunk = copy_checked(from, numbers, dataset_);
  check_unlike(chunk->numbers, dataset_);
  const Source wanted = numbers == nullptr ? Source::kUnnumbered : Source::kNumbered;
  const std::lock_guard<std::mutex> lock(mutex_);
  check_source(wanted);
  check_numbers(chunk->numbers);
  append(std::move(chunk));
  source_ = wanted;
}

template void EventCollector::add(const EventTable::Handover<float>&, const int64_t*);
template void EventCollector::add(const EventTable::Handover<double>&, const int64_t*);

// ------------------------------------------------------------------------------------------ taking

void EventCollector::replace(std::shared_ptr<const EventTable> whole) {
  std::shared_ptr<const EventTable> earlier;  // goes after the locks: a host may be told
  const std::lock_guard<std::mutex> sealing(sealing_);
  const std::lock_guard<std::mutex> lock(mutex_);
  source_ = Source::kWhole;
  n_ = whole->size();
  earlier = std::exchange(base_, std::move(whole));
  chunks_.clear();
  numbers_ = NumberSet();
}

int64_t EventCollector::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return n_;
}

std::shared_ptr<const EventTable> EventCollector::table() {
  const std::lock_guard<std::mutex> sealing(sealing_);
  Chunks chunks;
  std::shared_ptr<const EventTable> base;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    chunks = chunks_;
    base = base_;
    is_open_ = false;  // what is merged below no longer grows
  }
  if (chunks.empty()) return base;
  std::shared_ptr<const EventTable> merged = merge(base.get(), chunks, dataset_);
  const std::lock_guard<std::mutex> lock(mutex_);
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(chunks.size()));
  base_ = merged;
  return merged;
}

}  // namespace sagips
