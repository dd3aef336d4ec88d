// SPDX-License-Identifier: BSD-3-Clause
// The optimizer of the paper (section III-A): a generator network that turns noise into proposals
// of the theory's parameters. Three inputs: `noise` N(mean, sd) for every row; `annealed`, the same
// with an sd that falls linearly to 0; `point`, all ones, so that every row is one and the same
// proposal. Without a network ("direct") there are no inputs and the output biases are the proposal
// itself: the same code, with a first layer of width 0.
#ifndef SAGIPS_OPTIMIZER_GENERATOR_H_
#define SAGIPS_OPTIMIZER_GENERATOR_H_

#include <cstdint>
#include <vector>

#include "core/options.h"
#include "core/philox.h"
#include "core/view.h"
#include "device/device.h"
#include "optimizer/parameter_space.h"

namespace sagips {

/// N proposals, with what is needed to bring a gradient back.
struct Proposal {
  int64_t n_rows = 0;
  std::vector<double> inputs;      // (N, noise dimension)
  std::vector<double> outputs;     // (N, P) z
  std::vector<double> parameters;  // (N, P) physical
};

class Generator {
 public:
  Generator(const Options& options, const ParameterSpace& space);

  const NetworkPlan& plan() const { return plan_; }

  /// A new network's flat parameters; proposals scatter around the start values.
  std::vector<float> initial(uint64_t seed, int32_t member) const;

  /// True if all rows of a proposal at this epoch are the same.
  bool is_point(int64_t epoch) const { return noise_sd(epoch) == 0; }

  Proposal propose(Device* device, View<const float> params, int64_t n_rows, int64_t epoch,
                   Sequence noise) const;

  /// Gradient by the flat parameters, from that by unit coordinates t (N, P).
  void absorb(Device* device, View<const float> params, const Proposal& proposal,
              View<const double> grad_unit, View<float> grad) const;

 private:
  double noise_sd(int64_t epoch) const;

  const ParameterSpace& space_;
  NetworkPlan plan_;
  std::string scheme_;
  double output_scale_;
  bool has_noise_, is_annealed_;
  double noise_mean_, noise_sd_;
  double anneal_epochs_;
};

}  // namespace sagips

#endif  // SAGIPS_OPTIMIZER_GENERATOR_H_
