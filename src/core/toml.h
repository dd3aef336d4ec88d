// SPDX-License-Identifier: BSD-3-Clause
// TOML text as a flat list: `[generator]` with `rate = 5e-4` becomes the entry "generator.rate"
// with the text "5e-4". Nothing else of TOML is needed here, and no type of the parser leaves
// toml.cpp.
#ifndef SAGIPS_CORE_TOML_H_
#define SAGIPS_CORE_TOML_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sagips {

/// What a value is in the TOML text.
enum class TomlKind { kInteger, kReal, kBoolean, kText, kIntegerList };

/// One value.
struct TomlEntry {
  std::string key;   ///< tables and name, joined by dots
  std::string text;  ///< as the setters of Options read it; "64,64,64" for a list
  TomlKind kind;
  int64_t line;  ///< from 1
};

/// Read TOML text, in the order of its lines. SAGIPS_ERROR_FORMAT with line and column where it is
/// no TOML, where a key comes twice, and for dates, arrays of other things than integers and tables
/// in arrays.
std::vector<TomlEntry> parse_toml(std::string_view text);

}  // namespace sagips

#endif  // SAGIPS_CORE_TOML_H_
