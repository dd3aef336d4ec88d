// SPDX-License-Identifier: BSD-3-Clause
// What a checkpoint holds of an epoch whose stages a host serves: the answers so far, and which
// tickets are out. Between epochs, and where nobody asked, it is nothing.
//
//   tickets.counts   (5)      number of the next ticket; answers, values, statuses, tickets out
//   tickets.answers  (n, 6)   member, sequence, first row, rows, skip, values
//   tickets.values            of all answers, one after another
//   tickets.status            (rows) of all answers
//   tickets.out      (n, 5)   member, sequence, first row, rows, number
#ifndef SAGIPS_SOLVER_TICKET_MEMORY_H_
#define SAGIPS_SOLVER_TICKET_MEMORY_H_

#include <cstdint>
#include <vector>

#include "core/safetensors.h"
#include "solver/ticket.h"

namespace sagips {

struct TicketMemory {
  struct Out {
    TicketPlace place;
    uint64_t number = 0;
  };
  uint64_t next = 1;  // number of the next ticket
  std::vector<TicketAnswer> answers;
  std::vector<Out> out;

  bool is_empty() const { return answers.empty() && out.empty(); }

  /// Append the tensors; none, if it is empty.
  void write(TensorFile* file) const;
  /// SAGIPS_ERROR_MISMATCH, SAGIPS_ERROR_FORMAT for what no training of `n_members` writes.
  static TicketMemory read(const TensorFile& file, int32_t n_members);
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_TICKET_MEMORY_H_
