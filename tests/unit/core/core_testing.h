// SPDX-License-Identifier: BSD-3-Clause
// What the tests of core/ share: the Error that a call throws, and a folder to write in.
#ifndef SAGIPS_TESTS_UNIT_CORE_CORE_TESTING_H_
#define SAGIPS_TESTS_UNIT_CORE_CORE_TESTING_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "core/error.h"

namespace sagips {

/// The Error of a call; status 0 and no text if it threw none.
template <typename Call>
Error error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return Error(SAGIPS_OK, "");
}

/// Expect a status, and that the text tells of `part`.
#define SAGIPS_EXPECT_ERROR(expected_status, part, ...)                              \
  do {                                                                               \
    const ::sagips::Error thrown = ::sagips::error_of([&] { (void)(__VA_ARGS__); }); \
    EXPECT_EQ(thrown.status(), expected_status) << thrown.text();                    \
    EXPECT_NE(thrown.text().find(part), std::string::npos)                           \
        << "no '" << part << "' in: " << thrown.text();                              \
  } while (false)

/// A new empty folder, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = testing::TempDir() + "/sagips-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_CORE_CORE_TESTING_H_
