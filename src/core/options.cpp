// SPDX-License-Identifier: BSD-3-Clause
// Reading, checking and writing a table of options; see options.h. A value is kept as the text that
// describes it shortest, so that there is one form to compare, to write and to read back.
#include "core/options.h"

#include <cstddef>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/toml.h"
#include "sagips.h"

namespace sagips {
namespace {

constexpr std::string_view kPresets[] = {"fast", "paper"};

// "generator.rate" for "rate": the first row that has this name in its table.
std::string row_of_part(std::string_view part) {
  std::string found;
  for (int32_t i = 0; i < option_row_count(); ++i) {
    const std::string_view key = option_row(i).key;
    const size_t dot = key.find('.');
    if (dot == std::string_view::npos || key.substr(dot + 1) != part) continue;
    if (found.empty()) found = key;
  }
  return found;
}

[[noreturn]] void fail_unknown(std::string_view key) {
  std::vector<std::string> keys;
  for (int32_t i = 0; i < option_row_count(); ++i) keys.emplace_back(option_row(i).key);
  std::string nearest = nearest_name(key, keys);
  if (nearest.empty()) nearest = row_of_part(key);
  if (nearest.empty()) {
    fail(SAGIPS_ERROR_OPTION, "option ", shown(key),
         " does not exist (no name is near it); sagips_options_describe() lists all");
  }
  fail(SAGIPS_ERROR_OPTION, "option ", shown(key), " does not exist (the nearest name is '",
       nearest, "'); correct the name, or see sagips_options_describe() for all");
}

size_t find_row(std::string_view key) {
  for (int32_t i = 0; i < option_row_count(); ++i) {
    if (key == option_row(i).key) return static_cast<size_t>(i);
  }
  fail_unknown(key);
}

const OptionRow& row_at(size_t index) { return option_row(static_cast<int32_t>(index)); }

const char* type_name(int32_t type) {
  constexpr const char* kNames[] = {"a whole number", "a number", "true or false", "text"};
  return kNames[type];
}

[[noreturn]] void fail_type(const OptionRow& row, std::string_view given) {
  const char* wanted = row.range.form == OptionForm::kWidths ? "whole numbers separated by commas"
                                                             : type_name(row.type);
  fail(SAGIPS_ERROR_TYPE, "option '", row.key, "' cannot be ", shown(given), " (it must be ",
       wanted, "); give a value in the range ", row.range.text);
}

[[noreturn]] void fail_range(const OptionRow& row, std::string_view given) {
  const bool choice = row.range.form == OptionForm::kChoice;
  fail(SAGIPS_ERROR_RANGE, "option '", row.key, "' cannot be ", shown(given),
       choice ? " (no such choice); give one of " : " (outside its range); give a value in ",
       row.range.text);
}

// Written so that NaN lies outside every range.
bool is_inside(const OptionRange& range, double value) {
  const bool above = range.lower_open ? value > range.lower : value >= range.lower;
  const bool below = range.upper_open ? value < range.upper : value <= range.upper;
  return above && below;
}

std::string checked_integer(const OptionRow& row, std::string_view text) {
  int64_t value = 0;
  if (!read_number(text, &value)) fail_type(row, text);
  if (!is_inside(row.range, static_cast<double>(value))) fail_range(row, text);
  return to_text(value);
}

std::string checked_real(const OptionRow& row, std::string_view text) {
  double value = 0;
  if (!read_number(text, &value)) fail_type(row, text);
  if (!is_inside(row.range, value)) fail_range(row, text);
  return to_text(value);
}

std::string checked_switch(const OptionRow& row, std::string_view text) {
  text = trim(text);
  if (text != "true" && text != "false") fail_type(row, text);
  return std::string(text);
}

std::string checked_choice(const OptionRow& row, std::string_view text) {
  text = trim(text);
  for (const std::string& choice : split(row.range.text, '|')) {
    if (choice == text) return choice;
  }
  fail_range(row, text);
}

std::string checked_widths(const OptionRow& row, std::string_view text) {
  constexpr size_t kMostLayers = 32;
  const std::vector<std::string> pieces = split(text, ',');
  if (pieces.size() > kMostLayers) fail_range(row, text);
  std::string out;
  for (const std::string& piece : pieces) {
    if (!out.empty()) out += ',';
    out += checked_integer(row, piece);
  }
  return out;
}

std::string checked_text(const OptionRow& row, std::string_view text) {
  if (text.find('\0') != std::string_view::npos || !is_utf8(text)) {
    fail(SAGIPS_ERROR_TYPE, "option '", row.key, "' cannot be ", shown(text),
         " (it is not UTF-8 without NUL, so that it cannot be written to files); use UTF-8");
  }
  return std::string(text);
}

// The text of a value as it is kept, once it is known to have the row's type and range.
std::string checked(const OptionRow& row, std::string_view text) {
  switch (row.range.form) {
    case OptionForm::kNumber:
      return row.type == SAGIPS_INTEGER ? checked_integer(row, text) : checked_real(row, text);
    case OptionForm::kSwitch:
      return checked_switch(row, text);
    case OptionForm::kChoice:
      return checked_choice(row, text);
    case OptionForm::kWidths:
      return checked_widths(row, text);
    case OptionForm::kText:
      break;
  }
  return checked_text(row, text);
}

// Whether a value that stands in TOML as this kind may be meant for the row.
bool suits(TomlKind kind, const OptionRow& row) {
  const bool widths = row.range.form == OptionForm::kWidths;
  switch (kind) {
    case TomlKind::kInteger:
      return row.type == SAGIPS_INTEGER || row.type == SAGIPS_REAL || widths;
    case TomlKind::kReal:
      return row.type == SAGIPS_REAL;
    case TomlKind::kBoolean:
      return row.type == SAGIPS_BOOLEAN;
    case TomlKind::kIntegerList:
      return widths;
    case TomlKind::kText:
      break;
  }
  return row.type == SAGIPS_TEXT;
}

std::string toml_value(const OptionRow& row, const std::string& value) {
  if (row.range.form == OptionForm::kWidths) return concatenate("[", value, "]");
  if (row.type == SAGIPS_TEXT) return quote(value);
  // TOML tells integers and reals apart: 1 is the one, 1.0 the other.
  const bool whole = value.find_first_of(".e") == std::string::npos;
  return row.type == SAGIPS_REAL && whole ? value + ".0" : value;
}

}  // namespace

Options::Options() { preset(kPresets[0]); }

void Options::preset(std::string_view name) {
  bool known = false;
  for (const std::string_view preset : kPresets) known = known || preset == name;
  if (!known) {
    fail(SAGIPS_ERROR_NOT_FOUND, "preset ", shown(name),
         " does not exist (there are 'fast' and 'paper'); choose one of them");
  }
  std::vector<std::string> values;
  for (int32_t i = 0; i < count(); ++i) values.emplace_back(option_row(i).default_value);
  for (int32_t i = 0; i < preset_row_count(); ++i) {
    const PresetRow& change = preset_row(i);
    if (change.preset == name) values[find_row(change.key)] = change.value;
  }
  values[find_row("preset")] = name;
  values_ = std::move(values);
}

void Options::set(std::string_view key, std::string_view text) {
  const size_t index = find_row(key);
  std::string value = checked(row_at(index), text);
  if (key == "preset") return preset(value);
  values_[index] = std::move(value);
}

void Options::set_integer(std::string_view key, int64_t value) {
  const OptionRow& row = row_at(find_row(key));
  if (row.type != SAGIPS_INTEGER && row.type != SAGIPS_REAL) fail_type(row, to_text(value));
  set(key, to_text(value));
}

void Options::set_real(std::string_view key, double value) {
  const OptionRow& row = row_at(find_row(key));
  if (row.type != SAGIPS_REAL) fail_type(row, to_text(value));
  set(key, to_text(value));
}

void Options::set_boolean(std::string_view key, bool value) {
  const OptionRow& row = row_at(find_row(key));
  if (row.type != SAGIPS_BOOLEAN) fail_type(row, to_text(value));
  set(key, to_text(value));
}

const std::string& Options::value(std::string_view key, int32_t type) const {
  const size_t index = find_row(key);
  if (row_at(index).type != type) {
    fail(SAGIPS_ERROR_INTERNAL, "option '", key, "' was read as ", type_name(type), " (it is ",
         type_name(row_at(index).type), "); please report this");
  }
  return values_[index];
}

int64_t Options::integer(std::string_view key) const {
  int64_t number = 0;
  read_number(value(key, SAGIPS_INTEGER), &number);
  return number;
}

double Options::real(std::string_view key) const {
  double number = 0;
  read_number(value(key, SAGIPS_REAL), &number);
  return number;
}

bool Options::boolean(std::string_view key) const { return value(key, SAGIPS_BOOLEAN) == "true"; }

const std::string& Options::text(std::string_view key) const { return value(key, SAGIPS_TEXT); }

std::vector<int64_t> Options::widths(std::string_view key) const {
  std::vector<int64_t> numbers;
  for (const std::string& piece : split(value(key, SAGIPS_TEXT), ',')) {
    numbers.push_back(0);
    read_number(piece, &numbers.back());
  }
  return numbers;
}

std::string Options::get(std::string_view key) const { return values_[find_row(key)]; }

std::string Options::write_toml() const {
  std::string top;
  std::string tables;
  std::string_view table;
  for (int32_t i = 0; i < count(); ++i) {
    const std::string_view key = row(i).key;
    const std::string line_end = toml_value(row(i), values_[static_cast<size_t>(i)]) + "\n";
    const size_t dot = key.find('.');
    if (dot == std::string_view::npos) {
      top += concatenate(key, " = ", line_end);
      continue;
    }
    if (key.substr(0, dot) != table) {
      table = key.substr(0, dot);
      tables += concatenate("\n[", table, "]\n");
    }
    tables += concatenate(key.substr(dot + 1), " = ", line_end);
  }
  return top + tables;
}

void Options::read_toml(std::string_view text) {
  const std::vector<TomlEntry> entries = parse_toml(text);
  Options next = *this;
  const auto apply = [&next](const TomlEntry& entry) {
    try {
      const OptionRow& row = row_at(find_row(entry.key));
      if (!suits(entry.kind, row)) fail_type(row, entry.text);
      next.set(entry.key, entry.text);
    } catch (const Error& error) {
      fail(error.status(), "line ", entry.line, ": ", error.text());
    }
  };
  for (const TomlEntry& entry : entries) {
    if (entry.key == "preset") apply(entry);
  }
  for (const TomlEntry& entry : entries) {
    if (entry.key != "preset") apply(entry);
  }
  *this = std::move(next);
}

}  // namespace sagips
