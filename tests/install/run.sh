#!/bin/sh
# Installs a build tree, moves it, and builds and runs consumers in C, C++ and, with FC set, Fortran
# against it, with CMake and with plain make: all must print the same bits.
# Usage: [CC=.. CXX=.. FC=..] run.sh SOURCE BUILD WORK    WORK is emptied first
set -eu
source=$1 build=$2 work=$3
epochs=5
: "${CC:=cc}" "${CXX:=c++}" "${FC:=}"
export CC CXX FC

fail() { echo "FAILED: $*" >&2; exit 1; }

# run what... : quiet unless it fails
run() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }; }

# same_bits program: its estimate is that of the first program seen
same_bits() {
  "$1" $epochs --bits >"$work/bits" || fail "$1 $epochs --bits"
  [ -f "$work/expected" ] || cp "$work/bits" "$work/expected"
  [ "$(grep -c '^[0-9A-F]\{16\}$' "$work/bits")" = 6 ] || fail "$1 does not print 6 bit patterns"
  cmp "$work/bits" "$work/expected" || fail "$1 prints other bits"
  echo "same bits: $1"
}

# plain_stack program: it asks for no executable stack
plain_stack() {
  readelf -lW "$1" | grep -q 'GNU_STACK.* RW  *0x' || fail "$1 wants an executable stack"
}

rm -rf "$work"
mkdir -p "$work"

# 1. Each component holds what it says and no more.
for component in runtime development fortran tool; do
  run cmake --install "$build" --prefix "$work/$component" --component $component
done
[ -z "$(find "$work/runtime" -type f ! -name 'libsagips.so.*')" ] || fail "runtime has other files"
[ -n "$(find "$work/runtime" -name 'libsagips.so.*')" ] || fail "runtime has no library"
[ -n "$(find "$work/development" -name libsagips.so)" ] || fail "development has no namelink"
[ -n "$(find "$work/development" -name sagips.hpp)" ] || fail "development has no headers"
[ -n "$(find "$work/fortran" -name sagips.f90)" ] || fail "fortran has no source"

# 2. DESTDIR stages the whole tree; then it moves, under a name with spaces.
DESTDIR="$work/stage" run cmake --install "$build" --prefix /opt/sagips
prefix="$work/a moved prefix"
mv "$work/stage/opt/sagips" "$prefix"
grep -rIl -e "$build" -e "$source" "$prefix" && fail "installed files name the build or source tree"
soname=$(readelf -dW "$(find "$prefix" -name libsagips.so)" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')
[ -n "$(find "$prefix" -name "$soname")" ] || fail "no file has the SONAME $soname"
if [ -x "$prefix/bin/sagips" ]; then run "$prefix/bin/sagips" --version; fi

# 3. Projects with CMake.
languages="c cpp"
[ -z "$FC" ] || languages="$languages fortran"
for language in $languages; do
  run cmake -S "$source/tests/install/cmake/$language" -B "$work/cmake-$language" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" -DSAGIPS_SOURCE="$source"
  run cmake --build "$work/cmake-$language"
  same_bits "$work/cmake-$language/kuma6"
done
mkdir "$work/newer"
sed 's/find_package(sagips 0.1/find_package(sagips 0.9/' \
  "$source/tests/install/cmake/c/CMakeLists.txt" >"$work/newer/CMakeLists.txt"
if cmake -S "$work/newer" -B "$work/newer/build" -DCMAKE_PREFIX_PATH="$prefix" \
  -DSAGIPS_SOURCE="$source" >"$work/log" 2>&1; then fail "version 0.9 was found"; fi

# 4. Makefiles with pkg-config.
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name sagips.pc)")
export PKG_CONFIG_PATH
# made folder program [setting...] : a program of the Makefile, in its own folder
made() {
  folder="$work/make-$1" program=$2
  shift 2
  mkdir -p "$folder"
  run make -C "$folder" -f "$source/tests/install/make/Makefile" SOURCE="$source" "$@" "$program"
  same_bits "$folder/$program"
}
made c kuma6_c
made cpp kuma6_cpp
if [ -n "$FC" ]; then
  made fortran kuma6_fortran
  made module kuma6_module
  for flags in -O0 -O3 -fdefault-real-8 -fdefault-integer-8 "-fdefault-real-8 -fdefault-integer-8" \
    "-fcheck=all -Wall -Wextra -Wtrampolines -Werror -std=f2018"; do
    made "fortran$(echo "$flags" | tr -d ' ')" kuma6_fortran FFLAGS="$flags"
  done
  find "$work" -name 'kuma6*' -type f -perm -u+x | while read -r program; do
    plain_stack "$program"
  done
fi
echo "all consumers agree: $(tr '\n' ' ' <"$work/expected")"
