// SPDX-License-Identifier: BSD-3-Clause
// Built-ins by name: their sizes, their settings, and what a slip is answered with.

#include "pipeline/builtin.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/error.h"
#include "pipeline/kuma6.h"
#include "pipeline/proxy1d.h"

namespace sagips {
namespace {

TEST(Builtin, Proxy1dHasItsSizes) {
  const Stage stage = make_builtin("proxy1d", "");
  EXPECT_EQ(stage.name, "proxy1d");
  EXPECT_EQ(stage.n_inputs, 0);
  EXPECT_EQ(stage.n_outputs, 2);
  EXPECT_EQ(stage.n_auxiliary, 2);
  EXPECT_EQ(stage.n_uniforms, 2);
  EXPECT_EQ(stage.n_tape, 0);
  EXPECT_EQ(stage.forward, &proxy1d_forward);
  EXPECT_EQ(stage.backward, &proxy1d_backward);
  EXPECT_NE(stage.user, nullptr);
  EXPECT_TRUE(stage.is_smooth);
}

TEST(Builtin, Kuma6HasItsSizes) {
  const Stage stage = make_builtin("kuma6", "");
  EXPECT_EQ(stage.name, "kuma6");
  EXPECT_EQ(stage.n_outputs, 2);
  EXPECT_EQ(stage.n_auxiliary, 0);
  EXPECT_EQ(stage.n_uniforms, 2);
  EXPECT_EQ(stage.forward, &kuma6_forward);
  EXPECT_EQ(stage.backward, &kuma6_backward);
  EXPECT_TRUE(stage.is_smooth);
}

TEST(Builtin, ColumnsAreTheFirstOnesUnlessSet) {
  EXPECT_EQ(make_builtin("kuma6", "").columns, (std::vector<int32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(make_builtin("kuma6", "  ").columns, (std::vector<int32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(make_builtin("kuma6", "parameters=3,4,5,0,1,2").columns,
            (std::vector<int32_t>{3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(make_builtin("proxy1d", "  parameters=11,7,5,0,1,2 ").columns,
            (std::vector<int32_t>{11, 7, 5, 0, 1, 2}));
}

struct Slip {
  const char* name;
  const char* settings;
  sagips_status status;
  std::vector<std::string> told;  // the text must hold each of these
};

TEST(Builtin, SlipsAreNamed) {
  const std::vector<Slip> slips = {
      {"proxy2d", "", SAGIPS_ERROR_NOT_FOUND, {"'proxy2d'", "proxy1d, kuma6", "mean 'proxy1d'"}},
      {"", "", SAGIPS_ERROR_NOT_FOUND, {"proxy1d, kuma6"}},
      {"kuma6", "parameter=0", SAGIPS_ERROR_OPTION, {"'parameter'", "mean 'parameters'"}},
      {"kuma6", "=0", SAGIPS_ERROR_OPTION, {"known: parameters"}},
      {"kuma6", "seed=3", SAGIPS_ERROR_OPTION, {"'seed'", "known: parameters"}},
      {"kuma6",
       "parameters=0,1,2,3,4,5 parameters=0,1,2,3,4,5",
       SAGIPS_ERROR_OPTION,
       {"given twice"}},
      {"kuma6", "parameters", SAGIPS_ERROR_TYPE, {"no value"}},
      {"kuma6", "parameters=0,1,x,3,4,5", SAGIPS_ERROR_TYPE, {"'x'", "kuma6"}},
      {"kuma6", "parameters=0,1,2.5,3,4,5", SAGIPS_ERROR_TYPE, {"'2.5'"}},
      {"kuma6", "parameters=0,1,,3,4,5", SAGIPS_ERROR_TYPE, {"''"}},
      {"kuma6", "parameters=0,1,-2,3,4,5", SAGIPS_ERROR_RANGE, {"-2"}},
      {"kuma6", "parameters=0,1,4294967296,3,4,5", SAGIPS_ERROR_RANGE, {"4294967296"}},
      {"kuma6", "parameters=0,1,2,3,4,0", SAGIPS_ERROR_RANGE, {"parameter 0 stands twice"}},
      {"proxy1d", "parameters=0,1,2", SAGIPS_ERROR_SHAPE, {"names 3", "has 6"}},
      {"proxy1d", "parameters=", SAGIPS_ERROR_SHAPE, {"names 0"}},
  };
  for (const Slip& slip : slips) {
    try {
      make_builtin(slip.name, slip.settings);
      ADD_FAILURE() << slip.name << " '" << slip.settings << "' was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), slip.status) << error.text();
      for (const std::string& part : slip.told) {
        EXPECT_NE(error.text().find(part), std::string::npos) << error.text();
      }
    }
  }
}

}  // namespace
}  // namespace sagips
