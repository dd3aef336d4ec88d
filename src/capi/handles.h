// SPDX-License-Identifier: BSD-3-Clause
// The handles of the C ABI: a magic word, so that a wrong pointer is noticed, and a value of the
// core.
#ifndef SAGIPS_CAPI_HANDLES_H_
#define SAGIPS_CAPI_HANDLES_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "comm/comm.h"
#include "core/options.h"
#include "pipeline/pipeline.h"
#include "pipeline/stage.h"
#include "solver/problem.h"
#include "solver/solver.h"

namespace sagips::capi {

template <uint64_t Word>
struct Magic {
  static constexpr uint64_t kWord = Word;
  uint64_t magic = Word;
  ~Magic() { *const_cast<volatile uint64_t*>(&magic) = 0; }  // a destroyed handle is no handle
};

}  // namespace sagips::capi

struct sagips_options : sagips::capi::Magic<0x5361676f70740001> {
  static constexpr const char* kName = "sagips_options";
  sagips::Options value;
};

struct sagips_stage : sagips::capi::Magic<0x5361677374670002> {
  static constexpr const char* kName = "sagips_stage";
  sagips::Stage value;
};

struct sagips_pipeline : sagips::capi::Magic<0x5361677069700003> {
  static constexpr const char* kName = "sagips_pipeline";
  sagips::Pipeline value;
};

struct sagips_problem : sagips::capi::Magic<0x5361677072620004> {
  static constexpr const char* kName = "sagips_problem";
  sagips::Problem value;
};

struct sagips_comm : sagips::capi::Magic<0x536167636f6d0005> {
  static constexpr const char* kName = "sagips_comm";
  sagips::Comm value;
};

struct sagips_solver : sagips::capi::Magic<0x536167736c760006> {
  static constexpr const char* kName = "sagips_solver";
  sagips_solver(sagips::Problem problem, sagips::Options options)
      : value(std::move(problem), std::move(options)) {}
  sagips::Solver value;
  mutable std::atomic<bool> is_inside{false};
};

#endif  // SAGIPS_CAPI_HANDLES_H_
