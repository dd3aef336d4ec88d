// SPDX-License-Identifier: BSD-3-Clause
// What the tests of solver/ share: a model whose every answer is known, y = mu + sigma z with a
// standard normal z, in the forms a user may write it in; problems made of it; and files.
#ifndef SAGIPS_TESTS_UNIT_SOLVER_SOLVER_TESTING_H_
#define SAGIPS_TESTS_UNIT_SOLVER_SOLVER_TESTING_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/options.h"
#include "core/text.h"
#include "pipeline/builtin.h"
#include "pipeline/generate.h"
#include "solver/solver.h"

namespace sagips {

inline size_t at(int64_t i) { return static_cast<size_t>(i); }

/// A fifth of the events is lost, at random; the others have the weight exp(-y/4).
constexpr int32_t kWeighted = 1;
/// Every fifth epoch is skipped.
constexpr int32_t kSkipping = 2;

/// mu, sigma -> y = mu + sigma z; one auxiliary, mu^2 + sigma. `user` is a set of the flags above.
inline int32_t gaussian_forward(void* user, sagips_batch* b) {
  const int32_t flags = user == nullptr ? 0 : *static_cast<int32_t*>(user);
  if ((flags & kSkipping) != 0 && b->training == 1 && b->epoch % 5 == 2) return 1;
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double mu = b->parameters[n * b->n_parameters];
    const double sigma = b->parameters[n * b->n_parameters + 1];
    if (b->n_auxiliary > 0) b->auxiliary[n] = mu * mu + sigma;
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i) {
      const double* u = b->uniforms + i * b->n_uniforms;
      b->outputs[i] =
          mu + sigma * std::sqrt(-2 * std::log(u[0])) * std::cos(6.283185307179586 * u[1]);
      if ((flags & kWeighted) != 0) b->weight[i] = u[2] < 0.2 ? 0 : std::exp(-b->outputs[i] / 4);
    }
  }
  return 0;
}

inline int32_t gaussian_backward(void* user, sagips_batch* b) {
  const int32_t flags = user == nullptr ? 0 : *static_cast<int32_t*>(user);
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double mu = b->parameters[n * b->n_parameters];
    const double sigma = b->parameters[n * b->n_parameters + 1];
    double* grad = b->grad_parameters + n * b->n_parameters;
    if (b->n_auxiliary > 0) {
      grad[0] += b->grad_auxiliary[n] * 2 * mu;
      grad[1] += b->grad_auxiliary[n];
    }
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i) {
      if (b->weight != nullptr && b->weight[i] == 0) continue;  // ours have none
      double g = b->grad_outputs[i];
      if ((flags & kWeighted) != 0) g -= b->grad_weight[i] * b->weight[i] / 4;
      grad[0] += g;
      grad[1] += g * (b->outputs[i] - mu) / sigma;
    }
  }
  return 0;
}

/// How the model is written down, and so which route its gradient takes.
enum class Form { kVjp, kSmooth, kPlain };

inline Stage gaussian_stage(Form form, std::vector<int32_t> columns, int32_t flags = 0) {
  Stage stage;
  stage.name = "gaussian";
  stage.n_outputs = 1;
  stage.n_auxiliary = 1;
  stage.n_uniforms = 3;
  stage.columns = std::move(columns);
  stage.forward = gaussian_forward;
  stage.user = std::make_shared<int32_t>(flags);
  if (form == Form::kVjp) stage.backward = gaussian_backward;
  stage.is_smooth = form == Form::kSmooth;
  return stage;
}

inline Pipeline pipeline_of(Stage stage) {
  Pipeline pipeline;
  pipeline.add(std::move(stage));
  return pipeline;
}

inline Parameter parameter_of(const std::string& name, double lower, double upper) {
  Parameter p;
  p.name = name;
  p.lower = lower;
  p.upper = upper;
  return p;
}

/// A data set of n events of `pipeline` at `truth`.
inline Dataset dataset_of(const std::string& name, const Pipeline& pipeline,
                          const std::vector<double>& truth, int64_t n, uint64_t seed) {
  Dataset d;
  d.name = name;
  d.pipeline = pipeline;
  std::vector<double> events(at(n * pipeline.n_outputs())), weights(at(n));
  generate_events(pipeline, truth, n, seed, {events.data(), weights.data(), nullptr});
  d.events = EventTable::make<double>(
      {events.data(), weights.data(), n, pipeline.n_outputs(), pipeline.n_outputs(), false}, name);
  return d;
}

/// mu in [-2, 2] and sigma in [0.2, 2], n events at mu = 0.5, sigma = 0.8.
inline Problem gaussian_problem(int64_t n, Form form = Form::kVjp, int32_t flags = 0,
                                uint64_t seed = 1) {
  Problem problem;
  problem.parameters = {parameter_of("mu", -2, 2), parameter_of("sigma", 0.2, 2)};
  problem.datasets = {
      dataset_of("toy", pipeline_of(gaussian_stage(form, {}, flags)), {0.5, 0.8}, n, seed)};
  return problem;
}

using Settings = std::vector<std::pair<std::string, std::string>>;

/// Options of a training of milliseconds, with some changed.
inline Options small_options(const Settings& changes = {}) {
  Options options;
  const Settings small = {{"epochs", "23"},          {"rows", "2"},
                          {"events", "11"},          {"growth.factor", "1"},
                          {"generator.hidden", "3"}, {"generator.noise_dimension", "2"},
                          {"lift.degree", "2"},      {"uncertainty.events", "256"},
                          {"skip.limit", "0.5"}};
  for (const auto& [key, value] : small) options.set(key, value);
  for (const auto& [key, value] : changes) options.set(key, value);
  return options;
}

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Bytes of the same number are written in place: making files costs a journal more than a test.
inline void set_file_bytes(const std::string& path, const std::string& bytes) {
  std::ifstream old(path, std::ios::binary | std::ios::ate);
  const bool is_in_place =
      old.is_open() && old.tellg() == static_cast<std::streamoff>(bytes.size());
  if (!is_in_place) std::remove(path.c_str());
  std::ofstream file(
      path, std::ios::binary | std::ios::out | (is_in_place ? std::ios::in : std::ios::trunc));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string checkpoint_name(int64_t epoch) {
  std::string digits = to_text(epoch);
  return "epoch-" + std::string(8 - digits.size(), '0') + digits;
}

/// A new empty folder, removed at the end; in memory where the system has a place for that, since a
/// checkpoint flushed to a busy disk takes longer than the training of a test.
class FastFolder {
 public:
  FastFolder() {
    for (const std::string& parent : {std::string("/dev/shm"), testing::TempDir()}) {
      path_ = parent + "/sagips-XXXXXX";
      if (::mkdtemp(path_.data()) != nullptr) return;
    }
  }
  ~FastFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FastFolder(const FastFolder&) = delete;
  FastFolder& operator=(const FastFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

constexpr const char* kRankFile = "rank-0.safetensors";

/// The rank file of a save into `folder`.
inline std::string saved_bytes(Solver* solver, const std::string& folder) {
  solver->save(folder);
  return file_bytes(folder + "/" + checkpoint_name(solver->progress().epoch) + "/" + kRankFile);
}

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_SOLVER_SOLVER_TESTING_H_
