// SPDX-License-Identifier: BSD-3-Clause
// The discriminator's step by somebody else's matrix products, the way one would write it: every
// layer a product and a pass for bias and activation, forward and backward, on a tile of events at
// a time. A tile as large as the batch is "layer by layer".

#ifndef SAGIPS_BENCH_ENGINE_LIBRARY_STEP_H_
#define SAGIPS_BENCH_ENGINE_LIBRARY_STEP_H_

#include <cstdint>
#include <vector>

#include "device/event_source.h"
#include "device/network_plan.h"
#include "engine/gemm_library.h"

namespace sagips_bench {

// Least squares, no standardisation, no lift.
class LibraryStep {
 public:
  // tile: events; 0 is the whole batch, with the library's own threads. Otherwise each thread has
  // tiles of its own, and its products run in it.
  LibraryStep(const GemmLibrary* library, const sagips::NetworkPlan& plan, int64_t tile,
              int threads);
  ~LibraryStep();
  LibraryStep(const LibraryStep&) = delete;
  LibraryStep& operator=(const LibraryStep&) = delete;

  double run(const std::vector<float>& params, const sagips::EventSource& real,
             const sagips::EventSource& synthetic, std::vector<float>* grad);

 private:
  struct Room;  // of one thread

  void run_part(const std::vector<float>& params, const sagips::EventSource& source, bool is_real,
                int64_t first, int64_t last, Room* room) const;
  void load(const sagips::EventSource& source, int64_t first, int64_t n, Room* room) const;
  void forward(const std::vector<float>& params, int64_t n, Room* room) const;
  void differentiate_loss(bool is_real, int64_t n, double unit, Room* room) const;
  void backward(const std::vector<float>& params, int64_t n, Room* room) const;

  const GemmLibrary* library_;
  const sagips::NetworkPlan plan_;
  const int64_t tile_;
  const int threads_;
  std::vector<Room> rooms_;
};

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_LIBRARY_STEP_H_
