// SPDX-License-Identifier: BSD-3-Clause
// The host's floating-point environment is out of the way inside, back inside callbacks, and back
// afterwards: rounding, sticky flags, and what the processor does with the smallest numbers.
#include "core/float_environment.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <stdexcept>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace sagips {
namespace {

class FloatEnvironment : public testing::Test {
 protected:
  FloatEnvironment() { std::fegetenv(&before_); }
  ~FloatEnvironment() override { std::fesetenv(&before_); }
  std::fenv_t before_;
};

TEST_F(FloatEnvironment, IsTheDefaultInsideAndTheHostsAfterwards) {
  for (const int rounding : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    ASSERT_EQ(std::fesetround(rounding), 0);
    {
      const LibraryFloats library;
      EXPECT_EQ(std::fegetround(), FE_TONEAREST);
      {
        const HostFloats host;
        EXPECT_EQ(std::fegetround(), rounding);
      }
      EXPECT_EQ(std::fegetround(), FE_TONEAREST);
    }
    EXPECT_EQ(std::fegetround(), rounding);
  }
}

TEST_F(FloatEnvironment, NestedEntriesStillKnowTheHost) {  // a callback that calls us again
  std::fesetround(FE_UPWARD);
  const LibraryFloats outer;
  {
    const HostFloats host;
    std::fesetround(FE_DOWNWARD);  // the callback's own
    {
      const LibraryFloats inner;
      EXPECT_EQ(std::fegetround(), FE_TONEAREST);
    }
    EXPECT_EQ(std::fegetround(), FE_DOWNWARD);
  }
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  const HostFloats again;
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
}

TEST_F(FloatEnvironment, FlagsOfOursNeverReachTheHost) {
  std::feclearexcept(FE_ALL_EXCEPT);
  {
    const LibraryFloats library;
    std::feraiseexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID);
  }
  EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), 0);
  std::feraiseexcept(FE_UNDERFLOW);
  {
    const LibraryFloats library;
    EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), 0);
  }
  EXPECT_NE(std::fetestexcept(FE_UNDERFLOW), 0);
}

TEST_F(FloatEnvironment, ComesBackWhereAnExceptionLeaves) {
  std::fesetround(FE_UPWARD);
  try {
    const LibraryFloats library;
    const HostFloats host;
    throw std::runtime_error("leaves both scopes");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
}

TEST_F(FloatEnvironment, OutsideOfTheLibraryAHostScopeChangesNothing) {
  std::fesetround(FE_DOWNWARD);
  const HostFloats host;
  EXPECT_EQ(std::fegetround(), FE_DOWNWARD);
}

#if defined(__SSE__)
TEST_F(FloatEnvironment, SmallNumbersAreNotFlushedInside) {
  constexpr unsigned kFlush = 0x8040;  // FTZ and DAZ of MXCSR, as -ffast-math of a host sets them
  _mm_setcsr(_mm_getcsr() | kFlush);
  volatile double small = 1e-308;
  {
    const LibraryFloats library;
    EXPECT_GT(small * 0.01, 0);
    const HostFloats host;
    EXPECT_EQ(small * 0.01, 0);
  }
  EXPECT_EQ(_mm_getcsr() & kFlush, kFlush);
}
#endif

}  // namespace
}  // namespace sagips
