// SPDX-License-Identifier: BSD-3-Clause
// The objective of the GAN (paper, section II-B2 and III-A): a network that learns to tell measured
// events from synthetic ones, whose opinion of the synthetic ones is the score, and whose
// derivative by them is where the generator's gradient starts.
//
//   L = sum_e w_e l(D(y_e)) / sum_e w_e
//   dL/dy_e = w_e l' dD/dy_e / sum w,     dL/dw_e = (l_e - L) / sum w   (0 for lost events)
#ifndef SAGIPS_OBJECTIVE_DISCRIMINATOR_H_
#define SAGIPS_OBJECTIVE_DISCRIMINATOR_H_

#include <string>
#include <vector>

#include "core/options.h"
#include "data/data_order.h"
#include "data/event_table.h"
#include "device/device.h"
#include "device/network_plan.h"

namespace sagips {

/// The network of a data set's discriminator: hidden layers and loss from the options,
/// standardisation and lift from up to 200,000 of the training events. SAGIPS_ERROR_DATA for a
/// constant observable.
NetworkPlan plan_discriminator(const Options& options, std::string_view hidden_key,
                               const EventTable& table, const DataOrder& order,
                               const std::string& dataset);

/// What the discriminator thinks of a synthetic batch. The buffers are kept from batch to batch.
enum class EventLoss { kWanted, kLeftOut };
struct Score {
  double loss = 0;
  std::vector<double> event_loss;   // (B), or what it was before
  std::vector<double> grad_events;  // (B, Y)
};
void score_events(Device* device, const NetworkPlan& plan, View<const float> params,
                  const EventSource& synthetic, Score* score,
                  EventLoss event_loss = EventLoss::kWanted);

/// dL/dw (B) of a score, where its event_loss may lie itself.
void differentiate_by_weights(const Score& score, View<const double> weights, double total_weight,
                              View<double> grad);

/// Events of a data set, gathered in the order of training or of the held-out part.
struct EventBatch {
  std::vector<double> events, weights;  // (B, Y), (B)
  int32_t n_observables = 0;
  BufferSource source() const {
    return BufferSource(events.data(), weights.data(), static_cast<int64_t>(weights.size()),
                        n_observables);
  }
};
EventBatch gather_training(const EventTable& table, const DataOrder& order, int64_t first,
                           int64_t n);
EventBatch gather_held_out(const EventTable& table, const DataOrder& order);

}  // namespace sagips

#endif  // SAGIPS_OBJECTIVE_DISCRIMINATOR_H_
