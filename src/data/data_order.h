// SPDX-License-Identifier: BSD-3-Clause
// Which event comes when. The n events are put in a random order; the first h of them are held out
// for sagips_solver_assess(), and of the others m, a fraction, are taken at random: both are the
// same for all members. Each member may draw anew from these with replacement (bootstrap). Training
// passes through these again and again, each pass in an order of its own, so that the place in the
// data is one number, and nothing of size n is stored:
//
//   index = split[ h + subset[ resample[ order_pass[ position mod m ] ] ] ]
//   pass  = position div m
//
// Data that came in parts (data_parts.h) have split and subset in each part, with as many events as
// make the totals h and m those of all n; resample and order run over all. So what is held out, or
// trained on, stays so when data are added.
//
// Orders that nobody could tell from none are left out: split where nothing is held out, subset
// where nothing else is left out.
#ifndef SAGIPS_DATA_DATA_ORDER_H_
#define SAGIPS_DATA_DATA_ORDER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "core/view.h"
#include "data/data_parts.h"
#include "data/permutation.h"

namespace sagips {

class DataOrder {
 public:
  struct Settings {
    double holdout = 0;         // fraction
    int64_t holdout_limit = 0;  // events
    double fraction = 1;        // of what is not held out
    bool is_bootstrap = false;
  };
  DataOrder(uint64_t seed, int32_t member, int64_t dataset, std::shared_ptr<const DataParts> parts,
            const Settings& settings);
  /// n events in one part.
  DataOrder(uint64_t seed, int32_t member, int64_t dataset, int64_t n, const Settings& settings)
      : DataOrder(seed, member, dataset, std::make_shared<DataParts>(n), settings) {}

  int64_t n_held_out() const { return held_out_; }
  int64_t n_training() const { return training_; }
  int64_t held_out(int64_t i) const;

  /// Events at the places [first, first + out.size()) of the training, which goes on without end.
  void training(int64_t first, View<int64_t> out) const;
  int64_t training(int64_t place) const {
    int64_t event = 0;
    training(place, {&event, 1});
    return event;
  }

 private:
  struct Part {
    int64_t first_held_out, n_held_out;  // of all
    int64_t first_training, n_training;
    bool is_subset;
    Permutation split, subset;
  };

  void training_of_pass(int64_t pass, int64_t begin, View<int64_t> out) const;
  void resample(View<int64_t> places) const;
  void locate(size_t part, View<int64_t> out) const;

  uint64_t seed_;
  int32_t member_;
  int64_t dataset_;
  bool is_bootstrap_;
  int64_t held_out_ = 0, training_ = 0;
  std::shared_ptr<const DataParts> data_parts_;
  std::vector<Part> parts_;
};

}  // namespace sagips

#endif  // SAGIPS_DATA_DATA_ORDER_H_
