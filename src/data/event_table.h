// SPDX-License-Identifier: BSD-3-Clause
// Measured events in memory: (n, Y), float or double, copied or borrowed with a stride, with
// optional weights and numbers. Checked once, when handed over; read-only after that and shared by
// all who use it.
#ifndef SAGIPS_DATA_EVENT_TABLE_H_
#define SAGIPS_DATA_EVENT_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/view.h"

namespace sagips {

class EventTable {
 public:
  /// What the host hands over; pointers of type T = float or double.
  template <typename T>
  struct Handover {
    const T* events;   // (n, Y)
    const T* weights;  // (n) or nullptr
    int64_t n;
    int32_t n_observables;
    int64_t row_stride;  // elements; >= n_observables
    bool is_borrowed;
  };

  /// SAGIPS_ERROR_DATA for no events, values that are not finite, weights that sum to nothing.
  template <typename T>
  static std::shared_ptr<const EventTable> make(const Handover<T>& from,
                                                const std::string& dataset);

  /// Events of one's own: values are (n, Y), then the weights (n) if has_weights.
  template <typename T>
  struct Contents {
    std::vector<T> values;
    bool has_weights;
    int64_t n;
    int32_t n_observables;
    std::vector<int64_t> numbers;  // (n) ascending, or empty
  };
  /// Without a copy. The same errors.
  template <typename T>
  static std::shared_ptr<const EventTable> adopt(Contents<T> contents, const std::string& dataset);

  int64_t size() const { return n_; }
  int32_t n_observables() const { return n_observables_; }
  double total_weight() const { return total_weight_; }
  /// (sum w)^2 / sum w^2: as many events of weight 1 know as much.
  double effective_size() const { return effective_size_; }

  /// Copy event i to out (Y), in double.
  void read(int64_t i, double* out) const {
    const int64_t first = i * row_stride_;
    for (int32_t y = 0; y < n_observables_; ++y)
      out[y] =
          is_float_ ? static_cast<double>(float_events_[first + y]) : double_events_[first + y];
  }
  bool has_weights() const { return has_weights_; }
  bool is_float() const { return is_float_; }
  /// What the host calls the events (n), ascending; empty if it did not number them.
  const std::vector<int64_t>& numbers() const { return numbers_; }
  /// Copy the events of these numbers to events (n, Y), and their weights to weights (n).
  void gather(View<const int64_t> numbers, double* events, double* weights) const;
  double weight(int64_t i) const {
    if (!has_weights_) return 1;
    return is_float_ ? static_cast<double>(float_weights_[i]) : double_weights_[i];
  }

  /// XXH3 of all values, for checkpoints.
  uint64_t hash() const { return hash_; }

 private:
  template <typename T>
  void point_to(const T* events, const T* weights);
  void check(const std::string& dataset);

  int64_t n_ = 0;
  int32_t n_observables_ = 0;
  int64_t row_stride_ = 0;
  bool is_float_ = false;
  bool has_weights_ = false;
  double total_weight_ = 0;
  double effective_size_ = 0;
  uint64_t hash_ = 0;
  const float* float_events_ = nullptr;
  const float* float_weights_ = nullptr;
  const double* double_events_ = nullptr;
  const double* double_weights_ = nullptr;
  std::vector<float> own_floats_;  // events, then weights
  std::vector<double> own_doubles_;
  std::vector<int64_t> numbers_;
};

/// SAGIPS_ERROR_DATA if a value or the weight is not finite. @param whose "data set 'x'"
void check_event(const double* event, int32_t n_observables, double weight, int64_t index,
                 const std::string& whose);

}  // namespace sagips

#endif  // SAGIPS_DATA_EVENT_TABLE_H_
