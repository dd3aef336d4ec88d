// SPDX-License-Identifier: BSD-3-Clause
// A number with its error, where the rows behind it are independent and the numbers within a row
// are not: the errors of one data set's parameters correlate up to 0.99, so that six of them may be
// two. The jackknife leaves out one row after another (Tukey 1958):
//
//   error^2 = (n - 1)/n sum (t_without_k - mean of these)^2
//
// For a mean over rows it is the standard error of the mean.

#ifndef SAGIPS_BENCH_QUOTED_H_
#define SAGIPS_BENCH_QUOTED_H_

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sagips_bench {

struct Quoted {
  double value = 0, error = 0;
};

// Rows of equal length; `statistic` sees some of them.
using Rows = std::vector<std::vector<double>>;
Quoted jackknife(const Rows& rows, const std::function<double(const Rows&)>& statistic);

// The usual statistics of all numbers in the rows.
double mean_of(const Rows& rows);
double rms_of(const Rows& rows);
Rows column(const Rows& rows, size_t j);

nlohmann::ordered_json as_json(const Quoted& one);  // [value, error]
std::string text_of(const Quoted& one, int digits, double factor = 1);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_QUOTED_H_
