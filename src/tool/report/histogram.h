// SPDX-License-Identifier: BSD-3-Clause
// One observable in data and in synthetic events: densities per bin, their ratio, and chi2. Events
// count with their weights, which may be negative; those of weight 0 are lost and left out.

#ifndef SAGIPS_TOOL_REPORT_HISTOGRAM_H_
#define SAGIPS_TOOL_REPORT_HISTOGRAM_H_

#include <cstddef>
#include <string>
#include <vector>

namespace sagips_tool {

struct Bin {
  double low = 0.0, high = 0.0;
  double data = 0.0, data_error = 0.0;    // density, integral 1
  double synthetic = 0.0;                 // density, integral 1
  double ratio = 0.0, ratio_error = 0.0;  // data / synthetic; NaN where there is nothing to divide

  double center() const { return 0.5 * (low + high); }
};

struct Comparison {
  std::string observable;
  std::vector<Bin> bins;
  double chi2 = 0.0;           // sum (d - k s)^2 / (var d + k^2 var s), k = sum d / sum s
  int degrees_of_freedom = 0;  // bins - 1

  // chi2 within five of its standard deviations, sqrt(2 dof), of what equal laws give.
  bool agrees() const;
};

// Observable `column` of (n, n_columns) events each, with (n) weights, or none for 1. A bin holds
// sum w with the variance sum w^2. Equal bins over the range of both samples; sparse ones are
// joined, so that each holds enough for its error to be Gaussian. Where the weights of a sample do
// not sum to more than 0, nothing scales one to the other: no bins, and an infinite chi2.
Comparison compare(const std::string& observable, const std::vector<double>& data,
                   const std::vector<double>& synthetic, size_t column, size_t n_columns,
                   const std::vector<double>& data_weights = {},
                   const std::vector<double>& synthetic_weights = {});

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_HISTOGRAM_H_
