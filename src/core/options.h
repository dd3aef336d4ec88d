// SPDX-License-Identifier: BSD-3-Clause
// The settings of a solver: a table of values over a static table of rows. A row says everything
// there is to know of an option (key, type, default, range, unit, sentence); the checks, the TOML
// text, the documentation and sagips_options_describe() all read it, so that an option is added by
// adding a row to option_table.cpp, and nowhere else.
#ifndef SAGIPS_CORE_OPTIONS_H_
#define SAGIPS_CORE_OPTIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sagips {

/// How the values of an option are limited.
enum class OptionForm {
  kNumber,  ///< integers and reals: an interval
  kSwitch,  ///< booleans
  kChoice,  ///< one of the names in OptionRange::text, which are separated by " | "
  kWidths,  ///< widths of layers, "128,128"
  kText     ///< any UTF-8 text without a NUL
};

/// The values that an option may take, as text for people and as an interval for the check.
struct OptionRange {
  OptionForm form;
  const char* text;  ///< "(0, 1]", "bce | least_squares"
  double lower;
  double upper;
  bool lower_open;
  bool upper_open;
};

/// One row of the table. All texts are static.
struct OptionRow {
  const char* key;            ///< "generator.rate": the TOML table, a dot, the name in it
  int32_t type;               ///< SAGIPS_INTEGER, SAGIPS_REAL, SAGIPS_BOOLEAN, SAGIPS_TEXT
  const char* default_value;  ///< as text: the value in the preset `fast`
  OptionRange range;
  const char* unit;      ///< "" where it has none
  const char* sentence;  ///< what it does
};

/// What a preset changes in the defaults.
struct PresetRow {
  const char* preset;
  const char* key;
  const char* value;
};

/// The tables of option_table.cpp.
int32_t option_row_count();
const OptionRow& option_row(int32_t index);
int32_t preset_row_count();
const PresetRow& preset_row(int32_t index);

/// A value for every row. A function that fails throws Error and changes nothing.
class Options {
 public:
  /// The defaults, which are the preset `fast`.
  Options();

  /// Set every option to a preset; SAGIPS_ERROR_NOT_FOUND if there is none of this name.
  void preset(std::string_view name);

  /// Set one option. SAGIPS_ERROR_OPTION for an unknown key (the nearest is named),
  /// SAGIPS_ERROR_TYPE, SAGIPS_ERROR_RANGE. Setting the key `preset` is preset().
  void set(std::string_view key, std::string_view text);
  void set_integer(std::string_view key, int64_t value);  ///< options of type integer or real
  void set_real(std::string_view key, double value);      ///< options of type real
  void set_boolean(std::string_view key, bool value);     ///< options of type boolean

  /// Read one option of the named type; asking for another type is SAGIPS_ERROR_INTERNAL.
  int64_t integer(std::string_view key) const;
  double real(std::string_view key) const;
  bool boolean(std::string_view key) const;
  const std::string& text(std::string_view key) const;
  std::vector<int64_t> widths(std::string_view key) const;

  /// The value as text that set() reads back exactly. SAGIPS_ERROR_OPTION for an unknown key.
  std::string get(std::string_view key) const;

  /// All values as TOML text; read_toml() of it gives an equal table.
  std::string write_toml() const;

  /// Set options from TOML text. The top-level key `preset` is applied first. All or nothing.
  /// Statuses of set(), and SAGIPS_ERROR_FORMAT where the text is no TOML.
  void read_toml(std::string_view text);

  static int32_t count() { return option_row_count(); }
  static const OptionRow& row(int32_t index) { return option_row(index); }

  friend bool operator==(const Options& a, const Options& b) { return a.values_ == b.values_; }
  friend bool operator!=(const Options& a, const Options& b) { return !(a == b); }

 private:
  const std::string& value(std::string_view key, int32_t type) const;

  std::vector<std::string> values_;  // one a row, as get() gives it
};

}  // namespace sagips

#endif  // SAGIPS_CORE_OPTIONS_H_
