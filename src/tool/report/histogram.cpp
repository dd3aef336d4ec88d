// SPDX-License-Identifier: BSD-3-Clause
// Filling and comparing two histograms.

#include "tool/report/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sagips_tool {
namespace {

constexpr size_t kBins = 50;
constexpr double kFewest = 25.0;               // events a bin, data and scaled synthetic on average
constexpr double kFewestShare = 1.0 / 5000.0;  // of all: keeps the ratio's axis narrow

// One observable of a sample.
struct Column {
  const std::vector<double>& events;
  const std::vector<double>& weights;
  size_t column, n_columns;

  size_t size() const { return events.size() / n_columns; }
  double value(size_t i) const { return events[i * n_columns + column]; }
  double weight(size_t i) const { return weights.empty() ? 1.0 : weights[i]; }
};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

// A sum of weights, and that of their squares.
struct Content {
  double sum = 0.0, variance = 0.0;

  void add(const Content& other) {
    sum += other.sum;
    variance += other.variance;
  }
  // Events of weight 1 with the same relative error.
  double effective() const { return variance > 0 ? sum * sum / variance : 0.0; }
};

void extend(const Column& sample, Range* range) {
  for (size_t i = 0; i < sample.size(); ++i) {
    if (sample.weight(i) == 0.0) continue;
    range->low = std::min(range->low, sample.value(i));
    range->high = std::max(range->high, sample.value(i));
  }
}

std::vector<Content> fill(const Column& sample, const Range& range) {
  std::vector<Content> contents(kBins);
  const double per_unit = static_cast<double>(kBins) / (range.high - range.low);
  for (size_t i = 0; i < sample.size(); ++i) {
    const double weight = sample.weight(i);
    if (weight == 0.0) continue;
    const auto bin = static_cast<size_t>((sample.value(i) - range.low) * per_unit);
    contents[std::min(bin, kBins - 1)].add({weight, weight * weight});
  }
  return contents;
}

Content total(const std::vector<Content>& contents, size_t first, size_t end) {
  Content sum;
  for (size_t i = first; i < end; ++i) sum.add(contents[i]);
  return sum;
}

// Ends of runs of bins that hold enough together; a sparse rest joins the last run.
std::vector<size_t> joined_ends(const std::vector<Content>& d, const std::vector<Content>& s) {
  const double n_data = total(d, 0, d.size()).effective();
  const double scale = n_data / total(s, 0, s.size()).effective();
  const double fewest = std::max(kFewest, n_data * kFewestShare);
  std::vector<size_t> ends;
  size_t first = 0;
  for (size_t end = 1; end <= d.size(); ++end) {
    const double data = total(d, first, end).effective();
    const double synthetic = scale * total(s, first, end).effective();
    if (0.5 * (data + synthetic) < fewest) continue;
    ends.push_back(end);
    first = end;
  }
  if (ends.empty()) ends.push_back(d.size());
  ends.back() = d.size();
  return ends;
}

// Contents d and s of a bin as densities and as their ratio; k s is the expectation for d.
Bin make_bin(double low, double high, const Content& d, const Content& s, double sum_data,
             double k) {
  const double width = high - low;
  Bin bin;
  bin.low = low;
  bin.high = high;
  bin.data = d.sum / (sum_data * width);
  bin.data_error = std::sqrt(d.variance) / (sum_data * width);
  bin.synthetic = k * s.sum / (sum_data * width);
  bin.ratio = std::numeric_limits<double>::quiet_NaN();
  if (d.variance > 0 && s.sum > 0) {
    const double expected = k * s.sum;
    bin.ratio = d.sum / expected;
    const double variance = d.variance + bin.ratio * bin.ratio * k * k * s.variance;
    bin.ratio_error = std::sqrt(variance) / expected;
  }
  return bin;
}

}  // namespace

bool Comparison::agrees() const {
  const double dof = degrees_of_freedom;
  return chi2 <= dof + 5.0 * std::sqrt(2.0 * dof);
}

Comparison compare(const std::string& observable, const std::vector<double>& data,
                   const std::vector<double>& synthetic, size_t column, size_t n_columns,
                   const std::vector<double>& data_weights,
                   const std::vector<double>& synthetic_weights) {
  // 1. Equal bins.
  Comparison result;
  result.observable = observable;
  const Column data_column = {data, data_weights, column, n_columns};
  const Column synthetic_column = {synthetic, synthetic_weights, column, n_columns};
  Range range;
  extend(data_column, &range);
  extend(synthetic_column, &range);
  if (!(range.high > range.low)) return result;
  const std::vector<Content> d = fill(data_column, range);
  const std::vector<Content> s = fill(synthetic_column, range);

  // 2. The scale between the samples.
  const double sum_data = total(d, 0, kBins).sum;
  const double sum_synthetic = total(s, 0, kBins).sum;
  if (!(sum_data > 0 && sum_synthetic > 0)) {
    result.chi2 = std::numeric_limits<double>::infinity();
    return result;
  }
  const double k = sum_data / sum_synthetic;

  // 3. Bins that hold enough.
  const double width = (range.high - range.low) / static_cast<double>(kBins);
  size_t first = 0;
  for (size_t end : joined_ends(d, s)) {
    const Content in_data = total(d, first, end);
    const Content in_synthetic = total(s, first, end);
    result.bins.push_back(make_bin(range.low + width * static_cast<double>(first),
                                   range.low + width * static_cast<double>(end), in_data,
                                   in_synthetic, sum_data, k));
    const double difference = in_data.sum - k * in_synthetic.sum;
    const double variance = in_data.variance + k * k * in_synthetic.variance;
    if (variance > 0) result.chi2 += difference * difference / variance;
    first = end;
  }
  result.degrees_of_freedom = static_cast<int>(result.bins.size()) - 1;
  return result;
}

}  // namespace sagips_tool
