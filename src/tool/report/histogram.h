// SPDX-License-Identifier: BSD-3-Clause
// One observable in data and in synthetic events: densities per bin, their ratio, and chi2.

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
  double chi2 = 0.0;           // sum (d - k s)^2 / (d + k^2 s), k = n_data / n_synthetic
  int degrees_of_freedom = 0;  // bins - 1

  // chi2 within five of its standard deviations, sqrt(2 dof), of what equal laws give.
  bool agrees() const;
};

// Observable `column` of (n, n_columns) events each. Equal bins over the range of both samples;
// sparse ones are joined, so that each holds enough for its error to be Gaussian.
Comparison compare(const std::string& observable, const std::vector<double>& data,
                   const std::vector<double>& synthetic, size_t column, size_t n_columns);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_REPORT_HISTOGRAM_H_
