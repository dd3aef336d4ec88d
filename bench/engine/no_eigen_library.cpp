// SPDX-License-Identifier: BSD-3-Clause
#include "engine/gemm_library.h"

namespace sagips_bench {

const std::vector<GemmLibrary>& eigen_libraries() {
  static const std::vector<GemmLibrary> none;
  return none;
}

}  // namespace sagips_bench
