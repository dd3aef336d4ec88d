// SPDX-License-Identifier: BSD-3-Clause
#include "testing.h"

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace capi {
namespace {

void forward_source(const Model& model, sagips_batch* b) {
  for (int64_t n = 0; n < b->n_rows; ++n) {
    const double shift = b->parameters[n * kP], width = b->parameters[n * kP + 1];
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i) {
      const double* u = b->uniforms + i * 2;
      const bool is_lost = u[0] > model.lost_above;
      b->outputs[i * kY] = is_lost ? model.lost_output : shift + width * (u[0] - 0.5);
      b->outputs[i * kY + 1] = is_lost ? model.lost_output : width * u[1] * u[1];
      b->weight[i] = is_lost ? 0 : 1;
    }
    b->auxiliary[n] = shift * width;
  }
}

void backward_source(const Model& model, sagips_batch* b) {
  for (int64_t n = 0; n < b->n_rows; ++n) {
    double* grad = b->grad_parameters + n * kP;
    for (int64_t i = n * b->n_events; i < (n + 1) * b->n_events; ++i) {
      const double *u = b->uniforms + i * 2, *g = b->grad_outputs + i * kY;
      if (u[0] > model.lost_above) continue;
      grad[0] += g[0];
      grad[1] += g[0] * (u[0] - 0.5) + g[1] * u[1] * u[1];
    }
    grad[0] += b->grad_auxiliary[n] * b->parameters[n * kP + 1];
    grad[1] += b->grad_auxiliary[n] * b->parameters[n * kP];
  }
}

int32_t finish(Model* model, int32_t stage, sagips_batch* b) {
  ++model->calls;
  if (!model->after || !(b->training != 0 || model->acts_always)) return 0;
  return model->after(stage, b);
}

int32_t run_source(void* user, sagips_batch* b) {
  auto* model = static_cast<Model*>(user);
  if (b->request == SAGIPS_FORWARD)
    forward_source(*model, b);
  else
    backward_source(*model, b);
  return finish(model, kSource, b);
}

int32_t run_detector(void* user, sagips_batch* b) {
  auto* model = static_cast<Model*>(user);
  for (int64_t i = 0; i < b->n_rows * b->n_events; ++i) {
    const double* in = b->inputs + i * kY;
    if (b->request == SAGIPS_FORWARD) {
      b->outputs[i * kY] = 1.1 * in[0] + 0.1 * (b->uniforms[i] - 0.5);
      b->outputs[i * kY + 1] = in[1] + in[0] / 20;
      if (model->detector_weighs) b->weight[i] = 1 + 0 * in[0];
    } else {
      b->grad_inputs[i * kY] += 1.1 * b->grad_outputs[i * kY] + b->grad_outputs[i * kY + 1] / 20;
      b->grad_inputs[i * kY + 1] += b->grad_outputs[i * kY + 1];
    }
  }
  return finish(model, kDetector, b);
}

void count_destroy(void* user) { ++static_cast<Model*>(user)->destroyed; }

Stage make_stage(const char* name, Model* model, Route route, sagips_stage_fn run) {
  Stage stage;
  EXPECT_OK(sagips_stage_create(stage.out(), name));
  EXPECT_OK(sagips_stage_set_forward(stage, run, model, count_destroy));
  EXPECT_OK(sagips_stage_set_backward(stage, route == Route::kVjp ? run : nullptr));
  EXPECT_OK(sagips_stage_set_flag(stage, SAGIPS_SMOOTH, route == Route::kSmooth ? 1 : 0));
  return stage;
}

template <typename T>
void append(std::string* bytes, const T* values, size_t n) {
  bytes->append(reinterpret_cast<const char*>(values), n * sizeof(T));
}

std::vector<float> read_weights(sagips_solver* solver) {
  std::vector<float> all;
  int32_t n_members = 0;
  EXPECT_OK(sagips_solver_shape(solver, nullptr, &n_members, nullptr));
  for (int32_t k = 0; k < n_members; ++k)
    for (const int32_t network :
         {SAGIPS_GENERATOR, SAGIPS_GENERATOR_AVERAGE, SAGIPS_DISCRIMINATOR}) {
      int64_t n = 0;
      EXPECT_OK(sagips_solver_weight_count(solver, network, "data", &n));
      std::vector<float> weights(static_cast<size_t>(n));
      EXPECT_OK(sagips_solver_get_weights(solver, k, network, "data", n, weights.data()));
      all.insert(all.end(), weights.begin(), weights.end());
    }
  return all;
}

}  // namespace

::testing::AssertionResult has(sagips_status got, sagips_status wanted,
                               std::initializer_list<const char*> words) {
  const std::string text = sagips_last_error();
  if (got != wanted)
    return ::testing::AssertionFailure() << sagips_status_name(got) << " came back, not "
                                         << sagips_status_name(wanted) << "; " << text;
  for (const char* word : words)
    if (text.find(word) == std::string::npos)
      return ::testing::AssertionFailure() << "'" << word << "' is not in: " << text;
  return ::testing::AssertionSuccess();
}

int32_t run_stage(Model* model, int32_t stage, sagips_batch* batch) {
  return stage == kSource ? run_source(model, batch) : run_detector(model, batch);
}

Stage make_source(Model* model, Route route) {
  Stage stage = make_stage("source", model, route, run_source);
  EXPECT_OK(sagips_stage_set_shape(stage, 0, kY, 1, 2));
  return stage;
}

Stage make_detector(Model* model, Route route) {
  Stage stage = make_stage("detector", model, route, run_detector);
  EXPECT_OK(sagips_stage_set_shape(stage, kY, kY, 0, 1));
  return stage;
}

Pipeline make_pipeline(Model* model, bool has_detector, Route route) {
  Pipeline pipeline;
  EXPECT_OK(sagips_pipeline_create(pipeline.out()));
  EXPECT_OK(sagips_pipeline_add(pipeline, make_source(model, route)));
  if (has_detector) {
    EXPECT_OK(sagips_pipeline_add(pipeline, make_detector(model, route)));
  }
  return pipeline;
}

std::vector<double> make_events(const Pipeline& pipeline, int64_t n) {
  std::vector<double> events(static_cast<size_t>(n * kY)), weights(static_cast<size_t>(n));
  EXPECT_OK(sagips_pipeline_generate(pipeline, kP, kTruth, n, 77, kY, events.data(), weights.data(),
                                     0, nullptr));
  std::vector<double> kept;
  for (size_t i = 0; i < weights.size(); ++i)
    if (weights[i] > 0) kept.insert(kept.end(), {events[i * kY], events[i * kY + 1]});
  return kept;
}

Problem make_problem(const Pipeline& pipeline, int64_t n) {
  Problem problem;
  EXPECT_OK(sagips_problem_create(problem.out()));
  EXPECT_OK(sagips_problem_add_parameter(problem, "shift", kLower[0], kUpper[0]));
  EXPECT_OK(sagips_problem_add_parameter(problem, "width", kLower[1], kUpper[1]));
  EXPECT_OK(sagips_problem_add_dataset(problem, "data", pipeline));
  if (n == 0) return problem;
  const std::vector<double> events = make_events(pipeline, n);
  EXPECT_OK(sagips_problem_set_events(problem, "data", events.data(), nullptr,
                                      static_cast<int64_t>(events.size()) / kY, kY, 0));
  return problem;
}

Options make_options(const Settings& changes) {
  Options options;
  EXPECT_OK(sagips_options_create(options.out()));
  Settings settings{{"epochs", "12"},          {"rows", "3"},
                    {"events", "13"},          {"seed", "5"},
                    {"generator.hidden", "7"}, {"uncertainty.events", "256"},
                    {"assess.epochs", "3"},    {"assess.hidden", "3"},
                    {"metrics.every", "3"}};
  settings.insert(settings.end(), changes.begin(), changes.end());
  for (const auto& [key, value] : settings)
    EXPECT_OK(sagips_options_set(options, key.c_str(), value.c_str()));
  return options;
}

Solver make_solver(Model* model, const Settings& changes, bool has_detector, Route route) {
  const Problem problem = make_problem(make_pipeline(model, has_detector, route));
  Solver solver;
  EXPECT_OK(sagips_solver_create(solver.out(), problem, make_options(changes), nullptr));
  return solver;
}

sagips_progress progress_of(sagips_solver* solver) {
  sagips_progress progress{};
  progress.struct_size = sizeof(progress);
  EXPECT_OK(sagips_solver_progress(solver, &progress));
  return progress;
}

void PrintTo(const Bits& bits, std::ostream* out) {
  *out << bits.bytes.size() << " bytes, hash " << std::hash<std::string>()(bits.bytes);
}

Bits weights_of(sagips_solver* solver) {
  const std::vector<float> weights = read_weights(solver);
  Bits bits;
  append(&bits.bytes, weights.data(), weights.size());
  return bits;
}

Bits bits_of(sagips_solver* solver) {
  Bits bits = weights_of(solver);
  const sagips_progress p = progress_of(solver);
  const int64_t counts[3] = {p.epoch, p.skipped, p.synthetic_events};
  const double values[3] = {p.loss_discriminator, p.loss_generator, p.loss_auxiliary};
  append(&bits.bytes, counts, 3);
  append(&bits.bytes, values, 3);
  return bits;
}

bool is_finite(sagips_solver* solver) {
  for (const float w : read_weights(solver))
    if (!std::isfinite(w)) return false;
  return true;
}

std::vector<Bits> bits_by_epoch(int64_t n, const Settings& changes, bool has_detector,
                                Route route) {
  Model model;
  const Solver solver = make_solver(&model, changes, has_detector, route);
  std::vector<Bits> bits{bits_of(solver)};
  for (int64_t i = 0; i < n; ++i) {
    EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
    bits.push_back(bits_of(solver));
  }
  return bits;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sagips-capi-XXXXXX").string();
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  path_ = pattern;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  EXPECT_TRUE(file.flush()) << path;
}

}  // namespace capi
