// SPDX-License-Identifier: BSD-3-Clause
// A checkpoint is a folder `epoch-N` with one file a rank and a manifest:
//
//   rank-0.safetensors   networks, moments, places in the data, history: all that decides what
//                        comes next, so that equal trainings give equal bytes. Each array has one
//                        row a member, (M, ...), but those of data_state.h, tickets.h and
//                        model_state.h
//   manifest             JSON: which files with which checksums, and the training time so far
//
// It is written under a temporary name and renamed when everything is on the disk. It is read into
// a second state and swapped in when everything was found right, so a refused one changes nothing.
// Models that remember something are the last that may refuse.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/files.h"
#include "core/safetensors.h"
#include "solver/data_state.h"
#include "solver/model_state.h"
#include "solver/provenance.h"
#include "solver/solver.h"

namespace sagips {
namespace {

constexpr const char* kRankFile = "rank-0.safetensors";
constexpr const char* kManifest = "manifest";
constexpr int64_t kManifestVersion = 2;  // 1 had no inputs of discriminators
constexpr size_t kFileCap = size_t{1} << 34;
constexpr const char* kPrefix = "epoch-";

std::string hex(uint64_t value) {
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

// --------------------------------------------------------------------------------- the rank file

template <typename Visit>
void visit_networks(TrainingState* state, const Visit& visit) {
  visit("generator", &state->generator);
  for (size_t d = 0; d < state->discriminators.size(); ++d)
    visit(concatenate("discriminator.", d), &state->discriminators[d]);
}

TensorFile to_file(TrainingState state, const TrainingPlan& plan) {
  const int64_t p_count = plan.space.size();
  TensorFile file;
  visit_networks(&state, [&](const std::string& name, Network* network) {
    add_tensor(&file, name + ".parameters", network->parameters);
    add_tensor(&file, name + ".first_moment", network->first_moment);
    add_tensor(&file, name + ".second_moment", network->second_moment);
    add_tensor(&file, name + ".updates", std::vector<int64_t>{network->updates}, {});
  });
  add_tensor(&file, "generator.average", state.average);
  add_tensor(&file, "metric", state.metric);
  const int64_t n_history = static_cast<int64_t>(state.history.size()) / p_count;
  state.history.resize(static_cast<size_t>(kHistory * p_count));
  add_tensor(&file, "history", state.history, {kHistory, p_count});
  add_tensor(&file, "cursors", state.cursors);
  add_tensor(&file, "counts",
             std::vector<int64_t>{state.epoch, state.skipped, state.synthetic_events, n_history,
                                  state.averaged});
  add_tensor(&file, "rows",
             std::vector<int64_t>{state.rows_run, state.rows_failed, state.rows_resampled});
  add_tensor(
      &file, "values",
      std::vector<double>{state.metric_weight, state.loss_discriminator, state.loss_generator,
                          state.loss_auxiliary, state.grad_norm, state.lost_fraction});
  add_inputs(&file, plan);
  return file;
}

/// Append a member's arrays as one row more of each.
void append_row(TensorFile* stack, TensorFile row) {
  if (stack->tensors.empty()) {
    stack->tensors = std::move(row.tensors);
    for (Tensor& tensor : stack->tensors) tensor.shape.insert(tensor.shape.begin(), 1);
    return;
  }
  for (size_t t = 0; t < stack->tensors.size(); ++t) {
    Tensor& tensor = stack->tensors[t];
    ++tensor.shape.front();
    tensor.bytes.insert(tensor.bytes.end(), row.tensors[t].bytes.begin(),
                        row.tensors[t].bytes.end());
  }
}

/// One of the arrays that have a row of every member.
bool is_of_members(const Tensor& tensor) { return tensor.name.rfind("tickets.", 0) != 0; }

/// Row k of arrays that have n of them.
TensorFile take_row(const TensorFile& stack, int64_t n, int64_t k) {
  TensorFile row;
  for (const Tensor& tensor : stack.tensors) {
    if (!is_of_members(tensor) || is_data_tensor(tensor.name)) continue;
    if (tensor.shape.empty() || tensor.shape.front() != n)
      fail(SAGIPS_ERROR_MISMATCH, "tensor '", tensor.name, "' of a checkpoint has no rows of ", n,
           " members; make the solver with the members that it was written by");
    const auto size = static_cast<int64_t>(tensor.bytes.size()) / n;
    row.tensors.push_back(
        {tensor.name,
         tensor.dtype,
         {tensor.shape.begin() + 1, tensor.shape.end()},
         {tensor.bytes.begin() + k * size, tensor.bytes.begin() + (k + 1) * size}});
  }
  return row;
}

int64_t length(const std::vector<float>& v) { return static_cast<int64_t>(v.size()); }

/// `like` has the sizes that everything must have.
TrainingState from_file(const TensorFile& file, TrainingState like, int64_t p_count) {
  visit_networks(&like, [&](const std::string& name, Network* network) {
    const std::vector<int64_t> shape{length(network->parameters)};
    network->parameters = read_tensor<float>(file, name + ".parameters", shape);
    network->first_moment = read_tensor<float>(file, name + ".first_moment", shape);
    network->second_moment = read_tensor<float>(file, name + ".second_moment", shape);
    network->updates = read_tensor<int64_t>(file, name + ".updates", {}).front();
  });
  like.average = read_tensor<float>(file, "generator.average", {length(like.average)});
  like.metric = read_tensor<double>(file, "metric", {static_cast<int64_t>(like.metric.size())});
  like.cursors = read_tensor<int64_t>(file, "cursors", {static_cast<int64_t>(like.cursors.size())});
  const auto counts = read_tensor<int64_t>(file, "counts", {5});
  like.epoch = counts[0];
  like.skipped = counts[1];
  like.synthetic_events = counts[2];
  like.averaged = counts[4];
  const auto rows = read_tensor<int64_t>(file, "rows", {3});
  like.rows_run = rows[0];
  like.rows_failed = rows[1];
  like.rows_resampled = rows[2];
  const auto values = read_tensor<double>(file, "values", {6});
  like.metric_weight = values[0];
  like.loss_discriminator = values[1];
  like.loss_generator = values[2];
  like.loss_auxiliary = values[3];
  like.grad_norm = values[4];
  like.lost_fraction = values[5];
  like.history = read_tensor<double>(file, "history", {kHistory, p_count});
  if (counts[3] < 0 || counts[3] > kHistory)
    fail(SAGIPS_ERROR_FORMAT, "a checkpoint holds ", counts[3], " earlier estimates (at most ",
         kHistory, "); take another checkpoint");
  like.history.resize(static_cast<size_t>(counts[3] * p_count));
  return like;
}

struct Loaded {
  std::vector<TrainingState> states;
  std::vector<std::vector<DiscriminatorInputs>> inputs;
};

/// All members, `like` what is there now.
Loaded from_rows(const TensorFile& file, const Ensemble& like) {
  Loaded loaded;
  for (int32_t k = 0; k < like.size(); ++k) {
    const TrainingPlan& plan = like[k].plan;
    const TensorFile row = take_row(file, like.size(), k);
    loaded.states.push_back(from_file(row, initial_state(plan), plan.space.size()));
    loaded.inputs.push_back(read_inputs(row, plan));
  }
  return loaded;
}

/// Checksums tell of damage; this tells of what no training writes.
void check_values(const TrainingState& state, const std::string& path) {
  bool is_sane =
      state.epoch >= 0 && state.skipped >= 0 && state.synthetic_events >= 0 && state.averaged >= 0;
  for (const int64_t n : {state.rows_run, state.rows_failed, state.rows_resampled})
    is_sane = is_sane && n >= 0;
  for (const int64_t cursor : state.cursors) is_sane = is_sane && cursor >= 0;
  const auto check = [&is_sane](const auto& values) {
    for (const auto v : values) is_sane = is_sane && std::isfinite(v);
  };
  const auto check_network = [&](const Network& network) {
    check(network.parameters);
    check(network.first_moment);
    check(network.second_moment);
    is_sane = is_sane && network.updates >= 0;
  };
  check_network(state.generator);
  for (const Network& network : state.discriminators) check_network(network);
  is_sane = is_sane && std::isfinite(state.metric_weight) && state.metric_weight >= 0;
  check(state.average);
  check(state.metric);
  check(state.history);
  if (!is_sane)
    fail(SAGIPS_ERROR_FORMAT, "checkpoint '", path,
         "' holds numbers that are not finite, or negative counts; take another checkpoint");
}

void check_values(const std::vector<TrainingState>& states, int64_t epoch,
                  const std::string& path) {
  for (const TrainingState& state : states) {
    check_values(state, path);
    if (state.epoch != epoch)
      fail(SAGIPS_ERROR_FORMAT, "checkpoint '", path, "' holds epoch ", state.epoch,
           ", but its manifest says ", epoch, "; take another checkpoint");
    if (state.history.size() != states.front().history.size())
      fail(SAGIPS_ERROR_FORMAT, "checkpoint '", path,
           "' holds histories of different lengths; take another checkpoint");
  }
}

// ----------------------------------------------------------------------------------- the manifest
// A flat JSON text. Read back strictly: the bytes must be exactly what writing its fields gives.

struct Manifest {
  int64_t version = kManifestVersion;
  int64_t epoch = 0;
  std::string rank_checksum;
  double seconds_training = 0, seconds_callback = 0;

  std::string to_text() const {
    const std::string body =
        concatenate("{\n  \"format\": \"sagips checkpoint\",\n  \"format_version\": ", version,
                    ",\n  \"epoch\": ", epoch, ",\n  \"ranks\": 1,\n  \"", kRankFile, "\": \"",
                    rank_checksum, "\",\n  \"seconds_training\": ", seconds_training,
                    ",\n  \"seconds_callback\": ", seconds_callback, ",\n");
    return concatenate(body, "  \"checksum\": \"", hex(checksum(body.data(), body.size())),
                       "\"\n}\n");
  }

  static Manifest from_text(const std::string& text, const std::string& path) {
    Manifest m;
    read_number(field(text, "format_version"), &m.version);
    read_number(field(text, "epoch"), &m.epoch);
    read_number(field(text, "seconds_training"), &m.seconds_training);
    read_number(field(text, "seconds_callback"), &m.seconds_callback);
    const std::string_view quoted = field(text, kRankFile);
    if (quoted.size() > 2) m.rank_checksum = quoted.substr(1, quoted.size() - 2);
    // The checksum first: a damaged version is no newer one.
    const size_t last = text.find("  \"checksum\": ");
    const bool is_whole =
        last != std::string::npos &&
        field(text, "checksum") == concatenate("\"", hex(checksum(text.data(), last)), "\"") &&
        text.find("\"sagips checkpoint\"") != std::string::npos && m.version >= 1;
    if (is_whole && m.version > kManifestVersion)
      fail(SAGIPS_ERROR_VERSION, "checkpoint '", path, "' has format ", m.version,
           " (this library reads up to ", kManifestVersion, "); use a newer library");
    if (!is_whole || m.to_text() != text)
      fail(SAGIPS_ERROR_FORMAT, "the manifest of checkpoint '", path,
           "' is damaged (it does not match its checksum); take another checkpoint");
    return m;
  }

 private:
  /// The text between `"key": ` and the end of its line, without a comma.
  static std::string_view field(std::string_view text, std::string_view key) {
    const std::string start = concatenate("\"", key, "\": ");
    const size_t first = text.find(start);
    if (first == std::string_view::npos) return "";
    text.remove_prefix(first + start.size());
    return text.substr(0, text.find_first_of(",\n"));
  }
};

/// N of "epoch-N", or -1.
int64_t epoch_of(const std::string& name) {
  int64_t epoch = -1;
  if (name.rfind(kPrefix, 0) != 0 || !read_number(name.substr(std::string(kPrefix).size()), &epoch))
    return -1;
  return epoch;
}

/// Paths of the checkpoints in a folder, newest first.
std::vector<std::string> checkpoints_in(const std::string& folder) {
  std::vector<std::string> names = list_folders(folder, kPrefix);
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) { return epoch_of(name) < 0; }),
              names.end());
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return epoch_of(a) > epoch_of(b); });
  for (std::string& name : names) name = folder + "/" + name;
  return names;
}

}  // namespace

void Solver::save(const std::string& folder) {
  TensorFile file;
  file.metadata = describe_training(*this);
  for (int32_t k = 0; k < n_members(); ++k)
    append_row(&file, to_file(ensemble_[k].state, ensemble_[k].plan));
  add_parts(&file, problem_);
  tickets_.memory().write(&file);
  for (Tensor& state : save_model_states(problem_)) file.tensors.push_back(std::move(state));
  const std::vector<uint8_t> bytes = encode(file);
  Manifest manifest;
  manifest.epoch = epoch();
  manifest.rank_checksum = hex(checksum(bytes.data(), bytes.size()));
  manifest.seconds_training = seconds_training_;
  manifest.seconds_callback = seconds_callback_;
  const std::string text = manifest.to_text();

  std::string digits = to_text(epoch());
  digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
  FolderPublisher publisher(folder, kPrefix + digits);
  publisher.write(kRankFile, bytes.data(), bytes.size());
  publisher.write(kManifest, text.data(), text.size());
  publisher.publish();

  const auto keep = static_cast<size_t>(options_.integer("checkpoint.keep"));
  const std::vector<std::string> all = checkpoints_in(folder);
  if (!all.empty() && epoch_of(all.front().substr(folder.size() + 1)) > epoch())
    log(0, concatenate("'", folder, "' holds checkpoints of later epochs than ", epoch(),
                       "; loading from it takes up the latest"));
  if (keep > 0)
    for (size_t i = keep; i < all.size(); ++i)
      if (epoch_of(all[i].substr(folder.size() + 1)) != epoch()) remove_folder(all[i]);
}

void Solver::load(const std::string& folder) {
  if (!is_folder(folder + "/."))
    fail(SAGIPS_ERROR_IO, "'", folder, "' is not a folder that can be read");
  clean_folder(folder);  // gives back a name that a crash took away
  std::vector<std::string> candidates = checkpoints_in(folder);
  if (candidates.empty()) candidates.push_back(folder);  // itself a checkpoint

  // The newest that is whole. Damage makes us look further; a checkpoint of something else does
  // not.
  for (size_t i = 0; i < candidates.size(); ++i) {
    try {
      const Manifest manifest =
          Manifest::from_text(read_file(candidates[i] + "/" + kManifest, kFileCap), candidates[i]);
      const std::string bytes = read_file(candidates[i] + "/" + kRankFile, kFileCap);
      if (hex(checksum(bytes.data(), bytes.size())) != manifest.rank_checksum)
        fail(SAGIPS_ERROR_FORMAT, "'", candidates[i], "/", kRankFile,
             "' does not match the checksum in its manifest; take another checkpoint");
      TensorFile file = decode(bytes.data(), bytes.size());
      const std::vector<Tensor> models = take_model_states(&file);
      for (const std::string& note : compare_training(*this, file.metadata)) log(0, note);
      Loaded loaded = from_rows(file, ensemble_);
      check_values(loaded.states, manifest.epoch, candidates[i]);
      std::vector<std::shared_ptr<const EventTable>> tables;
      for (const Dataset& dataset : problem_.datasets) tables.push_back(dataset.events);
      DataChange change = plan_change(std::move(tables), read_parts(file, problem_));
      TicketMemory tickets = TicketMemory::read(file, n_members());
      check_model_states(problem_, models);
      restore_model_states(problem_, models);
      tickets_.remember(std::move(tickets));
      apply(&change);
      for (int32_t k = 0; k < n_members(); ++k) {
        std::swap(ensemble_[k].state, loaded.states[static_cast<size_t>(k)]);
        ensemble_[k].plan.take_inputs(&loaded.inputs[static_cast<size_t>(k)]);
      }
      seconds_training_ = manifest.seconds_training;
      seconds_callback_ = manifest.seconds_callback;
      last_report_seconds_ = seconds_training_;
      last_report_events_ = synthetic_events();
      last_report_rows_ = last_report_failed_ = 0;
      for (int32_t k = 0; k < n_members(); ++k) {
        last_report_rows_ += ensemble_[k].state.rows_run;
        last_report_failed_ += ensemble_[k].state.rows_failed;
      }
      stop_reason_ = SAGIPS_STOP_NONE;
      stops_tickets_ = false;
      is_converged_ = false;
      return;
    } catch (const Error& e) {
      const bool is_damage = e.status() == SAGIPS_ERROR_FORMAT || e.status() == SAGIPS_ERROR_IO;
      if (!is_damage || i + 1 == candidates.size()) throw;
      log(0, concatenate("checkpoint '", candidates[i], "' is passed over: ", e.text()));
    }
  }
}

}  // namespace sagips
