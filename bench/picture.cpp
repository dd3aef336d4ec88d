// SPDX-License-Identifier: BSD-3-Clause
#include "picture.h"

#include "tool/files.h"
#include "tool/text.h"

namespace sagips_bench {
namespace {

// White under everything: a page may be dark.
constexpr char kStyle[] = R"css(<style>
text { font-family: "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #17212c;
  font-size: 13px; }
.paper { fill: #ffffff; }
.tick, .label, .key { fill: #566473; font-size: 12.5px; }
.heading { font-size: 15px; font-weight: 650; }
.grid { stroke: #dde3ea; stroke-width: 1; } .minor { stroke-opacity: 0.45; }
.frame { fill: none; stroke: #9aa7b4; stroke-width: 1; }
.limit { stroke: #17212c; stroke-width: 1.4; stroke-dasharray: 2 4; fill: none; }
.s0 { stroke: #0067b1; } .s1 { stroke: #c1440e; stroke-dasharray: 8 3; }
.s2 { stroke: #00755c; stroke-dasharray: 3 3; } .s3 { stroke: #7a4fa3; stroke-dasharray: 10 3 2 3; }
.s4 { stroke: #8a6100; stroke-dasharray: 5 5; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.area { stroke-width: 1.5; fill-opacity: 0.1; }
.area.s0, .spot.s0 { fill: #0067b1; } .area.s1, .spot.s1 { fill: #c1440e; }
.area.s2, .spot.s2 { fill: #00755c; } .area.s3, .spot.s3 { fill: #7a4fa3; }
.area.s4, .spot.s4 { fill: #8a6100; }
.spot { stroke: #ffffff; stroke-width: 1; stroke-dasharray: none; }
</style>
<rect class="paper" width="100%" height="100%"/>
)css";

}  // namespace

void write_picture(const std::string& path, const sagips_tool::Svg& svg) {
  std::string text = svg.finish();
  const std::string opening = "<svg ";
  const std::string size = "width=\"" + sagips_tool::fixed(svg.width(), 0) + "\" height=\"" +
                           sagips_tool::fixed(svg.height(), 0) + "\" ";
  text.insert(text.find("</desc>\n") + 8, kStyle);
  text.insert(text.find(opening) + opening.size(), size);
  sagips_tool::write_file(path, text);
}

std::string series(size_t i) { return "s" + std::to_string(i % 5); }

void draw_key(sagips_tool::Svg* svg, sagips_tool::Point at, size_t i, const std::string& words) {
  svg->line({at.x, at.y - 4}, {at.x + 26, at.y - 4}, "line " + series(i));
  svg->circle({at.x + 13, at.y - 4}, 3.5, "spot " + series(i), "");
  svg->text({at.x + 33, at.y}, sagips_tool::Anchor::kStart, "key", words);
}

}  // namespace sagips_bench
