// SPDX-License-Identifier: BSD-3-Clause
#include "capi/guard.h"

#include <algorithm>

#include "solver/provenance.h"

namespace sagips::capi {
namespace {

// Fixed room: telling of an error must not need memory. Longer texts are cut.
constexpr size_t kErrorSize = 2048;
constexpr const char* kUnknown = "unknown status";
thread_local char last_error[kErrorSize] = "";

size_t copy_cut(const char* text, size_t length, char* buffer, size_t size) {
  if (size > 0) {
    const size_t n = std::min(length, size - 1);
    std::memcpy(buffer, text, n);
    buffer[n] = '\0';
  }
  return length + 1;
}

}  // namespace

sagips_status report(sagips_status status, const char* text, const char* more) noexcept {
  copy_cut(text, std::strlen(text), last_error, kErrorSize);
  const size_t used = std::strlen(last_error);
  copy_cut(more, std::strlen(more), last_error + used, kErrorSize - used);
  return status;
}

void copy_text(const std::string& text, char* buffer, size_t size, size_t* needed) {
  if (size > 0) check_pointer(buffer, "buffer");
  const size_t all = copy_cut(text.data(), text.size(), buffer, size);
  if (needed != nullptr) *needed = all;
}

}  // namespace sagips::capi

using sagips::capi::kUnknown;

#define SAGIPS_QUOTE_(x) #x
#define SAGIPS_QUOTE(x) SAGIPS_QUOTE_(x)

extern "C" {

const char* sagips_status_name(sagips_status status) {
  switch (status) {
#define SAGIPS_CASE(name, value, text) \
  case value:                          \
    return "SAGIPS_" #name;
    SAGIPS_STATUS_LIST(SAGIPS_CASE)
#undef SAGIPS_CASE
    default:
      return kUnknown;
  }
}

const char* sagips_status_text(sagips_status status) {
  switch (status) {
#define SAGIPS_CASE(name, value, text) \
  case value:                          \
    return text;
    SAGIPS_STATUS_LIST(SAGIPS_CASE)
#undef SAGIPS_CASE
    default:
      return kUnknown;
  }
}

const char* sagips_last_error(void) { return sagips::capi::last_error; }

size_t sagips_last_error_copy(char* buffer, size_t size) {
  const char* text = sagips::capi::last_error;
  return sagips::capi::copy_cut(text, std::strlen(text), buffer, buffer == nullptr ? 0 : size);
}

sagips_status sagips_last_error_set(sagips_status status, const char* text) {
  return sagips::capi::guard([&] {
    sagips::capi::check_pointer(text, "text");
    if (status == SAGIPS_OK || std::strcmp(sagips_status_name(status), kUnknown) == 0)
      sagips::fail(
          SAGIPS_ERROR_RANGE, "status ", status,
          " is no failure (must be one of SAGIPS_STATUS_LIST but success); pass the cause");
    sagips::fail(status, text);
  });
}

int32_t sagips_version(void) {
  return SAGIPS_VERSION_MAJOR * 10000 + SAGIPS_VERSION_MINOR * 100 + SAGIPS_VERSION_PATCH;
}

const char* sagips_version_string(void) {
  return SAGIPS_QUOTE(SAGIPS_VERSION_MAJOR) "." SAGIPS_QUOTE(SAGIPS_VERSION_MINOR) "." SAGIPS_QUOTE(
      SAGIPS_VERSION_PATCH);
}

const char* sagips_build_info(void) { return sagips::build_info(); }

}  // extern "C"
