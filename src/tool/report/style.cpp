// SPDX-License-Identifier: BSD-3-Clause
// The style sheet. Blue and vermilion are told apart by every common kind of colour vision; nothing
// is said by colour alone. Charts are as wide as a phone and sit side by side where there is room.

#include "tool/report/page.h"

namespace sagips_tool {

const char* style_sheet() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #ffffff; --ink: #17212c; --muted: #566473; --line: #dde3ea;
  --axis: #9aa7b4; --blue: #0067b1; --red: #c1440e; --good: #00755c; --strong: #ffffff;
  --mark: #fff3d6; --tint: 0.15;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0f141a; --card: #171f28; --ink: #e6ecf2; --muted: #9fadbb; --line: #2a3541;
    --axis: #5c6b7a; --blue: #62b5f2; --red: #f58f55; --good: #4bcba3; --strong: #0f141a;
    --mark: #3a3117; --tint: 0.2;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1240px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 40px 0 4px; letter-spacing: -0.005em; }
p { margin: 4px 0 12px; max-width: 110ch; }
.sub, .lead, .foot, caption { color: var(--muted); }
.foot { font-size: 13.5px; max-width: none; }
code { font-family: "Cascadia Code", "SF Mono", Consolas, "DejaVu Sans Mono", monospace;
  font-size: 0.86em; overflow-wrap: anywhere; }
.verdict { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0 8px; }
.badge { border-radius: 8px; padding: 7px 16px 7px 12px; font-weight: 650; font-size: 18px;
  border: 2px solid currentColor; background: var(--card); }
.badge.good { color: var(--good); } .badge.bad { color: var(--red); }
.badge.open { color: var(--muted); }
.sentences { margin: 0 0 18px; padding: 0; list-style: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 18px 0; }
.tile-box { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px 16px; }
.tile-box b { display: block; font-size: 25px; line-height: 1.25; font-weight: 650; }
.tile-box span { color: var(--muted); font-size: 13.5px; display: block; line-height: 1.35; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px 14px; margin: 12px 0; min-width: 0; }
.charts { display: grid; gap: 12px; margin: 12px 0; align-items: start; }
.charts > .card { margin: 0; }
.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); }
.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
.tiny { grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
caption { text-align: left; font-size: 13.5px; padding-bottom: 6px; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; font-weight: 400; }
thead th { color: var(--muted); font-size: 13.5px; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 0; }
.numbers th, .numbers td { text-align: right; white-space: nowrap; }
.numbers thead th { white-space: normal; }
.numbers th:first-child { text-align: left; }
.numbers tbody th { font-weight: 650; }
.words { font-size: 14px; } .words th { white-space: nowrap; }
.words td:last-child { color: var(--muted); }
.changed { background: var(--mark); }
.changed th { font-weight: 650; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-family: inherit; fill: var(--ink); font-size: 13px; }
svg .tick { fill: var(--muted); font-size: 12.5px; }
svg .label { fill: var(--muted); font-size: 13px; }
svg .key { fill: var(--muted); font-size: 12.5px; }
svg .heading { font-size: 15px; font-weight: 650; }
svg .name { font-size: 14px; font-weight: 650; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .minor { stroke-opacity: 0.45; }
svg .frame { fill: none; stroke: var(--axis); stroke-width: 1; }
svg .zero { stroke: var(--axis); stroke-width: 1; }
svg .curve { fill: none; stroke: var(--blue); stroke-width: 1.8; stroke-linejoin: round; }
svg .faint { stroke-width: 1; stroke-opacity: 0.35; }
svg .dot { fill: var(--card); stroke: var(--blue); stroke-width: 1.6; }
svg .band { fill: var(--red); fill-opacity: var(--tint); }
svg .double { fill-opacity: calc(2 * var(--tint)); }
svg .limit { stroke: var(--red); stroke-width: 2; stroke-dasharray: 7 4; }
svg .data { stroke: var(--ink); stroke-width: 1.2; }
svg .data.filled { fill: var(--ink); stroke: none; }
svg .synthetic-area { fill: var(--blue); fill-opacity: 0.22; }
svg .synthetic-line { fill: none; stroke: var(--blue); stroke-width: 1.5; }
svg .outlined { stroke: var(--blue); stroke-width: 1.5; }
svg .estimate { stroke: var(--blue); stroke-width: 2; }
svg .estimate.filled { fill: var(--blue); stroke: var(--card); stroke-width: 1.2; }
svg .tile.positive { fill: var(--blue); } svg .tile.negative { fill: var(--red); }
svg .tile-edge { fill: none; stroke: var(--line); }
svg .number { font-size: 13.5px; } svg .number.strong { fill: var(--strong); }
footer { margin-top: 36px; color: var(--muted); font-size: 13.5px; }
@media (max-width: 560px) {
  main { padding: 18px 10px 40px; } h1 { font-size: 24px; } .card { padding: 10px 8px; }
  th, td { padding: 5px 6px; } table { font-size: 14px; }
  svg text, svg .tick, svg .label { font-size: 14.5px; }
}
@media print {
  body { background: none; font-size: 10.5pt; } main { max-width: none; padding: 0; }
  .card, .tile-box, tr { break-inside: avoid; } p { break-inside: avoid; } h2, h2 + p { break-after: avoid; }
  .wide, .tiny { grid-template-columns: 1fr 1fr; } .small { grid-template-columns: repeat(3, 1fr); }
  .tiles { grid-template-columns: repeat(6, 1fr); gap: 6px; } .tile-box { padding: 6px 8px; }
  .tile-box b { font-size: 14pt; } .tile-box span { font-size: 8pt; }
  .tiny { grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); }
.scroll { overflow: visible; } .words { font-size: 8.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";
}

}  // namespace sagips_tool
