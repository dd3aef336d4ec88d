#!/bin/sh
# sagips_check lets a program go on after a success, and ends it after a failure, with the status 1 and the
# text of the failure on stderr, a line. Usage: check.sh PROGRAM
set -u
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

found=$("$1" 2>"$errors")
status=$?
fail() { echo "FAILED: $*"; echo "stdout: $found"; echo "stderr: $(cat "$errors")"; exit 1; }
[ "$status" -eq 1 ] || fail "the program ended with the status $status"
[ "$found" = 'it goes on after a success' ] || fail "it printed something else"
grep -q '^SAGIPS_ERROR_OPTION: .*epochs' "$errors" || fail "the text is not on stderr"
[ "$(wc -l <"$errors")" -eq 1 ] || fail "it says more than a line"
