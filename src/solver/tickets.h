// SPDX-License-Identifier: BSD-3-Clause
// Epochs whose stages are served by a host that owns the loop: ask and tell. Each batch that a stage
// waits for is cut into tickets of some rows, of all members at once; the host answers them in any
// order, and when the last answer of a batch is there the member goes on. Answers are written where the
// rows lie, so the order of their arrival changes nothing.
//
//   member 0   forward [rows 0-3][4-7][8-9]  ->  backward [0-3][4-7][8-9]  ->  whole
//   member 1   forward [rows 0-3][4-7][8-9]  ->  ...                              commit all
//
// Nothing of an epoch under way is in the committed state. A checkpoint holds its answers so far, and
// which tickets are out: the epoch is run again from its start on these answers.
#ifndef SAGIPS_SOLVER_TICKETS_H_
#define SAGIPS_SOLVER_TICKETS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "core/safetensors.h"
#include "solver/ensemble.h"
#include "solver/ticket.h"

namespace sagips {

class Tickets {
 public:
  /// @param rows_each rows of a ticket; 0: the whole batch @param age_limit seconds; 0: none
  Tickets(Ensemble* ensemble, int64_t rows_each, double age_limit)
      : ensemble_(ensemble), rows_each_(rows_each), age_limit_(age_limit) {}

  // What throws has ended the epoch: every ticket is void, and the next ask() begins it anew.

  /// Begin an epoch, unless one is under way.
  void begin(Device* device);
  /// The epochs of all members are whole, and can be committed.
  bool is_whole() const;
  /// The next rows that nobody has, or has had for too long; nullptr: all are out.
  const sagips_batch* ask();
  /// SAGIPS_ERROR_NOT_FOUND for a ticket that is not out.
  void tell(uint64_t number, int32_t answer);
  void commit();
  /// Forget the epoch under way.
  void abandon();

  /// A checkpoint left tickets or answers, and begin() has not been called since.
  bool remembers() const { return !memory_.answers.empty() || !memory_.out.empty(); }
  const sagips_batch& find(uint64_t number) const;
  std::vector<uint64_t> outstanding() const;

  /// Append what a checkpoint has to hold: nothing, between epochs. Read it back, for begin().
  void write(TensorFile* file) const;
  void read(const TensorFile& file);

 private:
  struct Part {
    TicketPlace place;
    bool is_out = false, is_done = false;
  };
  struct Desk {  // of a member
    sagips_batch* batch = nullptr;
    int64_t sequence = -1;
    std::vector<Part> parts;
    std::vector<TicketAnswer> answers;  // of this epoch so far
  };
  struct Memory {  // of a checkpoint
    std::vector<TicketAnswer> answers;
    std::vector<TicketPlace> out;
    std::vector<uint64_t> numbers;  // of those
  };

  template <typename Body>
  void guarded(const Body& body);
  void advance(int32_t member);
  void cut(Desk* desk, int32_t member);
  Part* part_of_ticket(const Ticket& ticket);
  const sagips_batch* hand_out(Part* part);
  Ticket* find_ticket(uint64_t number) const;
  void make_void(int32_t member);

  Ensemble* ensemble_;
  const int64_t rows_each_;
  const double age_limit_;
  uint64_t next_ = 1;
  std::vector<Desk> desks_;                       // (M) while an epoch is under way
  std::vector<std::unique_ptr<Ticket>> tickets_;  // out, or void and not told yet
  Memory memory_;
};

}  // namespace sagips

#endif  // SAGIPS_SOLVER_TICKETS_H_
