// SPDX-License-Identifier: BSD-3-Clause
// Thin calls into the library: create, read a text, read a table.

#include "tool/abi.h"

namespace sagips_tool {

std::string last_error() { return sagips_last_error(); }

void check(sagips_status status) {
  if (status == SAGIPS_OK) return;
  const std::string text = last_error();
  throw Failure(text.empty() ? sagips_status_text(status) : text);
}

Options make_options(const std::string& preset) {
  sagips_options* created = nullptr;
  check(sagips_options_create(&created));
  Options options(created);
  if (sagips_options_preset(created, preset.c_str()) != SAGIPS_OK) throw UsageError(last_error());
  return options;
}

Solver make_solver(const sagips_problem* problem, const sagips_options* options) {
  sagips_solver* created = nullptr;
  check(sagips_solver_create(&created, problem, options, nullptr));
  return Solver(created);
}

sagips_progress read_progress(const sagips_solver* solver) {
  sagips_progress progress{};
  progress.struct_size = sizeof(progress);
  check(sagips_solver_progress(solver, &progress));
  return progress;
}

std::string option_value(const sagips_options* options, const std::string& key) {
  return read_text([&](char* buffer, size_t size, size_t* needed) {
    return sagips_options_get(options, key.c_str(), buffer, size, needed);
  });
}

std::string options_as_toml(const sagips_options* options) {
  return read_text([&](char* buffer, size_t size, size_t* needed) {
    return sagips_options_write_toml(options, buffer, size, needed);
  });
}

std::vector<OptionRow> option_table() {
  std::vector<OptionRow> rows;
  for (int32_t i = 0; i < sagips_options_count(); ++i) {
    sagips_option_info info{};
    info.struct_size = sizeof(info);
    check(sagips_options_describe(i, &info));
    rows.push_back({info.key, info.default_value, info.range, info.unit, info.sentence, info.type});
  }
  return rows;
}

}  // namespace sagips_tool
