// SPDX-License-Identifier: BSD-3-Clause
// The one gate of the C ABI. Every exported function checks its pointers and handles, sets the
// host's floating-point environment aside, runs the core, and turns whatever it throws into a
// status and the text of sagips_last_error(). Nothing is thrown past it.
#ifndef SAGIPS_CAPI_GUARD_H_
#define SAGIPS_CAPI_GUARD_H_

#include <algorithm>
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
    Handle* const gone = *handle;
    *handle = nullptr;  // before a host hears of it
    delete gone;
  });
}

/// Bytes of a struct that the library fills, in the first version that had it.
template <typename Struct>
inline constexpr size_t kFirstSize = 0;
template <>
inline constexpr size_t kFirstSize<sagips_option_info> = 56;
template <>
inline constexpr size_t kFirstSize<sagips_check_report> = 4168;
template <>
inline constexpr size_t kFirstSize<sagips_progress> = 96;
template <>
inline constexpr size_t kFirstSize<sagips_batch> = 208;
template <>
inline constexpr size_t kFirstSize<sagips_estimate> = 80;
template <>
inline constexpr size_t kFirstSize<sagips_assessment> = 48;

/// What a host hands over to be filled: of its version, which may be older or newer than ours.
template <typename Struct>
void check_struct(const Struct* s, const char* name) {
  constexpr size_t kLargest = 65536;  // beyond it, a size that was never set
  check_pointer(s, name);
  if (s->struct_size < kFirstSize<Struct> || s->struct_size > kLargest)
    fail(SAGIPS_ERROR_STRUCT_SIZE, name, ".struct_size is ", s->struct_size, " (at least ",
         kFirstSize<Struct>, " in any version); set it to sizeof before the call");
}

/// Fill as much of a host's struct as it and we know.
template <typename Struct>
void fill_struct(Struct* out, Struct ours) {
  static_assert(kFirstSize<Struct> > 0 && kFirstSize<Struct> <= sizeof(Struct));
  ours.struct_size = std::min(out->struct_size, sizeof(Struct));
  std::memcpy(out, &ours, ours.struct_size);
}

/// As much of a host's struct as it and we know; the rest is zero.
template <typename Struct>
Struct read_struct(const Struct* in) {
  Struct ours{};
  std::memcpy(&ours, in, std::min(in->struct_size, sizeof(Struct)));
  return ours;
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
