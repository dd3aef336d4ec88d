// SPDX-License-Identifier: BSD-3-Clause
// Numbers to text and back without the locale: to_chars and from_chars only.

#ifndef SAGIPS_TOOL_TEXT_H_
#define SAGIPS_TOOL_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sagips_tool {

// Shortest text that reads back as the same number; "nan", "inf" or "-inf" where it is none.
std::string shortest(double value);
// A fixed number of digits behind the point; never "-0.00".
std::string fixed(double value, int digits);
// About `digits` significant digits, without an exponent between 1e-4 and 1e6.
std::string significant(double value, int digits);
// "+0.13", "-1.20".
std::string with_sign(double value, int digits);
// 1234567 in groups of three, set apart by `separator`.
std::string grouped(int64_t value, std::string_view separator);
// "1.5 ms", "0.42 s", "38 s", "12 min 05 s", "3 h 20 min".
std::string duration(double seconds);
// Digits behind the point that show two significant digits of an uncertainty; at most 8.
int digits_for(double uncertainty);

// The whole of `text` as a number; false if it is none.
bool parse(std::string_view text, double* value);
bool parse(std::string_view text, int64_t* value);
bool parse(std::string_view text, uint64_t* value);

std::vector<std::string> split(std::string_view text, char separator);
std::string trimmed(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// The choice that takes the fewest letters changed, added or left out to make from `word`, as a
// fraction of the longer of the two; of equals the longer. There must be a choice.
std::string nearest(std::string_view word, const std::vector<std::string>& choices);
// A word as a shell takes it: in quotes where it needs them.
std::string shell_word(const std::string& word);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_TEXT_H_
