// SPDX-License-Identifier: BSD-3-Clause
// Filling and comparing two histograms.

#include "tool/report/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace sagips_tool {
namespace {

constexpr size_t kBins = 50;
constexpr double kFewest = 25.0;               // events a bin, data and scaled synthetic on average
constexpr double kFewestShare = 1.0 / 5000.0;  // of all: keeps the ratio's axis narrow

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

void extend(const std::vector<double>& events, size_t column, size_t n_columns, Range* range) {
  for (size_t i = column; i < events.size(); i += n_columns) {
    range->low = std::min(range->low, events[i]);
    range->high = std::max(range->high, events[i]);
  }
}

std::vector<double> fill(const std::vector<double>& events, size_t column, size_t n_columns,
                         const Range& range) {
  std::vector<double> counts(kBins, 0.0);
  const double per_unit = static_cast<double>(kBins) / (range.high - range.low);
  for (size_t i = column; i < events.size(); i += n_columns) {
    const auto bin = static_cast<size_t>((events[i] - range.low) * per_unit);
    counts[std::min(bin, kBins - 1)] += 1.0;
  }
  return counts;
}

// Ends of runs of bins that hold enough together; a sparse rest joins the last run.
std::vector<size_t> joined_ends(const std::vector<double>& d, const std::vector<double>& s,
                                double k, double fewest) {
  std::vector<size_t> ends;
  double held = 0.0;
  for (size_t i = 0; i < d.size(); ++i) {
    held += 0.5 * (d[i] + k * s[i]);
    if (held < fewest) continue;
    ends.push_back(i + 1);
    held = 0.0;
  }
  if (ends.empty()) ends.push_back(d.size());
  ends.back() = d.size();
  return ends;
}

// Counts d and s of a bin as densities and as their ratio; k s is the expectation for d.
Bin make_bin(double low, double high, double d, double s, double n_data, double k) {
  const double width = high - low;
  Bin bin;
  bin.low = low;
  bin.high = high;
  bin.data = d / (n_data * width);
  bin.data_error = std::sqrt(d) / (n_data * width);
  bin.synthetic = k * s / (n_data * width);
  const bool both = d > 0 && s > 0;
  bin.ratio = both ? d / (k * s) : std::numeric_limits<double>::quiet_NaN();
  bin.ratio_error = both ? bin.ratio * std::sqrt(1.0 / d + 1.0 / s) : 0.0;
  return bin;
}

}  // namespace

bool Comparison::agrees() const {
  const double dof = degrees_of_freedom;
  return chi2 <= dof + 5.0 * std::sqrt(2.0 * dof);
}

Comparison compare(const std::string& observable, const std::vector<double>& data,
                   const std::vector<double>& synthetic, size_t column, size_t n_columns) {
  Comparison result;
  result.observable = observable;
  Range range;
  extend(data, column, n_columns, &range);
  extend(synthetic, column, n_columns, &range);
  if (!(range.high > range.low)) return result;
  const std::vector<double> d = fill(data, column, n_columns, range);
  const std::vector<double> s = fill(synthetic, column, n_columns, range);
  const double n_data = static_cast<double>(data.size() / n_columns);
  const double k = n_data / static_cast<double>(synthetic.size() / n_columns);
  const double width = (range.high - range.low) / static_cast<double>(kBins);

  size_t first = 0;
  for (size_t end : joined_ends(d, s, k, std::max(kFewest, n_data * kFewestShare))) {
    const double sum_d = std::accumulate(&d[first], &d[0] + end, 0.0);
    const double sum_s = std::accumulate(&s[first], &s[0] + end, 0.0);
    result.bins.push_back(make_bin(range.low + width * static_cast<double>(first),
                                   range.low + width * static_cast<double>(end), sum_d, sum_s,
                                   n_data, k));
    const double variance = sum_d + k * k * sum_s;
    if (variance > 0) result.chi2 += (sum_d - k * sum_s) * (sum_d - k * sum_s) / variance;
    first = end;
  }
  result.degrees_of_freedom = static_cast<int>(result.bins.size()) - 1;
  return result;
}

}  // namespace sagips_tool
