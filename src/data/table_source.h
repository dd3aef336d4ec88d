// SPDX-License-Identifier: BSD-3-Clause
// A batch of measured events straight out of their table, in the order of training: no copy of it
// is ever made.
#ifndef SAGIPS_DATA_TABLE_SOURCE_H_
#define SAGIPS_DATA_TABLE_SOURCE_H_

#include "data/data_order.h"
#include "data/event_table.h"
#include "device/event_source.h"

namespace sagips {

class TableSource : public EventSource {
 public:
  /// Places [first, first + n) of `order`. SAGIPS_ERROR_DATA where their weights sum to nothing.
  TableSource(const EventTable& table, const DataOrder& order, int64_t first, int64_t n);
  int64_t size() const override { return n_; }
  double total_weight() const override { return total_weight_; }
  void fill(int64_t first, int64_t n, const EventTile& tile) const override;

 private:
  const EventTable& table_;
  const DataOrder& order_;
  int64_t first_, n_;
  double total_weight_;
};

}  // namespace sagips

#endif  // SAGIPS_DATA_TABLE_SOURCE_H_
