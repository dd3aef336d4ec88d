#!/bin/sh
# The kuma6 examples of all languages train to the same bits. Usage: same_bits.sh PROGRAM...
set -eu
expected=
for program in "$@"; do
  found=$("$program" 10 --bits)
  [ -n "$expected" ] || expected=$found
  [ "$found" = "$expected" ] || { echo "FAILED: $program prints other bits:"; echo "$found"; exit 1; }
done
echo "$# programs print the same bits:" $expected
