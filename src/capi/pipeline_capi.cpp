// SPDX-License-Identifier: BSD-3-Clause
// sagips_stage_* and sagips_pipeline_*
#include <algorithm>
#include <cmath>
#include <memory>

#include "capi/guard.h"
#include "capi/user_pointer.h"
#include "pipeline/builtin.h"
#include "pipeline/check.h"
#include "pipeline/generate.h"

using sagips::fail;
using namespace sagips::capi;

namespace {

constexpr int32_t kWidest = 4096;  // observables, auxiliaries, uniforms of a stage

void check_size(int32_t value, int32_t least, const char* name) {
  if (value < least || value > kWidest)
    fail(SAGIPS_ERROR_RANGE, name, " is ", value, " (must lie in [", least, ", ", kWidest, "])");
}

void check_parameters(int32_t n, const double* parameters) {
  if (n < 1) fail(SAGIPS_ERROR_RANGE, "n_parameters is ", n, " (must be positive)");
  check_pointer(parameters, "parameters");
  for (int32_t i = 0; i < n; ++i)
    if (!std::isfinite(parameters[i]))
      fail(SAGIPS_ERROR_RANGE, "parameter ", i, " is ", parameters[i], " (must be finite)");
}

void check_width(int32_t given, int32_t delivered, const char* name) {
  if (given != delivered)
    fail(SAGIPS_ERROR_SHAPE, name, " is ", given, ", but the pipeline delivers ", delivered,
         "; they must be the same");
}

const sagips::Pipeline& check_filled(const sagips_pipeline* pipeline) {
  const sagips::Pipeline& value = check_handle(pipeline).value;
  if (value.is_empty())
    fail(SAGIPS_ERROR_STATE, "the pipeline has no stage yet; add one with sagips_pipeline_add");
  return value;
}

}  // namespace

extern "C" {

sagips_status sagips_stage_create(sagips_stage** stage, const char* name) {
  return guard([&] {
    const auto given = text(name, "name");
    check_pointer(stage, "the address for the new handle");
    auto made = std::make_unique<sagips_stage>();
    made->value.name = given;
    *stage = made.release();
  });
}

sagips_status sagips_stage_destroy(sagips_stage** stage) { return destroy(stage); }

sagips_status sagips_stage_set_shape(sagips_stage* stage, int32_t n_inputs, int32_t n_outputs,
                                     int32_t n_auxiliary, int32_t n_uniforms) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    check_size(n_inputs, 0, "n_inputs");
    check_size(n_outputs, 1, "n_outputs");
    check_size(n_auxiliary, 0, "n_auxiliary");
    check_size(n_uniforms, 0, "n_uniforms");
    s.n_inputs = n_inputs;
    s.n_outputs = n_outputs;
    s.n_auxiliary = n_auxiliary;
    s.n_uniforms = n_uniforms;
  });
}

sagips_status sagips_stage_set_parameters(sagips_stage* stage, int32_t n, const int32_t* columns) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    check_size(n, 0, "n");
    if (n == 0) {
      s.columns.clear();
      s.has_no_parameters = true;
      return;
    }
    check_pointer(columns, "columns");
    std::vector<int32_t> sorted(columns, columns + n);
    std::sort(sorted.begin(), sorted.end());
    const bool is_repeated = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
    if (sorted.front() < 0 || is_repeated)
      fail(SAGIPS_ERROR_RANGE, "columns ",
           sorted.front() < 0 ? "holds a negative index" : "repeats an index",
           " (must be different indices from 0)");
    s.columns.assign(columns, columns + n);
    s.has_no_parameters = false;
  });
}

sagips_status sagips_stage_set_forward(sagips_stage* stage, sagips_stage_fn forward, void* user,
                                       sagips_destroy_fn destroy_user) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    if (forward == nullptr) fail(SAGIPS_ERROR_NULL, "forward is NULL (must be the forward model)");
    auto owner = std::make_shared<UserPointer>();
    owner->user = user;
    owner->destroy = destroy_user;  // from here on it is ours: nothing below can fail
    s.user = std::shared_ptr<void>(owner, user);
    if (s.forward != nullptr) {  // what was written for the earlier one and its user
      s.backward = nullptr;
      s.log_probability = nullptr;
      s.save = nullptr;
      s.restore = nullptr;
    }
    s.forward = forward;
  });
}

sagips_status sagips_stage_set_backward(sagips_stage* stage, sagips_stage_fn backward) {
  return guard([&] { check_handle(stage).value.backward = backward; });
}

sagips_status sagips_stage_set_log_probability(sagips_stage* stage,
                                               sagips_stage_fn log_probability) {
  return guard([&] { check_handle(stage).value.log_probability = log_probability; });
}

sagips_status sagips_stage_set_state(sagips_stage* stage, sagips_save_fn save,
                                     sagips_restore_fn restore) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    if ((save == nullptr) != (restore == nullptr))
      fail(SAGIPS_ERROR_NULL, save == nullptr ? "save" : "restore",
           " is NULL (must be given with the other, or both be NULL)");
    s.save = save;
    s.restore = restore;
  });
}

sagips_status sagips_stage_set_external(sagips_stage* stage, int32_t external, int32_t has_backward,
                                        int32_t has_log_probability) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    s.is_external = external != 0;
    s.has_external_backward = external != 0 && has_backward != 0;
    s.has_external_log_probability = external != 0 && has_log_probability != 0;
  });
}

sagips_status sagips_stage_set_flag(sagips_stage* stage, int32_t flag, int32_t value) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    if (flag != SAGIPS_SMOOTH && flag != SAGIPS_CONCURRENT)
      fail(SAGIPS_ERROR_RANGE, "flag ", flag,
           " is unknown (SAGIPS_SMOOTH is 16, SAGIPS_CONCURRENT is 32)");
    (flag == SAGIPS_SMOOTH ? s.is_smooth : s.is_concurrent) = value != 0;
  });
}

sagips_status sagips_stage_set_tape(sagips_stage* stage, int32_t n) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    constexpr int32_t kLongest = 1 << 24;
    if (n < 0 || n > kLongest)
      fail(SAGIPS_ERROR_RANGE, "n is ", n, " (must lie in [0, ", kLongest, "])");
    s.n_tape = n;
  });
}

sagips_status sagips_stage_set_step(sagips_stage* stage, int32_t scheme, double step) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    if (scheme < SAGIPS_CENTRAL || scheme > SAGIPS_SMOOTHED)
      fail(SAGIPS_ERROR_RANGE, "scheme ", scheme,
           " is unknown (SAGIPS_CENTRAL is 0, SAGIPS_ONE_SIDED is 1, SAGIPS_SMOOTHED is 2)");
    if (!(step >= 0 && step <= 0.25))
      fail(SAGIPS_ERROR_RANGE, "step is ", step,
           " (must lie in (0, 0.25], or be 0 for the default)");
    s.scheme = scheme;
    s.step = step;
  });
}

sagips_status sagips_stage_set_directions(sagips_stage* stage, int32_t n) {
  return guard([&] {
    auto& s = check_handle(stage).value;
    if (n < 1 || n > 16) fail(SAGIPS_ERROR_RANGE, "n is ", n, " directions (must lie in [1, 16])");
    s.directions = n;
  });
}

sagips_status sagips_pipeline_create(sagips_pipeline** pipeline) {
  return guard([&] { create(pipeline); });
}

sagips_status sagips_pipeline_destroy(sagips_pipeline** pipeline) { return destroy(pipeline); }

sagips_status sagips_pipeline_add(sagips_pipeline* pipeline, const sagips_stage* stage) {
  return guard([&] {
    auto& p = check_handle(pipeline).value;
    p.add(check_handle(stage).value);
  });
}

sagips_status sagips_pipeline_add_builtin(sagips_pipeline* pipeline, const char* name,
                                          const char* settings) {
  return guard([&] {
    auto& p = check_handle(pipeline).value;
    p.add(sagips::make_builtin(text(name, "name"), settings == nullptr ? "" : settings,
                               p.n_outputs()));
  });
}

sagips_status sagips_pipeline_add_background(sagips_pipeline* pipeline, const char* settings,
                                             const double* events, const double* weights, int64_t n,
                                             int32_t n_observables) {
  return guard([&] {
    auto& p = check_handle(pipeline).value;
    check_pointer(settings, "settings");
    check_pointer(events, "events");
    if (n < 1)
      fail(SAGIPS_ERROR_DATA, "there are ", n,
           " background events (must be positive); pass the sample");
    check_size(n_observables, 1, "n_observables");
    if (n > INT64_MAX / static_cast<int64_t>(sizeof(double)) / n_observables)
      fail(SAGIPS_ERROR_MEMORY, n,
           " events are more than the memory of any machine; check the counts");
    p.add(sagips::make_builtin_background(settings, {events, weights, n, n_observables},
                                          p.n_outputs()));
  });
}

sagips_status sagips_pipeline_shape(const sagips_pipeline* pipeline, int32_t* n_outputs,
                                    int32_t* n_auxiliary) {
  return guard([&] {
    const auto& p = check_filled(pipeline);
    if (n_outputs != nullptr) *n_outputs = p.n_outputs();
    if (n_auxiliary != nullptr) *n_auxiliary = p.n_auxiliary();
  });
}

sagips_status sagips_pipeline_generate(const sagips_pipeline* pipeline, int32_t n_parameters,
                                       const double* parameters, int64_t n_events, uint64_t seed,
                                       int32_t n_outputs, double* events, double* weights,
                                       int32_t n_auxiliary, double* auxiliary) {
  return guard([&] {
    const auto& p = check_filled(pipeline);
    check_parameters(n_parameters, parameters);
    p.check_columns(n_parameters);
    if (n_events < 1) fail(SAGIPS_ERROR_RANGE, "n_events is ", n_events, " (must be positive)");
    if (n_events > INT64_MAX / static_cast<int64_t>(sizeof(double)) / p.n_outputs())
      fail(SAGIPS_ERROR_MEMORY, n_events,
           " events are more than the memory of any machine; check "
           "the counts");
    check_pointer(events, "events");
    check_width(n_outputs, p.n_outputs(), "n_outputs");
    if (auxiliary != nullptr) check_width(n_auxiliary, p.n_auxiliary(), "n_auxiliary");
    const std::vector<double> point(parameters, parameters + n_parameters);
    sagips::generate_events(p, point, n_events, seed, {events, weights, auxiliary});
  });
}

sagips_status sagips_pipeline_check(const sagips_pipeline* pipeline, int32_t n_parameters,
                                    const double* lower, const double* upper, uint64_t seed,
                                    sagips_check_report* report) {
  return guard([&] {
    const auto& p = check_filled(pipeline);
    check_parameters(n_parameters, lower);
    check_parameters(n_parameters, upper);
    p.check_columns(n_parameters);
    for (int32_t i = 0; i < n_parameters; ++i)
      if (!(lower[i] < upper[i]))
        fail(SAGIPS_ERROR_RANGE, "bounds of parameter ", i, " are [", lower[i], ", ", upper[i],
             "] (lower must be below upper)");
    check_struct(report, "report");
    const sagips::Box box{{lower, lower + n_parameters}, {upper, upper + n_parameters}};
    fill_struct(report, sagips::check_pipeline(p, box, seed));
  });
}

}  // extern "C"
