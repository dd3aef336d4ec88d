// SPDX-License-Identifier: BSD-3-Clause
// The C ABI as C++ likes it: handles that release themselves, statuses that become exceptions, and
// texts that come as strings. The rest of the command speaks to the library through this file.

#ifndef SAGIPS_TOOL_ABI_H_
#define SAGIPS_TOOL_ABI_H_

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sagips.h"

namespace sagips_tool {

// Something went wrong while working: exit code 1.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The command line asks for something that cannot be: exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Text of the last failure in the library.
std::string last_error();

// Throws a Failure with the library's own sentence unless the status is SAGIPS_OK.
void check(sagips_status status);

template <typename T, sagips_status (*destroy)(T**)>
struct Release {
  void operator()(T* handle) const { destroy(&handle); }
};

using Options = std::unique_ptr<sagips_options, Release<sagips_options, sagips_options_destroy>>;
using Pipeline =
    std::unique_ptr<sagips_pipeline, Release<sagips_pipeline, sagips_pipeline_destroy>>;
using Problem = std::unique_ptr<sagips_problem, Release<sagips_problem, sagips_problem_destroy>>;
using Solver = std::unique_ptr<sagips_solver, Release<sagips_solver, sagips_solver_destroy>>;

// Calls `read(buffer, size, &needed)` twice: for the size, then for the text.
template <typename Read>
std::string read_text(const Read& read) {
  size_t needed = 0;
  check(read(nullptr, size_t{0}, &needed));
  std::string text(needed, '\0');
  check(read(text.data(), text.size(), &needed));
  if (!text.empty()) text.resize(needed - 1);  // without the terminator
  return text;
}

Options make_options(const std::string& preset);
Solver make_solver(const sagips_problem* problem, const sagips_options* options);
sagips_progress read_progress(const sagips_solver* solver);

std::string option_value(const sagips_options* options, const std::string& key);
std::string options_as_toml(const sagips_options* options);

// One row of the library's option table.
struct OptionRow {
  std::string key, default_value, range, unit, sentence;
  int type;
};
std::vector<OptionRow> option_table();

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_ABI_H_
