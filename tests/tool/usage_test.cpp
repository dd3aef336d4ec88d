// SPDX-License-Identifier: BSD-3-Clause
// What a person gets told who types something wrong: exit code 2, and a sentence that names it.

#include <gtest/gtest.h>

#include <ostream>

#include "command.h"

namespace tool_test {
namespace {

struct Wrong {
  const char* name;
  Words words;
  const char* fragment;
};

void PrintTo(const Wrong& wrong, std::ostream* stream) { *stream << wrong.name; }

class Usage : public testing::TestWithParam<Wrong> {};

TEST_P(Usage, IsRefusedWithASentence) {
  const TemporaryFolder folder;
  Words words = GetParam().words;
  if (words.size() > 0 && words[0] == "run") words.insert(words.end(), {"--out", folder / "run"});
  const Result result = call(words);
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_NE(result.err.find(GetParam().fragment), std::string::npos) << result.err;
  EXPECT_EQ(result.err.rfind("sagips: ", 0), 0u) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(read(folder / "run/run.json"), "");
}

INSTANTIATE_TEST_SUITE_P(
    Command, Usage,
    testing::Values(
        Wrong{"NoSubcommand", {}, "subcommand"}, Wrong{"UnknownSubcommand", {"walk"}, "walk"},
        Wrong{"UnknownFlag", {"run", "--evens", "5"}, "--evens"},
        Wrong{"NoMembers", {"run", "--members", "0"}, "ensemble.members"},
        Wrong{"EventsNoNumber", {"run", "--events", "many"}, "--events is \"many\""},
        Wrong{"EventsZero", {"run", "--events", "0"}, "--events is \"0\""},
        Wrong{"EventsFraction", {"run", "--events", "10.5"}, "--events is \"10.5\""},
        Wrong{"EpochsNegative", {"run", "--epochs", "-3"}, "--epochs is \"-3\""},
        Wrong{"UnknownProblem", {"run", "--problem", "kuma7"}, "proxy1d or kuma6"},
        Wrong{"UnknownPreset", {"run", "--preset", "slow"}, "slow"},
        Wrong{"TruthTooShort", {"run", "--truth", "1,2,3"}, "has 3 values"},
        Wrong{"TruthNoNumber", {"run", "--truth", "1,2,3,a,5,6"}, "\"a\""},
        Wrong{"TruthOutside", {"run", "--truth", "9,-0.5,3,1,-0.5,4"}, "truth of p0 is 9"},
        Wrong{"TruthZero", {"run", "--truth", "2,0,3,1,-0.5,4"}, "truth of p1 is 0"},
        Wrong{"SetWithoutValue", {"run", "--set", "seed"}, "key=value"},
        Wrong{"SetMisspelt", {"run", "--set", "generator.rat=1e-4"}, "generator.rate"},
        Wrong{"SetNoNumber", {"run", "--set", "generator.rate=fast"}, "generator.rate"},
        Wrong{"NoSuchConfig", {"run", "--config", "/nowhere.toml"}, "/nowhere.toml"},
        Wrong{"ResumeAndOverwrite", {"run", "--resume", "--overwrite"}, "exclude"},
        Wrong{"CheckUnknown", {"check", "--problem", "other"}, "proxy1d or kuma6"},
        Wrong{"ReportWithoutFolder", {"report"}, "folder"},
        Wrong{"NewWithoutFolder", {"new", "c"}, "folder is required"},
        Wrong{"NewInNoFolder", {"new", "c", ""}, "name is empty"},
        Wrong{"NewInOtherLanguage", {"new", "c++", "/nowhere"}, "did you mean cpp?"},
        Wrong{"NewMisspelt", {"new", "Fotran", "/nowhere"}, "did you mean fortran?"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Usage, FolderWithoutRunIsAFailure) {
  const TemporaryFolder folder;
  for (const Words& words :
       {Words{"report", folder / "none"}, Words{"run", "--resume", "--out", folder / "none"}}) {
    const Result result = call(words);
    EXPECT_EQ(result.code, 1);
    EXPECT_NE(result.err.find("holds no run"), std::string::npos) << result.err;
  }
}

TEST(Usage, VersionAndHelpSucceed) {
  const Result version = call({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_EQ(version.out.rfind("sagips 0.", 0), 0u) << version.out;
  for (const char* subcommand : {"run", "report", "options", "check", "new"}) {
    const Result help = call({subcommand, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find("Example: sagips " + std::string(subcommand)), std::string::npos);
  }
}

TEST(Usage, OptionsNamesEveryKeyOnce) {
  const Result result = call({"options"});
  EXPECT_EQ(result.code, 0);
  for (const char* key : {"\nseed ", "\nepochs ", "\ngenerator.hidden ", "\ncheckpoint.every "}) {
    const size_t first = result.out.find(key);
    EXPECT_NE(first, std::string::npos) << key;
    EXPECT_EQ(result.out.find(key, first + 1), std::string::npos) << key;
  }
}

TEST(Usage, CheckPassesForBothProblems) {
  for (const char* problem : {"proxy1d", "kuma6"}) {
    const Result result = call({"check", "--problem", problem});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_GT(result.out.size(), 10u);
  }
}

}  // namespace
}  // namespace tool_test
