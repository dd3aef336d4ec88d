// SPDX-License-Identifier: BSD-3-Clause
// How a failure travels: code below the C ABI throws Error{status, text}; only src/capi catches it.
//
// A text states the problem (and why it is one), then what to do:
//   fail(SAGIPS_ERROR_DATA, "data set '", name, "' has 0 events (must be positive); set its
//   events")
#ifndef SAGIPS_CORE_ERROR_H_
#define SAGIPS_CORE_ERROR_H_

#include <exception>
#include <string>
#include <utility>

#include "core/text.h"
#include "sagips.h"

namespace sagips {

class Error : public std::exception {
 public:
  Error(sagips_status status, std::string text) : status_(status), text_(std::move(text)) {}
  sagips_status status() const { return status_; }
  const std::string& text() const { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  sagips_status status_;
  std::string text_;
};

template <typename... Parts>
[[noreturn]] void fail(sagips_status status, const Parts&... parts) {
  throw Error(status, concatenate(parts...));
}

}  // namespace sagips

#endif  // SAGIPS_CORE_ERROR_H_
