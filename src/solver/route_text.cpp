// SPDX-License-Identifier: BSD-3-Clause
#include "solver/route_text.h"

#include "core/text.h"
#include "pipeline/section_differences.h"

namespace sagips {
namespace {

struct Differences {
  std::string what;  // is differenced
  int32_t scheme = SAGIPS_CENTRAL;
  int32_t directions = 0;
  double step = 0;
  std::vector<int32_t> columns;
  bool moves_inputs = false;
};

std::string scheme_of(const Differences& d) {
  if (d.directions > 0) return concatenate("smoothed in ", d.directions, " directions a row");
  return d.scheme == SAGIPS_ONE_SIDED ? "one-sided" : "central";
}

std::string describe(const TrainingPlan& plan, const Differences& d) {
  std::string text = concatenate("; ", d.what, ", ", scheme_of(d));
  std::string steps;
  for (const int32_t p : d.columns) {
    const auto i = static_cast<size_t>(p);
    const double range = plan.box.upper[i] - plan.box.lower[i];
    if (range > 0)
      steps += concatenate(steps.empty() ? "" : ", ", plan.problem.parameters[i].name, " ",
                           d.step * range);
  }
  if (!steps.empty()) text += ", steps " + steps;
  if (d.moves_inputs)
    text +=
        concatenate(steps.empty() ? ", steps " : ", and ", d.step, " of the spread of its inputs");
  return text;
}

std::string name_of(const std::vector<Stage>& stages, size_t begin, size_t end) {
  if (end - begin == 1) return concatenate("stage '", stages[begin].name, "'");
  return concatenate("stages '", stages[begin].name, "' to '", stages[end - 1].name, "'");
}

}  // namespace

std::string describe_route(const TrainingPlan& plan, size_t dataset) {
  const Dataset& data = *plan.datasets[dataset].dataset;
  const std::vector<Stage>& stages = data.pipeline.stages();
  std::string text =
      concatenate("data set '", data.name, "': gradient by ", data.pipeline.route_name());
  for (size_t s = 0; s < stages.size(); ++s) {
    const Stage& stage = stages[s];
    const bool is_score = stage.route() == GradientRoute::kScore;
    if (!is_score && stage.route() != GradientRoute::kEventDifferences) continue;
    Differences d;
    d.what =
        concatenate(is_score ? "log-probabilities of " : "events of ", name_of(stages, s, s + 1));
    d.scheme = is_score ? static_cast<int32_t>(SAGIPS_CENTRAL) : stage.scheme;
    d.step = stage.difference_step();
    for (int64_t k = 0; k < stage.n_parameters(plan.space.size()); ++k)
      d.columns.push_back(static_cast<int32_t>(stage.column(k)));
    text += describe(plan, d);
  }
  for (const JumpingSection& section : jumping_sections(data.pipeline, plan.box)) {
    Differences d;
    d.what = concatenate("values of events of ", name_of(stages, section.begin, section.end));
    d.scheme = section.sides == 2 ? SAGIPS_CENTRAL : SAGIPS_ONE_SIDED;
    d.directions = section.is_smoothed ? section.directions : 0;
    d.step = section.step;
    d.columns = section.columns;
    d.moves_inputs = section.moves_inputs;
    text += describe(plan, d);
  }
  return text;
}

}  // namespace sagips
