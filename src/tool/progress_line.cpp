// SPDX-License-Identifier: BSD-3-Clause
// The progress line: epoch, losses, mean |residual|, failed rows if there are any, speed, time
// left.

#include "tool/progress_line.h"

#include <cmath>
#include <cstdio>

#include "tool/text.h"

namespace sagips_tool {
namespace {

constexpr auto kTerminalPause = std::chrono::milliseconds(100);
constexpr auto kPlainPause = std::chrono::seconds(2);

void write_error(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressLine::ProgressLine(bool is_terminal, const sagips_progress& start)
    : is_terminal_(is_terminal), start_(start), last_shown_(Clock::now()) {
  next_tenth_ = start.epochs > 0 ? 10 * start.epoch / start.epochs + 1 : 1;
}

std::string ProgressLine::describe(const sagips_progress& progress,
                                   double mean_abs_residual) const {
  const double seconds = progress.seconds_training - start_.seconds_training;
  const auto done = static_cast<double>(progress.epoch - start_.epoch);
  const auto left = static_cast<double>(progress.epochs - progress.epoch);
  const auto events = static_cast<double>(progress.synthetic_events - start_.synthetic_events);
  std::string text = "epoch " + std::to_string(progress.epoch) + "/" +
                     std::to_string(progress.epochs) + "  loss D " +
                     significant(progress.loss_discriminator, 4) + " G " +
                     significant(progress.loss_generator, 4);
  if (std::isfinite(mean_abs_residual)) {
    text += "  residual " + fixed(mean_abs_residual, 2) + " %";
  }
  if (progress.rows_failed > 0) {
    const double fraction =
        static_cast<double>(progress.rows_failed) / static_cast<double>(progress.rows_run);
    text += "  failed rows " + significant(100 * fraction, 2) + " %";
  }
  if (seconds > 0) text += "  " + significant(events / seconds / 1e6, 3) + " M events/s";
  if (done > 0 && left > 0) text += "  " + duration(seconds / done * left) + " left";
  return text;
}

void ProgressLine::show(const std::string& text) {
  last_shown_ = Clock::now();
  line_is_open_ = is_terminal_;
  // ESC[K clears what is left of a longer line before.
  write_error(is_terminal_ ? "\r" + text + "\x1b[K" : text + "\n");
}

void ProgressLine::update(const sagips_progress& progress, double mean_abs_residual) {
  const auto silent = Clock::now() - last_shown_;
  if (is_terminal_ ? silent < kTerminalPause : silent < kPlainPause) return;
  if (!is_terminal_) {
    if (10 * progress.epoch < next_tenth_ * progress.epochs) return;
    next_tenth_ = 10 * progress.epoch / progress.epochs + 1;
  }
  show(describe(progress, mean_abs_residual));
}

void ProgressLine::finish(const sagips_progress& progress, double mean_abs_residual) {
  show(describe(progress, mean_abs_residual));
  if (line_is_open_) write_error("\n");
  line_is_open_ = false;
}

void ProgressLine::message(const std::string& text) {
  write_error((line_is_open_ ? "\r\x1b[K" : "") + text + "\n");
  line_is_open_ = false;
}

}  // namespace sagips_tool
