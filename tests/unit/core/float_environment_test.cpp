// SPDX-License-Identifier: BSD-3-Clause
// The host's floating-point environment is out of the way inside, back inside callbacks, and back
// afterwards: rounding, sticky flags, and what the processor does with the smallest numbers.
#include "core/float_environment.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cstdint>
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

TEST_F(FloatEnvironment, EveryRoundingWithEveryFlagIsPutBack) {
  for (const int rounding : {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO})
    for (const int raised : {0, FE_DIVBYZERO, FE_INVALID | FE_INEXACT, FE_ALL_EXCEPT}) {
      std::fesetenv(FE_DFL_ENV);
      std::fesetround(rounding);
      std::feraiseexcept(raised);
      const int before = std::fetestexcept(FE_ALL_EXCEPT);
      {
        const LibraryFloats library;
        EXPECT_EQ(std::fegetround(), FE_TONEAREST);
        EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), 0);
        {
          const HostFloats host;
          EXPECT_EQ(std::fegetround(), rounding);
          EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), before);
          std::feraiseexcept(FE_ALL_EXCEPT);
          std::fesetround(FE_TOWARDZERO);
        }
        EXPECT_EQ(std::fegetround(), FE_TONEAREST);
        EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), 0);
        std::feraiseexcept(FE_OVERFLOW);
      }
      EXPECT_EQ(std::fegetround(), rounding);
      EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), before);
    }
}

#if defined(__x86_64__)
/// The x87 unit, in which `long double` is computed: its control and status words.
struct X87 {
  uint16_t control = 0, status = 0;
  static X87 current() {
    X87 x;
    asm volatile("fnstcw %0\n\tfnstsw %1" : "=m"(x.control), "=m"(x.status));
    return x;
  }
  int flags() const { return status & 0x3f; }
};

TEST_F(FloatEnvironment, TheX87UnitIsPutBackToo) {
  volatile long double third = 3;
  for (const uint16_t control : std::initializer_list<uint16_t>{
           0x037f, 0x027f, 0x0f7f})  // the last two: 53 bits, towards zero
    for (const bool is_inexact : {false, true}) {
      asm volatile("fnclex\n\tfldcw %0" : : "m"(control));
      if (is_inexact) third = 1 / third;
      EXPECT_EQ(X87::current().flags() != 0, is_inexact);
      {
        const LibraryFloats library;
        EXPECT_EQ(X87::current().control, 0x037f);
        EXPECT_EQ(X87::current().flags(), 0);
        third = 1 / third;
        {
          const HostFloats host;
          EXPECT_EQ(X87::current().control, control);
          EXPECT_EQ(X87::current().flags() != 0, is_inexact);
        }
        EXPECT_EQ(X87::current().control, 0x037f);
      }
      EXPECT_EQ(X87::current().control, control);
      EXPECT_EQ(X87::current().flags() != 0, is_inexact);
    }
}

TEST_F(FloatEnvironment, AFlagThatIsPendingIsNoTrapOfOurs) {
  // Raised and not masked, an exception waits for the next x87 instruction, which is the host's.
  const uint16_t unmasked = 0x035f, masked = 0x037f;
  volatile long double third = 3;
  asm volatile("fnclex");
  third = 1 / third;  // inexact
  asm volatile("fldcw %0" : : "m"(unmasked));
  { const LibraryFloats library; }
  EXPECT_EQ(X87::current().control, unmasked);
  EXPECT_NE(X87::current().flags(), 0);
  asm volatile("fnclex\n\tfldcw %0" : : "m"(masked));
}
#endif

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
