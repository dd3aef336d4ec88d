// SPDX-License-Identifier: BSD-3-Clause
#include "solver/provenance.h"

#include "core/error.h"
#include "core/simd.h"
#include "core/text.h"
#include "solver/data_state.h"
#include "solver/solver.h"

#define SAGIPS_QUOTE_(x) #x
#define SAGIPS_QUOTE(x) SAGIPS_QUOTE_(x)

namespace sagips {
namespace {

constexpr const char* kVersion = SAGIPS_QUOTE(SAGIPS_VERSION_MAJOR) "." SAGIPS_QUOTE(
    SAGIPS_VERSION_MINOR) "." SAGIPS_QUOTE(SAGIPS_VERSION_PATCH);

std::string describe_parameters(const Problem& problem) {
  std::string text;
  for (const Parameter& p : problem.parameters) {
    text += concatenate(text.empty() ? "" : "; ", p.name, " in [", p.lower, ", ", p.upper, "]",
                        p.scale == SAGIPS_LOGARITHMIC ? " logarithmic" : "");
    if (p.is_fixed) text += concatenate(" fixed at ", p.fixed_value);
    if (p.prior_sigma > 0) text += concatenate(" prior ", p.prior_mean, " +- ", p.prior_sigma);
  }
  return text;
}

std::string describe_datasets(const Problem& problem) {
  std::string text;
  for (const Dataset& d : problem.datasets) {
    text += concatenate(text.empty() ? "" : "; ", d.name, ": ", d.events->size(), " events of ",
                        d.events->n_observables(), " observables, hash ", d.events->hash(),
                        ", weight ", d.weight);
    for (const Stage& stage : d.pipeline.stages()) {
      text += concatenate(", stage '", stage.name, "' (", stage.n_inputs, " -> ", stage.n_outputs,
                          ", ", stage.n_auxiliary, " auxiliaries, ", stage.n_uniforms, " uniforms");
      for (size_t i = 0; i < stage.columns.size(); ++i)
        text += concatenate(i == 0 ? ", parameters " : ",", stage.columns[i]);
      if (stage.has_no_parameters) text += ", no parameters";
      text += ")";
    }
    for (const Measurement& m : d.measurements)
      text += concatenate(", auxiliary ", m.index,
                          m.penalty == SAGIPS_UPPER_LIMIT   ? " < "
                          : m.penalty == SAGIPS_LOWER_LIMIT ? " > "
                                                            : " = ",
                          m.target, " +- ", m.sigma);
  }
  return text;
}

std::string describe_members(const Solver& solver) {
  const int32_t first = solver.plan().member, n = solver.n_members();
  return n == 1 ? concatenate(first) : concatenate(first, " to ", first + n - 1);
}

}  // namespace

const char* build_info() {
  static const std::string info = [] {
    std::string sets;
    for (const Simd simd : supported_simd())
      sets += concatenate(sets.empty() ? "" : ", ", simd_name(simd));
    return concatenate("sagips ", kVersion, ", ", SAGIPS_BUILD_TYPE, ", ", SAGIPS_COMPILER,
                       ", devices: cpu (", sets, "), reference (double precision), exchange: none");
  }();
  return info.c_str();
}

std::map<std::string, std::string> describe_training(const Solver& solver) {
  return {{"producer", concatenate("sagips ", kVersion)},
          {"build", build_info()},
          {"device", solver.device().name()},
          {"options", solver.options().write_toml()},
          {"members", describe_members(solver)},
          {"parameters", describe_parameters(solver.problem())},
          {"datasets", describe_datasets(solver.problem())},
          {"taken over", describe_parts(solver.problem())}};
}

std::vector<std::string> compare_training(const Solver& solver,
                                          const std::map<std::string, std::string>& metadata) {
  const std::map<std::string, std::string> ours = describe_training(solver);
  const auto theirs = [&](const std::string& key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string("(nothing)") : found->second;
  };
  for (const char* key : {"parameters", "datasets"})
    if (theirs(key) != ours.at(key))
      fail(SAGIPS_ERROR_MISMATCH, "the checkpoint was made with other ", key, ": '", theirs(key),
           "', but the solver has '", ours.at(key), "'; make the solver from the same problem");
  if (theirs("members") != ours.at("members"))
    fail(SAGIPS_ERROR_MISMATCH, "the checkpoint holds ensemble members ", theirs("members"),
         ", but the solver has ", ours.at("members"),
         "; set the options ensemble.first and ensemble.members to those of the checkpoint");
  std::vector<std::string> notes;
  for (const char* key : {"build", "device"})
    if (theirs(key) != ours.at(key))
      notes.push_back(concatenate("the checkpoint comes from another ", key, " ('", theirs(key),
                                  "'): the training goes on, but not bit for bit"));
  if (theirs("options") == ours.at("options")) return notes;
  Options other;
  try {
    other.read_toml(theirs("options"));
  } catch (const Error& e) {  // of a version with other options
    notes.push_back(concatenate("options of the checkpoint cannot be compared: ", e.text()));
    return notes;
  }
  for (int32_t i = 0; i < Options::count(); ++i) {
    const std::string key = Options::row(i).key;
    const bool is_free = key == "threads" || key.rfind("checkpoint.", 0) == 0 ||
                         key.rfind("ask.", 0) == 0 || key == "preset";
    if (!is_free && other.get(key) != solver.options().get(key))
      notes.push_back(concatenate("option ", key, " was ", other.get(key),
                                  " in the checkpoint and is ", solver.options().get(key), " now"));
  }
  return notes;
}

}  // namespace sagips
