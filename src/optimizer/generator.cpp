// SPDX-License-Identifier: BSD-3-Clause
#include "optimizer/generator.h"

#include <algorithm>

#include "nn/initialize.h"

namespace sagips {
namespace {
size_t at(int64_t i) { return static_cast<size_t>(i); }

constexpr int64_t kGeneratorRow = 0;  // of the stream of initial weights; discriminators follow
}  // namespace

Generator::Generator(const Options& options, const ParameterSpace& space)
    : space_(space),
      scheme_(options.text("generator.initialisation")),
      output_scale_(options.real("generator.output_scale")),
      has_noise_(options.text("generator.input") != "point"),
      is_annealed_(options.text("generator.input") == "annealed"),
      noise_mean_(options.real("generator.noise_mean")),
      noise_sd_(options.real("generator.noise_sd")),
      anneal_epochs_(options.real("generator.anneal") *
                     static_cast<double>(options.integer("epochs"))) {
  plan_.slope = options.real("generator.slope");
  if (options.text("generator.kind") == "direct") {
    plan_.widths = {0};
    has_noise_ = false;
  } else {
    plan_.widths = {static_cast<int32_t>(options.integer("generator.noise_dimension"))};
    for (const int64_t width : options.widths("generator.hidden"))
      plan_.widths.push_back(static_cast<int32_t>(width));
  }
  plan_.widths.push_back(space.size());
}

std::vector<float> Generator::initial(uint64_t seed, int32_t member) const {
  std::vector<float> parameters = initial_parameters(
      plan_, scheme_, output_scale_, {seed, Stream::kInitialWeights, member, kGeneratorRow, 0});
  for (int32_t p = 0; p < space_.size(); ++p)
    parameters[at(plan_.bias_offset(plan_.n_layers() - 1) + p)] =
        static_cast<float>(space_.start(p));
  return parameters;
}

double Generator::noise_sd(int64_t epoch) const {
  if (!has_noise_) return 0;
  if (!is_annealed_) return noise_sd_;
  return noise_sd_ * std::max(0.0, 1 - static_cast<double>(epoch) / anneal_epochs_);
}

Proposal Generator::propose(Device* device, View<const float> params, int64_t n_rows, int64_t epoch,
                            Sequence noise) const {
  const int64_t width = plan_.n_inputs(), p_count = space_.size();
  const int64_t distinct = is_point(epoch) ? 1 : n_rows;  // equal rows are computed once
  Proposal proposal;
  proposal.n_rows = n_rows;
  proposal.parameters.reserve(at(n_rows * p_count));
  proposal.inputs.assign(at(distinct * width), has_noise_ ? noise_mean_ : 1);
  if (const double sd = noise_sd(epoch); sd > 0)
    for (int64_t n = 0; n < distinct; ++n) {
      std::vector<double> normal(at(width));
      Sequence row = noise;
      row.row += n;
      fill_normal(row, normal);
      for (int64_t i = 0; i < width; ++i) proposal.inputs[at(n * width + i)] += sd * normal[at(i)];
    }
  proposal.outputs.resize(at(distinct * p_count));
  device->generator_forward(plan_, params, distinct, proposal.inputs, proposal.outputs);
  for (int64_t n = 0; n < n_rows; ++n)
    for (int32_t p = 0; p < p_count; ++p)
      proposal.parameters.push_back(
          space_.physical(p, proposal.outputs[at((n % distinct) * p_count + p)]));
  return proposal;
}

void Generator::absorb(Device* device, View<const float> params, const Proposal& proposal,
                       View<const double> grad_unit, View<float> grad) const {
  const int64_t p_count = space_.size();
  const int64_t distinct = static_cast<int64_t>(proposal.outputs.size()) / p_count;
  std::vector<double> grad_outputs(proposal.outputs.size());
  for (int64_t n = 0; n < proposal.n_rows; ++n)
    for (int32_t p = 0; p < p_count; ++p) {
      const size_t i = at((n % distinct) * p_count + p);
      grad_outputs[i] += grad_unit[n * p_count + p] * space_.unit_slope(p, proposal.outputs[i]);
    }
  device->generator_backward(plan_, params, distinct, proposal.inputs, grad_outputs, grad);
}

}  // namespace sagips
