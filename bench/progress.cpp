// SPDX-License-Identifier: BSD-3-Clause
#include "progress.h"

#include <unistd.h>

#include <cstdio>

namespace sagips_bench {

void show_progress(const std::string& text) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
  std::fflush(stderr);
}

}  // namespace sagips_bench
