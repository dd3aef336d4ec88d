// SPDX-License-Identifier: BSD-3-Clause
// The two tables of built-ins, one row each.

#include "pipeline/builtin.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "core/error.h"
#include "pipeline/cut.h"
#include "pipeline/kuma6.h"
#include "pipeline/proxy1d.h"
#include "pipeline/response.h"
#include "pipeline/smear.h"
#include "pipeline/stage_settings.h"

namespace sagips {
namespace {

/// Makes events: the first stage of a pipeline.
struct Proxy {
  const char* name;
  int32_t n_parameters, n_outputs, n_auxiliary, n_uniforms;
  sagips_stage_fn forward, backward;
  std::shared_ptr<void> (*make_user)(Simd);  // what the callbacks need to know
};

constexpr Proxy kProxies[] = {
    {"proxy1d", kProxy1dParameters, kProxy1dOutputs, kProxy1dAuxiliary, kProxy1dUniforms,
     proxy1d_forward, proxy1d_backward, make_proxy1d},
    {"kuma6", kKuma6Parameters, kKuma6Outputs, 0, kKuma6Uniforms, kuma6_forward, kuma6_backward,
     make_kuma6},
};

/// Works on events: any stage but the first.
struct Transform {
  const char* name;
  const char* keys;
  Stage (*make)(const StageSettings& settings, int32_t n_inputs);
};

Stage refuse_background(const StageSettings&, int32_t) {
  fail(SAGIPS_ERROR_STATE,
       "built-in 'background' needs a sample of background events; add it with "
       "sagips_pipeline_add_background");
}

constexpr Transform kTransforms[] = {
    {"smear", kSmearKeys, make_smear},
    {"cut", kCutKeys, make_cut},
    {"response", kResponseKeys, make_response},
    {"select", kSelectKeys, make_select},
    {"background", kBackgroundKeys, refuse_background},
};

constexpr char kParametersKey[] = "parameters";

// The columns that `settings` ask for.
std::vector<int32_t> read_columns(const Proxy& proxy, const StageSettings& settings) {
  if (!settings.has(kParametersKey)) {
    std::vector<int32_t> first(static_cast<size_t>(proxy.n_parameters));
    std::iota(first.begin(), first.end(), 0);
    return first;
  }
  std::vector<int32_t> columns = settings.indices(kParametersKey);
  if (columns.size() != static_cast<size_t>(proxy.n_parameters))
    settings.refuse(SAGIPS_ERROR_SHAPE, kParametersKey, "names ", columns.size(),
                    " parameters (it has ", proxy.n_parameters, "); name as many");
  return columns;
}

Stage make_proxy(const Proxy& proxy, std::string_view text, int32_t n_inputs) {
  Stage stage;
  stage.columns = read_columns(proxy, StageSettings(proxy.name, text, kParametersKey));
  if (n_inputs != 0)
    fail(SAGIPS_ERROR_SHAPE, "built-in '", proxy.name,
         "' makes events and takes none, but the stages before it deliver ", n_inputs,
         " observables; let it be the first stage");
  stage.n_outputs = proxy.n_outputs;
  stage.n_auxiliary = proxy.n_auxiliary;
  stage.n_uniforms = proxy.n_uniforms;
  stage.forward = proxy.forward;
  stage.backward = proxy.backward;
  stage.user = proxy.make_user(choose_simd("auto"));
  stage.is_smooth = true;
  return stage;
}

void check_follows(std::string_view name, int32_t n_inputs) {
  if (n_inputs == 0)
    fail(SAGIPS_ERROR_SHAPE, "built-in '", name,
         "' works on the events of the stages before it, but it would be the first; add a stage "
         "that makes events before it");
}

Stage named(const char* name, int32_t n_inputs, Stage stage) {
  stage.name = name;
  stage.n_inputs = n_inputs;
  stage.is_builtin = true;
  return stage;
}

}  // namespace

Stage make_builtin(std::string_view name, std::string_view settings, int32_t n_inputs) {
  std::vector<std::string> names;
  for (const Proxy& proxy : kProxies) {
    names.push_back(proxy.name);
    if (name == proxy.name) return named(proxy.name, 0, make_proxy(proxy, settings, n_inputs));
  }
  for (const Transform& transform : kTransforms) {
    names.push_back(transform.name);
    if (name != transform.name) continue;
    check_follows(name, n_inputs);
    const StageSettings given(name, settings, transform.keys);
    return named(transform.name, n_inputs, transform.make(given, n_inputs));
  }
  fail(SAGIPS_ERROR_NOT_FOUND, "no built-in stage is named '", name, "' (known: ", join(names), ")",
       suggestion(name, names));
}

Stage make_builtin_background(std::string_view settings, const BackgroundSample& sample,
                              int32_t n_inputs) {
  check_follows("background", n_inputs);
  const StageSettings given("background", settings, kBackgroundKeys);
  return named("background", n_inputs, make_background(given, sample, n_inputs));
}

void use_simd(Simd simd, Stage* stage) {
  for (const Proxy& proxy : kProxies)
    if (stage->forward == proxy.forward) stage->user = proxy.make_user(simd);
}

}  // namespace sagips
