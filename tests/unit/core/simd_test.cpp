// SPDX-License-Identifier: BSD-3-Clause
// Instruction sets by name: what is here can be chosen, what is not is refused with the list of
// what is, and the environment variable SAGIPS_SIMD speaks for "auto" alone.
#include "core/simd.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <set>
#include <string>

#include "core_testing.h"

namespace sagips {
namespace {

constexpr Simd kAll[] = {Simd::kPortable, Simd::kAvx2, Simd::kAvx512, Simd::kNeon};

bool is_supported(Simd simd) {
  const std::vector<Simd> supported = supported_simd();
  return std::count(supported.begin(), supported.end(), simd) > 0;
}

/// SAGIPS_SIMD as a test wants it, and afterwards as it was.
class Variable {
 public:
  explicit Variable(const char* value) {
    if (const char* before = ::getenv("SAGIPS_SIMD")) {
      before_ = before;
      was_set_ = true;
    }
    if (value == nullptr)
      ::unsetenv("SAGIPS_SIMD");
    else
      ::setenv("SAGIPS_SIMD", value, 1);
  }
  ~Variable() {
    if (was_set_)
      ::setenv("SAGIPS_SIMD", before_.c_str(), 1);
    else
      ::unsetenv("SAGIPS_SIMD");
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string before_;
  bool was_set_ = false;
};

TEST(Simd, EveryInstructionSetHasAName) {
  std::set<std::string> names;
  for (const Simd simd : kAll) names.insert(simd_name(simd));
  EXPECT_EQ(names, (std::set<std::string>{"portable", "avx2", "avx512", "neon"}));
}

TEST(Simd, SupportedAreThoseOfThisMachineBestFirst) {
  const std::vector<Simd> supported = supported_simd();
  ASSERT_FALSE(supported.empty());
  EXPECT_EQ(supported.back(), Simd::kPortable) << "on every machine, and the last choice";
  EXPECT_EQ(std::set<Simd>(supported.begin(), supported.end()).size(), supported.size());
#if defined(__x86_64__)
  EXPECT_FALSE(is_supported(Simd::kNeon));
  EXPECT_EQ(is_supported(Simd::kAvx2),
            __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  if (is_supported(Simd::kAvx512)) {
    EXPECT_TRUE(__builtin_cpu_supports("avx512f"));
    EXPECT_TRUE(is_supported(Simd::kAvx2)) << "whoever has the larger has the smaller";
    EXPECT_EQ(supported.front(), Simd::kAvx512);
  }
#elif defined(__aarch64__)
  EXPECT_EQ(supported, (std::vector<Simd>{Simd::kNeon, Simd::kPortable}));
#endif
}

TEST(Simd, EveryOneIsChosenByItsNameOrRefused) {
  for (const char* variable : {static_cast<const char*>(nullptr), "portable", "nonsense"}) {
    const Variable set(variable);  // it speaks for "auto" alone
    for (const Simd simd : kAll) {
      if (is_supported(simd))
        EXPECT_EQ(choose_simd(simd_name(simd)), simd);
      else
        SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, simd_name(simd),
                            choose_simd(simd_name(simd)));
    }
  }
}

TEST(Simd, AutoIsTheBest) {
  for (const char* variable : {static_cast<const char*>(nullptr), "", "auto"}) {
    const Variable set(variable);
    EXPECT_EQ(choose_simd("auto"), supported_simd().front());
  }
}

TEST(Simd, AutoIsTheEnvironmentVariableIfThatIsSet) {
  for (const Simd simd : supported_simd()) {
    const Variable set(simd_name(simd));
    EXPECT_EQ(choose_simd("auto"), simd);
  }
}

TEST(Simd, AnUnknownNameIsRefusedWithTheListOfThoseThatAre) {
  const Variable unset(nullptr);
  std::string list;
  for (const Simd simd : supported_simd())
    list += std::string(list.empty() ? "" : ", ") + simd_name(simd);
  for (const char* name : {"", "sse", "AVX2", "avx2 ", "avx512,avx2", "Auto"}) {
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, "it has " + list + ")", choose_simd(name));
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, concatenate("simd is '", name, "'"),
                        choose_simd(name));
  }
}

TEST(Simd, AnUnknownNameInTheEnvironmentIsRefusedAsSuch) {
  const Variable set("sse");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, "the environment variable SAGIPS_SIMD is 'sse'",
                      choose_simd("auto"));
  for (const Simd simd : supported_simd())
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_UNSUPPORTED, simd_name(simd), choose_simd("auto"));
}

}  // namespace
}  // namespace sagips
