// SPDX-License-Identifier: BSD-3-Clause
#include "solver/training_state.h"

#include "nn/initialize.h"

namespace sagips {

TrainingState initial_state(const TrainingPlan& plan) {
  TrainingState state;
  state.generator = Network(plan.generator.initial(plan.seed, plan.member));
  state.average = state.generator.parameters;
  for (size_t d = 0; d < plan.datasets.size(); ++d) {
    const Sequence sequence{plan.seed, Stream::kInitialWeights, plan.member,
                            static_cast<int64_t>(d) + 1, 0};  // row 0 is the generator
    state.discriminators.emplace_back(initial_parameters(
        plan.datasets[d].discriminator, plan.options.text("discriminator.initialisation"),
        plan.options.real("discriminator.output_scale"), sequence));
  }
  state.cursors.resize(plan.datasets.size());
  const auto p_count = static_cast<size_t>(plan.space.size());
  if (plan.metric.is_used) state.metric.resize(p_count * p_count);
  return state;
}

}  // namespace sagips
