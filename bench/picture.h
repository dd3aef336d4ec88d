// SPDX-License-Identifier: BSD-3-Clause
// A picture of the report's kind in a file of its own, with its colours inside. Series are told
// apart by the classes s0 to s4, which differ in colour and in dashes.

#ifndef SAGIPS_BENCH_PICTURE_H_
#define SAGIPS_BENCH_PICTURE_H_

#include <string>

#include "tool/report/plot.h"

namespace sagips_bench {

void write_picture(const std::string& path, const sagips_tool::Svg& svg);

// "s2"
std::string series(size_t i);

// A line of the legend, with what it looks like.
void draw_key(sagips_tool::Svg* svg, sagips_tool::Point at, size_t i, const std::string& words);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_PICTURE_H_
