// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model_state.h"

#include <algorithm>
#include <exception>

#include "core/error.h"
#include "core/float_environment.h"

namespace sagips {
namespace {

constexpr size_t kLargest = size_t{1} << 32;  // bytes of one model

std::string tensor_name(size_t dataset, size_t stage) {
  return concatenate("stage.", dataset, ".", stage, ".state");
}

bool is_model_state(const std::string& name) { return name.rfind("stage.", 0) == 0; }

/// Calls visit(stage, data set, name of its tensor) for every stage with hooks.
template <typename Visit>
void visit_models(const Problem& problem, const Visit& visit) {
  for (size_t d = 0; d < problem.datasets.size(); ++d) {
    const Dataset& dataset = problem.datasets[d];
    const std::vector<Stage>& stages = dataset.pipeline.stages();
    for (size_t s = 0; s < stages.size(); ++s)
      if (stages[s].save != nullptr) visit(stages[s], dataset, tensor_name(d, s));
  }
}

/// Runs a hook in the host's floating-point environment; exceptions and answers become statuses.
template <typename Hook>
void call_hook(const Stage& stage, const char* what, const Hook& hook) {
  std::string thrown = "of unknown type";
  int32_t answer = 0;
  try {
    const HostFloats host;
    answer = hook();
    thrown.clear();
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
  }
  if (!thrown.empty())
    fail(SAGIPS_ERROR_EXCEPTION, "the ", what, " hook of stage '", stage.name,
         "' threw an exception (", thrown,
         "), which may not leave a callback; catch it there and return a status");
  if (answer != 0)
    fail(SAGIPS_ERROR_CALLBACK, "the ", what, " hook of stage '", stage.name, "' returned ", answer,
         " (must be 0); see what the model reports");
}

std::vector<uint8_t> save_state(const Stage& stage) {
  size_t size = 0;
  call_hook(stage, "save", [&] { return stage.save(stage.user.get(), nullptr, 0, &size); });
  if (size > kLargest)
    fail(SAGIPS_ERROR_RANGE, "stage '", stage.name, "' wants to save ", size, " bytes (at most ",
         kLargest, "); save what the model cannot compute again");
  std::vector<uint8_t> bytes(size);
  if (size == 0) return bytes;
  size_t again = 0;
  call_hook(stage, "save",
            [&] { return stage.save(stage.user.get(), bytes.data(), size, &again); });
  if (again != size)
    fail(SAGIPS_ERROR_CALLBACK, "the save hook of stage '", stage.name, "' asked for ", size,
         " bytes and then for ", again, " (must be the same); let it tell the size it will write");
  return bytes;
}

}  // namespace

std::vector<Tensor> save_model_states(const Problem& problem) {
  std::vector<Tensor> states;
  visit_models(problem, [&](const Stage& stage, const Dataset&, const std::string& name) {
    std::vector<uint8_t> bytes = save_state(stage);
    const auto size = static_cast<int64_t>(bytes.size());
    states.push_back({name, "U8", {size}, std::move(bytes)});
  });
  return states;
}

std::vector<Tensor> take_model_states(TensorFile* file) {
  std::vector<Tensor>& all = file->tensors;
  const auto first = std::stable_partition(
      all.begin(), all.end(), [](const Tensor& tensor) { return !is_model_state(tensor.name); });
  std::vector<Tensor> states(std::make_move_iterator(first), std::make_move_iterator(all.end()));
  all.erase(first, all.end());
  for (const Tensor& state : states)
    if (state.dtype != "U8" || state.shape.size() != 1)
      fail(SAGIPS_ERROR_FORMAT, "tensor '", state.name,
           "' of a checkpoint is no row of bytes; take another checkpoint");
  return states;
}

void check_model_states(const Problem& problem, const std::vector<Tensor>& states) {
  std::vector<std::string> wanted;
  visit_models(problem, [&](const Stage& stage, const Dataset& dataset, const std::string& name) {
    wanted.push_back(name);
    const auto is_it = [&](const Tensor& state) { return state.name == name; };
    if (std::none_of(states.begin(), states.end(), is_it))
      fail(SAGIPS_ERROR_MISMATCH, "the checkpoint holds no state of stage '", stage.name,
           "' of data set '", dataset.name,
           "', which has a restore hook; load one that was saved with its save hook, or take the "
           "hooks away to begin with the state that the model has");
  });
  for (const Tensor& state : states)
    if (std::find(wanted.begin(), wanted.end(), state.name) == wanted.end())
      fail(SAGIPS_ERROR_MISMATCH, "the checkpoint holds '", state.name,
           "' (data set, stage), but that stage has no restore hook; give it one with "
           "sagips_stage_set_state");
}

void restore_model_states(const Problem& problem, const std::vector<Tensor>& states) {
  visit_models(problem, [&](const Stage& stage, const Dataset&, const std::string& name) {
    const auto is_it = [&](const Tensor& state) { return state.name == name; };
    const std::vector<uint8_t>& bytes = std::find_if(states.begin(), states.end(), is_it)->bytes;
    call_hook(stage, "restore", [&] {
      const uint8_t nothing = 0;
      return stage.restore(stage.user.get(), bytes.empty() ? &nothing : bytes.data(), bytes.size());
    });
  });
}

}  // namespace sagips
