// SPDX-License-Identifier: BSD-3-Clause
// The work that the mathematics asks for, in floating-point operations; a multiply-add is two. With
// W weights, W_0 of them in the first layer, and B events:
//
//   forward            2 W B
//   by the inputs      2 W B      and without those of the first layer 2 (W - W_0) B
//   by the weights     2 W B
//
// Biases, activations, losses, Adam and the pipeline are left out, and so is what an implementation
// computes twice. The paper's epoch (1024 rows of 100 events, 6-128x4-6 and 2-128x4-1): 81.4 GFLOP.

#ifndef SAGIPS_BENCH_ENGINE_FLOPS_H_
#define SAGIPS_BENCH_ENGINE_FLOPS_H_

#include <cstdint>

#include "device/network_plan.h"

namespace sagips_bench {

// Forward and both gradients without that by the events: a discriminator's step on B events in all,
// a generator's update on B rows.
double step_flops(const sagips::NetworkPlan& plan, int64_t n);
// Forward and the gradient by the events.
double event_gradient_flops(const sagips::NetworkPlan& plan, int64_t n);
// One update of each network, N rows with E events each, and as many measured ones.
double epoch_flops(const sagips::NetworkPlan& generator, const sagips::NetworkPlan& discriminator,
                   int64_t rows, int64_t events);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_FLOPS_H_
