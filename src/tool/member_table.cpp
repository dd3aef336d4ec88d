// SPDX-License-Identifier: BSD-3-Clause
// The members of an ensemble as text: a row each, then what equations 7 and 8 make of them.

#include <string>
#include <vector>

#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr size_t kMostRows = 24;  // more are in summary.json

using Row = std::vector<std::string>;

// A digit more than the spread justifies, so that members can be told apart.
int digits_of(double sigma) { return digits_for(sigma) + (sigma > 0 ? 1 : 0); }

Row numbers(const std::string& name, const EnsembleResult& all, const std::vector<double>& values) {
  Row row = {name};
  for (size_t i = 0; i < values.size(); ++i) {
    row.push_back(fixed(values[i], digits_of(all.unbiased[i])));
  }
  return row;
}

template <typename Value>
Row percents(const std::string& name, const EnsembleResult& all, const Value& value) {
  Row row = {name};
  for (const MemberErrors& one : all.errors) row.push_back(fixed(value(one), 2));
  return row;
}

}  // namespace

std::string member_text(const Summary& summary) {
  const EnsembleResult& all = summary.ensemble;
  if (all.size() < 2) return "";
  std::vector<Row> rows(1, {"member"});
  for (const ParameterResult& one : summary.parameters) rows[0].push_back(one.name);
  for (size_t k = 0; k < all.size() && k < kMostRows; ++k) {
    rows.push_back(
        numbers(std::to_string(all.first + static_cast<int64_t>(k)), all, all.member(k)));
  }
  rows.push_back(numbers("mean", all, all.mean));
  rows.push_back(numbers("sigma, 1/M", all, all.sigma));
  rows.push_back(numbers("sigma, 1/(M-1)", all, all.unbiased));
  rows.push_back(
      percents("spread %", all, [](const MemberErrors& one) { return one.spread_percent; }));
  rows.push_back(percents("rmse %", all, [](const MemberErrors& one) { return one.rmse_percent; }));
  std::string text = std::to_string(all.size()) + " members";
  if (all.size() > kMostRows) {
    text += " (the first " + std::to_string(kMostRows) + "; summary.json has all)";
  }
  return text + "\n" + aligned(rows, "l" + std::string(summary.parameters.size(), 'r')) +
         "spread = sigma with 1/M over the truth (eq. 8); rmse = root mean square residual of a"
         " member\n\n";
}

}  // namespace sagips_tool
