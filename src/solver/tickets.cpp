// SPDX-License-Identifier: BSD-3-Clause
#include "solver/tickets.h"

#include <algorithm>
#include <new>

#include "core/error.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

}  // namespace

// ------------------------------------------------------------------------------------- the epoch

void Tickets::begin(Device* device) {
  try {
    desks_.assign(at(ensemble_->size()), {});
    ensemble_->begin(device);
    for (int32_t k = 0; k < ensemble_->size(); ++k) advance(k);
    memory_ = {};
  } catch (const std::bad_alloc&) {
    end_epoch();  // what a checkpoint left is kept for another try
    throw;
  } catch (...) {
    abandon();
    throw;
  }
}

bool Tickets::is_whole() const {
  return is_running() && std::all_of(desks_.begin(), desks_.end(),
                                     [](const Desk& desk) { return desk.batch == nullptr; });
}

/// Go on with a member until something of a batch is missing.
void Tickets::advance(int32_t member) {
  Desk* desk = &desks_[at(member)];
  for (;;) {
    desk->batch = ensemble_->run(member);
    if (desk->batch == nullptr) return;
    ++desk->sequence;
    if (const int32_t answer = cut(desk, member); answer > 0) {
      skip(member, answer);
      return;
    }
    if (desk->n_left > 0) return;
    ensemble_->accept(member, 0);
  }
}

/// Append a part whose rows nobody has yet.
void Tickets::claim(const TicketPlace& place, Desk* desk, std::vector<char>* is_cut) const {
  const int64_t n_rows = desk->batch->n_rows, last = place.first_row + place.n_rows;
  const auto first = is_cut->begin() + std::min(place.first_row, n_rows);
  if (last > n_rows || std::count(first, first + place.n_rows, 0) != place.n_rows)
    fail(SAGIPS_ERROR_MISMATCH, "a ticket of the checkpoint has rows ", place.first_row, " to ",
         last, " of a batch of ", n_rows,
         ", which are not there or belong to another; make the solver with the options that the "
         "checkpoint was written with");
  std::fill(first, first + place.n_rows, 1);
  desk->parts.push_back(place);
}

/// Rows that a checkpoint remembers are cut as they were; the others evenly.
/// @return > 0 if it remembers that the epoch of this member is skipped here
int32_t Tickets::cut(Desk* desk, int32_t member) {
  const auto is_here = [&](const TicketPlace& place) {
    return place.member == member && place.sequence == desk->sequence;
  };
  desk->parts.clear();
  std::vector<char> is_cut(at(desk->batch->n_rows));
  for (const TicketAnswer& answer : memory_.answers) {
    if (!is_here(answer.place)) continue;
    if (answer.skip > 0) return answer.skip;
    claim(answer.place, desk, &is_cut);
    write_answer(answer, *desk->batch);
    desk->answers.push_back(answer);
  }
  const size_t n_told = desk->parts.size();
  for (const TicketMemory::Out& out : memory_.out) {
    if (!is_here(out.place)) continue;
    claim(out.place, desk, &is_cut);
    tickets_[out.number] = {std::make_unique<Ticket>(out.number, out.place, *desk->batch),
                            desk->parts.size() - 1};
  }
  desk->next = desk->parts.size();
  const int64_t n_rows = desk->batch->n_rows, most = rows_each_ > 0 ? rows_each_ : n_rows;
  for (int64_t first = 0; first < n_rows;) {
    int64_t last = first;
    while (last < n_rows && last - first < most && is_cut[at(last)] == 0) ++last;
    if (last > first) desk->parts.push_back({member, desk->sequence, first, last - first});
    first = std::max(last, first + 1);
  }
  desk->n_left = desk->parts.size() - n_told;
  return 0;
}

/// The epoch of a member is skipped, as a callback's answer > 0 says.
void Tickets::skip(int32_t member, int32_t answer) {
  Desk* desk = &desks_[at(member)];
  desk->answers.push_back({{member, desk->sequence, 0, 0}, answer, {}, {}});
  ensemble_->accept(member, answer);
  desk->batch = nullptr;
  for (const auto& [number, out] : tickets_)
    if (out.ticket->place().member == member) out.ticket->make_void();
}

void Tickets::commit() {
  ensemble_->commit();
  desks_.clear();
}

void Tickets::end_epoch() noexcept {
  ensemble_->abandon();
  desks_.clear();
  for (const auto& [number, out] : tickets_) out.ticket->make_void();
}

void Tickets::abandon() noexcept {
  end_epoch();
  memory_ = {};
}

// ----------------------------------------------------------------------------------- the tickets

const sagips_batch* Tickets::hand_out(int32_t member, size_t part) {
  const Desk& desk = desks_[at(member)];
  Out out{std::make_unique<Ticket>(next_, desk.parts[part], *desk.batch), part};
  const auto placed = tickets_.emplace(next_, std::move(out));
  ++next_;
  return &placed.first->second.ticket->batch();
}

const sagips_batch* Tickets::ask() {
  for (size_t k = 0; k < desks_.size(); ++k) {
    Desk* desk = &desks_[k];
    if (desk->batch == nullptr || desk->next == desk->parts.size()) continue;
    const sagips_batch* batch = hand_out(static_cast<int32_t>(k), desk->next);
    ++desk->next;
    return batch;
  }
  for (const auto& [number, out] : tickets_) {
    if (age_limit_ <= 0 || out.ticket->is_void() || out.ticket->age() <= age_limit_) continue;
    const sagips_batch* batch = hand_out(out.ticket->place().member, out.part);
    out.ticket->make_void();
    return batch;
  }
  return nullptr;
}

Tickets::Place Tickets::find_ticket(uint64_t number) const {
  const Place place = tickets_.find(number);
  if (place == tickets_.end())
    fail(SAGIPS_ERROR_NOT_FOUND, "there is no ticket ", number,
         " out (it was told already, or never asked for); tell each ticket once");
  return place;
}

const sagips_batch& Tickets::find(uint64_t number) const {
  const Ticket& ticket = *find_ticket(number)->second.ticket;
  if (ticket.is_void())
    fail(SAGIPS_ERROR_NOT_FOUND, "ticket ", number,
         " is void: it took longer than ask.age_limit, or its epoch has ended; ask for another");
  return ticket.batch();
}

void Tickets::tell(uint64_t number, int32_t answer) {
  const Place place = find_ticket(number);
  const std::unique_ptr<Ticket> ticket = std::move(tickets_.at(number).ticket);  // ends here
  tickets_.erase(place);
  if (ticket->is_void())
    fail(SAGIPS_ERROR_NOT_FOUND, "ticket ", number,
         " is void: it took longer than ask.age_limit, or its epoch has ended; its answer is not "
         "used");
  const int32_t member = ticket->place().member;
  Desk* desk = &desks_[at(member)];
  try {
    if (answer > 0) {
      skip(member, answer);
      return;
    }
    if (answer < 0) ticket->fail_rows(answer == INT32_MIN ? INT32_MAX : -answer);
    desk->answers.push_back(ticket->answer());
    write_answer(desk->answers.back(), *desk->batch);
    if (--desk->n_left > 0) return;
    ensemble_->accept(member, 0);
    advance(member);
  } catch (...) {
    abandon();
    throw;
  }
}

std::vector<uint64_t> Tickets::outstanding() const {
  std::vector<uint64_t> numbers;
  for (const auto& [number, out] : tickets_)
    if (!out.ticket->is_void()) numbers.push_back(number);
  return numbers;
}

// -------------------------------------------------------------------------------- the checkpoint

TicketMemory Tickets::memory() const {
  TicketMemory now = memory_;  // of an epoch that has not begun again
  now.next = next_;
  for (const Desk& desk : desks_)
    now.answers.insert(now.answers.end(), desk.answers.begin(), desk.answers.end());
  for (const auto& [number, out] : tickets_)
    if (!out.ticket->is_void()) now.out.push_back({out.ticket->place(), number});
  return now;
}

void Tickets::remember(TicketMemory memory) {
  older_.reserve(older_.size() + memory.out.size());  // from here on nothing can fail
  for (const TicketMemory::Out& out : memory.out) {
    const auto place = tickets_.find(out.number);
    if (place == tickets_.end()) continue;
    older_.push_back(std::move(place->second.ticket));
    tickets_.erase(place);
  }
  abandon();
  next_ = std::max(next_, memory.next);
  memory_ = std::move(memory);
}

}  // namespace sagips
