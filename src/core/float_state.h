// SPDX-License-Identifier: BSD-3-Clause
// All that a thread's floating-point environment consists of: rounding, flush-to-zero, flags and
// masks of exceptions. As fegetenv() and fesetenv(), which take 50 ns each on x86-64, since they
// save and load the whole state of the x87 unit and stop it meanwhile. Its two words and MXCSR are
// read in one, and what differs is written; only x87 flags to be raised, which next to no program
// has, need more.
#ifndef SAGIPS_CORE_FLOAT_STATE_H_
#define SAGIPS_CORE_FLOAT_STATE_H_

#include <cfenv>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sagips {

#if defined(__x86_64__)

class FloatState {
 public:
  static FloatState current() {
    uint16_t control = 0, status = 0;
    asm volatile("fnstcw %0\n\tfnstsw %1" : "=m"(control), "=a"(status) : : "memory");
    return {_mm_getcsr(), control, status};
  }

  void install() const {
    const FloatState now = current();
    if (now.mxcsr_ != mxcsr_) _mm_setcsr(mxcsr_);
    const bool has_flags = (status_ & kFlags) != 0;
    if (((now.status_ ^ status_) & kFlags) != 0) {
      if (has_flags) return load_flags();
      asm volatile("fnclex" : : : "memory");
    }
    if (now.control_ != control_) asm volatile("fldcw %0" : : "m"(control_) : "memory");
  }
  /// What every program starts with.
  static void install_standard() { FloatState(0x1f80, 0x037f, 0).install(); }

 private:
  static constexpr uint16_t kFlags = 0x3f;
  struct Environment {  // of the x87 unit, as it is saved
    uint16_t control, reserved_0, status, reserved_1, tags, reserved_2, rest[8];
  };

  FloatState(uint32_t mxcsr, uint16_t control, uint16_t status)
      : mxcsr_(mxcsr), control_(control), status_(status) {}

  /// With the control word: flags that it does not mask are pending, and no instruction may follow.
  void load_flags() const {
    Environment x87;
    asm volatile("fnstenv %0" : "=m"(x87) : : "memory");
    x87.control = control_;
    x87.status = static_cast<uint16_t>((x87.status & ~kFlags) | (status_ & kFlags));
    asm volatile("fldenv %0" : : "m"(x87) : "memory");
  }

  uint32_t mxcsr_;
  uint16_t control_, status_;
};

#else

class FloatState {
 public:
  static FloatState current() {
    FloatState state;
    std::fegetenv(&state.environment_);
    return state;
  }
  void install() const { std::fesetenv(&environment_); }
  static void install_standard() { std::fesetenv(FE_DFL_ENV); }

 private:
  std::fenv_t environment_;
};

#endif

}  // namespace sagips

#endif  // SAGIPS_CORE_FLOAT_STATE_H_
