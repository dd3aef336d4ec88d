// SPDX-License-Identifier: BSD-3-Clause
#include "data/event_table.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/safetensors.h"

namespace sagips {
namespace {

/// Copy what is handed over into one vector, dense: events, then weights.
template <typename T>
std::vector<T> copy_of(const EventTable::Handover<T>& from) {
  std::vector<T> own;
  own.reserve(static_cast<size_t>(from.n * (from.n_observables + 1)));
  for (int64_t i = 0; i < from.n; ++i) {
    const T* event = from.events + i * from.row_stride;
    own.insert(own.end(), event, event + from.n_observables);
  }
  if (from.weights != nullptr) own.insert(own.end(), from.weights, from.weights + from.n);
  return own;
}

/// Loads do not wait for each other, so that the memory fetches many at once.
template <typename T>
void gather_events(const T* from, int64_t stride, int64_t width, View<const int64_t> numbers,
                   double* to) {
  for (const int64_t number : numbers)
    for (int64_t y = 0; y < width; ++y) *to++ = static_cast<double>(from[number * stride + y]);
}

}  // namespace

void EventTable::gather(View<const int64_t> numbers, double* events, double* weights) const {
  if (is_float_)
    gather_events(float_events_, row_stride_, n_observables_, numbers, events);
  else
    gather_events(double_events_, row_stride_, n_observables_, numbers, events);
  if (!has_weights_)
    std::fill_n(weights, numbers.size(), 1.0);
  else if (is_float_)
    gather_events(float_weights_, 1, 1, numbers, weights);
  else
    gather_events(double_weights_, 1, 1, numbers, weights);
}

template <typename T>
std::shared_ptr<const EventTable> EventTable::make(const Handover<T>& from,
                                                   const std::string& dataset) {
  if (from.n < 1)
    fail(SAGIPS_ERROR_DATA, "data set '", dataset, "' is given ", from.n,
         " events (must be positive); hand over the measured events");
  const bool has_weights = from.weights != nullptr;
  if (!from.is_borrowed)
    return adopt<T>({copy_of(from), has_weights, from.n, from.n_observables, {}}, dataset);
  auto table = std::make_shared<EventTable>();
  table->n_ = from.n;
  table->n_observables_ = from.n_observables;
  table->row_stride_ = from.row_stride;
  table->has_weights_ = has_weights;
  table->point_to(from.events, from.weights);
  table->check(dataset);
  return table;
}

template <typename T>
std::shared_ptr<const EventTable> EventTable::adopt(Contents<T> contents,
                                                    const std::string& dataset) {
  auto table = std::make_shared<EventTable>();
  table->n_ = contents.n;
  table->n_observables_ = contents.n_observables;
  table->row_stride_ = contents.n_observables;
  table->has_weights_ = contents.has_weights;
  table->numbers_ = std::move(contents.numbers);
  std::vector<T>* own;
  if constexpr (std::is_same_v<T, float>)
    own = &table->own_floats_;
  else
    own = &table->own_doubles_;
  *own = std::move(contents.values);
  table->point_to<T>(own->data(), own->data() + contents.n * contents.n_observables);
  table->check(dataset);
  return table;
}

template <typename T>
void EventTable::point_to(const T* events, const T* weights) {
  is_float_ = std::is_same_v<T, float>;
  if constexpr (std::is_same_v<T, float>) {
    float_events_ = events;
    float_weights_ = weights;
  } else {
    double_events_ = events;
    double_weights_ = weights;
  }
}

void check_event(const double* event, int32_t n_observables, double weight, int64_t index,
                 const std::string& whose) {
  for (int32_t y = 0; y < n_observables; ++y)
    if (!std::isfinite(event[y]))
      fail(SAGIPS_ERROR_DATA, "observable ", y, " of event ", index, " of ", whose, " is ",
           event[y], " (must be finite); remove or repair the event");
  if (!std::isfinite(weight))
    fail(SAGIPS_ERROR_DATA, "the weight of event ", index, " of ", whose, " is ", weight,
         " (must be finite); remove or repair the event");
}

void EventTable::check(const std::string& dataset) {
  std::vector<double> event(static_cast<size_t>(n_observables_));
  const std::string whose = concatenate("data set '", dataset, "'");
  std::vector<double> block;
  double sum = 0, sum2 = 0, largest = 0;
  for (int64_t i = 0; i < n_; ++i) {
    read(i, event.data());
    const double w = weight(i);
    check_event(event.data(), n_observables_, w, i, whose);
    largest = std::max(largest, std::abs(w));
    block.insert(block.end(), event.begin(), event.end());
    block.push_back(w);
    if (block.size() > 8192 || i + 1 == n_) {  // a hash of the values, whatever their layout
      const uint64_t parts[2] = {hash_, checksum(block.data(), block.size() * sizeof(double))};
      hash_ = checksum(parts, sizeof(parts));
      block.clear();
    }
  }
  for (int64_t i = 0; i < n_ && largest > 0; ++i) {  // in units of the largest: nothing overflows
    const double w = weight(i) / largest;
    sum += w;
    sum2 += w * w;
  }
  total_weight_ = sum * largest;
  if (!(sum > 0) || !std::isfinite(total_weight_))
    fail(SAGIPS_ERROR_DATA, "the weights of data set '", dataset, "' sum to ", total_weight_,
         " (must be positive and finite, since losses are means under them); check their signs");
  effective_size_ = sum * sum / sum2;
}

template std::shared_ptr<const EventTable> EventTable::make(const Handover<float>&,
                                                            const std::string&);
template std::shared_ptr<const EventTable> EventTable::make(const Handover<double>&,
                                                            const std::string&);
template std::shared_ptr<const EventTable> EventTable::adopt(Contents<float>, const std::string&);
template std::shared_ptr<const EventTable> EventTable::adopt(Contents<double>, const std::string&);

}  // namespace sagips
