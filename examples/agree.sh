#!/bin/sh
# The same example in several languages: each finds its truth, and all print the same numbers.
# Usage: agree.sh PROGRAM...
set -eu
expected=
for program in "$@"; do
  found=$("$program") || { echo "$found"; echo "FAILED: $program"; exit 1; }
  [ -n "$expected" ] || { expected=$found; echo "$found"; }
  [ "$found" = "$expected" ] || { echo "$found"; echo "FAILED: $program prints something else"; exit 1; }
done
echo "printed by all $#"
