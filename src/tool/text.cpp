// SPDX-License-Identifier: BSD-3-Clause
// Formatting and parsing of numbers, and the few string operations that the command needs.

#include "tool/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace sagips_tool {
namespace {

std::string not_finite(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

template <typename T>
bool parse_whole(std::string_view text, T* value) {
  const char* end = text.data() + text.size();
  T read{};
  const auto [rest, code] = std::from_chars(text.data(), end, read);
  if (code != std::errc() || rest != end || text.empty()) return false;
  *value = read;
  return true;
}

std::string two_digits(int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);  // to the first i letters of a, from the first j of b
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string shortest(double value) {
  if (!std::isfinite(value)) return not_finite(value);
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return not_finite(value);
  char buffer[512];  // the largest double has 309 digits
  const auto result =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed, digits);
  std::string text(buffer, result.ptr);
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return not_finite(value);
  const double size = std::fabs(value);
  if (size == 0.0) return "0";
  if (size < 1e-4 || size >= 1e6) {
    char buffer[64];
    const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value,
                                      std::chars_format::scientific, digits - 1);
    return std::string(buffer, result.ptr);
  }
  const int before = static_cast<int>(std::floor(std::log10(size))) + 1;
  return fixed(value, before >= digits ? 0 : digits - before);
}

std::string with_sign(double value, int digits) {
  const std::string text = fixed(value, digits);
  return value > 0 && text.find_first_not_of("0.") != std::string::npos ? "+" + text : text;
}

std::string grouped(int64_t value, std::string_view separator) {
  std::string digits = std::to_string(value);
  const size_t first = value < 0 ? 1 : 0;
  for (size_t place = digits.size(); place > first + 3;) {
    place -= 3;
    digits.insert(place, separator);
  }
  return digits;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "unknown";
  if (seconds < 0.1) return fixed(1e3 * seconds, 1) + " ms";
  if (seconds < 1) return fixed(seconds, 2) + " s";
  if (seconds < 9.95) return fixed(seconds, 1) + " s";
  const int64_t whole = std::llround(seconds);
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) {
    return std::to_string(whole / 60) + " min " + two_digits(whole % 60) + " s";
  }
  return std::to_string(whole / 3600) + " h " + two_digits(whole % 3600 / 60) + " min";
}

int digits_for(double uncertainty) {
  if (!std::isfinite(uncertainty) || uncertainty <= 0) return 4;
  const int digits = 1 - static_cast<int>(std::floor(std::log10(uncertainty)));
  return digits < 0 ? 0 : digits > 8 ? 8 : digits;
}

bool parse(std::string_view text, double* value) { return parse_whole(text, value); }
bool parse(std::string_view text, int64_t* value) { return parse_whole(text, value); }
bool parse(std::string_view text, uint64_t* value) { return parse_whole(text, value); }

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text.append(separator);
    text.append(parts[i]);
  }
  return text;
}

std::string nearest(std::string_view word, const std::vector<std::string>& choices) {
  const auto rank = [&](const std::string& choice) {
    const auto length = static_cast<double>(std::max(word.size(), choice.size()));
    const auto distance = static_cast<double>(edit_distance(word, choice));
    return std::make_pair(distance / std::max(length, 1.0), -static_cast<double>(choice.size()));
  };
  return *std::min_element(choices.begin(), choices.end(),
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

std::string shell_word(const std::string& word) {
  const bool is_plain =
      !word.empty() && word.find_first_of(" \t\n'\"\\$&;|<>*?()[]{}#~`!") == std::string::npos;
  if (is_plain) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace sagips_tool
