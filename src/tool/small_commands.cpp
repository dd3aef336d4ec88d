// SPDX-License-Identifier: BSD-3-Clause
// `sagips options` and `sagips check`: what the library says about itself, printed.

#include <cstdio>
#include <string>
#include <vector>

#include "tool/closure.h"
#include "tool/commands.h"
#include "tool/result_table.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

// Words of `text` in lines of at most `width`.
std::vector<std::string> wrapped(const std::string& text, size_t width) {
  std::vector<std::string> lines(1);
  for (const std::string& word : split(text, ' ')) {
    std::string& line = lines.back();
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.push_back(word);
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return lines;
}

}  // namespace

int options_command() {
  constexpr size_t kWidth = 62;
  std::vector<std::vector<std::string>> rows = {{"KEY", "DEFAULT", "WHAT IT DOES, AND ITS RANGE"}};
  for (const OptionRow& option : option_table()) {
    std::vector<std::string> lines = wrapped(option.sentence, kWidth);
    const std::string value = option.default_value.empty() ? "none" : option.default_value;
    const std::string unit = option.unit.empty() ? "" : " " + option.unit;
    for (const std::string& line : wrapped(option.range + unit, kWidth)) lines.push_back(line);
    for (size_t i = 0; i < lines.size(); ++i) {
      rows.push_back({i == 0 ? option.key : "", i == 0 ? value : "", lines[i]});
    }
  }
  const std::string text = aligned(rows, "lll");
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int check_command(const std::string& problem, uint64_t seed) {
  const ClosureSpec& spec = closure_spec(problem);
  const Pipeline pipeline = make_pipeline(problem);
  sagips_check_report report{};
  report.struct_size = sizeof(report);
  check(sagips_pipeline_check(pipeline.get(), static_cast<int32_t>(spec.parameters.size()),
                              spec.lower.data(), spec.upper.data(), seed, &report));
  const std::string text = trimmed(report.text) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (report.passed == 0) {
    throw Failure("the pipeline of " + problem + " did not pass its check; see the text above");
  }
  return 0;
}

}  // namespace sagips_tool
