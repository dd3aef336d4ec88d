// SPDX-License-Identifier: BSD-3-Clause
#include "quoted.h"

#include <cmath>

#include "statistics.h"
#include "tool/result_table.h"

namespace sagips_bench {

Quoted jackknife(const Rows& rows, const std::function<double(const Rows&)>& statistic) {
  Quoted result{statistic(rows), std::nan("")};
  if (rows.size() < 2) return result;
  std::vector<double> without;
  for (size_t k = 0; k < rows.size(); ++k) {
    Rows others = rows;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(k));
    without.push_back(statistic(others));
  }
  const double center = mean(without);
  double sum = 0;
  for (const double one : without) sum += (one - center) * (one - center);
  const auto n = static_cast<double>(rows.size());
  result.error = std::sqrt((n - 1) / n * sum);
  return result;
}

double mean_of(const Rows& rows) { return mean(flat(rows)); }
double rms_of(const Rows& rows) { return rms(flat(rows)); }

Rows column(const Rows& rows, size_t j) {
  Rows out;
  for (const auto& row : rows) out.push_back({row[j]});
  return out;
}

nlohmann::ordered_json as_json(const Quoted& one) {
  return nlohmann::ordered_json::array({one.value, one.error});
}

std::string text_of(const Quoted& one, int digits, double factor) {
  return sagips_tool::cell(factor * one.value, digits) + " +- " +
         sagips_tool::cell(factor * one.error, digits);
}

}  // namespace sagips_bench
