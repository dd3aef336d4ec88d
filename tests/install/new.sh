#!/bin/sh
# Installs a build tree, has the installed command write a project, and does with it what its README
# says: build, check, closure, run. And what may go wrong there.
# Usage: [CC=.. CXX=.. FC=..] new.sh LANGUAGE BUILD WORK    WORK is emptied first
# Exits with 77 where there is no compiler for the language.
set -eu
language=$1 build=$2 work=$3
: "${CC:=cc}" "${CXX:=c++}" "${FC:=}"
export CC CXX FC
if [ "$language" = fortran ] && [ -z "$FC" ]; then
  echo "skipped: no Fortran compiler"
  exit 77
fi

fail() { echo "FAILED: $*" >&2; exit 1; }

# run what... : quiet unless it fails
run() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }; }

# refused text what... : it fails, and says so in one line
refused() {
  text=$1
  shift
  if "$@" >"$work/out" 2>"$work/log"; then fail "$* succeeds"; fi
  [ "$(wc -l <"$work/log")" = 1 ] || { cat "$work/log" >&2; fail "$* says more than a line"; }
  grep -q "$text" "$work/log" || { cat "$work/log" >&2; fail "$* does not say \"$text\""; }
}

# estimate file : the table of parameters
estimate() { grep '^\(tau\|sigma\) ' "$1"; }

# 1. The project, under a name with a blank, built with warnings as errors.
rm -rf "$work"
mkdir -p "$work"
prefix="$work/a prefix"
run cmake --install "$build" --prefix "$prefix"
project="$work/my decay"
run "$prefix/bin/sagips" new "$language" "$project"
warnings="-Wall -Wextra -Werror"
fortran_warnings="-std=f2018 -Wtrampolines -Wno-unused-dummy-argument"  # user is unused, and a NULL
run cmake -S "$project" -B "$project/build" -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_C_FLAGS="$warnings -Wshadow -Wconversion" \
  -DCMAKE_CXX_FLAGS="$warnings -Wshadow -Wconversion" \
  -DCMAKE_Fortran_FLAGS="$warnings $fortran_warnings"
run cmake --build "$project/build"
program="$project/build/my_decay"

# 2. What the README says.
cd "$work"
run "$program" check
grep -q '^ok .*gradient' "$work/log" || fail "check does not look at the gradient"
run "$program" closure
estimate "$work/log" >"$work/closure"
[ "$(wc -l <"$work/closure")" = 2 ] || fail "closure prints no table of two parameters"
grep -q 'model fits the events' "$work/log" || fail "closure: the model does not fit"
[ "$(wc -l <closure.csv)" = 50000 ] || fail "closure.csv has not 50000 lines"
run "$program" run closure.csv
estimate "$work/log" | cmp - "$work/closure" || fail "run closure.csv estimates something else"

# 3. Files as people have them: header, comment, blank line, CR LF; and raw doubles.
head -n 3000 closure.csv >plain.csv
{ echo "# mine"; echo "time [ps]"; echo; sed 's/$/\r/' plain.csv; echo; } >odd.csv
for file in plain odd; do
  run "$program" run $file.csv 20
  estimate "$work/log" >$file
done
cmp plain odd || fail "header, comments and line ends change the estimate"
# the doubles 1.0 and 2.0, a thousand times each, as bytes and as text
i=0
while [ $i -lt 1000 ]; do
  printf '\000\000\000\000\000\000\360\077\000\000\000\000\000\000\000\100'
  i=$((i + 1))
done >two.raw
yes '1
2.0' | head -n 2000 >two.csv
for file in two.raw two.csv; do
  run "$program" run $file 20
  estimate "$work/log" >$file.estimate
done
cmp two.raw.estimate two.csv.estimate || fail "raw and text differ"

# 4. What is wrong is told in a line.
: >empty.csv
echo 1,2 >wide.csv
printf '1\n2\nthree\n' >word.csv
printf '1\nnan\n' >nan.csv
printf 'abc' >part.raw
refused 'none.csv cannot be opened' "$program" run none.csv
refused 'empty.csv holds no events' "$program" run empty.csv
refused 'wide.csv:1 holds no event' "$program" run wide.csv
refused 'word.csv:3 holds no event' "$program" run word.csv
refused 'nan' "$program" run nan.csv
refused 'part.raw' "$program" run part.raw
refused 'usage: ' "$program"
refused 'usage: ' "$program" walk
refused 'usage: ' "$program" closure few
refused 'usage: ' "$program" check 5

# 5. A model without the derivative closes too, a wrong derivative does not pass.
cp -R "$project" "$work/other"
rm -rf "$work/other/build"
cd "$work/other"
# rebuilt : the changed project, as $other
rebuilt() {
  run cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix"
  run cmake --build build
  other="$work/other/build/my_decay"
}
case $language in
  c) model=model.c; sed -i '/grad\[0\] +=/s/;/ * 1.05;/' $model ;;
  cpp) model=model.cpp; sed -i '/grad\[0\] +=/s/;/ * 1.05;/' $model ;;
  fortran) model=model.f90; sed -i 's/v%grad_outputs(1, event, row) \*/1.05_dp * &/' $model ;;
esac
rebuilt
if "$other" check >"$work/log" 2>&1; then fail "check passes a derivative that is 5 % off"; fi
grep -q 'FAILED  gradient' "$work/log" || fail "check does not say that the gradient is wrong"
case $language in
  c) sed -i '/set_backward/d; /^static int32_t backward/,/^}/d' $model ;;
  cpp) sed -i 's/set_model(forward, backward)/set_model(forward)/; /^void backward/,/^}/d' $model ;;
  fortran) sed -i '/set_backward/d' $model ;;
esac
rebuilt
run "$other" check
run "$other" closure
echo "a new $language project builds, checks, closes and runs"
