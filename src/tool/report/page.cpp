// SPDX-License-Identifier: BSD-3-Clause
// From the verdict down to the options: what a reader asks first stands first.

#include "tool/report/page.h"

#include <algorithm>
#include <cmath>

#include "tool/limit.h"
#include "tool/report/curves.h"
#include "tool/report/estimates.h"
#include "tool/report/members.h"
#include "tool/report/scale.h"
#include "tool/report/spectra.h"
#include "tool/report/svg.h"
#include "tool/report/tables.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

// The charts that exist, in a grid that is "wide" or "small".
std::string charts(const std::string& css, const std::vector<std::string>& pictures) {
  std::string html;
  for (const std::string& picture : pictures) {
    if (!picture.empty()) html += "<figure class=\"card\">\n" + picture + "</figure>\n";
  }
  return html.empty() ? "" : "<div class=\"charts " + css + "\">\n" + html + "</div>\n";
}

std::string section(const std::string& title, const std::string& lead, const std::string& content) {
  if (content.empty()) return "";
  return "<section>\n<h2>" + title + "</h2>\n" +
         (lead.empty() ? "" : "<p class=\"lead\">" + lead + "</p>\n") + content + "</section>\n";
}

std::string card(const std::string& content) {
  return "<div class=\"card\">" + content + "</div>\n";
}

std::string badge(bool is_known, bool is_good, const char* yes, const char* no, const char* open) {
  if (!is_known) return std::string("<span class=\"badge open\">? ") + open + "</span>";
  return is_good ? std::string("<span class=\"badge good\">\u2713 ") + yes + "</span>"
                 : std::string("<span class=\"badge bad\">\u2717 ") + no + "</span>";
}

std::string tile(const std::string& value, const std::string& words) {
  return "<div class=\"tile-box\"><b>" + value + "</b><span>" + words + "</span></div>\n";
}

std::string epoch_or_never(int64_t epoch) { return epoch < 0 ? "never" : grouped_html(epoch); }

// All data enter the histograms, but only few the classifier: they may see what it cannot.
bool histograms_agree(const ReportData& data) {
  return std::all_of(data.comparisons.begin(), data.comparisons.end(),
                     [](const Comparison& one) { return one.agrees(); });
}

std::string histogram_sentence(const ReportData& data) {
  std::string text = histograms_agree(data) ? "histograms agree: " : "histograms differ: ";
  for (const Comparison& one : data.comparisons) {
    if (&one != &data.comparisons.front()) text += ", ";
    text += "\u03c7\u00b2 / bins = " + fixed(one.chi2, 1) + " / " +
            std::to_string(one.degrees_of_freedom) + " in " + one.observable;
  }
  return text;
}

std::string headline(const ReportData& data) {
  const Summary& summary = data.summary;
  const Verdict& verdict = summary.verdict;
  std::string html = "<header>\n<h1>" + escaped(summary.problem) + " closure</h1>\n";
  html += "<p class=\"sub\">preset " + escaped(summary.preset) + " \u00b7 " +
          grouped_html(summary.events) + " measured events \u00b7 seed " +
          std::to_string(summary.seed) + " \u00b7 data seed " + std::to_string(summary.data_seed) +
          "</p>\n<p class=\"verdict\">" +
          badge(verdict.known, verdict.fits, "fits", "does not fit", "fit not assessed") +
          badge(verdict.known, verdict.converged, "converged", "still moving",
                "convergence not assessed") +
          badge(true, histograms_agree(data), "histograms agree", "histograms differ", "") +
          "</p>\n<ul class=\"sentences lead\"><li>" + escaped(fit_sentence(verdict)) + "</li><li>" +
          escaped(convergence_sentence(verdict)) + "</li><li>" + escaped(histogram_sentence(data)) +
          "</li></ul>\n";
  return html + "</header>\n";
}

std::string tiles(const Summary& summary) {
  const double expected = summary.expected_mean_abs_at_limit_percent;
  std::string html = tile(fixed(summary.mean_abs_residual_percent, 2) + " %", "mean |residual|");
  if (std::isfinite(expected)) {
    html += tile(significant(summary.mean_abs_residual_percent / expected, 2) + " \u00d7",
                 "the " + fixed(expected, 2) + " % expected of a perfect estimator");
  }
  if (std::isfinite(summary.chi2_at_limit)) {
    html += tile(significant(summary.chi2_at_limit, 3),
                 "\u03c7\u00b2 of the truth at the limit, " +
                     std::to_string(summary.parameters.size()) + " degrees of freedom");
  }
  html +=
      tile(duration(summary.seconds_training), "training, " + grouped_html(summary.epochs) +
                                                   (summary.epochs == 1 ? " epoch" : " epochs"));
  html += tile(epoch_or_never(summary.epochs_to_5_percent), "epochs until below 5 % for good");
  html += tile(epoch_or_never(summary.epochs_to_2_percent), "epochs until below 2 % for good");
  return "<div class=\"tiles\">\n" + html + "</div>\n";
}

std::string residuals(const ReportData& data) {
  std::vector<std::string> pictures;
  for (size_t i = 0; i < data.summary.parameters.size(); ++i) {
    pictures.push_back(residual_chart(data, i));
  }
  return charts("small", pictures);
}

std::string correlations(const ReportData& data) {
  std::vector<std::string> names;
  for (const ParameterResult& one : data.summary.parameters) names.push_back(one.name);
  const Limit limit = cramer_rao(data.settings.problem, data.settings.truth, data.settings.events,
                                 data.spec.measures_norms);
  return charts(
      "wide", {correlation_chart("correlations", "Of the estimate, as the solver states it", names,
                                 data.summary.covariance),
               correlation_chart("correlations-limit", "At the Cram\u00e9r\u2013Rao limit", names,
                                 limit.covariance)});
}

// Nothing for a single member.
std::string members(const Summary& summary) {
  if (summary.ensemble.size() < 2) return "";
  std::vector<std::string> pictures, names;
  for (size_t i = 0; i < summary.parameters.size(); ++i) {
    pictures.push_back(member_chart(summary, i));
    names.push_back(summary.parameters[i].name);
  }
  return charts("small", pictures) +
         charts("wide", {error_spread_chart(summary),
                         correlation_chart("correlations-members", "Of the members' estimates",
                                           names, summary.ensemble.member_covariance)}) +
         card(member_table(summary));
}

std::string events(const ReportData& data) {
  std::vector<std::string> pictures;
  for (const Comparison& one : data.comparisons) pictures.push_back(comparison_chart(one));
  return charts("wide", pictures);
}

}  // namespace

std::string page(const ReportData& data) {
  const Summary& summary = data.summary;
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      escaped(summary.problem) + " closure: " +
      (!summary.verdict.known ? "not assessed"
       : summary.verdict.fits ? "fits"
                              : "does not fit") +
      "</title>\n<style>" + style_sheet() + "</style>\n</head>\n<body>\n<main>\n";
  html += headline(data) + tiles(summary) + card(closing_table(summary));
  html += section("Accuracy", "How the mean residual fell, and where the estimates ended.",
                  charts("wide", {mean_residual_chart(data), pull_chart(summary)}));
  html +=
      section("Ensemble",
              std::to_string(summary.ensemble.size()) +
                  " members. The line is their mean, the band its \u00b1\u03c3 over the members;"
                  " the truth is at zero.",
              members(summary));
  html += section("Residuals against training time",
                  "The axis is linear within one \u03c3 of the statistical limit, the shaded band,"
                  " and logarithmic beyond. Dots are checkpoints.",
                  residuals(data));
  html += section("Data and synthetic events",
                  grouped_html(summary.events) + " measured events against " +
                      grouped_html(data.synthetic_events) +
                      " made at the estimate. Error bars are statistical; those of the ratio"
                      " include both samples.",
                  events(data));
  html += section("Training",
                  "Every report, and its running median; each axis spans 98 % of the reports.",
                  charts("tiny", {discriminator_loss_chart(data), generator_loss_chart(data),
                                  auxiliary_loss_chart(data), speed_chart(data)}));
  html += section("Correlations", "", correlations(data));
  html += section("Checkpoints", "", card(checkpoint_table(data)));
  html += section("Options", "", card(option_table_html(data)));
  html += section("Provenance", "", card(provenance_table(data)));
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace sagips_tool
