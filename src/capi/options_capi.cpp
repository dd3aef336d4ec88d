// SPDX-License-Identifier: BSD-3-Clause
// sagips_options_*
#include "capi/guard.h"
#include "core/files.h"

using sagips::Options;
using namespace sagips::capi;

namespace {
constexpr size_t kTomlCap = size_t{1} << 20;
}

extern "C" {

sagips_status sagips_options_create(sagips_options** options) {
  return guard([&] { create(options); });
}

sagips_status sagips_options_destroy(sagips_options** options) { return destroy(options); }

sagips_status sagips_options_preset(sagips_options* options, const char* name) {
  return guard([&] { check_handle(options).value.preset(text(name, "name")); });
}

sagips_status sagips_options_set(sagips_options* options, const char* key, const char* value) {
  return guard([&] { check_handle(options).value.set(text(key, "key"), text(value, "text")); });
}

sagips_status sagips_options_set_integer(sagips_options* options, const char* key, int64_t value) {
  return guard([&] { check_handle(options).value.set_integer(text(key, "key"), value); });
}

sagips_status sagips_options_set_real(sagips_options* options, const char* key, double value) {
  return guard([&] { check_handle(options).value.set_real(text(key, "key"), value); });
}

sagips_status sagips_options_set_boolean(sagips_options* options, const char* key, int32_t value) {
  return guard([&] { check_handle(options).value.set_boolean(text(key, "key"), value != 0); });
}

sagips_status sagips_options_get(const sagips_options* options, const char* key, char* buffer,
                                 size_t size, size_t* needed) {
  return guard(
      [&] { copy_text(check_handle(options).value.get(text(key, "key")), buffer, size, needed); });
}

sagips_status sagips_options_read_toml(sagips_options* options, const char* toml) {
  return guard([&] { check_handle(options).value.read_toml(text(toml, "text")); });
}

sagips_status sagips_options_load_toml(sagips_options* options, const char* path) {
  return guard([&] {
    auto& table = check_handle(options).value;
    table.read_toml(sagips::read_file(std::string(text(path, "path")), kTomlCap));
  });
}

sagips_status sagips_options_write_toml(const sagips_options* options, char* buffer, size_t size,
                                        size_t* needed) {
  return guard([&] { copy_text(check_handle(options).value.write_toml(), buffer, size, needed); });
}

int32_t sagips_options_count(void) { return Options::count(); }

sagips_status sagips_options_describe(int32_t index, sagips_option_info* info) {
  return guard([&] {
    check_struct(info, "info");
    if (index < 0 || index >= Options::count())
      sagips::fail(SAGIPS_ERROR_RANGE, "there is no option ", index, " (only 0 to ",
                   Options::count() - 1, ")");
    const sagips::OptionRow& row = Options::row(index);
    fill_struct(
        info, {0, row.key, row.type, 0, row.default_value, row.range.text, row.unit, row.sentence});
  });
}

}  // extern "C"
