// SPDX-License-Identifier: BSD-3-Clause
#include "solver/tickets.h"

#include <algorithm>

#include "core/error.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

bool is_same(const TicketPlace& a, const TicketPlace& b) {
  return a.member == b.member && a.sequence == b.sequence && a.first_row == b.first_row &&
         a.n_rows == b.n_rows;
}

}  // namespace

template <typename Body>
void Tickets::guarded(const Body& body) {
  try {
    body();
  } catch (...) {
    abandon();
    throw;
  }
}

// ------------------------------------------------------------------------------------- the epoch

void Tickets::begin(Device* device) {
  if (ensemble_->is_running()) return;
  guarded([&] {
    desks_.assign(at(ensemble_->size()), {});
    ensemble_->begin(device);
    for (int32_t k = 0; k < ensemble_->size(); ++k) advance(k);
    memory_ = {};
  });
}

bool Tickets::is_whole() const {
  return ensemble_->is_running() && std::all_of(desks_.begin(), desks_.end(), [](const Desk& desk) {
           return desk.batch == nullptr;
         });
}

/// Go on with a member until something of a batch is missing.
void Tickets::advance(int32_t member) {
  Desk* desk = &desks_[at(member)];
  for (;;) {
    desk->batch = ensemble_->run(member);
    if (desk->batch == nullptr) return;
    ++desk->sequence;
    cut(desk, member);
    const auto is_done = [](const Part& part) { return part.is_done; };
    if (!std::all_of(desk->parts.begin(), desk->parts.end(), is_done)) return;
    ensemble_->accept(member, 0);
  }
}

/// Rows that a checkpoint remembers are cut as they were; the others evenly.
void Tickets::cut(Desk* desk, int32_t member) {
  desk->parts.clear();
  std::vector<char> is_cut(at(desk->batch->n_rows));
  const auto claim = [&](const TicketPlace& place) {
    if (place.member != member || place.sequence != desk->sequence) return false;
    const bool fits = place.first_row >= 0 && place.n_rows > 0 &&
                      place.first_row + place.n_rows <= desk->batch->n_rows;
    for (int64_t n = place.first_row; fits && n < place.first_row + place.n_rows; ++n)
      is_cut[at(n)] = 1;
    if (!fits)
      fail(SAGIPS_ERROR_MISMATCH, "a ticket of the checkpoint has rows ", place.first_row, " to ",
           place.first_row + place.n_rows, " of a batch of ", desk->batch->n_rows,
           "; make the solver with the options that it was written with");
    desk->parts.push_back({place});
    return true;
  };
  for (const TicketAnswer& answer : memory_.answers)
    if (claim(answer.place)) {
      write_answer(answer, *desk->batch);
      desk->answers.push_back(answer);
      desk->parts.back().is_out = desk->parts.back().is_done = true;
    }
  for (size_t i = 0; i < memory_.out.size(); ++i)
    if (claim(memory_.out[i])) {
      desk->parts.back().is_out = true;
      tickets_.push_back(
          std::make_unique<Ticket>(memory_.numbers[i], memory_.out[i], *desk->batch));
    }
  const int64_t n_rows = desk->batch->n_rows, most = rows_each_ > 0 ? rows_each_ : n_rows;
  for (int64_t first = 0; first < n_rows;) {
    int64_t last = first;
    while (last < n_rows && last - first < most && is_cut[at(last)] == 0) ++last;
    if (last > first) desk->parts.push_back({{member, desk->sequence, first, last - first}});
    first = std::max(last, first + 1);
  }
}

void Tickets::commit() {
  ensemble_->commit();
  desks_.clear();
}

void Tickets::abandon() {
  ensemble_->abandon();
  desks_.clear();
  memory_ = {};
  for (const auto& ticket : tickets_) ticket->make_void();
}

// ----------------------------------------------------------------------------------- the tickets

Tickets::Part* Tickets::part_of_ticket(const Ticket& ticket) {
  for (Part& part : desks_[at(ticket.place().member)].parts)
    if (is_same(part.place, ticket.place())) return &part;
  fail(SAGIPS_ERROR_INTERNAL, "ticket ", ticket.number(), " has no rows");
}

const sagips_batch* Tickets::hand_out(Part* part) {
  tickets_.push_back(
      std::make_unique<Ticket>(next_, part->place, *desks_[at(part->place.member)].batch));
  ++next_;
  part->is_out = true;
  return &tickets_.back()->batch();
}

const sagips_batch* Tickets::ask() {
  for (Desk& desk : desks_)
    if (desk.batch != nullptr)
      for (Part& part : desk.parts)
        if (!part.is_out) return hand_out(&part);
  for (const auto& ticket : tickets_) {
    if (age_limit_ <= 0 || ticket->is_void() || ticket->age() <= age_limit_) continue;
    ticket->make_void();
    return hand_out(part_of_ticket(*ticket));
  }
  return nullptr;
}

Ticket* Tickets::find_ticket(uint64_t number) const {
  for (const auto& ticket : tickets_)
    if (ticket->number() == number) return ticket.get();
  fail(SAGIPS_ERROR_NOT_FOUND, "there is no ticket ", number,
       " out (it was told already, or never asked for); tell each ticket once");
}

const sagips_batch& Tickets::find(uint64_t number) const {
  const Ticket* ticket = find_ticket(number);
  if (ticket->is_void())
    fail(SAGIPS_ERROR_NOT_FOUND, "ticket ", number,
         " is void: it took longer than ask.age_limit, or its epoch has ended; ask for another");
  return ticket->batch();
}

void Tickets::make_void(int32_t member) {
  for (const auto& ticket : tickets_)
    if (ticket->place().member == member) ticket->make_void();
}

void Tickets::tell(uint64_t number, int32_t answer) {
  Ticket* found = find_ticket(number);
  const auto place = std::find_if(tickets_.begin(), tickets_.end(),
                                  [&](const auto& ticket) { return ticket.get() == found; });
  const std::unique_ptr<Ticket> ticket = std::move(*place);  // its arrays end with this call
  tickets_.erase(place);
  if (ticket->is_void())
    fail(SAGIPS_ERROR_NOT_FOUND, "ticket ", number,
         " is void: it took longer than ask.age_limit, or its epoch has ended; its answer is not "
         "used");
  const int32_t member = ticket->place().member;
  Desk* desk = &desks_[at(member)];
  guarded([&] {
    if (answer > 0) {  // the epoch of this member is skipped
      ensemble_->accept(member, answer);
      make_void(member);
      desk->batch = nullptr;
      return;
    }
    if (answer < 0) ticket->fail_rows(answer == INT32_MIN ? INT32_MAX : -answer);
    desk->answers.push_back(ticket->answer());
    write_answer(desk->answers.back(), *desk->batch);
    part_of_ticket(*ticket)->is_done = true;
    const auto is_done = [](const Part& part) { return part.is_done; };
    if (!std::all_of(desk->parts.begin(), desk->parts.end(), is_done)) return;
    ensemble_->accept(member, 0);
    advance(member);
  });
}

std::vector<uint64_t> Tickets::outstanding() const {
  std::vector<uint64_t> numbers;
  for (const auto& ticket : tickets_)
    if (!ticket->is_void()) numbers.push_back(ticket->number());
  return numbers;
}

// -------------------------------------------------------------------------------- the checkpoint

void Tickets::write(TensorFile* file) const {
  Memory now = memory_;  // of an epoch that has not begun again
  for (const Desk& desk : desks_)
    now.answers.insert(now.answers.end(), desk.answers.begin(), desk.answers.end());
  for (const auto& ticket : tickets_) {
    if (ticket->is_void()) continue;
    now.out.push_back(ticket->place());
    now.numbers.push_back(ticket->number());
  }
  if (next_ == 1) return;
  std::vector<int64_t> answers, status, out;
  std::vector<double> values;
  const auto add_place = [](const TicketPlace& p, std::vector<int64_t>* list) {
    list->insert(list->end(), {p.member, p.sequence, p.first_row, p.n_rows});
  };
  for (const TicketAnswer& answer : now.answers) {
    add_place(answer.place, &answers);
    answers.push_back(static_cast<int64_t>(answer.values.size()));
    values.insert(values.end(), answer.values.begin(), answer.values.end());
    status.insert(status.end(), answer.status.begin(), answer.status.end());
  }
  for (size_t i = 0; i < now.out.size(); ++i) {
    add_place(now.out[i], &out);
    out.push_back(static_cast<int64_t>(now.numbers[i]));
  }
  const auto n_answers = static_cast<int64_t>(now.answers.size());
  add_tensor(file, "tickets.counts",
             std::vector<int64_t>{static_cast<int64_t>(next_), n_answers,
                                  static_cast<int64_t>(values.size()),
                                  static_cast<int64_t>(status.size()),
                                  static_cast<int64_t>(now.out.size())});
  add_tensor(file, "tickets.answers", answers, {n_answers, 5});
  add_tensor(file, "tickets.values", values);
  add_tensor(file, "tickets.status", status);
  add_tensor(file, "tickets.out", out, {static_cast<int64_t>(now.out.size()), 5});
}

void Tickets::read(const TensorFile& file) {
  Memory memory;
  uint64_t next = 1;
  if (has_tensor(file, "tickets.counts")) {
    const auto counts = read_tensor<int64_t>(file, "tickets.counts", {5});
    next = static_cast<uint64_t>(counts[0]);
    const auto answers = read_tensor<int64_t>(file, "tickets.answers", {counts[1], 5});
    const auto values = read_tensor<double>(file, "tickets.values", {counts[2]});
    const auto status = read_tensor<int64_t>(file, "tickets.status", {counts[3]});
    const auto out = read_tensor<int64_t>(file, "tickets.out", {counts[4], 5});
    const auto place_at = [](const std::vector<int64_t>& list, size_t i) {
      return TicketPlace{static_cast<int32_t>(list[i]), list[i + 1], list[i + 2], list[i + 3]};
    };
    int64_t value = 0, row = 0;
    for (size_t i = 0; i < answers.size(); i += 5) {
      TicketAnswer answer{place_at(answers, i), {}, {}};
      const int64_t n_values = answers[i + 4], n_rows = answer.place.n_rows;
      if (n_values < 0 || n_rows < 0 || n_values > counts[2] - value || n_rows > counts[3] - row)
        fail(SAGIPS_ERROR_FORMAT, "the answers to tickets in a checkpoint do not add up; take "
                                  "another checkpoint");
      answer.values.assign(values.begin() + value, values.begin() + value + n_values);
      answer.status.assign(status.begin() + row, status.begin() + row + n_rows);
      value += n_values;
      row += n_rows;
      memory.answers.push_back(std::move(answer));
    }
    for (size_t i = 0; i < out.size(); i += 5) {
      memory.out.push_back(place_at(out, i));
      memory.numbers.push_back(static_cast<uint64_t>(out[i + 4]));
    }
  }
  abandon();
  next_ = next;
  memory_ = std::move(memory);
}

}  // namespace sagips
