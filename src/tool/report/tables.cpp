// SPDX-License-Identifier: BSD-3-Clause
// Rows of cells. A wide table scrolls in its own box, so that the page never does.

#include "tool/report/tables.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tool/report/scale.h"
#include "tool/report/svg.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

std::string tag(const std::string& name, const std::string& inside) {
  return "<" + name + ">" + inside + "</" + name.substr(0, name.find(' ')) + ">";
}

// The first cell of a row names it.
std::string row(const std::vector<std::string>& cells) {
  std::string html;
  for (size_t i = 0; i < cells.size(); ++i) {
    html += tag(i == 0 ? "th scope=\"row\"" : "td", cells[i]);
  }
  return tag("tr", html) + "\n";
}

std::string table(const std::string& css, const std::string& caption,
                  const std::vector<std::string>& heads, const std::string& rows) {
  std::string head;
  for (const std::string& one : heads) head += tag("th scope=\"col\"", one);
  return "<div class=\"scroll\" tabindex=\"0\"><table class=\"" + css + "\">" +
         tag("caption", caption) + (heads.empty() ? "" : tag("thead", tag("tr", head))) +
         tag("tbody", "\n" + rows) + "</table></div>\n";
}

std::string number(double value, int digits) {
  if (std::isnan(value)) return "\u2013";
  return std::isinf(value) ? (value > 0 ? "\u221e" : "\u2212\u221e") : label_of(value, digits);
}

std::string signed_number(double value, int digits) {
  const std::string text = number(value, digits);
  return with_sign(value, digits)[0] == '+' ? "+" + text : text;
}

std::string code(const std::string& value) {
  return value.empty() ? "none" : tag("code", escaped(value));
}

std::string size_of(int64_t bytes) {
  if (bytes >= 1 << 20) return fixed(static_cast<double>(bytes) / (1 << 20), 1) + " MiB";
  return fixed(static_cast<double>(bytes) / 1024, 0) + " KiB";
}

std::string rows_of(const Summary& summary) {
  std::string text = grouped(summary.rows, "\u202f") + " run";
  if (summary.rows_failed > 0) {
    const double fraction =
        static_cast<double>(summary.rows_failed) / static_cast<double>(summary.rows);
    text += ", of which " + grouped(summary.rows_failed, "\u202f") + " failed (" +
            significant(100 * fraction, 2) + " %) and " +
            grouped(summary.rows_resampled, "\u202f") + " were drawn anew";
  } else {
    text += ", none failed";
  }
  if (summary.lost_fraction > 0) {
    text += "; " + significant(100 * summary.lost_fraction, 2) + " % of the events were lost";
  }
  return text;
}

bool is_our_own(const OptionValue& option) { return option.row.key == "checkpoint.folder"; }

}  // namespace

std::string grouped_html(int64_t value) { return grouped(value, "\u202f"); }

std::string closing_table(const Summary& summary) {
  std::string rows;
  for (const ParameterResult& one : summary.parameters) {
    const int digits = digits_for(one.uncertainty);
    rows += row({escaped(one.name), label_of(one.truth), number(one.estimate, digits),
                 number(one.uncertainty, digits), signed_number(one.residual_percent, 2),
                 number(one.limit_percent, 2), signed_number(one.pull, 2)});
  }
  std::string foot =
      "Residual = (truth \u2212 estimate) / truth. Limit = Cram\u00e9r\u2013Rao "
      "\u03c3 for " +
      grouped_html(summary.events) + " events";
  if (summary.norm_information == "poisson") foot += ", norms known to Poisson accuracy";
  foot += ". Pull = (estimate \u2212 truth) / \u03c3 of the limit.";
  return table(
             "numbers", "The estimate against the truth",
             {"parameter", "truth", "estimate", "uncertainty", "residual / %", "limit / %", "pull"},
             rows) +
         tag("p class=\"foot\"", foot);
}

std::string member_table(const Summary& summary) {
  const EnsembleResult& all = summary.ensemble;
  std::vector<std::string> heads = {"member"};
  for (const ParameterResult& one : summary.parameters) heads.push_back(escaped(one.name));
  const auto numbers = [&](const std::string& name, const std::vector<double>& values) {
    std::vector<std::string> cells = {name};
    for (size_t i = 0; i < values.size(); ++i) {
      cells.push_back(number(values[i], digits_for(all.unbiased[i])));
    }
    return row(cells);
  };
  const auto percents = [&](const std::string& name, double MemberErrors::*value) {
    std::vector<std::string> cells = {name};
    for (const MemberErrors& one : all.errors) cells.push_back(number(one.*value, 2));
    return row(cells);
  };
  std::string rows = numbers("mean", all.mean) + numbers("\u03c3 with 1/M", all.sigma) +
                     numbers("\u03c3 with 1/(M \u2212 1)", all.unbiased) +
                     percents("spread / %", &MemberErrors::spread_percent) +
                     percents("RMSE / %", &MemberErrors::rmse_percent);
  for (size_t k = 0; k < all.size(); ++k) {
    rows += numbers(std::to_string(all.first + static_cast<int64_t>(k)), all.member(k));
  }
  return table("numbers", "Estimates of the members, and equations 7 and 8 of the paper", heads,
               rows);
}

std::string checkpoint_table(const ReportData& data) {
  std::vector<std::string> heads = {"epoch", "training time", "mean |residual| / %"};
  for (const std::string& name : data.spec.parameters) heads.push_back(escaped(name));
  heads.push_back("size");
  std::string rows;
  for (const CheckpointState& one : data.checkpoints) {
    std::vector<std::string> cells = {grouped_html(one.epoch), duration(one.seconds),
                                      number(one.mean_abs_residual, 2)};
    for (size_t i = 0; i < one.estimate.size(); ++i) {
      cells.push_back(number(one.estimate[i], digits_for(data.summary.parameters[i].uncertainty)));
    }
    cells.push_back(size_of(one.bytes));
    rows += row(cells);
  }
  std::string html = table("numbers", "Estimates as the checkpoints give them", heads, rows);
  for (const std::string& sentence : data.unreadable) {
    html += tag("p class=\"foot\"", "Left out: " + escaped(sentence));
  }
  return html;
}

std::string option_table_html(const ReportData& data) {
  std::string rows;
  int changed = 0;
  for (const OptionValue& option : data.options) {
    const bool differs = option.value != option.preset_value && !is_our_own(option);
    changed += differs ? 1 : 0;
    const std::string before = differs ? code(option.preset_value) : "";
    const bool has_unit = !option.row.unit.empty() && !option.value.empty();
    rows += std::string("<tr") + (differs ? " class=\"changed\"" : "") + ">" +
            tag("th scope=\"row\"", tag("code", escaped(option.row.key))) +
            tag("td", (differs ? "<span aria-label=\"changed\">\u25cf</span> " : "") +
                          code(option.value) + (has_unit ? " " + escaped(option.row.unit) : "")) +
            tag("td", before) + tag("td", escaped(option.row.sentence)) + "</tr>\n";
  }
  const std::string caption =
      changed == 0 ? "All as in the preset " + escaped(data.settings.preset)
                   : std::to_string(changed) + (changed == 1 ? " differs" : " differ") +
                         " from the preset " + escaped(data.settings.preset) + ", marked \u25cf";
  return table("words", caption, {"option", "value", "in the preset", "what it does"}, rows);
}

std::string provenance_table(const ReportData& data) {
  const Summary& summary = data.summary;
  std::string rows;
  for (size_t i = 0; i < data.settings.invocations.size(); ++i) {
    const Invocation& one = data.settings.invocations[i];
    rows += row({i == 0 ? "command" : "resumed",
                 tag("code", escaped(one.command)) + "<br>" + escaped(one.started)});
  }
  rows += row({"seeds", "training " + std::to_string(summary.seed) + ", data " +
                            std::to_string(summary.data_seed)});
  rows += row({"version", "sagips " + escaped(summary.version)});
  rows += row({"build", escaped(summary.build)});
  rows += row({"threads", std::to_string(summary.threads)});
  rows += row({"gradient", escaped(summary.gradient_route)});
  if (summary.rows > 0) rows += row({"rows", rows_of(summary)});
  if (std::isfinite(summary.peak_memory_mb)) {
    rows += row({"peak memory", fixed(summary.peak_memory_mb, 0) + " MiB"});
  }
  rows += row({"report written", escaped(data.written)});
  return table("words", "What made this result", {}, rows);
}

}  // namespace sagips_tool
