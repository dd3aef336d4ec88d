#!/bin/sh
# Print the table of docs/options.md from what `sagips options` says, and from the preset's rows.
# Usage: docs/options_table.sh SAGIPS        for example docs/options_table.sh build/bin/sagips
set -eu
table=$(dirname "$0")/../src/core/option_table.cpp
{ sed -n 's/^ *{"paper", "\(.*\)", "\(.*\)"},$/paper \1 \2/p' "$table"; "$1" options; } | awk '
  function cut(from, to) {
    text = substr($0, from, to - from)
    gsub(/^ +| +$/, "", text)
    return text
  }
  function code(text) { return text == "" ? "" : "`" text "`" }
  function row() {
    if (key == "") return
    gsub(/ \| /, "`, `", range)
    print "| " code(key) " | " code(value) " | " code(paper[key]) " | " code(range) " | " what " |"
  }
  $1 == "paper" && !seen { paper[$2] = $3; next }
  /^KEY / {
    seen = 1
    d = index($0, "DEFAULT"); r = index($0, "RANGE"); w = index($0, "WHAT IT DOES")
    print "| Option | `fast` | `paper` | Range | What it does |"
    print "| --- | --- | --- | --- | --- |"
    next
  }
  cut(1, d) != "" { row(); key = cut(1, d); value = cut(d, r); range = cut(r, w); what = cut(w, 999); next }
  { what = what " " cut(w, 999) }
  END { row() }'
