// SPDX-License-Identifier: BSD-3-Clause
#include "data/data_parts.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

[[noreturn]] void fail_on_runs() {
  fail(SAGIPS_ERROR_FORMAT,
       "the parts in which data were taken over do not add up (must be runs of at least one event, "
       "of parts counted from 0, each with its epoch); take another checkpoint");
}

void append_run(std::vector<DataParts::Run>* runs, DataParts::Run run) {
  if (!runs->empty() && runs->back().part == run.part)
    runs->back().n += run.n;
  else
    runs->push_back(run);
}

/// Event i of one table is event j of another.
class Comparison {
 public:
  Comparison(const EventTable& a, const EventTable& b)
      : a_(a), b_(b), event_a_(at(a.n_observables())), event_b_(at(b.n_observables())) {}
  bool operator()(int64_t i, int64_t j) {
    a_.read(i, event_a_.data());
    b_.read(j, event_b_.data());
    return event_a_ == event_b_ && a_.weight(i) == b_.weight(j);
  }

 private:
  const EventTable &a_, &b_;
  std::vector<double> event_a_, event_b_;
};

}  // namespace

DataParts::DataParts(const std::vector<Run>& runs, std::vector<int64_t> epochs)
    : epochs_(std::move(epochs)), parts_(epochs_.size()) {
  for (const Run& run : runs) {
    if (run.part < 0 || run.part >= n_parts() || run.n < 1 ||
        __builtin_add_overflow(total_, run.n, &total_))
      fail_on_runs();
    Part& part = parts_[at(run.part)];
    const bool goes_on = !runs_.empty() && runs_.back().part == run.part;
    if (!goes_on) {
      part.firsts.push_back(part.n);
      part.places.push_back(total_ - run.n);
    }
    part.n += run.n;
    append_run(&runs_, run);
  }
  for (const Part& part : parts_)
    if (part.n == 0) fail_on_runs();
  for (size_t g = 0; g < epochs_.size(); ++g)
    if (epochs_[g] < 0 || (g > 0 && epochs_[g] < epochs_[g - 1])) fail_on_runs();
}

int64_t DataParts::locate(int64_t part, int64_t i) const {
  const Part& p = parts_[at(part)];
  if (p.firsts.size() == 1) return p.places[0] + i;
  const auto run = std::upper_bound(p.firsts.begin(), p.firsts.end(), i) - p.firsts.begin() - 1;
  return p.places[at(run)] + i - p.firsts[at(run)];
}

std::shared_ptr<const DataParts> grow_parts(const DataParts& parts, const EventTable& before,
                                            const EventTable& now, int64_t epoch,
                                            const std::string& dataset) {
  const bool has_numbers = !now.numbers().empty();
  if (has_numbers == before.numbers().empty() || now.n_observables() != before.n_observables())
    fail(SAGIPS_ERROR_DATA, "the events of data set '", dataset,
         "' are numbered or wide in another way than those that the solver trains on, so they are "
         "others; an update takes the same events and more");
  Comparison is_same(before, now);
  std::vector<DataParts::Run> runs;
  std::vector<int64_t> epochs = parts.epochs();
  const int64_t fresh = parts.n_parts();  // the new part, if there is one
  int64_t i = 0, left = 0;                // of `before`; of its run
  size_t run = 0;
  for (int64_t j = 0; j < now.size(); ++j) {
    const bool is_old =
        i < before.size() && (!has_numbers || before.numbers()[at(i)] == now.numbers()[at(j)]);
    if (is_old && !is_same(i, j))
      fail(SAGIPS_ERROR_DATA, "event ", j, " of data set '", dataset,
           "' is not what the solver trained on (its values or its weight changed, or the order); "
           "an update takes the same events and more");
    append_run(&runs, {is_old ? parts.runs()[run].part : fresh, 1});
    if (!is_old) continue;
    ++i;
    if (++left == parts.runs()[run].n) {
      left = 0;
      ++run;
    }
  }
  if (i < before.size())
    fail(SAGIPS_ERROR_DATA, "data set '", dataset, "' lacks ", before.size() - i,
         " events that the solver trained on; an update takes the same events and more");
  if (now.size() > before.size()) epochs.push_back(epoch);
  return std::make_shared<DataParts>(runs, std::move(epochs));
}

}  // namespace sagips
