#!/bin/sh
# The symbols that the library exports are those of the golden list, and every function of the header
# is among them. Usage: exports.sh nm library golden-list header
set -eu
nm=$1 library=$2 golden=$3 header=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
LC_ALL=C
export LC_ALL

"$nm" -D --defined-only "$library" | awk '{ print $NF }' | sort > "$folder/exported"
grep -v '^#' "$golden" | sort > "$folder/golden"
if ! diff -u "$folder/golden" "$folder/exported"; then
  echo "the exports differ from $golden (- only in the list, + only in the library)"
  exit 1
fi

tr '\n' ' ' < "$header" | grep -oE 'SAGIPS_API [a-z][^(;]*\(' | grep -oE '[a-z0-9_]+\($' | tr -d '(' | sort \
  > "$folder/declared"
test -s "$folder/declared"
sed -n 's/@@.*//p' "$folder/golden" > "$folder/functions"
if ! diff -u "$folder/declared" "$folder/functions"; then
  echo "the functions of $header differ from the exports (- only declared, + only exported)"
  exit 1
fi
