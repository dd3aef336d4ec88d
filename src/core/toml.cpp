// SPDX-License-Identifier: BSD-3-Clause
// TOML text as a flat list; see toml.h. The only file that knows toml++, used header-only: the
// distribution's shared library would be one more run-time dependency of the host.
#include "core/toml.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "sagips.h"

// libstdc++ has from_chars for double since GCC 11; the parser's other way is a stream.
#define TOML_FLOAT_CHARCONV 1
// The parser asserts what it takes for granted, and malformed text such as "[!" proves it wrong:
// that would abort the host, and in release builds, where an assertion is an assumption, be
// undefined. Here it is one more way to refuse a text. The parser knows no other switch for this
// than NDEBUG.
namespace sagips {
namespace {
struct BrokenAssumption {};
[[noreturn]] void break_assumption() { throw BrokenAssumption(); }
}  // namespace
}  // namespace sagips
#define TOML_ASSERT(holds) ((holds) ? static_cast<void>(0) : ::sagips::break_assumption())
#undef NDEBUG
#include <toml++/toml.h>

namespace sagips {
namespace {

// Texts of options are short. The limits keep hostile ones from costing time, memory or, since each
// dot of a key and each bracket is one more call, the stack.
constexpr size_t kLongestText = 1 << 20;
constexpr size_t kMostMarksInLine = 64;

[[noreturn]] void fail_at(const toml::source_position& place, std::string_view problem,
                          std::string_view advice) {
  fail(SAGIPS_ERROR_FORMAT, "line ", place.line, ", column ", place.column,
       " of the TOML text: ", problem, "; ", advice);
}

void check_text(std::string_view text) {
  if (text.size() > kLongestText) {
    fail(SAGIPS_ERROR_FORMAT, "the TOML text has ", text.size(), " bytes (more than the ",
         kLongestText, " that are read); is it a file of options?");
  }
  if (!is_utf8(text)) {
    size_t good = 0;  // lines
    std::string_view rest = text;
    for (size_t end = 0; is_utf8(rest.substr(0, end = rest.find('\n'))); ++good) {
      rest.remove_prefix(end + 1);
    }
    fail(SAGIPS_ERROR_FORMAT, "line ", good + 1,
         " of the TOML text is not UTF-8 (which TOML is); save it as UTF-8");
  }
  int64_t line = 1;
  size_t dots = 0;
  for (const char c : text) {
    dots += c == '.' ? 1 : 0;
    if (dots > kMostMarksInLine) {
      fail(SAGIPS_ERROR_FORMAT, "line ", line, " of the TOML text: more than ", kMostMarksInLine,
           " dots (no name has so many); shorten the line");
    }
    if (c != '\n') continue;
    ++line;
    dots = 0;
  }
}

// The parser (3.3) runs into undefined behaviour at U+00A1 to U+0499 outside of strings, "\u00e4 =
// 1". So it gets each byte beyond ASCII as a character of a private plane, U+F0080 to U+F00FF,
// which it treats alike, and what it found is turned back. Their UTF-8 is F3 B0 82 or 83, and a
// last byte.
std::string masked(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out.append(byte < 0xC0 ? "\xF3\xB0\x82" : "\xF3\xB0\x83");
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

std::string unmasked(std::string_view text) {
  constexpr std::string_view kStart = "\xF3\xB0";
  std::string out;
  while (!text.empty()) {
    const bool mask =
        text.size() >= 4 && text.substr(0, 2) == kStart && (text[2] == '\x82' || text[2] == '\x83');
    out += mask && text[2] == '\x83' ? static_cast<char>(text[3] | 0x40) : text[mask ? 3 : 0];
    text.remove_prefix(mask ? 4 : 1);
  }
  return out;
}

// "64,64,64"; nothing if one of the elements is no integer.
std::optional<std::string> integer_list(const toml::array& array) {
  std::string out;
  for (const toml::node& element : array) {
    const auto value = element.is_integer() ? element.value<int64_t>() : std::nullopt;
    if (!value) return std::nullopt;
    if (!out.empty()) out += ',';
    out += to_text(*value);
  }
  return out;
}

TomlEntry make_entry(std::string key, const toml::node& node) {
  TomlEntry entry{std::move(key), "", TomlKind::kText, node.source().begin.line};
  if (const auto* text = node.as_string()) {
    entry.text = unmasked(text->get());
  } else if (const auto* integer = node.as_integer()) {
    entry.kind = TomlKind::kInteger;
    entry.text = to_text(integer->get());
  } else if (const auto* real = node.as_floating_point()) {
    entry.kind = TomlKind::kReal;
    entry.text = to_text(real->get());
  } else if (const auto* boolean = node.as_boolean()) {
    entry.kind = TomlKind::kBoolean;
    entry.text = to_text(boolean->get());
  } else {
    const toml::array* array = node.as_array();
    const auto list = array != nullptr ? integer_list(*array) : std::nullopt;
    if (!list) {
      fail_at(node.source().begin,
              concatenate(shown(entry.key), " is a date, or a list of other things than integers"),
              "give a number, true or false, a text, or a list of integers");
    }
    entry.kind = TomlKind::kIntegerList;
    entry.text = *list;
  }
  return entry;
}

void flatten(const std::string& prefix, const toml::table& table, std::vector<TomlEntry>* entries) {
  for (const auto& [name, node] : table) {
    std::string key = prefix + unmasked(name.str());
    if (const toml::table* inner = node.as_table()) {
      flatten(key + ".", *inner, entries);
    } else {
      entries->push_back(make_entry(std::move(key), node));
    }
  }
}

// The parser refuses a name that comes twice, but not "a.b" beside [a] b.
void check_unique(const std::vector<TomlEntry>& entries) {
  std::set<std::string_view> keys;
  for (const TomlEntry& entry : entries) {
    if (!keys.insert(entry.key).second) {
      fail(SAGIPS_ERROR_FORMAT, "line ", entry.line, " of the TOML text: ", shown(entry.key),
           " comes twice (once in quotes); remove one");
    }
  }
}

}  // namespace

std::vector<TomlEntry> parse_toml(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  check_text(text);
  std::vector<TomlEntry> entries;
  try {
    flatten("", toml::parse(masked(text)), &entries);
  } catch (const toml::parse_error& error) {
    std::string problem = unmasked(error.description());
    for (char& c : problem) c = c >= ' ' && c <= '~' ? c : '?';  // it may quote half a character
    fail_at(error.source().begin, problem, "correct the text there");
  } catch (const BrokenAssumption&) {
    fail(SAGIPS_ERROR_FORMAT,
         "the TOML text is malformed (the parser cannot tell where); correct it");
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const TomlEntry& a, const TomlEntry& b) { return a.line < b.line; });
  check_unique(entries);
  return entries;
}

}  // namespace sagips
