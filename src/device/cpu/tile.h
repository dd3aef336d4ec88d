// SPDX-License-Identifier: BSD-3-Clause
// A tile of events on its way through a discriminator and back, in one thread. Two kinds: a
// perceptron, and a network without hidden layers, which is linear in the lifted observables and so
// needs no layers at all.
#ifndef SAGIPS_DEVICE_CPU_TILE_H_
#define SAGIPS_DEVICE_CPU_TILE_H_

#include <cstdint>
#include <memory>

#include "core/view.h"
#include "device/cpu/event_kernels.h"
#include "device/cpu/level.h"
#include "device/cpu/memory.h"
#include "device/network_plan.h"

namespace sagips::cpu {

/// A sum that begins with what comes now, or has begun.
enum class Sum { kBegins, kGoesOn };

class Tile {
 public:
  explicit Tile(const LiftTable& table) : events_(table) {}
  virtual ~Tile() = default;
  Tile(const Tile&) = delete;
  Tile& operator=(const Tile&) = delete;

  /// Where a source writes its events and weights.
  EventBuffers* events() { return &events_; }

  /// Logits (kTile) of the n events there.
  virtual const double* forward(int64_t n) = 0;
  /// From the derivative by the logits (kTile, 0 beyond n): adds to the tile's gradient by the
  /// weights, and the derivative by the raw events (n, Y) to grad_events, each unless not wanted.
  virtual void backward(int64_t n, const double* by_logit, bool wants_weights,
                        double* grad_events) = 0;

  /// Before the first gradient by weights.
  virtual void clear_gradient() = 0;
  /// Adds the tile's gradient, in the network's own order, or is the first to be there.
  virtual void add_gradient_to(double* total, Sum sum) const = 0;
  /// The tile's gradient alone, in the flat parameters' order.
  virtual void write_gradient(View<float> grad) const = 0;

 protected:
  /// grad_x in the buffers -> derivative by the raw events.
  void write_grad_events(const NetworkPlan& plan, int64_t n, double* grad_events) const;

  EventBuffers events_;
};

/// A discriminator's weights, ready for the tiles of one call.
class TileNetwork {
 public:
  virtual ~TileNetwork() = default;
  virtual std::unique_ptr<Tile> make_tile() const = 0;
  virtual int64_t gradient_size() const = 0;
  /// The sum of all tiles' gradients -> the flat parameters' order.
  virtual void unpack(const double* total, View<float> grad) const = 0;
};

/// What a call wants of a network.
enum class Want { kLogits, kGradients };

std::unique_ptr<TileNetwork> make_perceptron(const NetworkPlan& plan, View<const float> params,
                                             Simd simd, Want want, Memory* memory);
std::unique_ptr<TileNetwork> make_linear(const NetworkPlan& plan, View<const float> params,
                                         Simd simd);
/// The one of the two that fits.
std::unique_ptr<TileNetwork> make_tile_network(const NetworkPlan& plan, View<const float> params,
                                               Simd simd, Want want, Memory* memory);

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_TILE_H_
