// SPDX-License-Identifier: BSD-3-Clause
#include "core/text.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace sagips {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

uint64_t bits_of(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

TEST(Text, NumbersAreShort) {
  EXPECT_EQ(to_text(0.05), "0.05");
  EXPECT_EQ(to_text(5e-4), "5e-4");
  EXPECT_EQ(to_text(1e20), "1e20");
  EXPECT_EQ(to_text(1e-300), "1e-300");
  EXPECT_EQ(to_text(-0.0), "-0");
  EXPECT_EQ(to_text(2.0), "2");
  EXPECT_EQ(to_text(std::nan("")), "nan");
  EXPECT_EQ(to_text(-std::nan("")), "nan");
  EXPECT_EQ(to_text(-kInfinity), "-inf");
  EXPECT_EQ(to_text(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(to_text(std::numeric_limits<uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(to_hex(0xabcu), "0000000000000abc");
}

TEST(Text, EveryDoubleReadsBackAsItself) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; ++i) {
    const uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof(bits));
    if (!std::isfinite(value)) continue;
    double read = 0;
    ASSERT_TRUE(read_number(to_text(value), &read)) << to_text(value);
    ASSERT_EQ(bits_of(read), bits) << to_text(value);
  }
}

TEST(Text, NumbersAreReadAsAWhole) {
  double real = 7;
  for (const char* good : {"0.5", " 0.5\n", "+0.5", "5e-1", ".5", "5.E-1"}) {
    EXPECT_TRUE(read_number(good, &real)) << good;
    EXPECT_EQ(real, 0.5) << good;
  }
  for (const char* bad :
       {"", " ", "0,5", "0.5x", "x", "0x1p1", "1e999", "+-1", "++1", "+", "1 2"}) {
    EXPECT_FALSE(read_number(bad, &real)) << bad;
  }
  EXPECT_EQ(real, 0.5) << "a failed read leaves the value alone";
  int64_t integer = 7;
  EXPECT_TRUE(read_number("-9223372036854775808", &integer));
  EXPECT_EQ(integer, std::numeric_limits<int64_t>::min());
  for (const char* bad : {"", "1.5", "1e5", "9223372036854775808", "0x10", "1_000"}) {
    EXPECT_FALSE(read_number(bad, &integer)) << bad;
  }
}

TEST(Text, ReadsNumbersUnderALocaleWithADecimalComma) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr)
    GTEST_SKIP() << "no locale de_DE.UTF-8 here";
  double value = 0;
  EXPECT_TRUE(read_number("0.5", &value));
  EXPECT_EQ(value, 0.5);
  EXPECT_EQ(to_text(1234567.5), "1234567.5");
  std::setlocale(LC_ALL, before.c_str());
}

TEST(Text, SplitKeepsEmptyPieces) {
  EXPECT_EQ(split("", ','), std::vector<std::string>());
  EXPECT_EQ(split("  ", ','), std::vector<std::string>());
  EXPECT_EQ(split("a", ','), std::vector<std::string>({"a"}));
  EXPECT_EQ(split(" a , b,", ','), std::vector<std::string>({"a", "b", ""}));
  EXPECT_EQ(split(",", ','), std::vector<std::string>({"", ""}));
}

TEST(Text, NearestNameForgivesSlipsOnly) {
  const std::vector<std::string> names = {"epochs", "events", "generator.rate"};
  EXPECT_EQ(nearest_name("epoch", names), "epochs");
  EXPECT_EQ(nearest_name("epcohs", names), "epochs");
  EXPECT_EQ(nearest_name("generater.rat", names), "generator.rate");
  EXPECT_EQ(nearest_name("zebra", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name(std::string(1000000, 'e'), names), "");
  EXPECT_EQ(nearest_name("epochs", {}), "");
}

TEST(Text, Utf8HasNoOverlongFormsSurrogatesOrPiecesMissing) {
  for (const char* good : {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                           "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3",
                          "\xE2\x82", "\xF0\x9F\x98", "\xE2\x28\xA1", "a\xFF"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Text, QuoteEscapesWhatJsonAndTomlEscape) {
  EXPECT_EQ(quote("a\"b\\c\n\t\r\b\f"), R"("a\"b\\c\n\t\r\b\f")");
  EXPECT_EQ(quote(std::string("\x01\x1F\x7F\0", 4)), R"("\u0001\u001f\u007f\u0000")");
  EXPECT_EQ(quote("\xC3\xA4"), "\"\xC3\xA4\"");
}

TEST(Text, ShownIsShortAndPrintable) {
  EXPECT_EQ(shown("a\n\xFFz"), std::string("'a?") + "?z'");
  EXPECT_EQ(shown(std::string(1000, 'x')), "'" + std::string(80, 'x') + "...'");
}

TEST(Text, ConcatenateTakesNumbersOfAllTypes) {
  EXPECT_EQ(concatenate("a", 1, ' ' == ' ', 2u, int64_t{-3}, 0.5f, std::string("b")),
            "a1true2-30.5b");
}

}  // namespace
}  // namespace sagips
