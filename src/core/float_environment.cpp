// SPDX-License-Identifier: BSD-3-Clause
#include "core/float_environment.h"

namespace sagips {
namespace {
// The environment of the host that called into the library in this thread.
thread_local const std::fenv_t* host_floats = nullptr;
}  // namespace

LibraryFloats::LibraryFloats() : outer_(host_floats) {
  std::fegetenv(&before_);
  std::fesetenv(FE_DFL_ENV);
  if (host_floats == nullptr) host_floats = &before_;
}

LibraryFloats::~LibraryFloats() {
  host_floats = outer_;
  std::fesetenv(&before_);
}

HostFloats::HostFloats() : host_(host_floats) {
  std::fegetenv(&ours_);
  if (host_floats != nullptr) std::fesetenv(host_floats);
  host_floats =
      nullptr;  // what the host's code calls starts anew, also after a longjmp out of here
}

HostFloats::~HostFloats() {
  host_floats = host_;
  std::fesetenv(&ours_);
}

}  // namespace sagips
