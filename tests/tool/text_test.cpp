// SPDX-License-Identifier: BSD-3-Clause
#include "tool/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sagips_tool {
namespace {

TEST(Text, FixedHasNoNegativeZero) {
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(-0.006, 2), "-0.01");
  EXPECT_EQ(fixed(NAN, 2), "nan");
  EXPECT_EQ(fixed(-INFINITY, 2), "-inf");
}

TEST(Text, SignificantKeepsThatManyDigits) {
  EXPECT_EQ(significant(1234.5, 2), "1234");
  EXPECT_EQ(significant(1.2345, 3), "1.23");
  EXPECT_EQ(significant(0.0012345, 2), "0.0012");
  EXPECT_EQ(significant(3e-12, 2), "3.0e-12");
  EXPECT_EQ(significant(0.0, 3), "0");
}

TEST(Text, WithSignMarksOnlyWhatDiffersFromZero) {
  EXPECT_EQ(with_sign(0.126, 2), "+0.13");
  EXPECT_EQ(with_sign(-0.126, 2), "-0.13");
  EXPECT_EQ(with_sign(0.001, 2), "0.00");
}

TEST(Text, GroupedSetsThousandsApart) {
  EXPECT_EQ(grouped(0, ","), "0");
  EXPECT_EQ(grouped(999, ","), "999");
  EXPECT_EQ(grouped(1000, ","), "1,000");
  EXPECT_EQ(grouped(-1234567, ","), "-1,234,567");
}

TEST(Text, DurationChoosesItsUnit) {
  EXPECT_EQ(duration(0.0012), "1.2 ms");
  EXPECT_EQ(duration(0.123), "0.12 s");
  EXPECT_EQ(duration(9.96), "10 s");
  EXPECT_EQ(duration(59.6), "1 min 00 s");
  EXPECT_EQ(duration(3725), "1 h 02 min");
  EXPECT_EQ(duration(NAN), "unknown");
}

TEST(Text, DigitsFollowTheUncertainty) {
  EXPECT_EQ(digits_for(0.026), 3);
  EXPECT_EQ(digits_for(2.6), 1);
  EXPECT_EQ(digits_for(26.0), 0);
  EXPECT_EQ(digits_for(2600.0), 0);
  EXPECT_EQ(digits_for(INFINITY), 4);
  EXPECT_EQ(digits_for(NAN), 4);
}

TEST(Text, ParseWantsTheWholeText) {
  double real = 0.0;
  int64_t whole = 0;
  EXPECT_TRUE(parse("2.5e-3", &real));
  EXPECT_EQ(real, 2.5e-3);
  EXPECT_TRUE(parse("-12", &whole));
  for (const char* wrong : {"", "1 ", " 1", "1x", "x", "1,5"}) EXPECT_FALSE(parse(wrong, &real));
  EXPECT_FALSE(parse("9223372036854775808", &whole));
}

TEST(Text, ShortestReadsBackAsTheSameNumber) {
  for (double value : {0.1, 1.0 / 3.0, 1e-300, 123456789.125, -0.0}) {
    double back = 1.0;
    ASSERT_TRUE(parse(shortest(value), &back));
    EXPECT_EQ(back, value);
  }
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(trimmed("  a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
}

TEST(Text, NearestIsWhatWasMeant) {
  const std::vector<std::string> choices = {"c", "cpp", "fortran"};
  EXPECT_EQ(nearest("fotran", choices), "fortran");
  EXPECT_EQ(nearest("f90", choices), "fortran");
  EXPECT_EQ(nearest("c++", choices), "cpp");
  EXPECT_EQ(nearest("c89", choices), "cpp");
  EXPECT_EQ(nearest("cc", choices), "c");
  EXPECT_EQ(nearest("", choices), "fortran");
  EXPECT_EQ(nearest("", {""}), "");
}

TEST(Text, ShellWordIsQuotedWhereItMustBe) {
  EXPECT_EQ(shell_word("a-b/c.d"), "a-b/c.d");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace sagips_tool
