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
    gsub(/ \| /, ", ", range)
    print "| " code(key) " | " code(value) " | " code(paper[key]) " | " what " | " range " |"
  }
  # The sentence goes up to its full stop; what follows is the range with its unit.
  function take(text) {
    if (is_range) range = range (range == "" ? "" : " ") text
    else what = what (what == "" ? "" : " ") text
    if (text ~ /\.$/) is_range = 1
  }
  $1 == "paper" && !seen { paper[$2] = $3; next }
  /^KEY / {
    seen = 1
    d = index($0, "DEFAULT"); w = index($0, "WHAT IT DOES")
    print "| Option | `fast` | `paper` | What it does | Range |"
    print "| --- | --- | --- | --- | --- |"
    next
  }
  cut(1, d) != "" { row(); key = cut(1, d); value = cut(d, w); what = range = ""; is_range = 0 }
  { take(cut(w, 999)) }
  END { row() }'
