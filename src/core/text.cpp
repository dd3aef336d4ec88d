// SPDX-License-Identifier: BSD-3-Clause
// Numbers and text without the host's locale; see text.h.
#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

namespace sagips {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// to_chars writes "5e-04" and "1e+20", as printf does; "5e-4" and "1e20" are what people write.
std::string without_exponent_padding(const char* begin, const char* end) {
  const char* e = std::find(begin, end, 'e');
  std::string out(begin, e);
  if (e == end) return out;
  out += 'e';
  ++e;
  if (*e == '-') out += '-';
  ++e;  // the sign is always there
  while (e + 1 < end && *e == '0') ++e;
  return out.append(e, end);
}

template <typename T>
std::string integer_text(T value, int base) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value, base);
  return std::string(buffer, result.ptr);
}

template <typename T>
bool read_whole(std::string_view text, T* value) {
  text = trim(text);
  // from_chars takes no plus sign, people do.
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  T read{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), read);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return false;
  *value = read;
  return true;
}

// Edit distance in which a swap of neighbours counts once (optimal string alignment): what fingers
// do.
size_t edit_distance(std::string_view a, std::string_view b) {
  const size_t width = b.size() + 1;
  std::vector<size_t> rows(3 * width);
  for (size_t i = 0; i <= a.size(); ++i) {
    size_t* row = &rows[(i % 3) * width];
    const size_t* above = &rows[((i + 2) % 3) * width];
    const size_t* two_above = &rows[((i + 1) % 3) * width];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      if (i == 0) {
        row[j] = j;
        continue;
      }
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
    }
  }
  return rows[(a.size() % 3) * width + b.size()];
}

// Length of the UTF-8 sequence at the start of `text`, 0 if it is malformed. The Unicode Standard,
// table 3-7: the second byte's range excludes overlong forms, surrogates and what is above
// U+10FFFF.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

}  // namespace

std::string to_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return without_exponent_padding(buffer, result.ptr);
}

std::string to_text(int64_t value) { return integer_text(value, 10); }

std::string to_text(uint64_t value) { return integer_text(value, 10); }

std::string to_hex(uint64_t value) {
  const std::string digits = integer_text(value, 16);
  return std::string(16 - digits.size(), '0') + digits;
}

bool read_number(std::string_view text, double* value) { return read_whole(text, value); }

bool read_number(std::string_view text, int64_t* value) { return read_whole(text, value); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  if (trim(text).empty()) return pieces;
  while (true) {
    const size_t end = text.find(separator);
    pieces.emplace_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  // A slip is up to a third of the letters; the cap keeps a hostile name from costing much.
  constexpr size_t kLongestName = 256;
  if (name.empty() || name.size() > kLongestName) return "";
  size_t best = std::max<size_t>(1, name.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(name, candidate);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string quote(std::string_view text) {
  constexpr std::string_view kPlain = "\b\t\n\f\r\"\\";
  constexpr std::string_view kLetter = "btnfr\"\\";
  constexpr char kDigit[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    const size_t known = kPlain.find(c);
    if (known != std::string_view::npos) {
      out += {'\\', kLetter[known]};
    } else if (code < 0x20 || code == 0x7F) {
      out.append("\\u00").append({kDigit[code >> 4], kDigit[code & 15]});
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string shown(std::string_view text) {
  constexpr size_t kLongest = 80;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) out += c >= ' ' && c <= '~' ? c : '?';
  return out.append(text.size() > kLongest ? "...'" : "'");
}

}  // namespace sagips
