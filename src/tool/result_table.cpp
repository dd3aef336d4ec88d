// SPDX-License-Identifier: BSD-3-Clause
// The closing table. Estimates carry as many digits as their uncertainty justifies.

#include "tool/result_table.h"

#include <algorithm>
#include <cmath>

#include "tool/text.h"

namespace sagips_tool {

std::string aligned(const std::vector<std::vector<std::string>>& rows, const std::string& sides) {
  std::vector<size_t> width(sides.size(), 0);
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(width[i] - row[i].size(), ' ');
      line += (i > 0 ? "  " : "") + (sides[i] == 'l' ? row[i] + blanks : blanks + row[i]);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string cell(double value, int digits) {
  return std::isnan(value) ? "-" : fixed(value, digits);
}

std::string accuracy_phrase(const Summary& summary) {
  const double expected = summary.expected_mean_abs_at_limit_percent;
  std::string text = fixed(summary.mean_abs_residual_percent, 2) + " %";
  if (!std::isfinite(expected)) return text;
  return text + " (" + significant(summary.mean_abs_residual_percent / expected, 2) +
         " times the " + fixed(expected, 2) + " % expected at the limit)";
}

std::string fit_sentence(const Verdict& verdict) {
  if (!verdict.known) return "not assessed: " + verdict.reason;
  const std::string numbers = "AUC " + fixed(verdict.auc, 4) +
                              ", p = " + significant(verdict.p_value, 2) + ", " +
                              std::to_string(verdict.n_held_out) + " held-out events";
  return verdict.fits
             ? "fits: a fresh classifier cannot tell held-out data from the model (" + numbers + ")"
             : "does not fit: a fresh classifier tells held-out data from the model (" + numbers +
                   ")";
}

std::string convergence_sentence(const Verdict& verdict) {
  if (!verdict.known) return "convergence not assessed";
  const std::string drift = std::isfinite(verdict.drift_sigma)
                                ? "the estimate moved by at most " +
                                      significant(verdict.drift_sigma, 2) +
                                      " statistical sigma over the last window"
                                : "there was no full window to measure the drift of the estimate";
  return (verdict.converged ? "converged: " : "still moving: ") + drift;
}

std::string table_foot(const Summary& summary) {
  std::string text = "residual = (truth - estimate)/truth; limit = Cramer-Rao sigma for " +
                     std::to_string(summary.events) + " events";
  if (summary.norm_information == "poisson") text += " and norms known to Poisson accuracy";
  return text + "; pull = (estimate - truth)/sigma_limit";
}

std::string result_table(const Summary& summary) {
  std::vector<std::vector<std::string>> rows = {
      {"parameter", "truth", "estimate", "uncertainty", "residual %", "limit %", "pull"}};
  for (const ParameterResult& one : summary.parameters) {
    const int digits = digits_for(one.uncertainty);
    rows.push_back({one.name, shortest(one.truth), fixed(one.estimate, digits),
                    cell(one.uncertainty, digits), with_sign(one.residual_percent, 2),
                    cell(one.limit_percent, 2),
                    std::isfinite(one.pull) ? with_sign(one.pull, 2) : "-"});
  }
  std::string text = summary.problem + " closure, preset " + summary.preset + ", " +
                     std::to_string(summary.events) + " events, seed " +
                     std::to_string(summary.seed) + ", data seed " +
                     std::to_string(summary.data_seed) + ": " + std::to_string(summary.epochs) +
                     " epochs in " + duration(summary.seconds_training) + "\n\n" +
                     aligned(rows, "lrrrrrr") + "\n" + table_foot(summary) + "\n\n";
  text += member_text(summary);
  text += "mean |residual|  " + accuracy_phrase(summary) + "\n";
  if (std::isfinite(summary.chi2_at_limit)) {
    text += "chi2 at limit    " + fixed(summary.chi2_at_limit, 1) + " for " +
            std::to_string(summary.parameters.size()) + " parameters\n";
  }
  text += "verdict          " + fit_sentence(summary.verdict) + "\n";
  text += "                 " + convergence_sentence(summary.verdict) + "\n";
  return text;
}

}  // namespace sagips_tool
