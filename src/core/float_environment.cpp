// SPDX-License-Identifier: BSD-3-Clause
#include "core/float_environment.h"

namespace sagips {
namespace {
// The environment of the host that called into the library in this thread.
thread_local const FloatState* host_floats = nullptr;
}  // namespace

LibraryFloats::LibraryFloats() : before_(FloatState::current()), outer_(host_floats) {
  FloatState::install_standard();
  if (host_floats == nullptr) host_floats = &before_;
}

LibraryFloats::~LibraryFloats() {
  host_floats = outer_;
  before_.install();
}

HostFloats::HostFloats() : ours_(FloatState::current()), host_(host_floats) {
  if (host_floats != nullptr) host_floats->install();
  host_floats =
      nullptr;  // what the host's code calls starts anew, also after a longjmp out of here
}

HostFloats::~HostFloats() {
  host_floats = host_;
  ours_.install();
}

}  // namespace sagips
