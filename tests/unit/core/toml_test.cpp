// SPDX-License-Identifier: BSD-3-Clause
#include "core/toml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <random>

#include "core/text.h"
#include "core_testing.h"

namespace sagips {
namespace {

TEST(Toml, TablesBecomeDots) {
  const std::vector<TomlEntry> entries = parse_toml(
      "seed = 1\nloss = 'bce'  # comment\na.b.c = 2.50\n\n[generator]\nrate = 5E-4\nfresh = true\n"
      "hidden = [64,\n  32]\n[lift]\ninner = {degree = -4, none = []}\n");
  struct Expected {
    const char* key;
    const char* text;
    TomlKind kind;
    int64_t line;
  };
  constexpr Expected kExpected[] = {
      {"seed", "1", TomlKind::kInteger, 1},
      {"loss", "bce", TomlKind::kText, 2},
      {"a.b.c", "2.5", TomlKind::kReal, 3},
      {"generator.rate", "5e-4", TomlKind::kReal, 6},
      {"generator.fresh", "true", TomlKind::kBoolean, 7},
      {"generator.hidden", "64,32", TomlKind::kIntegerList, 8},
      {"lift.inner.degree", "-4", TomlKind::kInteger, 11},
      {"lift.inner.none", "", TomlKind::kIntegerList, 11},
  };
  ASSERT_EQ(entries.size(), std::size(kExpected));
  for (size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].key, kExpected[i].key);
    EXPECT_EQ(entries[i].text, kExpected[i].text) << entries[i].key;
    EXPECT_EQ(entries[i].kind, kExpected[i].kind) << entries[i].key;
    EXPECT_EQ(entries[i].line, kExpected[i].line) << entries[i].key;
  }
  EXPECT_TRUE(parse_toml("").empty());
  EXPECT_TRUE(parse_toml("# nothing\n[empty]\n").empty());
}

TEST(Toml, RealsKeepEveryBit) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-300, 300);
  for (int i = 0; i < 1000; ++i) {
    const double value = std::pow(10.0, exponent(random));
    std::string text = to_text(value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    EXPECT_EQ(parse_toml("x = " + text).at(0).text, to_text(value));
  }
  EXPECT_EQ(parse_toml("x = +1.5").at(0).text, "1.5");
  EXPECT_EQ(parse_toml("x = 1_000.5").at(0).text, "1000.5");
  EXPECT_EQ(parse_toml("x = -inf").at(0).text, "-inf");
  EXPECT_EQ(parse_toml("x = 0xFF").at(0).text, "255");
}

TEST(Toml, MistakesHaveALineAndAColumn) {
  const auto refuses = [](std::string text, const char* part) {
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, part, parse_toml(text));
  };
  refuses("a = 1\nb = \n", "line 2, column 5");
  refuses("a = 1\na = 2\n", "line 2");
  refuses("[a]\nb = 1\n[a]\n", "line 3");
  refuses("\"a.b\" = 1\n[a]\nb = 2\n", "'a.b' comes twice");
  refuses("a = 0,5", "line 1");
  refuses("a = 1979-05-27", "a date");
  refuses("a = ['x']", "a list of other things");
  refuses("a = [1, 2.5]", "a list of other things");
  refuses("a = [[1], [2]]", "a list of other things");
  refuses("[[a]]\nb = 1", "a list of other things");
  refuses("a = \"\xFF\"", "line 1");
  refuses("a = 99999999999999999999", "line 1");
  refuses("a = 1e999", "line 1");
  refuses("a = \"x", "line 1");
  refuses("[!]", "malformed");  // an assertion of the parser
}

TEST(Toml, LettersBeyondAsciiLiveInStringsCommentsAndQuotedNames) {
  const std::string all =
      "\xC2\xA1\xC3\xA4\xD2\x99\xE2\x82\xAC\xF0\x9F\x98\x80\xF3\xB0\x82\x80\xF3\xB0\x83\xBF";
  const std::vector<TomlEntry> entries = parse_toml(
      concatenate("\xEF\xBB\xBF# ", all, "\na = \"", all, "\"\nb = '", all, "'\nc = \"\"\"\\\n  ",
                  all, "\"\"\"\n[\"", all, "\"]\nd = '\\u00e4'\n[e]\nf = \"\\u00e4\""));
  ASSERT_EQ(entries.size(), 5u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(entries[i].text, all) << i;
  EXPECT_EQ(entries[3].key, all + ".d");
  EXPECT_EQ(entries[3].text, "\\u00e4");
  EXPECT_EQ(entries[4].text, "\xC3\xA4");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "line 1, column 1", parse_toml("\xC3\xA4 = 1"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "line 1", parse_toml("a\xC3\xA4 = 1"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "line 3 of the TOML text is not UTF-8",
                      parse_toml("a = 1\n\nb = '\xFF'\n"));
}

TEST(Toml, HostileSizesAreRefusedBeforeTheyCost) {
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "bytes", parse_toml(std::string(2 << 20, '#')));
  std::string dots = "a";
  for (int i = 0; i < 100000; ++i) dots += ".a";
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "dots", parse_toml(dots + " = 1"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "line 2", parse_toml("\n[" + dots + "]\nb = 1"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "line 1", parse_toml("a = " + std::string(100000, '[')));
  std::string braces = "a = ";
  for (int i = 0; i < 100000; ++i) braces += "{a=";
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "line 1", parse_toml(braces));
}

TEST(Toml, DeepestTextThatTheLimitsAllowIsRead) {
  std::string dots = "a";
  for (int i = 0; i < 60; ++i) dots += ".a";
  std::string text;
  std::string closing;
  for (int i = 0; i < 100; ++i) {
    text += i == 0 ? dots + " = " : "{" + dots + " = ";
    text += "[\n";
    closing = (i == 0 ? "]" : "]}") + closing;
  }
  // Lists in lists are no option's value: what counts is that it is an answer, and no overflow.
  const Error error = error_of([&] { parse_toml(text + "1" + closing); });
  EXPECT_EQ(error.status(), SAGIPS_ERROR_FORMAT) << error.text();
}

TEST(Toml, RandomDamageNeverDoesMoreThanFail) {
  const std::string good =
      "seed = 1\n[generator]\nrate = 5e-4\nhidden = [64, 32]\nname = \"x\\u00e4\"\nlong = "
      "'''a\nb'''\n";
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string text = good;
    for (uint64_t change = 0; change <= random() % 4; ++change) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    text.resize(text.size() - random() % 2 * (random() % text.size()));
    const sagips_status status = error_of([&] { parse_toml(text); }).status();
    EXPECT_TRUE(status == SAGIPS_OK || status == SAGIPS_ERROR_FORMAT) << text;
  }
}

}  // namespace
}  // namespace sagips
