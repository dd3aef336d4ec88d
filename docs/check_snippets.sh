#!/bin/sh
# The documentation quotes, it does not copy. A block of code that follows one of
#   <!-- quote FILE -->   must stand in FILE, line for line, in one piece
#   <!-- whole FILE -->   must be FILE
# Every `Suite.Test` that docs/reliability.md names must be a test, and, where the command `sagips` is
# given, the table of docs/options.md must be what it prints.
# Usage: docs/check_snippets.sh [SAGIPS]    Tells every difference; exits 1 if there is one.
set -eu
cd "$(dirname "$0")/.."

awk '
  function contents(path,   text, line) {
    text = "\n"
    while ((getline line < path) > 0) text = text line "\n"
    close(path)
    return text
  }
  function complain(what) { print "FAILED: " FILENAME ":" start ": " what; failed = 1 }
  FNR == 1 { mode = ""; inside = 0 }
  /^<!-- (quote|whole) [^ ]+ -->$/ { mode = $2; file = $3; start = FNR; next }
  mode != "" && !inside {
    if ($0 !~ /^```/) { complain("no block of code follows"); mode = ""; next }
    inside = 1; block = "\n"; next
  }
  inside && /^```/ {
    text = contents(file); ++blocks
    if (text == "\n") complain(file " cannot be read")
    else if (mode == "whole" && text != block) complain("this is not " file)
    else if (mode == "quote" && !index(text, block)) complain("this does not stand in " file)
    inside = 0; mode = ""; next
  }
  inside { block = block $0 "\n" }
  END { print blocks + 0 " blocks of code compared"; exit failed || blocks == 0 }
' README.md docs/*.md

missing=0
for name in $(sed -n 's/^| .* | \(`.*`\) |$/\1/p' docs/reliability.md | tr -d '`,'); do
  grep -rqE "TEST(_F|_P)?\(${name%.*}, *${name#*.}\)|NAME $name( |\$)" tests ||
    { echo "FAILED: docs/reliability.md: there is no test $name"; missing=1; }
done
[ $missing -eq 0 ]

[ $# -eq 0 ] || {
  sed -n '/^<!-- table -->$/,/^<!-- end -->$/p' docs/options.md | grep '^|' >"${TMPDIR:-/tmp}/options.$$"
  docs/options_table.sh "$1" | diff "${TMPDIR:-/tmp}/options.$$" - && same=0 || same=1
  rm -f "${TMPDIR:-/tmp}/options.$$"
  [ $same -eq 0 ] || { echo "FAILED: docs/options.md (<) is not what docs/options_table.sh prints (>)"; exit 1; }
  echo "the table of options is up to date"
}
