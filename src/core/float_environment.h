// SPDX-License-Identifier: BSD-3-Clause
// The host's floating-point environment (rounding, flush-to-zero, exception flags and masks) is set
// aside while the library computes, given back around every callback and on return: results do not
// depend on it, and the host never sees ours.
#ifndef SAGIPS_CORE_FLOAT_ENVIRONMENT_H_
#define SAGIPS_CORE_FLOAT_ENVIRONMENT_H_

#include "core/float_state.h"

namespace sagips {

/// Scope in which the library's own environment (the default one) holds.
class LibraryFloats {
 public:
  LibraryFloats();
  ~LibraryFloats();
  LibraryFloats(const LibraryFloats&) = delete;
  LibraryFloats& operator=(const LibraryFloats&) = delete;

 private:
  const FloatState before_;
  const FloatState* const outer_;
};

/// Scope, inside a LibraryFloats of the same thread, in which the host's environment holds again.
class HostFloats {
 public:
  HostFloats();
  ~HostFloats();
  HostFloats(const HostFloats&) = delete;
  HostFloats& operator=(const HostFloats&) = delete;

 private:
  const FloatState ours_;
  const FloatState* const host_;
};

}  // namespace sagips

#endif  // SAGIPS_CORE_FLOAT_ENVIRONMENT_H_
