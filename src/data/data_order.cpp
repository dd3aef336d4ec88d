// SPDX-License-Identifier: BSD-3-Clause
#include "data/data_order.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sagips {
namespace {

int64_t part(int64_t whole, double fraction) {
  return static_cast<int64_t>(std::floor(static_cast<double>(whole) * fraction));
}

}  // namespace

DataOrder::DataOrder(uint64_t seed, int32_t member, int64_t dataset,
                     std::shared_ptr<const DataParts> parts, const Settings& settings)
    : seed_(seed),
      member_(member),
      dataset_(dataset),
      is_bootstrap_(settings.is_bootstrap),
      data_parts_(std::move(parts)) {
  int64_t n_so_far = 0;
  for (int64_t g = 0; g < data_parts_->n_parts(); ++g) {
    const int64_t n = data_parts_->size(g);
    n_so_far += n;
    const int64_t held_out = std::min(part(n_so_far, settings.holdout), settings.holdout_limit);
    const int64_t n_held_out = std::clamp<int64_t>(held_out - held_out_, 0, n);
    const int64_t training =
        std::max<int64_t>(1, part(n_so_far - held_out_ - n_held_out, settings.fraction));
    const int64_t n_training = std::clamp<int64_t>(training - training_, 0, n - n_held_out);
    parts_.push_back({held_out_, n_held_out, training_, n_training, n_training < n - n_held_out,
                      Permutation({seed, Stream::kHoldout, 0, dataset, g}, n),
                      Permutation({seed, Stream::kSubset, 0, dataset, g}, n - n_held_out)});
    held_out_ += n_held_out;
    training_ += n_training;
  }
}

void DataOrder::training(int64_t first, View<int64_t> out) const {
  for (int64_t done = 0; done < out.size();) {
    const int64_t pass = (first + done) / training_, begin = (first + done) % training_;
    const int64_t n = std::min(out.size() - done, training_ - begin);
    training_of_pass(pass, begin, out.part(done, n));
    done += n;
  }
}

void DataOrder::training_of_pass(int64_t pass, int64_t begin, View<int64_t> out) const {
  const Permutation order({seed_, Stream::kDataOrder, member_, dataset_, pass}, training_);
  for (int64_t k = 0; k < out.size(); ++k) out[k] = begin + k;
  order.apply(out);
  if (is_bootstrap_) resample(out);
  if (parts_.size() == 1) {
    locate(0, out);
    return;
  }
  for (int64_t& i : out) {
    const auto behind =
        std::upper_bound(parts_.begin(), parts_.end(), i,
                         [](int64_t value, const Part& p) { return value < p.first_training; });
    const auto g = static_cast<size_t>(behind - parts_.begin() - 1);
    i -= parts_[g].first_training;
    locate(g, {&i, 1});
  }
}

/// From places among a part's training events to those in the table.
void DataOrder::locate(size_t g, View<int64_t> out) const {
  const Part& p = parts_[g];
  if (p.is_subset) p.subset.apply(out);
  if (p.n_held_out > 0) {
    for (int64_t& i : out) i += p.n_held_out;
    p.split.apply(out);
  }
  if (parts_.size() == 1) return;  // the table is the part
  for (int64_t& i : out) i = data_parts_->locate(static_cast<int64_t>(g), i);
}

int64_t DataOrder::held_out(int64_t i) const {
  size_t g = 0;
  while (i >= parts_[g].first_held_out + parts_[g].n_held_out) ++g;
  return data_parts_->locate(static_cast<int64_t>(g),
                             parts_[g].split(i - parts_[g].first_held_out));
}

// Of the draw of place i, the epoch is i >> 20 and the index what is below.
void DataOrder::resample(View<int64_t> places) const {
  constexpr int64_t kTogether = 64;
  const Sequence draws{seed_, Stream::kBootstrap, member_, dataset_, 0};
  const auto n = static_cast<double>(training_);
  uint64_t indices[kTogether];
  double uniforms[kTogether];
  for (int64_t first = 0; first < places.size(); first += kTogether) {
    const View<int64_t> some = places.part(first, std::min(kTogether, places.size() - first));
    for (int64_t k = 0; k < some.size(); ++k)
      indices[k] = static_cast<uint64_t>(some[k] >> 20 << 24 | (some[k] & 0xfffff));
    pick_uniforms(draws, {indices, some.size()}, {uniforms, some.size()});
    for (int64_t k = 0; k < some.size(); ++k) some[k] = static_cast<int64_t>(uniforms[k] * n);
  }
}

}  // namespace sagips
