// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/gradient.h"

#include <algorithm>

namespace sagips {

bool Gradient::needs_values(const Pipeline& pipeline) { return !pipeline.is_pulled_back(); }

void Gradient::begin(const Box& box, Evaluation* base, Evaluation* shifted,
                     const Opinion& opinion) {
  box_ = &box;
  base_ = base;
  shifted_ = shifted;
  waiting_ = nullptr;
  opinion_ = opinion;
  base->set_cotangents(opinion.by_events, opinion.by_weights, opinion.by_auxiliary);
  sections_ = jumping_sections(base->pipeline(), box);
  legs_.clear();
  size_t end = base->pipeline().stages().size();
  for (const JumpingSection& section : sections_) {
    if (section.end < end) legs_.push_back({section.end, end, nullptr});
    legs_.push_back({section.begin, section.end, &section});
    end = section.begin;
  }
  if (end > 0) legs_.push_back({0, end, nullptr});
  leg_ = 0;
  has_begun_ = false;
}

bool Gradient::pass_is_over(Evaluation* pass) {
  waiting_ = pass->run() == nullptr ? nullptr : pass;
  return waiting_ == nullptr;
}

Gradient::Want Gradient::run() {
  for (; leg_ < legs_.size(); ++leg_, has_begun_ = false) {
    const Leg& leg = legs_[leg_];
    if (leg.section != nullptr) {
      if (leg.section->columns.empty() && !leg.section->moves_inputs) continue;
      if (!has_begun_) differences_.begin(*leg.section, *box_, *base_, shifted_);
      has_begun_ = true;
      return pass_is_over(shifted_) ? Want::kValues : Want::kHost;
    }
    if (!has_begun_) base_->begin_pull_back(leg.begin, leg.end);
    has_begun_ = true;
    if (!pass_is_over(base_)) return Want::kHost;
  }
  return Want::kNothing;
}

void Gradient::give_values(View<const double> by_weights) {
  const Leg& leg = legs_[leg_];
  const SectionDifferences::Values values{opinion_.by_weights, by_weights, opinion_.by_auxiliary};
  std::vector<double> cotangent =
      differences_.contract(*base_, *shifted_, values, &base_->gradient());
  if (leg.section->moves_inputs) base_->set_input_cotangent(leg.begin, std::move(cotangent));
  ++leg_;
  has_begun_ = false;
}

}  // namespace sagips
