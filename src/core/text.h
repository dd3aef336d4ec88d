// SPDX-License-Identifier: BSD-3-Clause
// Numbers and text without the host's locale: to_chars and from_chars only, since printf and strtod
// read "0.5" as 0 under a locale with a decimal comma.
#ifndef SAGIPS_CORE_TEXT_H_
#define SAGIPS_CORE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sagips {

/// Shortest text that reads back as the same number, "0.05", "5e-4"; "nan", "inf", "-inf".
std::string to_text(double value);
std::string to_text(int64_t value);
std::string to_text(uint64_t value);
inline std::string to_text(bool value) { return value ? "true" : "false"; }

/// Read the whole of `text` (blanks around it allowed); false if it is not such a number.
bool read_number(std::string_view text, double* value);
bool read_number(std::string_view text, int64_t* value);

/// `text` without blanks at its ends.
std::string_view trim(std::string_view text);

/// Split at every `separator`, pieces trimmed; the empty text gives no piece.
std::vector<std::string> split(std::string_view text, char separator);

/// The candidate with the smallest edit distance, or "" if none is near enough to be a slip.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// True if `text` is well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// `text`, which must be UTF-8, in double quotes with the escapes that JSON and TOML share.
std::string quote(std::string_view text);

/// A user's text for a message: in single quotes, cut, and with ? for what is not printable ASCII.
std::string shown(std::string_view text);

/// 16 lower-case hexadecimal digits, for checksums and keys.
std::string to_hex(uint64_t value);

namespace detail {
template <typename T>
void append(std::string* out, const T& part) {
  if constexpr (std::is_same_v<T, bool>) {
    out->append(to_text(part));
  } else if constexpr (std::is_floating_point_v<T>) {
    out->append(to_text(static_cast<double>(part)));
  } else if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T>) {
    out->append(to_text(static_cast<uint64_t>(part)));
  } else if constexpr (std::is_integral_v<T>) {
    out->append(to_text(static_cast<int64_t>(part)));
  } else {
    out->append(std::string_view(part));
  }
}
}  // namespace detail

/// Numbers and texts one after the other.
template <typename... Parts>
std::string concatenate(const Parts&... parts) {
  std::string out;
  (detail::append(&out, parts), ...);
  return out;
}

}  // namespace sagips

#endif  // SAGIPS_CORE_TEXT_H_
