#!/bin/sh
# The three faces agree: every constant of sagips.h has the same value in sagips.f90, every struct the
# same size and members at the same places, every function and callback type an interface there with
# the same types, and every function a call in sagips.hpp. The lists come from the header, so nothing
# can be forgotten.
# Usage: CC=.. FC=.. abi.sh SOURCE WORK    WORK is emptied first
set -eu
here=$(cd "$(dirname "$0")" && pwd)
header=$1/include/sagips.h module=$1/bindings/fortran/sagips.f90 hpp=$1/include/sagips.hpp work=$2
rm -rf "$work"
mkdir -p "$work"
cd "$work"

fail() { echo "FAILED: $*" >&2; exit 1; }

# 1. Lists out of the preprocessed header, which has neither comments nor macros.
$CC -E -P "$header" | tr '\n' ' ' >text
{
  grep -o 'enum *{[^}]*}' text | sed 's/enum *{//; s/}//' | tr ',' '\n' | grep -o 'SAGIPS_[A-Z_]*'
  sed -n 's/^#define \(SAGIPS_VERSION_[A-Z]*\) [0-9].*/\1/p' "$header"
} >constants
grep -o 'visibility("default"))) [^(]*(' text | grep -o 'sagips_[a-z_]*(' | tr -d '(' >functions
grep -o '(\*sagips_[a-z_]*)' text | tr -d '(*)' >callbacks
grep -o 'typedef struct \(sagips_[a-z_]*\) \1;' text | sed 's/.* //; s/;//' >handles
grep -o 'typedef struct sagips_[a-z_]* *{[^}]*}' text | awk '{
  name = $3
  sub(/{.*/, "", name)
  sub(/^[^{]*{/, ""); sub(/}.*/, "")
  n = split($0, members, ";")
  for (i = 1; i < n; ++i) {
    sub(/ *\[.*/, "", members[i])
    k = split(members[i], words, /[ *]+/)
    print name, words[k]
  }
}' >members
for list in constants functions callbacks handles members; do
  [ -s $list ] || fail "no $list found in $header"
done

# 2. A program in each language that prints all of them.
{
  echo '#include "sagips.h"'
  echo '#include <stdio.h>'
  echo 'int main(void) {'
  sed 's/.*/  printf("& %d\\n", (int)&);/' constants
  cut -d' ' -f1 members | sort -u | sed 's/.*/  printf("& %d\\n", (int)sizeof(&));/'
  sed 's/\(.*\) \(.*\)/  printf("\1.\2 %d %d\\n", (int)offsetof(\1, \2), (int)sizeof(((\1 *)0)->\2));/' \
    members
  echo '  return 0;'
  echo '}'
} >abi.c
{
  echo 'program abi'
  echo '  use, intrinsic :: iso_c_binding'
  sed 's/.*/  use sagips, only: &/' constants functions callbacks handles
  cut -d' ' -f1 members | sort -u | sed 's/.*/  use sagips, only: &/'
  echo '  implicit none'
  cut -d' ' -f1 members | sort -u | sed 's/.*/  type(&), target :: v_&/'
  sed 's/.*/  type(&) :: v_&/' handles
  sed 's/.*/  procedure(&), pointer :: v_&/' callbacks
  sed 's/.*/  print "(a, 1x, i0)", "&", &/' constants
  cut -d' ' -f1 members | sort -u | sed 's/.*/  print "(a, 1x, i0)", "&", c_sizeof(v_&)/'
  sed 's/\(.*\) \(.*\)/  print "(a, 2(1x, i0))", "\1.\2", at(c_loc(v_\1%\2), c_loc(v_\1)), c_sizeof(v_\1%\2)/' \
    members
  echo 'contains'
  echo '  integer(c_intptr_t) function at(member, start)'
  echo '    type(c_ptr), intent(in) :: member, start'
  echo '    at = transfer(member, at) - transfer(start, at)'
  echo '  end function'
  echo 'end program'
} >abi.f90

$CC -I"$(dirname "$header")" abi.c -o abi_c
./abi_c >expected
for flags in "" -fdefault-real-8 -fdefault-integer-8; do
  $FC $flags -ffree-line-length-none -c "$module" -o sagips.o
  $FC $flags -ffree-line-length-none abi.f90 -o abi_fortran
  ./abi_fortran >found
  diff expected found || fail "sagips.f90 (>) is not sagips.h (<) with flags '$flags'"
done

# 3. Nothing in the module that the header does not have, and no function without its faces.
grep -o 'SAGIPS_[A-Z_]* *= *-*[0-9]' "$module" | sed 's/ *=.*//' | sort -u >constants_of_module
sort -u constants | diff - constants_of_module || fail "constants of sagips.h (<) and sagips.f90 (>)"
grep -o 'name="sagips_[a-z_]*"' "$module" | sed 's/.*"\(.*\)"/\1/' | sort >functions_of_module
sort functions | diff - functions_of_module || fail "functions of sagips.h (<) and sagips.f90 (>)"
sed 's|//.*||' "$hpp" | grep -o 'sagips_[a-z_]*' | sort -u >names_of_hpp
sort functions | comm -23 - names_of_hpp >missing
[ ! -s missing ] || fail "not called in sagips.hpp: $(tr '\n' ' ' <missing)"

# 4. The same types in the same order, as gfortran writes the interfaces of the module in C.
if $FC -fc-prototypes -fsyntax-only "$module" >prototypes 2>/dev/null; then
  { grep -o 'visibility("default"))) [^;]*;' text | sed 's/^[^)]*))) //'
    grep -o 'typedef [a-z0-9_]* (\*sagips_[a-z_]*)[^;]*;' text | sed 's/typedef //'
  } | awk -f "$here/signatures.awk" | sort >signatures_of_header
  grep '^[a-z].*sagips_.*(.*);$' prototypes | grep -v sagips_body_fn |
    awk -f "$here/signatures.awk" | sort >signatures_of_module
  diff signatures_of_header signatures_of_module || fail "types of sagips.h (<) and sagips.f90 (>)"
fi

echo "$(wc -l <constants) constants, $(wc -l <functions) functions, $(wc -l <members) members agree"
