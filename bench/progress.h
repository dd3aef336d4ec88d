// SPDX-License-Identifier: BSD-3-Clause
// A line for those who wait.

#ifndef SAGIPS_BENCH_PROGRESS_H_
#define SAGIPS_BENCH_PROGRESS_H_

#include <string>

namespace sagips_bench {

// Names the step at work on stderr, if that is a terminal. "" wipes the line.
void show_progress(const std::string& text);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_PROGRESS_H_
