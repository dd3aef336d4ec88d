// SPDX-License-Identifier: BSD-3-Clause
// Rows of metrics.csv, in the columns
//   epoch, seconds, three losses, P estimates, P residuals, mean |residual|, events/s, callback s,
//   rows run, failed and resampled so far, fraction of lost events.
// Files of earlier versions end with the callback's seconds.

#include "tool/metrics_file.h"

#include "tool/abi.h"
#include "tool/closure.h"
#include "tool/files.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

std::string header(size_t n_parameters) {
  std::vector<std::string> names = {"epoch", "seconds", "loss_discriminator", "loss_generator",
                                    "loss_auxiliary"};
  for (const char* what : {"estimate_", "residual_"}) {
    for (size_t i = 0; i < n_parameters; ++i) names.push_back(what + std::to_string(i));
  }
  for (const char* name : {"mean_abs_residual_percent", "events_per_second", "seconds_callback",
                           "rows", "rows_failed", "rows_resampled", "lost_fraction"}) {
    names.push_back(name);
  }
  return join(names, ",") + "\n";
}

std::string row(const Report& report) {
  std::vector<double> numbers = {report.seconds, report.loss_discriminator, report.loss_generator,
                                 report.loss_auxiliary};
  numbers.insert(numbers.end(), report.estimate.begin(), report.estimate.end());
  numbers.insert(numbers.end(), report.residual.begin(), report.residual.end());
  numbers.insert(numbers.end(),
                 {report.mean_abs_residual, report.events_per_second, report.seconds_callback});
  std::string text = std::to_string(report.epoch);
  for (double number : numbers) text += "," + shortest(number);
  for (int64_t count : {report.rows, report.rows_failed, report.rows_resampled}) {
    text += "," + std::to_string(count);
  }
  return text + "," + shortest(report.lost_fraction) + "\n";
}

bool parse_row(const std::string& line, size_t n_parameters, Report* report) {
  const std::vector<std::string> cells = split(line, ',');
  const size_t n_numbers = 7 + 2 * n_parameters;
  const bool has_counts = cells.size() == 1 + n_numbers + 4;
  if (!has_counts && cells.size() != 1 + n_numbers) return false;
  if (!parse(cells[0], &report->epoch)) return false;
  std::vector<double> numbers(n_numbers);
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!parse(cells[i + 1], &numbers[i])) return false;
  }
  report->seconds = numbers[0];
  report->loss_discriminator = numbers[1];
  report->loss_generator = numbers[2];
  report->loss_auxiliary = numbers[3];
  const double* next = &numbers[4];
  report->estimate.assign(next, next + n_parameters);
  report->residual.assign(next + n_parameters, next + 2 * n_parameters);
  next += 2 * n_parameters;
  report->mean_abs_residual = next[0];
  report->events_per_second = next[1];
  report->seconds_callback = next[2];
  if (!has_counts) return true;
  const std::string* counts = &cells[1 + n_numbers];
  return parse(counts[0], &report->rows) && parse(counts[1], &report->rows_failed) &&
         parse(counts[2], &report->rows_resampled) && parse(counts[3], &report->lost_fraction);
}

}  // namespace

Report make_report(const sagips_progress& progress, const std::vector<double>& estimate,
                   const std::vector<double>& truth, double events_per_second,
                   double lost_fraction) {
  Report report;
  report.epoch = progress.epoch;
  report.seconds = progress.seconds_training;
  report.loss_discriminator = progress.loss_discriminator;
  report.loss_generator = progress.loss_generator;
  report.loss_auxiliary = progress.loss_auxiliary;
  report.estimate = estimate;
  report.residual = residuals_percent(truth, estimate);
  report.mean_abs_residual = mean_abs(report.residual);
  report.events_per_second = events_per_second;
  report.seconds_callback = progress.seconds_callback;
  report.rows = progress.rows_run;
  report.rows_failed = progress.rows_failed;
  report.rows_resampled = progress.rows_resampled;
  report.lost_fraction = lost_fraction;
  return report;
}

std::vector<Report> read_metrics(const std::string& path, size_t n_parameters) {
  std::vector<Report> reports;
  if (!exists(path)) return reports;
  std::string text = read_file(path);
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n'));  // no torn row
  const std::vector<std::string> lines = split(text, '\n');
  for (size_t i = 1; i < lines.size(); ++i) {
    Report report;
    if (!parse_row(lines[i], n_parameters, &report)) break;
    reports.push_back(report);
  }
  return reports;
}

int64_t epochs_to(double percent, const std::vector<Report>& reports) {
  int64_t epoch = -1;
  for (auto report = reports.rbegin(); report != reports.rend(); ++report) {
    if (!(report->mean_abs_residual < percent)) break;
    epoch = report->epoch;
  }
  return epoch;
}

MetricsFile::MetricsFile(const std::string& path, size_t n_parameters,
                         const std::vector<Report>& rows)
    : path_(path) {
  std::string text = header(n_parameters);
  for (const Report& one : rows) text += row(one);
  write_file(path, text);
  file_.open(path, std::ios::app | std::ios::binary);
  if (!file_) throw Failure(path + " cannot be opened for writing; check the rights of its folder");
}

void MetricsFile::append(const Report& report) {
  file_ << row(report) << std::flush;
  if (!file_) throw Failure(path_ + " cannot be written (is the disk full?); free some space");
}

}  // namespace sagips_tool
