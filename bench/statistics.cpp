// SPDX-License-Identifier: BSD-3-Clause
#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <utility>

namespace sagips_bench {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::vector<double> by_column(const std::vector<std::vector<double>>& rows,
                              double (*statistic)(const std::vector<double>&)) {
  std::vector<double> out;
  for (size_t j = 0; !rows.empty() && j < rows.front().size(); ++j) {
    std::vector<double> column;
    for (const auto& row : rows) column.push_back(row[j]);
    out.push_back(statistic(column));
  }
  return out;
}

}  // namespace

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? kNan : sum / static_cast<double>(values.size());
}

double rms(const std::vector<double>& values) {
  std::vector<double> squares;
  for (const double value : values) squares.push_back(value * value);
  return std::sqrt(mean(squares));
}

double median(std::vector<double> values) {
  if (values.empty()) return kNan;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

double median_abs(const std::vector<double>& values) {
  std::vector<double> sizes;
  for (const double value : values) sizes.push_back(std::fabs(value));
  return median(std::move(sizes));
}

double largest_abs(const std::vector<double>& values) {
  double largest = values.empty() ? kNan : 0;
  for (const double value : values) {
    if (std::isnan(value)) return kNan;
    largest = std::max(largest, std::fabs(value));
  }
  return largest;
}

std::vector<double> mean_by_column(const std::vector<std::vector<double>>& rows) {
  return by_column(rows, mean);
}
std::vector<double> rms_by_column(const std::vector<std::vector<double>>& rows) {
  return by_column(rows, rms);
}

std::vector<double> flat(const std::vector<std::vector<double>>& rows) {
  std::vector<double> out;
  for (const auto& row : rows) out.insert(out.end(), row.begin(), row.end());
  return out;
}

double fraction_within(double bound, const std::vector<double>& values) {
  const auto inside = [bound](double value) { return std::fabs(value) <= bound; };
  return values.empty() ? kNan
                        : static_cast<double>(std::count_if(values.begin(), values.end(), inside)) /
                              static_cast<double>(values.size());
}

Stopwatch::Stopwatch()
    : wall_start_(read_clock(CLOCK_MONOTONIC)), cpu_start_(read_clock(CLOCK_PROCESS_CPUTIME_ID)) {}
double Stopwatch::wall() const { return read_clock(CLOCK_MONOTONIC) - wall_start_; }
double Stopwatch::cpu() const { return read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_start_; }

}  // namespace sagips_bench
