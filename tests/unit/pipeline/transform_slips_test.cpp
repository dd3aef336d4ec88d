// SPDX-License-Identifier: BSD-3-Clause
// Built-ins behind others: what a slip in their settings is answered with.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/error.h"
#include "pipeline/builtin.h"

namespace sagips {
namespace {

struct Slip {
  const char* name;
  const char* settings;
  sagips_status status;
  std::vector<std::string> told;  // the text must hold each of these
  int32_t n_inputs = 2;
};

const Slip kSlips[] = {
    {"smaer", "sigma=1", SAGIPS_ERROR_NOT_FOUND, {"'smaer'", "background", "mean 'smear'"}},
    {"smear", "sigma=1", SAGIPS_ERROR_SHAPE, {"'smear'", "would be the first"}, 0},
    {"select", "observables=0", SAGIPS_ERROR_SHAPE, {"'select'", "would be the first"}, 0},
    {"kuma6", "", SAGIPS_ERROR_SHAPE, {"'kuma6'", "deliver 2", "first stage"}},
    {"proxy1d", "", SAGIPS_ERROR_SHAPE, {"'proxy1d'", "first stage"}},
    {"background", "fraction=0.1", SAGIPS_ERROR_STATE, {"sagips_pipeline_add_background"}},

    {"smear", "", SAGIPS_ERROR_STATE, {"no resolution", "set sigma="}},
    {"smear", "sigma=0 relative=0,0", SAGIPS_ERROR_STATE, {"no resolution"}},
    {"smear", "sigmas=1", SAGIPS_ERROR_OPTION, {"'sigmas'", "mean 'sigma'"}},
    {"smear", "sigma=1 sigma=1", SAGIPS_ERROR_OPTION, {"'sigma' of 'smear'", "twice"}},
    {"smear", "sigma", SAGIPS_ERROR_TYPE, {"'sigma' of 'smear'", "no value"}},
    {"smear", "sigma=0.1,x", SAGIPS_ERROR_TYPE, {"'x'", "no number"}},
    {"smear", "sigma=0.1,", SAGIPS_ERROR_TYPE, {"''"}},
    {"smear", "sigma=0.1,nan", SAGIPS_ERROR_RANGE, {"nan", "finite"}},
    {"smear", "sigma=0.1,-0.2", SAGIPS_ERROR_RANGE, {"-0.2", "negative"}},
    {"smear", "relative=-1", SAGIPS_ERROR_RANGE, {"'relative'", "negative"}},
    {"smear", "sigma=1,2,3", SAGIPS_ERROR_SHAPE, {"3 numbers", "2 observables"}},
    {"smear", "parameters=6,7,8", SAGIPS_ERROR_SHAPE, {"names 3", "2 observables"}},
    {"smear", "parameters=6 sigma=1", SAGIPS_ERROR_RANGE, {"'sigma'", "parameters", "one of"}},
    {"smear", "parameters=6 relative_parameters=6", SAGIPS_ERROR_RANGE, {"parameter 6"}},
    {"smear", "parameters=6,6", SAGIPS_ERROR_RANGE, {"parameter 6 stands twice"}},
    {"smear", "parameters=-1", SAGIPS_ERROR_RANGE, {"-1"}},

    {"cut", "lower=0 width=1", SAGIPS_ERROR_STATE, {"which of 2", "observable="}},
    {"cut", "observable=0 width=1", SAGIPS_ERROR_STATE, {"no edge", "lower="}},
    {"cut", "observable=2 lower=1 width=1", SAGIPS_ERROR_RANGE, {"observable 2", "deliver 2"}},
    {"cut", "observable=0,1 lower=1 width=1", SAGIPS_ERROR_SHAPE, {"names 2"}},
    {"cut", "observable=x lower=1 width=1", SAGIPS_ERROR_TYPE, {"'x'"}},
    {"cut", "observable=0 lower=1 upper=1 width=1", SAGIPS_ERROR_RANGE, {"below upper"}},
    {"cut", "observable=0 lower=inf width=1", SAGIPS_ERROR_RANGE, {"finite"}},
    {"cut", "observable=0 lower=1,2 width=1", SAGIPS_ERROR_SHAPE, {"2 numbers", "must be one"}},
    {"cut", "observable=0 lower=1 width=-1", SAGIPS_ERROR_RANGE, {"'width'", "negative"}},
    {"cut", "observable=0 lower=1 widht=1", SAGIPS_ERROR_OPTION, {"mean 'width'"}},

    {"response", "", SAGIPS_ERROR_STATE, {"no matrix"}},
    {"response", "matrix=", SAGIPS_ERROR_SHAPE, {"deliver 2"}},
    {"response", "matrix=1,2,3", SAGIPS_ERROR_SHAPE, {"3 columns", "deliver 2"}},
    {"response", "matrix=1,2;3", SAGIPS_ERROR_SHAPE, {"1 numbers in row 1"}},
    {"response", "matrix=1,2;3,a", SAGIPS_ERROR_TYPE, {"'a'"}},
    {"response", "matrix=1,2;0,0", SAGIPS_ERROR_RANGE, {"row 1", "constant"}},
    {"response", "matrix=1,2 offset=1,2", SAGIPS_ERROR_SHAPE, {"2 numbers", "1 rows"}},

    {"select", "", SAGIPS_ERROR_STATE, {"observables="}},
    {"select", "observables=", SAGIPS_ERROR_SHAPE, {"names none"}},
    {"select", "observables=0,2", SAGIPS_ERROR_RANGE, {"observable 2", "deliver 2"}},
    {"select", "observables=1,1", SAGIPS_ERROR_RANGE, {"observable 1 stands twice"}},
};

void expect_slip(const Slip& slip, const std::function<void()>& make) {
  try {
    make();
    ADD_FAILURE() << slip.name << " '" << slip.settings << "' was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), slip.status) << error.text();
    for (const std::string& part : slip.told)
      EXPECT_NE(error.text().find(part), std::string::npos) << part << ": " << error.text();
  }
}

TEST(TransformSlips, AreNamed) {
  for (const Slip& slip : kSlips)
    expect_slip(slip, [&] { make_builtin(slip.name, slip.settings, slip.n_inputs); });
}

TEST(TransformSlips, OfTheBackgroundAreNamed) {
  const Slip slips[] = {
      {"background", "", SAGIPS_ERROR_STATE, {"no fraction"}},
      {"background", "fraction=0.1 parameters=1", SAGIPS_ERROR_STATE, {"two fractions"}},
      {"background", "fraction=1", SAGIPS_ERROR_RANGE, {"[0, 1)"}},
      {"background", "fraction=-0.1", SAGIPS_ERROR_RANGE, {"-0.1"}},
      {"background", "fraction=", SAGIPS_ERROR_SHAPE, {"must be one"}},
      {"background", "parameters=1,2", SAGIPS_ERROR_SHAPE, {"names 2"}},
      {"background", "fractoin=0.1", SAGIPS_ERROR_OPTION, {"mean 'fraction'"}},
      {"background", "fraction=0.1", SAGIPS_ERROR_SHAPE, {"would be the first"}, 0},
  };
  const double event[2] = {1, 2};
  for (const Slip& slip : slips)
    expect_slip(slip, [&] {
      make_builtin_background(slip.settings, {event, nullptr, 1, 2}, slip.n_inputs);
    });
}

}  // namespace
}  // namespace sagips
