// SPDX-License-Identifier: BSD-3-Clause
// Epochs whose stages are served by a host that owns the loop: ask and tell. Each batch that a
// stage waits for is cut into tickets of some rows, of all members at once; the host answers them
// in any order, and when the last answer of a batch is there the member goes on. Answers are
// written where the rows lie, so the order of their arrival changes nothing.
//
//   member 0   forward [rows 0-3][4-7][8-9]  ->  backward [0-3][4-7][8-9]  ->  whole
//   member 1   forward [rows 0-3][4-7][8-9]  ->  ...                              commit all
//
// Nothing of an epoch under way is in the committed state. A checkpoint holds its answers so far,
// and which tickets are out: the epoch is run again from its start on these answers.
#ifndef SAGIPS_SOLVER_TICKETS_H_
#define SAGIPS_SOLVER_TICKETS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/safetensors.h"
#include "solver/ensemble.h"
#include "solver/ticket.h"
#include "solver/ticket_memory.h"

namespace sagips {

class Tickets {
 public:
  /// @param rows_each rows of a ticket; 0: the whole batch @param age_limit seconds; 0: none
  Tickets(Ensemble* ensemble, int64_t rows_each, double age_limit)
      : ensemble_(ensemble), rows_each_(rows_each), age_limit_(age_limit) {}

  // What begin() and tell() throw has ended the epoch: every ticket is void, and the next begin()
  // begins it anew. Except that tell() changes nothing for a ticket that is not out.

  /// Begin an epoch.
  void begin(Device* device);
  bool is_running() const { return ensemble_->is_running(); }
  /// The epochs of all members are whole, and can be committed.
  bool is_whole() const;
  /// The next rows that nobody has, or has had for too long; nullptr: all are out.
  const sagips_batch* ask();
  /// SAGIPS_ERROR_NOT_FOUND for a ticket that is not out.
  void tell(uint64_t number, int32_t answer);
  void commit();
  /// Forget the epoch under way.
  void abandon() noexcept;

  /// A checkpoint left tickets or answers, and begin() has not been called since.
  bool remembers() const { return !memory_.is_empty(); }
  const sagips_batch& find(uint64_t number) const;
  /// The oldest first.
  std::vector<uint64_t> outstanding() const;

  /// What a checkpoint has to hold, and what one held, for begin().
  TicketMemory memory() const;
  void remember(TicketMemory memory);

 private:
  struct Desk {  // of a member
    sagips_batch* batch = nullptr;
    int64_t sequence = -1;
    std::vector<TicketPlace> parts;
    size_t next = 0, n_left = 0;        // parts before `next` are out; those that are not told
    std::vector<TicketAnswer> answers;  // of this epoch so far
  };
  struct Out {
    std::unique_ptr<Ticket> ticket;
    size_t part;  // of the desk
  };
  using Place = std::map<uint64_t, Out>::const_iterator;

  void advance(int32_t member);
  int32_t cut(Desk* desk, int32_t member);
  void claim(const TicketPlace& place, Desk* desk, std::vector<char>* is_cut) const;
  void skip(int32_t member, int32_t answer);
  const sagips_batch* hand_out(int32_t member, size_t part);
  Place find_ticket(uint64_t number) const;
  void end_epoch() noexcept;

  Ensemble* ensemble_;
  const int64_t rows_each_;
  const double age_limit_;
  uint64_t next_ = 1;
  std::vector<Desk> desks_;                     // (M) while an epoch is under way
  std::map<uint64_t, Out> tickets_;             // out, or void and not told yet
  std::vector<std::unique_ptr<Ticket>> older_;  // void, their numbers taken again by a checkpoint
  TicketMemory memory_;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_TICKETS_H_
