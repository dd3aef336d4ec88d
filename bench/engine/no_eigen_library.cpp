// SPDX-License-Identifier: BSD-3-Clause
#include "engine/gemm_library.h"

namespace sagips_bench {
const GemmLibrary* eigen_library() { return nullptr; }
}  // namespace sagips_bench
