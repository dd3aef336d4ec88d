// SPDX-License-Identifier: BSD-3-Clause
// What a host lends us, until nobody needs it any more.
#ifndef SAGIPS_CAPI_USER_POINTER_H_
#define SAGIPS_CAPI_USER_POINTER_H_

#include "core/float_environment.h"
#include "sagips.h"

namespace sagips::capi {

/// The host's pointer; its destroyer runs as any callback does.
struct UserPointer {
  void* user = nullptr;
  sagips_destroy_fn destroy = nullptr;

  UserPointer() = default;
  UserPointer(const UserPointer&) = delete;
  UserPointer& operator=(const UserPointer&) = delete;
  ~UserPointer() {
    if (destroy == nullptr) return;
    try {
      const HostFloats host;
      destroy(user);
    } catch (...) {  // nobody is left to be told
    }
  }
};

}  // namespace sagips::capi

#endif  // SAGIPS_CAPI_USER_POINTER_H_
