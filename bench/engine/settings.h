// SPDX-License-Identifier: BSD-3-Clause
// What the parts of bench_engine share: the engine that is judged, and how long to look.

#ifndef SAGIPS_BENCH_ENGINE_SETTINGS_H_
#define SAGIPS_BENCH_ENGINE_SETTINGS_H_

#include <string>

#include "core/simd.h"
#include "engine/worker.h"

namespace sagips_bench {

struct EngineSettings {
  std::string device = "cpu";  // or "reference"
  sagips::Simd simd = sagips::Simd::kPortable;
  int rounds = 7;  // in which all that is compared takes its turn
};

// Each part prints its tables and returns what goes into the top level of the file.

// "fma_peak_gflops": of one and of two cores for each instruction set.
Json peak_part(const EngineSettings& settings);
// "cases", "interpreters": epochs of the paper against PyTorch, their phases and their memory.
Json epoch_part(const EngineSettings& settings);
// "sweep": one discriminator step over widths, depths and batches against Eigen and oneDNN.
Json sweep_part(const EngineSettings& settings);
// "accuracy": every call of the device against the reference in double precision.
Json accuracy_part(const EngineSettings& settings);

// The workers of those parts; words: what they are to do.
void serve_peak(const std::vector<std::string>& words);   // SIMD
void serve_epoch(const std::vector<std::string>& words);  // ROWS EVENTS THREADS DEVICE SIMD
void serve_sweep(const std::vector<std::string>& words);  // THREADS DEVICE SIMD

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_SETTINGS_H_
