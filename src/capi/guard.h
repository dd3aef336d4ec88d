// SPDX-License-Identifier: BSD-3-Clause
// The one gate of the C ABI. Every exported function checks its pointers and handles, sets the
// host's floating-point environment aside, runs the core, and turns whatever it throws into a
// status and the text of sagips_last_error(). Nothing is thrown past it.
#ifndef SAGIPS_CAPI_GUARD_H_
#define SAGIPS_CAPI_GUARD_H_

#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include "capi/handles.h"
#include "core/error.h"
#include "core/float_environment.h"

namespace sagips::capi {

/// Remember the text, and more of it, for this thread, without memory. @return status
sagips_status report(sagips_status status, const char* text, const char* more = "") noexcept;

template <typename Body>
sagips_status guard(const Body& body) noexcept {
  const LibraryFloats floats;
  try {
    body();
    return SAGIPS_OK;
  } catch (const Error& e) {
    return report(e.status(), e.what());
  } catch (const SkipEpoch& skip) {  // outside training nothing can be skipped
    return report(SAGIPS_ERROR_CALLBACK, skip.text.c_str(), ", but there is no epoch to skip here");
  } catch (const std::bad_alloc&) {
    return report(SAGIPS_ERROR_MEMORY, "out of memory; use fewer rows or events, or less data");
  } catch (const std::length_error&) {
    return report(SAGIPS_ERROR_MEMORY,
                  "a size exceeds the memory of any machine; check the counts");
  } catch (const std::exception& e) {
    return report(SAGIPS_ERROR_INTERNAL, e.what());
  } catch (...) {
    return report(SAGIPS_ERROR_INTERNAL, "an unknown exception; please report it");
  }
}

/// SAGIPS_ERROR_NULL if a pointer is NULL.
inline void check_pointer(const void* pointer, const char* name) {
  if (pointer == nullptr) fail(SAGIPS_ERROR_NULL, name, " is NULL (must point to something)");
}

/// The handle, if it is one of this type. SAGIPS_ERROR_NULL, SAGIPS_ERROR_HANDLE.
template <typename Handle>
Handle& check_handle(Handle* handle) {
  check_pointer(handle, Handle::kName);
  uint64_t word = 0;  // it may be anything: read it as bytes
  std::memcpy(&word, static_cast<const void*>(handle), sizeof(word));
  if (word != Handle::kWord)
    fail(SAGIPS_ERROR_HANDLE, "this is no ", Handle::kName,
         " (or it was destroyed); pass the handle that its create function returned");
  return *handle;
}

/// Create a handle at *out, which must be given.
template <typename Handle, typename... Args>
void create(Handle** out, Args&&... args) {
  check_pointer(out, "the address for the new handle");
  *out = new Handle(std::forward<Args>(args)...);
}

template <typename Handle>
sagips_status destroy(Handle** handle) noexcept {
  return guard([&] {
    check_pointer(handle, "the address of the handle");
    if (*handle == nullptr) return;
    check_handle(*handle);
    delete *handle;
    *handle = nullptr;
  });
}

/// A struct that the library fills: its version is known by its size. Later versions grow.
template <typename Struct>
void check_struct(const Struct* s, const char* name) {
  check_pointer(s, name);
  if (s->struct_size != sizeof(Struct))
    fail(SAGIPS_ERROR_STRUCT_SIZE, name, ".struct_size is ", s->struct_size,
         " (this library knows ", sizeof(Struct), "); set it to sizeof before the call");
}

/// A text to the host's buffer, cut and terminated.
void copy_text(const std::string& text, char* buffer, size_t size, size_t* needed);

/// A text argument that must be given.
inline std::string_view text(const char* argument, const char* name) {
  check_pointer(argument, name);
  return argument;
}

}  // namespace sagips::capi

#endif  // SAGIPS_CAPI_GUARD_H_
