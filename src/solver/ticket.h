// SPDX-License-Identifier: BSD-3-Clause
// Some rows of a batch, in arrays of their own, on their way to a host that serves a stage by itself.
// So the host may take its time, and even come too late, without a pointer of its going stale.
#ifndef SAGIPS_SOLVER_TICKET_H_
#define SAGIPS_SOLVER_TICKET_H_

#include <chrono>
#include <cstdint>
#include <vector>

#include "sagips.h"

namespace sagips {

/// Which rows of which batch: the `sequence`-th of a member's epoch.
struct TicketPlace {
  int32_t member = 0;  // index
  int64_t sequence = 0;
  int64_t first_row = 0, n_rows = 0;
};

/// What a host answered.
struct TicketAnswer {
  TicketPlace place;
  int32_t skip = 0;             // > 0: skip the epoch of the member; then there is nothing else
  std::vector<double> values;   // the arrays that it wrote, one after another
  std::vector<int64_t> status;  // (n_rows) row_status
};

class Ticket {
 public:
  Ticket(uint64_t number, const TicketPlace& place, const sagips_batch& whole);
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  uint64_t number() const { return batch_.ticket; }
  const TicketPlace& place() const { return place_; }
  const sagips_batch& batch() const { return batch_; }
  double age() const;  // seconds

  /// Its rows can never be answered by it: they were handed out again, or their epoch has ended.
  bool is_void() const { return is_void_; }
  void make_void() { is_void_ = true; }

  /// The work failed as a whole.
  void fail_rows(int32_t status);
  TicketAnswer answer() const;

 private:
  TicketPlace place_;
  sagips_batch batch_;
  std::chrono::steady_clock::time_point issued_;
  bool is_void_ = false;
  std::vector<std::vector<double>> arrays_;
  std::vector<uint64_t> row_key_;
  std::vector<int32_t> row_status_;
};

/// Write an answer where it belongs. SAGIPS_ERROR_MISMATCH if it has other sizes than the batch.
void write_answer(const TicketAnswer& answer, const sagips_batch& whole);

}  // namespace sagips

#endif  // SAGIPS_SOLVER_TICKET_H_
