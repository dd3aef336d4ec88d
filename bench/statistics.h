// SPDX-License-Identifier: BSD-3-Clause
// The few statistics that the tables quote, and a stopwatch.

#ifndef SAGIPS_BENCH_STATISTICS_H_
#define SAGIPS_BENCH_STATISTICS_H_

#include <vector>

namespace sagips_bench {

// Of no values: NaN.
double mean(const std::vector<double>& values);
double rms(const std::vector<double>& values);
double median(std::vector<double> values);
double median_abs(const std::vector<double>& values);
double largest_abs(const std::vector<double>& values);

// (P) over rows of equal length P.
std::vector<double> mean_by_column(const std::vector<std::vector<double>>& rows);
std::vector<double> rms_by_column(const std::vector<std::vector<double>>& rows);
std::vector<double> flat(const std::vector<std::vector<double>>& rows);

// Fraction of values with |value| <= bound.
double fraction_within(double bound, const std::vector<double>& values);

// Seconds since it was made.
class Stopwatch {
 public:
  Stopwatch();
  double wall() const;
  double cpu() const;  // processor time of this process

 private:
  double wall_start_, cpu_start_;
};

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_STATISTICS_H_
