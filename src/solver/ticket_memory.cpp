// SPDX-License-Identifier: BSD-3-Clause
#include "solver/ticket_memory.h"

#include <set>

#include "core/error.h"

namespace sagips {
namespace {

constexpr int64_t kAnswerColumns = 6, kOutColumns = 5;
constexpr int64_t kMostRows = int64_t{1} << 48;  // so that sums of two do not overflow

int64_t size_of(size_t n) { return static_cast<int64_t>(n); }

void add_place(const TicketPlace& p, std::vector<int64_t>* list) {
  list->insert(list->end(), {p.member, p.sequence, p.first_row, p.n_rows});
}

[[noreturn]] void fail_format() {
  fail(SAGIPS_ERROR_FORMAT,
       "the tickets in a checkpoint do not add up (no training writes them so); take another "
       "checkpoint");
}

/// A checksum tells of damage; this tells of what nobody writes.
TicketPlace read_place(const int64_t* row, int32_t n_members, int64_t least_rows) {
  const bool is_sane = row[0] >= 0 && row[0] < n_members && row[1] >= 0 && row[2] >= 0 &&
                       row[2] < kMostRows && row[3] >= least_rows && row[3] < kMostRows;
  if (!is_sane) fail_format();
  return {static_cast<int32_t>(row[0]), row[1], row[2], row[3]};
}

}  // namespace

void TicketMemory::write(TensorFile* file) const {
  if (is_empty()) return;
  std::vector<int64_t> answer_rows, out_rows, status;
  std::vector<double> values;
  for (const TicketAnswer& answer : answers) {
    add_place(answer.place, &answer_rows);
    answer_rows.insert(answer_rows.end(), {answer.skip, size_of(answer.values.size())});
    values.insert(values.end(), answer.values.begin(), answer.values.end());
    status.insert(status.end(), answer.status.begin(), answer.status.end());
  }
  for (const Out& ticket : out) {
    add_place(ticket.place, &out_rows);
    out_rows.push_back(static_cast<int64_t>(ticket.number));
  }
  add_tensor(
      file, "tickets.counts",
      std::vector<int64_t>{static_cast<int64_t>(next), size_of(answers.size()),
                           size_of(values.size()), size_of(status.size()), size_of(out.size())});
  add_tensor(file, "tickets.answers", answer_rows, {size_of(answers.size()), kAnswerColumns});
  add_tensor(file, "tickets.values", values);
  add_tensor(file, "tickets.status", status);
  add_tensor(file, "tickets.out", out_rows, {size_of(out.size()), kOutColumns});
}

TicketMemory TicketMemory::read(const TensorFile& file, int32_t n_members) {
  TicketMemory memory;
  if (!has_tensor(file, "tickets.counts")) return memory;
  const auto counts = read_tensor<int64_t>(file, "tickets.counts", {5});
  for (const int64_t count : counts)
    if (count < 0) fail_format();
  const auto answer_rows =
      read_tensor<int64_t>(file, "tickets.answers", {counts[1], kAnswerColumns});
  const auto values = read_tensor<double>(file, "tickets.values", {counts[2]});
  const auto status = read_tensor<int64_t>(file, "tickets.status", {counts[3]});
  const auto out_rows = read_tensor<int64_t>(file, "tickets.out", {counts[4], kOutColumns});

  auto value = values.begin();
  auto row_status = status.begin();
  for (int64_t i = 0; i < counts[1]; ++i) {
    const int64_t* row = answer_rows.data() + i * kAnswerColumns;
    const int64_t skip = row[4], n_values = row[5], n_rows = row[3];
    if (skip < 0 || skip > INT32_MAX || (skip > 0) != (n_rows == 0)) fail_format();
    TicketAnswer answer{read_place(row, n_members, 0), static_cast<int32_t>(skip), {}, {}};
    if (n_values < 0 || n_values > values.end() - value || n_rows > status.end() - row_status)
      fail_format();
    answer.values.assign(value, value + n_values);
    answer.status.assign(row_status, row_status + n_rows);
    for (const int64_t s : answer.status)
      if (s < INT32_MIN || s > INT32_MAX) fail_format();
    value += n_values;
    row_status += n_rows;
    memory.answers.push_back(std::move(answer));
  }
  if (value != values.end() || row_status != status.end()) fail_format();

  memory.next = static_cast<uint64_t>(counts[0]);
  std::set<int64_t> numbers;
  for (int64_t i = 0; i < counts[4]; ++i) {
    const int64_t* row = out_rows.data() + i * kOutColumns;
    const int64_t number = row[4];
    if (number < 1 || number >= counts[0] || !numbers.insert(number).second) fail_format();
    memory.out.push_back({read_place(row, n_members, 1), static_cast<uint64_t>(number)});
  }
  if (memory.next < 1) fail_format();
  return memory;
}

}  // namespace sagips
