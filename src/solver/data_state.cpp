// SPDX-License-Identifier: BSD-3-Clause
#include "solver/data_state.h"

#include <cmath>

#include "core/error.h"

namespace sagips {
namespace {

constexpr const char* kPrefix = "data.";

std::string name_of(size_t dataset, const char* what) {
  return concatenate(kPrefix, dataset, ".", what);
}

/// fn(name, array, shape) for all arrays of a discriminator's inputs.
template <typename Inputs, typename Fn>
void visit_inputs(Inputs* inputs, size_t dataset, const Fn& fn) {
  const std::string prefix = concatenate("discriminator.", dataset, ".");
  const auto length = [](const std::vector<double>& v) { return static_cast<int64_t>(v.size()); };
  const int64_t k_count = length(inputs->lift_mean);
  fn(prefix + "shift", &inputs->shift, std::vector<int64_t>{length(inputs->shift)});
  fn(prefix + "scale", &inputs->scale, std::vector<int64_t>{length(inputs->scale)});
  fn(prefix + "lift_mean", &inputs->lift_mean, std::vector<int64_t>{k_count});
  fn(prefix + "lift_matrix", &inputs->lift_matrix, std::vector<int64_t>{k_count, k_count});
}

constexpr auto kCurveWidth = static_cast<int64_t>(1 + 3 * kMostCurvePoints);

/// (Y, kCurveWidth), each the number of points and then those, with zeros behind them.
std::vector<double> pack(const std::vector<ScoreCurve>& curves) {
  std::vector<double> packed;
  for (const ScoreCurve& curve : curves) {
    packed.push_back(static_cast<double>(curve.x.size()));
    for (const auto* values : {&curve.x, &curve.score, &curve.slope}) {
      packed.insert(packed.end(), values->begin(), values->end());
      packed.insert(packed.end(), kMostCurvePoints - values->size(), 0.0);
    }
  }
  return packed;
}

/// False if they are no curves.
bool unpack(const std::vector<double>& packed, std::vector<ScoreCurve>* curves) {
  const double* from = packed.data();
  for (ScoreCurve& curve : *curves) {
    const double n = *from++;
    if (!(n >= 2 && n <= static_cast<double>(kMostCurvePoints)) || n != std::floor(n)) return false;
    for (auto* values : {&curve.x, &curve.score, &curve.slope}) {
      values->assign(from, from + static_cast<int64_t>(n));
      from += kMostCurvePoints;
      for (const double v : *values)
        if (!std::isfinite(v)) return false;
    }
    for (size_t i = 0; i < curve.x.size(); ++i)
      if (!(curve.slope[i] > 0) || (i > 0 && !(curve.x[i] > curve.x[i - 1]))) return false;
  }
  return true;
}

/// A dimension, if a tensor has it; its other dimensions are checked where it is read.
int64_t first_dimension(const TensorFile& file, const std::string& name) {
  for (const Tensor& tensor : file.tensors)
    if (tensor.name == name && !tensor.shape.empty()) return tensor.shape.front();
  return 0;
}

}  // namespace

bool is_data_tensor(const std::string& name) { return name.rfind(kPrefix, 0) == 0; }

void add_parts(TensorFile* file, const Problem& problem) {
  for (size_t d = 0; d < problem.datasets.size(); ++d) {
    const auto parts = problem.datasets[d].data_parts();
    std::vector<int64_t> runs;
    for (const DataParts::Run& run : parts->runs()) {
      runs.push_back(run.part);
      runs.push_back(run.n);
    }
    add_tensor(file, name_of(d, "runs"), runs, {static_cast<int64_t>(parts->runs().size()), 2});
    add_tensor(file, name_of(d, "epochs"), parts->epochs());
  }
}

std::vector<std::shared_ptr<const DataParts>> read_parts(const TensorFile& file,
                                                         const Problem& problem) {
  std::vector<std::shared_ptr<const DataParts>> all;
  for (size_t d = 0; d < problem.datasets.size(); ++d) {
    const std::string runs_name = name_of(d, "runs"), epochs_name = name_of(d, "epochs");
    const auto numbers =
        read_tensor<int64_t>(file, runs_name, {first_dimension(file, runs_name), 2});
    std::vector<DataParts::Run> runs;
    for (size_t i = 0; i < numbers.size(); i += 2) runs.push_back({numbers[i], numbers[i + 1]});
    all.push_back(std::make_shared<DataParts>(
        runs, read_tensor<int64_t>(file, epochs_name, {first_dimension(file, epochs_name)})));
    const int64_t n = problem.datasets[d].events->size();
    if (all.back()->total() != n)
      fail(SAGIPS_ERROR_FORMAT, "a checkpoint holds parts of ", all.back()->total(),
           " events of data set '", problem.datasets[d].name, "', which has ", n,
           "; take another checkpoint");
  }
  return all;
}

void add_inputs(TensorFile* file, const TrainingPlan& plan) {
  for (size_t d = 0; d < plan.datasets.size(); ++d)
    visit_inputs(
        &plan.datasets[d].discriminator, d,
        [&](const std::string& name, const std::vector<double>* values,
            const std::vector<int64_t>& shape) { add_tensor(file, name, *values, shape); });
  for (size_t d = 0; d < plan.datasets.size(); ++d) {
    const std::vector<ScoreCurve>& curves = plan.datasets[d].discriminator.lift_curves;
    add_tensor(file, concatenate("discriminator.", d, ".lift_curves"), pack(curves),
               {static_cast<int64_t>(curves.size()), kCurveWidth});
  }
}

std::vector<DiscriminatorInputs> read_inputs(const TensorFile& file, const TrainingPlan& plan) {
  std::vector<DiscriminatorInputs> all;
  for (size_t d = 0; d < plan.datasets.size(); ++d) {
    const NetworkPlan& like = plan.datasets[d].discriminator;
    DiscriminatorInputs inputs{like.shift, like.scale, like.lift_mean, like.lift_matrix,
                               like.lift_curves};
    bool is_sane =
        unpack(read_tensor<double>(file, concatenate("discriminator.", d, ".lift_curves"),
                                   {static_cast<int64_t>(like.lift_curves.size()), kCurveWidth}),
               &inputs.lift_curves);
    visit_inputs(&inputs, d,
                 [&](const std::string& name, std::vector<double>* values,
                     const std::vector<int64_t>& shape) {
                   *values = read_tensor<double>(file, name, shape);
                   for (const double v : *values) is_sane = is_sane && std::isfinite(v);
                 });
    for (const double scale : inputs.scale) is_sane = is_sane && scale > 0;
    if (!is_sane)
      fail(SAGIPS_ERROR_FORMAT, "a checkpoint holds a standardisation or lift of data set '",
           plan.datasets[d].dataset->name,
           "' that is not finite, or a scale that is not positive; take another checkpoint");
    all.push_back(std::move(inputs));
  }
  return all;
}

std::string describe_parts(const Problem& problem) {
  std::string text;
  for (const Dataset& dataset : problem.datasets) {
    const auto parts = dataset.data_parts();
    text += concatenate(text.empty() ? "" : "; ", dataset.name, ": ");
    for (int64_t g = 0; g < parts->n_parts(); ++g)
      text += concatenate(g == 0 ? "" : ", ", parts->size(g), g == 0 ? " events" : "", " in epoch ",
                          parts->epochs()[static_cast<size_t>(g)]);
  }
  return text;
}

}  // namespace sagips
