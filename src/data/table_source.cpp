// SPDX-License-Identifier: BSD-3-Clause
#include "data/table_source.h"

#include <algorithm>

#include "core/error.h"

namespace sagips {
namespace {

constexpr int64_t kChunk = 256;  // places looked up at once

/// body(done, numbers of the events at [first + done, first + done + some))
template <typename Body>
void for_each_chunk(const DataOrder& order, int64_t first, int64_t n, const Body& body) {
  int64_t numbers[kChunk];
  for (int64_t done = 0; done < n; done += kChunk) {
    const View<int64_t> chunk(numbers, std::min(kChunk, n - done));
    order.training(first + done, chunk);
    body(done, chunk);
  }
}

}  // namespace

TableSource::TableSource(const EventTable& table, const DataOrder& order, int64_t first, int64_t n)
    : table_(table), order_(order), first_(first), n_(n), total_weight_(static_cast<double>(n)) {
  if (!table.has_weights()) return;
  total_weight_ = 0;
  for_each_chunk(order, first, n, [&](int64_t, View<const int64_t> numbers) {
    for (const int64_t number : numbers) total_weight_ += table.weight(number);
  });
  if (!(total_weight_ > 0))
    fail(SAGIPS_ERROR_DATA, "the weights of a batch of ", n, " measured events sum to ",
         total_weight_,
         " (must be positive); take larger batches (options `rows`, `events`), so that negative "
         "weights average out");
}

void TableSource::fill(int64_t first, int64_t n, const EventTile& tile) const {
  for_each_chunk(order_, first_ + first, n, [&](int64_t done, View<const int64_t> numbers) {
    table_.gather(numbers, tile.events + done * table_.n_observables(), tile.weights + done);
  });
}

}  // namespace sagips
